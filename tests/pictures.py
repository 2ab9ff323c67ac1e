"""Made picture files for all tests: friendly ones of every kind artvision reads, hostile ones with their reason."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps
from scipy.special import expit

from artvision.image import Picture, decode

Pixels = NDArray[np.uint8]

NEW_PILLOW = int(PIL.__version__.split(".")[0]) >= 13  # older ones write YCbCr in TIFF that they cannot read
BACKGROUND = (10, 200, 30)
RED, GREEN, BLUE, GREY = (220, 30, 40), (30, 190, 60), (40, 60, 210), (128, 128, 128)


def photo(width: int = 320, height: int = 200, seed: int = 0, noise: float = 0.0) -> Pixels:
    """A photo-like scene (H, W, 3): the same art at any resolution, for it is drawn in relative coordinates.

    `noise` adds grain of that standard deviation, in grey levels; grain is not the same at two resolutions.
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x + 0.5) / width, (y + 0.5) / height
    sky, ground = random.uniform(60, 230, 3), random.uniform(10, 160, 3)
    scene = sky + (ground - sky) * y[..., None]
    for _ in range(6):
        cx, cy, rx, ry = *random.uniform(0.1, 0.9, 2), *random.uniform(0.05, 0.3, 2)
        inside = expit(40 * (1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2))
        scene = scene + (random.uniform(0, 255, 3) - scene) * inside[..., None]
    angle = random.uniform(0, np.pi)
    scene = scene + 12 * np.sin(2 * np.pi * 24 * (x * np.cos(angle) + y * np.sin(angle)))[..., None]
    if noise:
        scene = scene + random.normal(0, noise, scene.shape)
    return np.clip(np.round(scene), 0, 255).astype(np.uint8)


