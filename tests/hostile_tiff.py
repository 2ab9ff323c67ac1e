"""Hostile TIFF files and EXIF blocks (TIFF 6.0): directories that loop, counts that lie, codings without their data."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from itertools import product

Make = Callable[[], bytes]
Tag = tuple[int, int, int, int]  # number, type, count, value or offset
SHORT, LONG = 3, 4
HEADER = b"II*\0\x08\0\0\0"


def directory(tags: Sequence[Tag], after: int = 0) -> bytes:
    """One image file directory, and where the next one is said to lie."""
    body = b"".join(struct.pack("<2H2I", number, kind, count, value) for number, kind, count, value in sorted(tags))
    return struct.pack("<H", len(tags)) + body + struct.pack("<I", after)


def tiff(change: dict[int, tuple[int, int, int]] | None = None, after: int = 0, data: bytes = bytes(300)) -> bytes:
    """A black 10 × 10 picture in RGB, with some tags changed: number -> (type, count, value)."""
    tags = {
        256: (LONG, 1, 10),
        257: (LONG, 1, 10),
        258: (SHORT, 1, 8),
        259: (SHORT, 1, 1),
        262: (SHORT, 1, 2),
        273: (LONG, 1, 400),
        277: (SHORT, 1, 3),
        278: (LONG, 1, 10),
        279: (LONG, 1, 300),
    } | (change or {})
    head = HEADER + directory([(number, *rest) for number, rest in tags.items()], after)
    return head.ljust(400, b"\0") + data


def many_directories(count: int) -> bytes:
    """A chain of so many pages, each of which says that it is the same picture."""
    page = directory(
        [
            (256, LONG, 1, 10),
            (257, LONG, 1, 10),
            (258, SHORT, 1, 8),
            (259, SHORT, 1, 1),
            (262, SHORT, 1, 1),
            (273, LONG, 1, 8),
            (278, LONG, 1, 10),
            (279, LONG, 1, 100),
        ]
    )
    chained = (page[:-4] + struct.pack("<I", 8 + len(page) * (number + 1)) for number in range(count))
    return HEADER + b"".join(chained) + page


def exif(*tags: Tag, after: int = 0, tail: bytes = b"") -> bytes:
    """An EXIF block."""
    return b"Exif\0\0" + HEADER + directory(tags, after) + tail


def deep_exif(depth: int) -> bytes:
    """Directories in directories: each is the EXIF directory of the one before."""
    size = len(directory([(0x8769, LONG, 1, 0)]))
    levels = (directory([(0x8769, LONG, 1, 8 + size * (level + 1))]) for level in range(depth))
    return b"Exif\0\0" + HEADER + b"".join(levels)


EXIF: dict[str, Make] = {
    "loop": lambda: exif((0x0112, SHORT, 1, 6), after=8),
    "own-directory": lambda: exif(
        (0x0112, SHORT, 1, 6), (0x8769, LONG, 1, 8), (0x8825, LONG, 1, 8), (0xA005, LONG, 1, 8)
    ),
    "deep": lambda: deep_exif(2000),
    "huge-count": lambda: exif((0x0112, SHORT, 0xFFFFFFFF, 8)),
    "outside": lambda: exif((0x0112, SHORT, 99, 0xFFFFFFF0)),
    "orientation-0": lambda: exif((0x0112, SHORT, 1, 0)),
    "orientation-9": lambda: exif((0x0112, SHORT, 1, 9)),
    "orientation-text": lambda: exif((0x0112, 2, 4, 0x36363636)),
    "orientation-twice": lambda: exif((0x0112, SHORT, 1, 6), (0x0112, SHORT, 1, 3)),
    "orientation-fraction": lambda: exif((0x0112, 5, 1, 8)),
    "no-fraction": lambda: exif((0x011A, 5, 1, 26), tail=bytes(8)),
    "maker-note": lambda: exif((0x927C, 7, 60_000, 8), tail=bytes(60_000)),
    "many": lambda: exif(*((number, SHORT, 1, 1) for number in range(5000))),
    "thousands-said": lambda: b"Exif\0\0" + HEADER + b"\xff\xff" + bytes(40),
    "not-tiff": lambda: b"Exif\0\0" + b"\xff" * 40,
    "empty": lambda: b"Exif\0\0",
    "twice": lambda: b"Exif\0\0Exif\0\0" + HEADER + directory([(0x0112, SHORT, 1, 6)]),
}


def _odd_tags() -> dict[str, Make]:
    """Each tag that decides how the picture is read, with values that nobody expects, types and counts that lie."""
    numbers = (
        256,
        257,
        258,
        259,
        262,
        266,
        273,
        274,
        277,
        278,
        279,
        284,
        317,
        320,
        322,
        323,
        324,
        325,
        330,
        338,
        339,
        347,
        512,
        513,
        529,
        530,
        532,
        700,
        34675,
        34665,
    )
    odd = (
        (SHORT, 1, 0),
        (LONG, 1, 0xFFFFFFFF),
        (LONG, 1, 0x7FFFFFFF),
        (LONG, 0xFFFFFFFF, 8),
        (LONG, 1000, 400),
        (2, 9, 400),
        (12, 1, 400),
        (99, 1, 1),
        (SHORT, 2, 0x00010001),
    )
    return {
        f"tag-{number}-{at}.tif": lambda number=number, value=value: tiff({number: value})
        for number, (at, value) in product(numbers, enumerate(odd))
    }


def _codings() -> dict[str, Make]:
    """Every compression, bits a sample, photometric meaning and sample format, each with data that is not coded so."""
    codings = (1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34676, 34925, 50000, 50001)
    made: dict[str, Make] = {
        f"coding-{coding}-{light}.tif": lambda c=coding, p=light: tiff({259: (SHORT, 1, c), 262: (SHORT, 1, p)})
        for coding, light in product(codings, (0, 2, 3, 5, 6, 8))
    }
    made |= {
        f"bits-{bits}-{samples}-{kind}.tif": lambda b=bits, s=samples, f=kind: tiff(
            {258: (SHORT, 1, b), 277: (SHORT, 1, s), 339: (SHORT, 1, f)}
        )
        for bits, samples, kind in product((1, 4, 16, 32, 64), (1, 2, 4, 9), (1, 2, 3, 6))
    }
    return made


MADE: dict[str, Make] = {
    "next-is-itself.tif": lambda: tiff(after=8),
    "next-is-outside.tif": lambda: tiff(after=0xFFFFFFF0),
    "sub-directory-is-itself.tif": lambda: tiff({330: (LONG, 1, 8)}),
    "exif-is-itself.tif": lambda: tiff({34665: (LONG, 1, 8)}),
    "pages-20000.tif": lambda: many_directories(20_000),
    "no-directory.tif": lambda: b"II*\0\xff\xff\xff\xff",
    "only-header.tif": lambda: HEADER,
    "big-tiff.tif": lambda: (
        b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + struct.pack("<Q", 0xFFFFFFFFFFFFFFFF) + bytes(99)
    ),
    "one-column.tif": lambda: tiff(
        {256: (LONG, 1, 1), 257: (LONG, 1, 65535), 278: (LONG, 1, 65535), 279: (LONG, 1, 3 * 65535)},
        data=bytes(3 * 65535),
    ),
    "one-row.tif": lambda: tiff(
        {256: (LONG, 1, 65535), 257: (LONG, 1, 1), 278: (LONG, 1, 1), 279: (LONG, 1, 3 * 65535)}, data=bytes(3 * 65535)
    ),
    "over-the-cap.tif": lambda: tiff({256: (LONG, 1, 100_000), 257: (LONG, 1, 100_000)}),
    "a-strip-a-row.tif": lambda: tiff(
        {257: (LONG, 1, 100_000), 278: (LONG, 1, 1), 273: (LONG, 100_000, 400), 279: (LONG, 100_000, 400)},
        data=struct.pack("<I", 400) * 100_000,
    ),
    **_odd_tags(),
    **_codings(),
}
