"""A corpus of hostile pictures, the same every time: files made by hand, and small good ones with bytes changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hostile_others
import hostile_png
import hostile_tiff
import numpy as np
from pictures import FRIENDLY, encode, photo

MADE = hostile_png.MADE | hostile_tiff.MADE | hostile_others.MADE
NAMES = (
    "new\nline.jpg",
    "bell\a.png",
    "tab\t.gif",
    "esc\x1b[31m.jpg",
    "right-to-left\u202egpj.png",
    "x" * 250 + ".jpg",
    "-o.jpg",
    "a'b\"c`d$(e).png",
    " .jpg",
    "%s%n{}.png",
)


def seeds() -> dict[str, bytes]:
    """Small good files: every format and way of storing pixels that artvision reads."""
    large = ("photo", "progressive", "lzw", "ribbon")
    small = {name: make() for name, make in FRIENDLY.items() if not name.startswith(large)}
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"):
        small[f"small.{kind.lower()}"] = encode(photo(24, 16), kind)
    small["progressive.jpg"] = encode(photo(48, 32), "JPEG", progressive=True)
    small["lzw.tif"] = encode(photo(24, 16), "TIFF", compression="tiff_lzw")
    return small


def mutated(data: bytes, seed: int) -> bytes:
    """The file, damaged: cut, bytes changed in the header or anywhere, a piece doubled, gone, turned."""
    random, made = np.random.default_rng(seed), bytearray(data)
    way, end = seed % 6, len(data)
    if way == 0:
        return data[: int(random.integers(1, end))]
    if way in {1, 2}:
        for at in random.integers(0, min(end, 200) if way == 1 else end, random.integers(1, 9)):
            made[at] = random.choice([0, 1, 127, 128, 255, made[at] ^ (1 << int(random.integers(8)))])
        return bytes(made)
    start, stop = sorted(int(at) for at in random.integers(0, end + 1, 2))
    piece, into = data[start:stop], int(random.integers(0, end + 1))
    return {
        3: data[:into] + piece + data[into:],
        4: data[:start] + data[stop:],
        5: data[:start] + piece[::-1] + data[stop:],
    }[way]


def corpus(rounds: int, every: int = 1) -> Iterator[tuple[str, bytes]]:
    """(name, content): every `every`-th file made by hand, each good one mutated `rounds` times, and odd names."""
    for name in sorted(MADE)[::every]:
        yield name, MADE[name]()
    for place, (name, data) in enumerate(seeds().items()):
        for number in range(rounds):
            yield f"{place:02}-{number:03}-{name}", mutated(data, 1000 * place + number)
    for name in NAMES:
        yield name, hostile_others.jpeg(hostile_others.corners())


def write(folder: Path, rounds: int, every: int = 1) -> list[Path]:
    """The corpus as files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in corpus(rounds, every):
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    return paths
