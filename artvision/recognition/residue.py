"""Searching files for what is left of a template: its bytes as written here, and as others might write them."""

from __future__ import annotations

import base64
import json
import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

# Of a run: in Parquet its bytes are compressed, so they are read as numbers.
COLUMN = "actor_vectors"
# Templates to search bytes for: each costs about a millisecond for every megabyte.
SAMPLE = 64
# Numbers in a row that no other template shares: 64 bytes as float32.
PIECE = 16


@dataclass(frozen=True)
class Residue:
    """Bytes of a template in a file, and in which form."""

    path: Path
    form: str


@dataclass(frozen=True)
class Search:
    """What was read, and what was found in it."""

    files: int
    bytes: int
    unread: tuple[Path, ...]
    found: tuple[Residue, ...]


def search(places: Iterable[Path], templates: Sequence[NDArray[np.float32]]) -> Search:
    """Look through every file in `places` (files, or folders with all below) for pieces of the templates.

    Bytes are searched for the first SAMPLE templates, the column of face vectors in Parquet files for all of them.
    """
    probes = {bytes_: form for template in templates[:SAMPLE] for form, bytes_ in _probes(template)}
    whole = {np.asarray(template, "<f4").tobytes() for template in templates}
    files = sorted({file for place in places for file in _files(place)})
    found: list[Residue] = []
    unread: list[Path] = []
    total = 0
    for file in files:
        try:
            total += file.stat().st_size
            found += [Residue(file, form) for form in _inside(file, probes)]
            found += [Residue(file, f"a row of {COLUMN}")] if _in_column(file, whole) else []
        except (OSError, pa.ArrowException):
            unread.append(file)
    return Search(len(files), total, tuple(unread), tuple(found))


def _files(place: Path) -> Iterator[Path]:
    paths = place.rglob("*") if place.is_dir() else [place]
    return (path for path in paths if path.is_file() and not path.is_symlink())


def _inside(file: Path, probes: dict[bytes, str]) -> list[str]:
    """The forms in which a piece of a template stands in the file."""
    if not file.stat().st_size:
        return []
    with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return sorted({form for piece, form in probes.items() if content.find(piece) >= 0})


def _in_column(file: Path, whole: set[bytes]) -> bool:
    """Whether a Parquet file has one of the templates in its column of face vectors."""
    if ".parquet" not in file.suffixes or COLUMN not in pq.read_schema(file).names:
        return False
    rows = pq.read_table(file, columns=[COLUMN], partitioning=None)[COLUMN].to_pylist()
    stored = (item["vector"] for own in rows for item in own or ())
    return any(np.asarray(vector, "<f4").tobytes() in whole for vector in stored)


def _probes(template: NDArray[np.float32]) -> Iterator[tuple[str, bytes]]:
    """First and last piece of a template in each form; of text forms the first, which the rest cannot change."""
    for dtype in ("<f4", "<f2", "<f8", ">f4"):
        numbers = template.astype(dtype)
        for piece in (numbers[:PIECE], numbers[-PIECE:]):
            yield f"{numbers.dtype.name}{' big-endian' if dtype[0] == '>' else ''}", piece.tobytes()
    whole = template.astype("<f4").tobytes()
    yield "base64", base64.b64encode(whole)[: PIECE * 4]
    yield "decimal numbers", json.dumps([float(number) for number in template[:4]])[1:-1].encode()
    yield "hexadecimal", whole[: PIECE * 4].hex().encode()
