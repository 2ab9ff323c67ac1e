"""Which format a file is, told by its content, and how each is opened without Pillow's process-wide switches.

`PIL.Image.open` compares every size with the global `Image.MAX_IMAGE_PIXELS` and tries every plugin that the process
has registered. Here the plugin classes are used directly, so an application that embeds artvision keeps its own limit
and its own plugins, and ours never warns about a picture that our own cap allows.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePath

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from artvision.errors import DecodeError

KNOWN = "JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF or HEIC"
EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "WebP": (".webp",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "AVIF": (".avif", ".avifs"),
    "HEIC": (".heic", ".heif", ".hif"),
}
PICTURES = frozenset(ending for endings in EXTENSIONS.values() for ending in endings)

_PREFIXES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_STRANGERS = {
    b"%PDF": "a PDF",
    b"%!PS": "PostScript",
    b"8BPS": "a Photoshop file",
    b"PK\x03\x04": "a ZIP archive",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"<svg": "an SVG drawing",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
    b"\x1f\x8b": "a gzip archive",
}
_CONTROL = {*range(9), *range(14, 32)} - {27}  # bytes that no text has
_QUIET_MODULES = r"PIL\.(TiffImagePlugin|PngImagePlugin)\Z"
# How `warnings` stores that filter.
_QUIET = ("ignore", None, UserWarning, re.compile(_QUIET_MODULES), 0)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

EBML = b"\x1a\x45\xdf\xa3"  # Matroska and WebM (RFC 8794, 11.2.1)


def recognise(data: bytes, name: str) -> str:
    """Format of `data` by its first bytes; `name` serves the message. DecodeError `film`, or `format` for the rest."""
    for prefix, found in _PREFIXES.items():
        if data.startswith(prefix):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        brands = {data[at : at + 4] for at in range(8, min(len(data), int.from_bytes(data[:4], "big"), 128), 4)}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & _HEIC_BRANDS:
            return "HEIC"
    # AVIF and HEIC are cut of the same cloth as MP4: one whose brand is damaged is no film.
    boxes = data[4:8] == b"ftyp" and not name.lower().endswith(EXTENSIONS["AVIF"] + EXTENSIONS["HEIC"])
    if boxes or data.startswith(EBML):
        raise DecodeError("film", f"{name}: a film whose name does not say so; give it its ending, such as .mp4")
    raise DecodeError("format", f"{name}: {_stranger(data)}, not a picture; save it as {KNOWN}")


def _stranger(data: bytes) -> str:
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for prefix, found in _STRANGERS.items():
        if start[: len(prefix)].lower() == prefix.lower():
            return f"the content is {found}"
    return "the content is unknown" if _CONTROL & set(data[:256]) else "the content is text"


def misnamed(name: str, found: str) -> bool:
    """Whether the extension in `name` promises another picture format than `found`."""
    extension = PurePath(name).suffix.lower()
    return any(extension in endings for format_, endings in EXTENSIONS.items() if format_ != found)


def open_lazily(data: bytes, found: str, name: str) -> ImageFile:
    """Parse the header of `data`, a file in the format `found`; no pixel is decoded. Raises whatever Pillow raises."""
    _hush()
    return _OPENERS[found](data, name)


def ends_early(data: bytes, found: str) -> bool:
    """Whether the container says that bytes are missing at its end: after a failure, `truncated` and not `corrupt`."""
    check = _EARLY.get(found)
    return check is not None and check(data)


def _boxes_end(data: bytes) -> int:
    """Where the last top-level box of an ISO base media file says that it ends (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            return len(data)
        at += size
    return at


_EARLY: dict[str, Callable[[bytes], bool]] = {
    "JPEG": lambda data: b"\xff\xd9" not in data[-64:],
    "PNG": lambda data: b"IEND" not in data[-64:],
    "GIF": lambda data: not data.endswith(b";"),
    "WebP": lambda data: len(data) < int.from_bytes(data[4:8], "little") + 8,
    "BMP": lambda data: len(data) < int.from_bytes(data[2:6], "little"),
    "AVIF": lambda data: len(data) < _boxes_end(data),
    "HEIC": lambda data: len(data) < _boxes_end(data),
}


class _Tiff(TiffImageFile):
    def load_prepare(self) -> None:
        # Pillow holds its global limit against the size once more, unless the memory is there already.
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size, None).im
        super().load_prepare()


def _open_heic(data: bytes, name: str) -> ImageFile:
    try:
        from pillow_heif.as_plugin import HeifImageFile
    except ImportError:
        raise DecodeError("format", f"{name}: HEIC needs one more package: pip install 'artvision[heic]'") from None
    image: ImageFile = HeifImageFile(BytesIO(data))  # type: ignore[no-untyped-call]  # pillow-heif's plugin has no types
    return image


def _plugin(factory: type[ImageFile]) -> Callable[[bytes, str], ImageFile]:
    return lambda data, _: factory(BytesIO(data))


_OPENERS: dict[str, Callable[[bytes, str], ImageFile]] = {
    "JPEG": _plugin(JpegImageFile),
    "PNG": _plugin(PngImageFile),
    "WebP": _plugin(WebPImageFile),
    "GIF": _plugin(GifImageFile),
    "TIFF": _plugin(_Tiff),
    "BMP": _plugin(BmpImageFile),
    "AVIF": _plugin(AvifImageFile),
    "HEIC": _open_heic,
}


def _hush() -> None:
    """Keep Pillow's remarks about odd EXIF and TIFF tags from the user's screen.

    `warnings.catch_warnings` swaps the filters of the whole process and is not safe beside other threads; one narrow
    filter, put back in front only when it is not there, is.
    """
    if _QUIET not in warnings.filters[:1]:
        warnings.filterwarnings("ignore", category=UserWarning, module=_QUIET_MODULES)
