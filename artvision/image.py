"""One file becomes one upright sRGB picture; whatever cannot becomes a `DecodeError` with a reason.

Everything that looks at pixels gets them from here, so a picture is decoded once and every stage sees the same one.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from artvision.decoding.formats import ends_early, misnamed, open_lazily, recognise
from artvision.decoding.resample import reduce, resample
from artvision.decoding.srgb import flatten, to_continuous
from artvision.errors import DecodeError, one_line
from artvision.film.address import is_film, moment
from artvision.stores.objects import MAX_BYTES, read_object
from artvision.stores.schemes import is_uri

if TYPE_CHECKING:
    from artvision.film.still import Still

Pixels = NDArray[np.uint8]  # (height, width, 3), sRGB, 0..255
Derived = TypeVar("Derived")

# Long side at which light and composition look: scores of two resolutions agree.
SCORE_SIDE = 512
FACE_SIDE = 960  # long side at which faces are searched
# What a decode holds at its worst: Pillow's 4, and a float copy of a 16-bit frame beside it.
BYTES_PER_PIXEL = 16
MAX_SCANS = (
    # Progressive JPEGs have some ten; each further scan costs a pass over the whole picture for a few bytes.
    100
)
# Of a TIFF that are counted; walking a chain of millions takes hours.
MAX_PAGES = 1000
# An 8K frame passes on the smallest machine; nobody's artwork is larger.
MIN_CAP, MAX_CAP = 20_000_000, 500_000_000

CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF 2.32, tag 0x0112: what undoes each orientation


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    `pixels` (H, W, 3) uint8 is the working copy, reduced from the original of `width` × `height` upright pixels;
    `notes` says what had to be done to it (first frame of an animation, a profile converted). What `decode` and `at`
    give is read-only, for several stages share it. `title_id` and `cast` are what the catalogue says it advertises,
    `still` what is known of a picture that was taken from a film.
    """

    pixels: Pixels
    width: int
    height: int
    format: str = ""
    notes: tuple[str, ...] = ()
    title_id: str | None = None
    cast: tuple[str, ...] = ()
    still: Still | None = None
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def at(self, long_side: int) -> Pixels:
        """The picture with its long side at exactly `long_side` pixels, (H, W, 3) uint8, antialiased; kept."""
        return self.keep(long_side, lambda: resize(self.pixels, long_side))

    def derived(self, make: Callable[[Pixels], Derived], long_side: int) -> Derived:
        """What `make` finds in the picture at `long_side`; kept, so that the stages that need it share it."""
        return self.keep((make, long_side), lambda: make(self.at(long_side)))

    def keep(self, key: Hashable, make: Callable[[], Derived]) -> Derived:
        """The value under `key`, made where there is none. Threads that ask at once may both make it; all get one."""
        if key not in self._kept:
            self._kept.setdefault(key, make())
        found: Derived = self._kept[key]
        return found


def resize(pixels: Pixels, long_side: int) -> Pixels:
    """Resample (H, W, 3) uint8 so that the long side is `long_side` and the aspect kept; bicubic, antialiased."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return resample(pixels, size)


def read_bytes(path: str, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of the regular file `path`, of the object that a URI names, or the picture that a still names.

    DecodeError `missing`, `directory`, `unreadable`, `empty`, `too_large` (over `max_bytes`); for URIs also
    `forbidden`, `network`, `unsupported`, and StoreError where nothing of the store can be read.
    """
    if found := moment(path):
        from artvision.film.frame import still_bytes
        from artvision.stores.films import called, film_here

        film = film_here(found.film)
        with called(film, found.film):
            return still_bytes(found._replace(film=film), default_max_pixels(1))
    if is_uri(path):
        return read_object(path, max_bytes).data
    if is_film(path):
        raise DecodeError("film", f"{path}: a film, not a picture; {path}#t=12.5 is what it shows after 12.5 seconds")
    with readable(path):
        if (size := size_of(path)) > max_bytes:
            raise DecodeError("too_large", f"{path}: {size:,} bytes, {max_bytes:,} are read at most")
        data = Path(path).read_bytes()
    if not data:
        raise DecodeError("empty", f"{path}: the file has no bytes; copy or download it again")
    return data


