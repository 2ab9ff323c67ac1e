"""Hostile JPEG, GIF, WebP, BMP, AVIF and HEIC files: bombs of scans and frames, sizes that lie, broken profiles."""

from __future__ import annotations

import struct
from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from itertools import product

import numpy as np
from hostile_tiff import EXIF
from pictures import FRIENDLY, cmyk_profile, corners, encode, grey_profile, jpeg, srgb_profile
from PIL import Image

Make = Callable[[], bytes]


def segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG (ITU T.81, B.1.1.4)."""
    return struct.pack(">2BH", 0xFF, marker, len(content) + 2) + content


def with_segments(*segments: bytes, picture: bytes | None = None) -> bytes:
    """A JPEG with segments put in front of its own."""
    picture = jpeg(corners()) if picture is None else picture
    return picture[:2] + b"".join(segments) + picture[2:]


def with_size(width: int, height: int, name: str = "grey.jpg", components: int | None = None) -> bytes:
    """A JPEG whose frame header claims another size, and number of components."""
    whole = bytearray(FRIENDLY[name]())
    at = min(found for marker in (b"\xff\xc0", b"\xff\xc2") if (found := whole.find(marker)) > 0)
    whole[at + 5 : at + 9] = struct.pack(">2H", height, width)
    if components is not None:
        whole[at + 9] = components
    return bytes(whole)


def scans(side: int, count: int) -> bytes:
    """A small progressive JPEG whose last scan comes again and again: each costs a pass over the whole picture."""
    whole = encode(Image.new("L", (side, side), 128), "JPEG", progressive=True, quality=90)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


def profile_chunks(profile: bytes, number: int = 1, count: int = 1) -> bytes:
    """A profile in APP2 segments that claim to be `number` of `count`."""
    return segment(0xE2, b"ICC_PROFILE\0" + bytes([number, count]) + profile[:65_000])


def _profiles() -> dict[str, Make]:
    """Profiles of every kind with single bytes changed: what a colour engine parses is attacked through its tables."""
    sources = {"srgb": srgb_profile(), "grey": grey_profile(2.2), "cmyk": cmyk_profile()}
    made: dict[str, Make] = {}
    for (name, profile), seed in product(sources.items(), range(40)):
        made[f"profile-{name}-{seed}.jpg"] = lambda p=profile, n=name, s=seed: jpeg(
            Image.fromarray(corners()).convert({"grey": "L", "cmyk": "CMYK"}.get(n, "RGB")), icc_profile=_edited(p, s)
        )
    return made


def _edited(data: bytes, seed: int) -> bytes:
    random, edited = np.random.default_rng(seed), bytearray(data)
    for at in random.integers(0, len(edited) if seed % 2 else min(len(edited), 300), 1 + seed % 6):
        edited[at] = random.choice([0, 1, 127, 128, 255, int(random.integers(256))])
    return bytes(edited)


def gif(size: tuple[int, int], frames: int, frame: tuple[int, int] = (1, 1), code: int = 2) -> bytes:
    """A GIF (89a) of so many frames; `code` is the code size that its data claims."""
    head = b"GIF89a" + struct.pack("<2H3B", *size, 0x80, 0, 0) + bytes(6)
    one = b"\x2c" + struct.pack("<4HB", 0, 0, *frame, 0) + bytes([code, 2, 0x4C, 0x01, 0])
    return head + one * frames + b";"


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP container."""
    body = b"".join(
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def webp(*extra: tuple[bytes, bytes], size: tuple[int, int] = (64, 48), flags: int = 0) -> bytes:
    """An extended WebP: claims a canvas and flags, and has a small picture."""
    plain = encode(corners(), "WEBP", lossless=True)
    canvas = bytes([flags, 0, 0, 0]) + b"".join(struct.pack("<I", side - 1)[:3] for side in size)
    return riff((b"VP8X", canvas), *extra, (plain[12:16], plain[20:]))


def webp_frames(count: int, size: tuple[int, int]) -> bytes:
    """An animated WebP of so many frames of one picture."""
    plain = encode(corners(), "WEBP", lossless=True)[12:]
    frame = bytes(6) + bytes([63, 0, 0, 47, 0, 0]) + bytes([40, 0, 0, 0]) + plain
    canvas = bytes([2, 0, 0, 0]) + b"".join(struct.pack("<I", side - 1)[:3] for side in size)
    return riff((b"VP8X", canvas), (b"ANIM", bytes(6)), *[(b"ANMF", frame)] * count)


def bmp(
    size: tuple[int, int] = (10, 10),
    bits: int = 24,
    coding: int = 0,
    colours: int = 0,
    header: int = 40,
    offset: int = 54,
) -> bytes:
    """A Windows bitmap with any header."""
    info = struct.pack("<I2i2H6I", header, *size, 1, bits, coding, 0, 0, 0, colours & 0xFFFFFFFF, 0)
    return b"BM" + struct.pack("<I4xI", 54 + 400, offset & 0xFFFFFFFF) + info + bytes(400)


def claims(format_: str, width: int, height: int) -> bytes:
    """An AVIF or HEIC whose image spatial extents (`ispe`, ISO/IEC 23008-12) claim another size."""
    whole = bytearray(FRIENDLY[f"photo.{format_}"]())
    at = whole.index(b"ispe")
    whole[at + 8 : at + 16] = struct.pack(">2I", width, height)
    return bytes(whole)


def _slim(format_: str, size: tuple[int, int], **options: object) -> bytes:
    return encode(np.zeros((size[1], size[0], 3), np.uint8), format_, **options)


def _jpegs() -> dict[str, Make]:
    made: dict[str, Make] = {
        "one-column.jpg": lambda: _slim("JPEG", (1, 65500)),
        "one-row.jpg": lambda: _slim("JPEG", (65500, 1)),
        "at-the-cap.jpg": lambda: _slim("JPEG", (5000, 4000)),
        "at-the-cap-progressive.jpg": lambda: _slim("JPEG", (5000, 4000), progressive=True),
        "largest.jpg": lambda: with_size(65500, 65500),
        "largest-progressive.jpg": lambda: with_size(65500, 65500, "progressive.jpg"),
        "no-size.jpg": lambda: with_size(0, 0),
        "taller.jpg": lambda: with_size(320, 60_000),
        "scans-100.jpg": lambda: scans(2000, 100),
        "scans-20000.jpg": lambda: scans(4000, 20_000),
        "comments.jpg": lambda: with_segments(*[segment(0xFE, bytes(65_000))] * 500),
        "many-segments.jpg": lambda: with_segments(*[segment(0xE5, b"")] * 50_000),
        "many-tables.jpg": lambda: with_segments(*[segment(0xDB, b"\0" + bytes([1]) * 64)] * 20_000),
        "no-table.jpg": lambda: jpeg(corners()).replace(b"\xff\xdb", b"\xff\xe9"),
        "no-code.jpg": lambda: jpeg(corners()).replace(b"\xff\xc4", b"\xff\xe9"),
        "photoshop.jpg": lambda: with_segments(segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff")),
        "many-pictures.jpg": lambda: with_segments(segment(0xE2, b"MPF\0II*\0\x08\0\0\0\xff\xff" + bytes(90))),
        "adobe.jpg": lambda: with_segments(segment(0xEE, b"Adobe\0\x64\0\0\0\0\xff")),
        "big-profile.jpg": lambda: with_segments(*(profile_chunks(bytes(65_000), n, 255) for n in range(1, 256))),
        "same-profile-chunk.jpg": lambda: with_segments(*[profile_chunks(srgb_profile(), 1, 255)] * 255),
        "profile-0-of-0.jpg": lambda: with_segments(profile_chunks(srgb_profile(), 0, 0)),
        "profile-class.jpg": lambda: jpeg(corners(), icc_profile=srgb_profile().replace(b"mntr", b"link")),
        "profile-space.jpg": lambda: jpeg(corners(), icc_profile=srgb_profile().replace(b"RGB ", b"Lab ")),
        "profile-of-15-inks.jpg": lambda: jpeg(corners(), icc_profile=srgb_profile().replace(b"RGB ", b"FCLR")),
        "profile-tags.jpg": lambda: jpeg(
            corners(), icc_profile=srgb_profile()[:128] + b"\xff\xff\xff\xff" + srgb_profile()[132:]
        ),
        "profile-cycle.jpg": lambda: jpeg(
            corners(), icc_profile=srgb_profile()[:128] + struct.pack(">I", 100) + b"rXYZ\0\0\0\x80\0\0\1\0" * 100
        ),
    }
    made |= {f"components-{n}.jpg": lambda n=n: with_size(320, 200, components=n) for n in (0, 2, 3, 4, 5, 255)}
    made |= {f"exif-{name}.jpg": lambda make=make: with_segments(segment(0xE1, make())) for name, make in EXIF.items()}
    return made


def _gifs() -> dict[str, Make]:
    return {
        "one-column.gif": lambda: _slim("GIF", (1, 65535)),
        "one-row.gif": lambda: _slim("GIF", (65535, 1)),
        "frames-100000.gif": lambda: gif((10, 10), 100_000),
        "frames-100000-at-the-cap.gif": lambda: gif((5000, 4000), 100_000),
        "frame-at-the-cap.gif": lambda: gif((5000, 4000), 1, (5000, 4000)),
        "frame-beyond.gif": lambda: gif((10, 10), 2, (65535, 65535)),
        "no-frame.gif": lambda: gif((10, 10), 0),
        "comments.gif": lambda: b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xfe\xff" + (bytes(255) + b"\xff") * 100_000 + b"\0;",
        "loops.gif": lambda: b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xff\x0bNETSCAPE2.0\x03\1\0\0\0" * 100_000 + b";",
        **{
            f"code-{size}.gif": lambda size=size: gif((10, 10), 1, (10, 10), size) for size in (0, 1, 8, 9, 12, 13, 255)
        },
    }


def _webps() -> dict[str, Make]:
    return {
        "one-column.webp": lambda: _slim("WEBP", (1, 16383)),
        "one-row.webp": lambda: _slim("WEBP", (16383, 1)),
        "at-the-cap.webp": lambda: _slim("WEBP", (5000, 4000)),
        "canvas.webp": lambda: webp(size=(1 << 24, 1 << 24)),
        "canvas-at-the-cap.webp": lambda: webp(size=(5000, 4000)),
        "frames-20000.webp": lambda: webp_frames(20_000, (64, 48)),
        "frames-at-the-cap.webp": lambda: webp_frames(200, (5000, 4000)),
        "frames-over-the-cap.webp": lambda: webp_frames(3, (16384, 16384)),
        "profile.webp": lambda: webp((b"ICCP", bytes(5_000_000)), flags=32),
        "many-chunks.webp": lambda: webp(*[(b"JUNK", b"")] * 50_000),
        "every-flag.webp": lambda: webp(flags=255),
        **{f"exif-{name}.webp": lambda make=make: webp((b"EXIF", make()), flags=8) for name, make in EXIF.items()},
    }


def _bmps() -> dict[str, Make]:
    return {
        "one-column.bmp": lambda: _slim("BMP", (1, 65535)),
        "one-row.bmp": lambda: _slim("BMP", (65535, 1)),
        "largest.bmp": lambda: bmp((0x7FFFFFFF, 0x7FFFFFFF)),
        "upside-down.bmp": lambda: bmp((10, -0x80000000)),
        "no-width.bmp": lambda: bmp((0, 10)),
        "colours.bmp": lambda: bmp(bits=8, colours=-1),
        "offset.bmp": lambda: bmp(offset=-1),
        "run-length-bomb.bmp": lambda: bmp((5000, 4000), bits=8, coding=1, colours=2, offset=62),
        **{
            f"header-{size}.bmp": lambda size=size: bmp(header=size)
            for size in (0, 12, 16, 52, 64, 108, 124, 0xFFFFFFFF)
        },
        **{
            f"bits-{b}-{c}.bmp": lambda b=b, c=c: bmp(bits=b, coding=c)
            for b, c in product((0, 1, 2, 4, 8, 16, 24, 32, 64), range(7))
        },
    }


def _boxed() -> dict[str, Make]:
    """AVIF, and HEIC where its package is."""
    sizes = ((1, 1), (0, 0), (65535, 65535), (0xFFFFFFFF, 1), (30_000, 2))
    made: dict[str, Make] = {
        f"claims-{at}.{kind}": lambda kind=kind, size=size: claims(kind, *size)
        for kind, (at, size) in product(("avif", *(("heic",) if find_spec("pillow_heif") else ())), enumerate(sizes))
    }
    made |= {
        "one-column.avif": lambda: _slim("AVIF", (1, 65535), speed=10),
        "one-row.avif": lambda: _slim("AVIF", (65535, 1), speed=10),
    }
    made |= {"at-the-cap.avif": lambda: _slim("AVIF", (5000, 4000), speed=10), "frames.avif": lambda: _frames_avif(60)}
    made |= {"endless-boxes.avif": lambda: FRIENDLY["photo.avif"]() + b"\0\0\0\x08free" * 100_000}
    return made


def _frames_avif(count: int) -> bytes:
    out, frames = BytesIO(), [Image.new("RGB", (32, 32), (number, 0, 0)) for number in range(count)]
    frames[0].save(out, "AVIF", save_all=True, append_images=frames[1:], speed=10)
    return out.getvalue()


def _strangers() -> dict[str, Make]:
    """Other files under a picture's name, and files that are two things at once."""
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    other = {
        "svg": svg,
        "pdf": b"%PDF-1.7\n%\xe2\xe3\n",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
        "zip": b"PK\x03\x04" + bytes(90),
        "elf": b"\x7fELF" + bytes(90),
        "html": b"<html>",
        "ppm": b"P6 99999 99999 255\n",
        "xbm": b"#define a_width 99999\n",
        "ico": b"\0\0\1\0\1\0",
        "psd": b"8BPS" + bytes(60),
        "fli": bytes(4) + b"\x11\xaf" + bytes(120),
        "pickle": b"\x80\x04cos\nsystem\n(S'false'\ntR.",
    }
    return {
        **{f"{name}-renamed.jpg": lambda data=data: data for name, data in other.items()},
        **{f"jpeg-and-{name}.jpg": lambda data=data: jpeg(corners()) + data for name, data in other.items()},
        **{f"{name}-and-jpeg.jpg": lambda data=data: data + jpeg(corners()) for name, data in other.items()},
        "gif-and-script.gif": lambda: b"GIF89a=1;/*" + gif((10, 10), 1)[11:] + b"*/alert(1)",
    }


MADE: dict[str, Make] = {
    **_jpegs(),
    **_profiles(),
    **_gifs(),
    **_webps(),
    **_bmps(),
    **_boxed(),
    **_strangers(),
}
