"""Hostile PNG files, built chunk by chunk (ISO/IEC 15948): sizes that lie, bombs in compressed chunks, odd palettes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from itertools import product

MAGIC = b"\x89PNG\r\n\x1a\n"
Make = Callable[[], bytes]


def chunk(kind: bytes, content: bytes = b"", length: int | None = None) -> bytes:
    """One chunk; `length` is what it claims where that is a lie."""
    size = len(content) if length is None else length
    return struct.pack(">I", size) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(
    size: tuple[int, int],
    *extra: bytes,
    kind: tuple[int, int] = (8, 2),
    interlace: int = 0,
    data: bytes | None = None,
    after: bytes = b"",
) -> bytes:
    """A black PNG of `size`; `kind` is (bit depth, colour type), `extra` chunks stand before the data."""
    header = struct.pack(">2I5B", *(side & 0xFFFFFFFF for side in size), *kind, 0, 0, interlace)
    data = rows(size, kind) if data is None else data
    return MAGIC + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", data) + after + chunk(b"IEND")


def rows(size: tuple[int, int], kind: tuple[int, int]) -> bytes:
    """The compressed rows of a black picture; of one beyond 40 megapixels only the first."""
    depth, colour = kind
    width, height = size
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    row = b"\0" + bytes((width * depth * channels + 7) // 8) if width * height < 40_000_000 else b"\0" * 100
    packer = zlib.compressobj(9)
    lines = height if width * height < 40_000_000 else 1
    return b"".join(packer.compress(row) for _ in range(lines)) + packer.flush()


def zeros(megabytes: int) -> bytes:
    """So many megabytes of nothing, compressed a thousandfold."""
    packer, block = zlib.compressobj(9), bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def adam7() -> bytes:
    """A grey 8 × 8 picture, interlaced: seven passes of 1, 1, 1, 2, 2, 4 and 4 rows."""
    passes = [(1, 1), (1, 1), (1, 2), (2, 2), (2, 4), (4, 4), (4, 8)]
    raw = b"".join((b"\0" + bytes([40 * number] * width)) * height for number, (height, width) in enumerate(passes))
    return png((8, 8), kind=(8, 0), interlace=1, data=zlib.compress(raw))


def _palettes() -> dict[str, Make]:
    lengths = (0, 1, 3, 6, 768, 771)
    return {
        f"palette-{length}-{depth}.png": lambda length=length, depth=depth: png(
            (9, 7),
            chunk(b"PLTE", bytes(length)),
            chunk(b"tRNS", bytes(300)),
            kind=(depth, 3),
            data=zlib.compress(b"\0" + bytes([255] * 9) * 7),
        )
        for length, depth in product(lengths, (1, 4, 8))
    }


def _kinds() -> dict[str, Make]:
    return {
        f"kind-{depth}-{colour}-{interlace}.png": lambda d=depth, c=colour, i=interlace: png(
            (5, 5), kind=(d, c), interlace=i
        )
        for depth, colour, interlace in product((0, 1, 2, 3, 8, 16, 32), range(8), (0, 1))
    }


def _chunks() -> dict[str, Make]:
    """Every chunk that Pillow reads, empty, short, long, and with a length that lies."""
    names = (
        b"iCCP",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"pHYs",
        b"tEXt",
        b"zTXt",
        b"iTXt",
        b"eXIf",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"PLTE",
    )
    bodies: dict[str, tuple[bytes, int | None]] = {
        "empty": (b"", None),
        "one": (b"\0", None),
        "ones": (b"\xff" * 40, None),
        "lies": (b"abc", 0xFFFFFFFF),
        "long": (b"x" * 70_000, None),
    }
    return {
        f"chunk-{name.decode()}-{label}.png": lambda n=name, b=body: png((6, 4), chunk(n, *b))
        for name, (label, body) in product(names, bodies.items())
    }


MADE: dict[str, Make] = {
    "adam7.png": adam7,
    "one-column.png": lambda: png((1, 65535)),
    "one-row.png": lambda: png((65535, 1)),
    "one-bit-row.png": lambda: png((65535, 1), kind=(1, 0)),
    "at-the-cap.png": lambda: png((5000, 4000)),
    "at-the-cap-16-bit.png": lambda: png((5000, 4000), kind=(16, 0)),
    "at-the-cap-alpha.png": lambda: png((5000, 4000), kind=(16, 6)),
    "over-the-cap.png": lambda: png((60_000, 60_000)),
    "largest.png": lambda: png((0x7FFFFFFF, 0x7FFFFFFF)),
    "too-large.png": lambda: png((0xFFFFFFFF, 1)),
    "no-width.png": lambda: png((0, 5)),
    "data-bomb.png": lambda: png((10, 10), data=zeros(512)),
    "profile-bomb.png": lambda: png((10, 10), chunk(b"iCCP", b"p\0\0" + zeros(512))),
    "text-bomb.png": lambda: png((10, 10), chunk(b"zTXt", b"k\0\0" + zeros(512))),
    "late-text-bomb.png": lambda: png((10, 10), after=chunk(b"zTXt", b"k\0\0" + zeros(512))),
    "international-bomb.png": lambda: png((10, 10), chunk(b"iTXt", b"k\0\1\0\0\0" + zeros(512))),
    "many-text-bombs.png": lambda: png((10, 10), chunk(b"zTXt", b"k\0\0" + zeros(1)[:-8]) * 200),
    "many-texts.png": lambda: png((10, 10), chunk(b"tEXt", b"k\0v") * 50_000),
    "many-unknown.png": lambda: png((10, 10), chunk(b"prVt", b"v") * 50_000),
    "many-data.png": lambda: png((10, 10), chunk(b"IDAT") * 50_000),
    "animation-of-millions.png": lambda: png((10, 10), chunk(b"acTL", struct.pack(">2I", 0x7FFFFFFF, 0))),
    "animation-of-thousands.png": lambda: png(
        (10, 10),
        chunk(b"acTL", struct.pack(">2I", 100_000, 0)),
        after=b"".join(
            chunk(b"fcTL", struct.pack(">5I2H2B", at, 10, 10, 0, 0, 1, 1, 0, 0)) for at in range(0, 100_000, 2)
        ),
    ),
    "frame-outside.png": lambda: png(
        (10, 10),
        chunk(b"acTL", struct.pack(">2I", 2, 0)),
        chunk(b"fcTL", struct.pack(">5I2H2B", 0, 9, 9, 0xFFFFFF00, 5, 1, 1, 0, 0)),
    ),
    "two-headers.png": lambda: png((10, 10), chunk(b"IHDR", struct.pack(">2I5B", 50_000, 50_000, 8, 2, 0, 0, 0))),
    "no-header.png": lambda: MAGIC + chunk(b"IDAT", zlib.compress(b"abc")) + chunk(b"IEND"),
    "only-magic.png": lambda: MAGIC,
    **_palettes(),
    **_kinds(),
    **_chunks(),
}