def size_of(path: str) -> int:
    """Bytes of the regular file `path`. DecodeError `missing`, `directory`, `unreadable`."""
    with readable(path):
        status = Path(path).stat()
    # Opening a named pipe would wait for a writer for ever, a device might never end.
    if stat.S_ISDIR(status.st_mode):
        raise DecodeError("directory", f"{path}: this is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise DecodeError("unreadable", f"{path}: not a regular file")
    return status.st_size


@contextmanager
def readable(path: str) -> Iterator[None]:
    """What the system says against reading `path` becomes DecodeError `missing` or `unreadable`."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise DecodeError("missing", f"{path}: no such file; was it moved or renamed?") from None
    except (OSError, ValueError) as error:
        raise DecodeError("unreadable", f"{path}: {one_line(error)}; check the permissions and the disk") from error


def default_max_pixels(workers: int) -> int:
    """How many pixels a picture may have so that `workers` decodes at once take half of the memory there is now."""
    share = available_memory() / 2 / max(1, workers)
    return int(min(MAX_CAP, max(MIN_CAP, share / BYTES_PER_PIXEL)))


def available_memory() -> int:
    """Bytes free on the machine; in a container, no more than it is allowed (Linux control groups, version 2)."""
    free = int(psutil.virtual_memory().available)
    try:
        return min(free, int(CONTAINER_LIMIT.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no such limit, or the word `max`
        return free


def decode(
    data: bytes, *, name: str, long_side: int, short_side: int, max_pixels: int, background: tuple[int, int, int]
) -> Picture:
    """Decode the bytes of one file to an upright 8-bit sRGB `Picture`, reduced to what the stages need.

    The working copy is the smallest that keeps its long side >= `long_side` and its short side >= `short_side` where
    the original has them; nothing is enlarged, and where both are 0 nothing is reduced. `background` (R, G, B) shows
    through transparency. `name` is how messages call the file. Pure: the same bytes give the same picture in any
    thread.

    DecodeError `empty`, `format` (not a picture we know), `too_many_pixels` (by the header, before decoding),
    `too_many_scans`, `truncated`, `corrupt`, `memory`; never another exception.
    """
    if not data:
        raise DecodeError("empty", f"{name}: the file has no bytes; copy or download it again")
    found = recognise(data, name)
    try:
        with open_lazily(data, found, name) as image:
            _check_size(image.size, max_pixels, name)
            _check_scans(data, found, name)
            return _picture(image, found, (long_side, short_side), background, _file_notes(image, data, found, name))
    except DecodeError:
        raise
    except MemoryError:
        raise DecodeError("memory", f"{name}: not enough memory to decode it; lower --workers") from None
    except Image.DecompressionBombError as error:
        raise DecodeError("too_many_pixels", f"{name}: {one_line(error)}; save it smaller") from error
    except Exception as error:  # Pillow's readers raise nearly any type on bytes that are not what they promise
        reason = "truncated" if ends_early(data, found) or "truncated" in str(error).lower() else "corrupt"
        what = "the file ends early" if reason == "truncated" else f"not a readable {found} ({one_line(error)})"
        raise DecodeError(reason, f"{name}: {what}; copy, download or export it again") from error


def _picture(
    image: ImageFile, found: str, need: tuple[int, int], background: tuple[int, int, int], notes: tuple[str, ...]
) -> Picture:
    width, height = image.size
    need = need if any(need) else (max(width, height), min(width, height))
    target = _reduced((width, height), *need)
    if found == "JPEG":
        image.draft(None, _dct_size((width, height), *need))
    image.load()
    turn, icc = _orientation(image), image.info.get("icc_profile")
    plain, said = to_continuous(image)
    flat, more = flatten(reduce(plain, target), icc, background)
    if turn in _TURNS:
        flat = flat.transpose(_TURNS[turn])
        notes += (f"turned upright (EXIF orientation {turn})",)
    upright = (height, width) if turn >= 5 else (width, height)
    return Picture(np.asarray(flat), *upright, found, notes + said + more)


def _check_size(size: tuple[int, int], max_pixels: int, name: str) -> None:
    width, height = size
    if width * height > max_pixels:
        raise DecodeError(
            "too_many_pixels",
            f"{name}: {width} × {height} is {width * height / 1e6:.1f} megapixels, "
            f"the cap is {max_pixels / 1e6:.1f}; raise --max-megapixels if it is meant",
        )


def _check_scans(data: bytes, found: str, name: str) -> None:
    """Coded data has a zero behind each 0xFF, so that what looks like a start of scan is one (ITU T.81, B.1.1.5)."""
    if found == "JPEG" and (scans := data.count(b"\xff\xda")) > MAX_SCANS:
        raise DecodeError(
            "too_many_scans", f"{name}: {scans} scans, {MAX_SCANS} are read at most; save it as a plain JPEG"
        )


def _reduced(size: tuple[int, int], long_side: int, short_side: int) -> tuple[int, int]:
    scale = min(1.0, max(long_side / max(size), short_side / min(size)))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _dct_size(size: tuple[int, int], long_side: int, short_side: int) -> tuple[int, int]:
    """What to ask of `draft`: the JPEG's own scaling (1/2, 1/4, 1/8 in the DCT) that still leaves both sides."""
    scale = next((s for s in (8, 4, 2) if max(size) >= s * long_side and min(size) >= s * short_side), 1)
    return max(1, size[0] // scale), max(1, size[1] // scale)


def _file_notes(image: ImageFile, data: bytes, found: str, name: str) -> tuple[str, ...]:
    wrong = (f"the name says otherwise, but it is {found}",) if misnamed(name, found) else ()
    try:
        count = _frames(image, data, found, name)
    except Exception:  # a later frame is broken; only the first is asked for
        return (*wrong, "first frame of a file whose later ones are broken")
    kind = {"TIFF": "pages", "HEIC": "pictures"}.get(found, "frames")
    several = f"more than {MAX_PAGES}" if found == "TIFF" and count > MAX_PAGES else str(count)
    return (*wrong, f"first of {several} {kind}") if count > 1 else wrong


def _frames(image: ImageFile, data: bytes, found: str, name: str) -> int:
    """How many pictures the file holds; of a TIFF no more than one beyond `MAX_PAGES` are counted."""
    if found not in {"GIF", "TIFF"}:
        return int(getattr(image, "n_frames", 1))
    # Counting moves these off their first frame.
    with open_lazily(data, found, name) as other:
        return _pages(other) if found == "TIFF" else int(getattr(other, "n_frames", 1))


def _pages(image: ImageFile) -> int:
    for page in range(1, MAX_PAGES + 1):
        try:
            image.seek(page)
        except EOFError:
            return page
    return MAX_PAGES + 1


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # broken EXIF says nothing about the pixels
        return 1