def corners(width: int = 64, height: int = 48) -> Pixels:
    """Grey with a red top-left, green top-right and blue bottom-left quarter: no two orientations look alike."""
    pixels = np.full((height, width, 3), GREY, np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    return pixels


def encode(picture: Pixels | Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    """The bytes of `picture` in Pillow's format `format_`, saved with `options`."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def jpeg(picture: Pixels | Image.Image, **options: Any) -> bytes:
    """A JPEG without chroma subsampling, so that small pictures keep their colours."""
    return encode(picture, "JPEG", **({"quality": 95, "subsampling": 0} | options))


def oriented(orientation: int, format_: str = "JPEG") -> bytes:
    """`corners()` stored turned, with the EXIF orientation that turns it upright again."""
    exif = Image.Exif()
    exif[0x0112] = {6: 8, 8: 6}.get(orientation, orientation)
    stored = Image.fromarray(corners())
    stored.getexif()[0x0112] = exif[0x0112]
    stored = ImageOps.exif_transpose(stored)
    exif[0x0112] = orientation
    options = {"quality": 95, "subsampling": 0} if format_ == "JPEG" else {}
    return encode(stored, format_, exif=exif.tobytes(), **options)


def animation(format_: str, frames: int = 12) -> bytes:
    """An animation whose first frame is red and whose others are blue."""
    colours = [RED, *((0, 9 * index, 250 - 9 * index) for index in range(1, frames))]
    images = [Image.new("RGB", (48, 32), colour) for colour in colours]
    return encode(images[0], format_, save_all=True, append_images=images[1:], duration=40)


def srgb_profile() -> bytes:
    """The ICC profile of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """A valid RGB profile in which red and blue have changed places: a picture converted from it shows it at once."""
    return srgb_profile().replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def grey_profile(gamma: float) -> bytes:
    """A minimal ICC v2 grey profile with a pure power curve (ICC.1:2001-04, 6.3.2 and 6.5.3)."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    return _profile(b"GRAY", b"XYZ ", {b"desc": _text(b"grey of a test"), b"wtpt": white, b"kTRC": curve})


def cmyk_profile() -> bytes:
    """A small CMYK profile (8-bit table to Lab, two grid points an ink): ideal inks, mixed by multiplication."""
    ramp = bytes(range(256))
    inks = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]], float)
    mixes = [np.prod(1 - np.array(bits)[:, None] * (1 - inks), axis=0) for bits in np.ndindex(2, 2, 2, 2)]
    patches = Image.fromarray((np.array(mixes)[None] * 255).astype(np.uint8))
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = np.asarray(ImageCms.applyTransform(patches, to_lab)).reshape(-1, 3)
    lab = lab ^ np.array([0, 128, 128], np.uint8)  # Pillow keeps a* and b* signed, a profile offset by 128
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + lab.astype(np.uint8).tobytes() + ramp * 3
    return _profile(b"CMYK", b"Lab ", {b"desc": _text(b"inks of a test"), b"A2B0": table, b"A2B1": table})


def _text(text: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    header = bytes(4) + b"none" + bytes([2, 16, 0, 0]) + kind + space + connection + bytes(12) + b"acsp" + bytes(28)
    header += struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += padded
    whole = header[:128] + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def png_header(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that claims any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(64))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _heic(pixels: Pixels) -> bytes:
    from pillow_heif import from_pillow  # an optional extra

    out = BytesIO()
    from_pillow(Image.fromarray(pixels)).save(out, quality=80)
    return out.getvalue()


def _with_alpha() -> Image.Image:
    pixels = np.dstack([corners(), np.full((48, 64), 255, np.uint8)])
    pixels[24:, 32:, 3] = 0
    return Image.fromarray(pixels)


def _palette() -> Image.Image:
    return Image.fromarray(corners()).quantize(8)


def _clear_palette() -> Image.Image:
    image = Image.fromarray(corners()).quantize(8)
    image.info["transparency"] = image.getpixel((63, 47))
    return image


def _deep(dtype: str, top: float) -> Image.Image:
    return Image.fromarray((np.tile(np.linspace(0, 1, 64), (48, 1)) * top).astype(dtype))


def _lab() -> Image.Image:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    return ImageCms.applyTransform(Image.fromarray(corners()), to_lab)


def look(data: bytes, name: str = "x", **options: Any) -> Picture:
    """`decode` with the sizes that the stages ask for, a generous cap and a green background."""
    usual = {"long_side": 960, "short_side": 256, "max_pixels": 100_000_000, "background": BACKGROUND}
    return decode(data, name=name, **(usual | options))


def quarters(picture: Picture) -> list[Pixels]:
    """The colours in the middle of the four quarters, in reading order."""
    height, width = picture.pixels.shape[:2]
    return [picture.pixels[y, x] for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]


def close(pixels: Any, expected: Any, within: int = 6) -> bool:
    """Whether no value is further from the expected than `within` grey levels."""
    return bool(np.abs(np.asarray(pixels, int) - np.asarray(expected, int)).max() <= within)


def cosine(one: Any, other: Any) -> float:
    """Cosine between two pictures, as vectors of their values."""
    first, second = (np.asarray(values, float).ravel() for values in (one, other))
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


FRIENDLY: dict[str, Callable[[], bytes]] = {
    "photo.jpg": lambda: encode(photo(), "JPEG", quality=90),
    "progressive.jpg": lambda: encode(photo(), "JPEG", quality=80, progressive=True),
    "photo.png": lambda: encode(photo()),
    "photo.webp": lambda: encode(photo(), "WEBP", quality=90),
    "photo.gif": lambda: encode(photo(), "GIF"),
    "photo.tif": lambda: encode(photo(), "TIFF"),
    "lzw.tif": lambda: encode(photo(), "TIFF", compression="tiff_lzw"),
    "photo.bmp": lambda: encode(photo(), "BMP"),
    "photo.avif": lambda: encode(photo(), "AVIF", quality=80),
    **({"photo.heic": lambda: _heic(photo())} if find_spec("pillow_heif") else {}),
    "grey.jpg": lambda: encode(Image.fromarray(photo()).convert("L"), "JPEG"),
    "grey.png": lambda: encode(Image.fromarray(photo()).convert("L")),
    "bilevel.png": lambda: encode(Image.fromarray(photo()).convert("1")),
    "bilevel.tif": lambda: encode(Image.fromarray(photo()).convert("1"), "TIFF", compression="group4"),
    "palette.png": lambda: encode(_palette()),
    "clear_palette.png": lambda: encode(_clear_palette()),
    "alpha.png": lambda: encode(_with_alpha()),
    "alpha.webp": lambda: encode(_with_alpha(), "WEBP", lossless=True),
    "grey_alpha.png": lambda: encode(_with_alpha().convert("LA")),
    "deep.png": lambda: encode(_deep("uint16", 65535)),
    "deep.tif": lambda: encode(_deep("uint16", 65535), "TIFF"),
    "integer.tif": lambda: encode(_deep("int32", 255), "TIFF"),
    "float.tif": lambda: encode(_deep("float32", 1.0), "TIFF"),
    "cmyk.jpg": lambda: jpeg(Image.fromarray(corners()).convert("CMYK")),
    "cmyk.tif": lambda: encode(Image.fromarray(corners()).convert("CMYK"), "TIFF"),
    **({"ycbcr.tif": lambda: encode(Image.fromarray(corners()).convert("YCbCr"), "TIFF")} if NEW_PILLOW else {}),
    "lab.tif": lambda: encode(_lab(), "TIFF"),
    "animated.gif": lambda: animation("GIF"),
    "animated.webp": lambda: animation("WEBP"),
    "animated.png": lambda: animation("PNG"),
    "pages.tif": lambda: animation("TIFF", 3),
    "turned.jpg": lambda: oriented(6),
    "swapped.jpg": lambda: jpeg(corners(), icc_profile=swapped_profile()),
    "broken_profile.jpg": lambda: jpeg(corners(), icc_profile=b"not a profile"),
    "png_named.jpg": lambda: encode(photo()),
    "one_pixel.png": lambda: encode(np.full((1, 1, 3), 200, np.uint8)),
    "ribbon.png": lambda: encode(photo(4000, 3)),
}

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zero.jpg": (lambda: b"", "empty"),
    "text.jpg": (lambda: b"this is no picture\n" * 20, "format"),
    "page.jpg": (lambda: b"\n<!DOCTYPE html><title>404</title>", "format"),
    "random.png": (lambda: np.random.default_rng(0).bytes(5000), "format"),
    "cut.jpg": (lambda: _first_half("photo.jpg"), "truncated"),
    "cut_progressive.jpg": (lambda: _first_half("progressive.jpg"), "truncated"),
    "cut.png": (lambda: _first_half("photo.png"), "truncated"),
    "cut.webp": (lambda: _first_half("photo.webp"), "truncated"),
    "cut.gif": (lambda: _first_half("photo.gif"), "truncated"),
    "cut.tif": (lambda: _first_half("photo.tif"), "truncated"),
    "cut.bmp": (lambda: _first_half("photo.bmp"), "truncated"),
    "cut.avif": (lambda: _first_half("photo.avif"), "truncated"),
    "header_only.jpg": (lambda: FRIENDLY["photo.jpg"]()[:20], "truncated"),
    "corrupt.png": (lambda: _scrambled("photo.png"), "corrupt"),
    "corrupt.webp": (lambda: _scrambled("photo.webp", 40), "corrupt"),
    "no_size.png": (lambda: png_header(0, 10), "corrupt"),
    "bomb.png": (lambda: png_header(100_000, 100_000), "too_many_pixels"),
    "bomb.gif": (lambda: b"GIF89a\xff\xff\xff\xff" + FRIENDLY["photo.gif"]()[10:], "too_many_pixels"),
}


def _first_half(name: str) -> bytes:
    whole = FRIENDLY[name]()
    return whole[: len(whole) // 2]


def _scrambled(name: str, start: int = 60) -> bytes:
    whole = bytearray(FRIENDLY[name]())
    middle = slice(start, len(whole) - 20)
    whole[middle] = bytes(255 - byte for byte in whole[middle])
    return bytes(whole)


def write(folder: Path, names: Iterable[str] | None = None) -> dict[str, Path]:
    """Write the files of `FRIENDLY` and `HOSTILE` (all, or those in `names`) to `folder`: name -> path."""
    made = FRIENDLY | {name: make for name, (make, _) in HOSTILE.items()}
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / name for name in (made if names is None else names)}
    for name, path in paths.items():
        path.write_bytes(made[name]())
    return paths


def write_photos(folder: Path, count: int, size: tuple[int, int] = (320, 200)) -> list[Path]:
    """Write `count` different JPEGs `photo_000.jpg` … to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"photo_{index:03}.jpg" for index in range(count)]
    for index, path in enumerate(paths):
        path.write_bytes(encode(photo(*size, seed=index, noise=3), "JPEG", quality=90))
    return paths
