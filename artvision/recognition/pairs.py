"""Lists of pairs of pictures, each of one person or of two: reading them, and scoring them with an embedder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from artvision.catalog import READERS, locate
from artvision.device import available_cores, one_thread_each
from artvision.errors import DecodeError, UsageError
from artvision.recognition.embedder import Embedder, Sighting, scores
from artvision.recognition.verification import Pair, Scored, Unused, Verification
from artvision.settings import suggest

if TYPE_CHECKING:
    from artvision.recognition.looking import Looker

COLUMNS = ("a", "b", "same")
YES, NO = ("1", "true", "yes"), ("0", "false", "no")
# Pictures in memory at once: a working copy is up to 3 MB, and a list of pairs may name thousands.
CHUNK = 16

Progress = Callable[[int, int], None]  # pictures done, pictures in all


def read_pairs(path: Path) -> list[Pair]:
    """The pairs in a table (CSV, TSV, JSON lines, Parquet) with the columns a, b and same; others are ignored.

    Pictures resolve beside the table; same is 1 or 0, true or false, yes or no. Raises UsageError naming the line.
    """
    if path.suffix.lower() not in READERS:
        raise UsageError(f"{path}: a list of pairs is one of {', '.join(READERS)}, with the columns a, b and same")
    columns, rows = READERS[path.suffix.lower()](path)
    for name in COLUMNS:
        if columns.count(name) != 1:
            fault = "occurs twice" if name in columns else f"is missing{suggest(name, columns)}"
            raise UsageError(f"{path}: line 1: the column {name!r} {fault}; a list of pairs has a, b and same")
    if not rows:
        raise UsageError(
            f"{path}: there is no pair in it; each line names two pictures and whether they are one person"
        )
    return [_pair(path, number, cells) for number, cells in rows]


def judge(
    pairs: Sequence[Pair],
    looker: Looker,
    embedder: Embedder,
    threshold: float,
    progress: Progress = lambda _done, _total: None,
) -> Verification:
    """Score every pair; each picture is looked at and embedded once, by its most prominent face: it should show one.

    Every pair is either scored or named as unused: a picture that is missing, cannot be decoded, shows no face or
    several, one picture under two names, and a repetition of an earlier pair say nothing. Raises UsageError where two
    lines label the same two pictures differently.
    """
    seen = _look(pairs, looker, embedder, progress)
    first: dict[tuple[str, ...], Pair] = {}
    scored: list[Scored] = []
    unused: list[Unused] = []
    for pair in pairs:
        one, other = seen[pair.a], seen[pair.b]
        if blind := next((path for path in (pair.a, pair.b) if seen[path].reason), None):
            unused.append(Unused(pair.where, str(blind), seen[blind].reason))
        elif reason := _idle(pair, first.setdefault(_content(one, other), pair), _content(one, other)):
            unused.append(Unused(pair.where, str(pair.b), reason))
        else:
            scored.append(Scored(pair, float(scores(one.template[None], other.template[None])[0, 0])))
    contents = [(_content(seen[item.pair.a], seen[item.pair.b]), item.pair.same) for item in scored]
    return Verification(threshold, tuple(scored), tuple(unused), _checksum(contents))


@dataclass(frozen=True, eq=False)
class _Face:
    """A picture's most prominent face, or the reason why there is none."""

    sha256: str = ""
    template: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32), repr=False)
    reason: str = ""


def _pair(path: Path, number: int, cells: Mapping[str, Any]) -> Pair:
    where = f"{path}: line {number}"
    a, b = (_picture(where, name, cells.get(name), path.parent) for name in ("a", "b"))
    return Pair(a, b, _same(where, cells.get("same")), f"{path}:{number}")


def _picture(where: str, name: str, value: Any, folder: Path) -> Path:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {name!r} must be the path of a picture, not {value!r}")
    if "://" in value:
        raise UsageError(f"{where}: {value}: object stores are not supported yet; copy the pictures beside the list")
    return Path(locate(value.strip(), str(folder)))


def _same(where: str, value: Any) -> bool:
    # True, 1 and the 1.0 of a column that had a gap.
    number = isinstance(value, int | float) and value in (0, 1)
    text = str(int(value)) if number else str(value).strip().lower()
    if text not in YES + NO:
        raise UsageError(f"{where}: same is {value!r}; write 1 for one person and 0 for two (or true/false, yes/no)")
    return text in YES


def _look(pairs: Sequence[Pair], looker: Looker, embedder: Embedder, progress: Progress) -> dict[Path, _Face]:
    """A chunk at a time, so that decoded pictures do not pile up."""
    paths = list(dict.fromkeys(path for pair in pairs for path in (pair.a, pair.b)))
    seen: dict[Path, _Face] = {}
    with ThreadPoolExecutor(available_cores(), initializer=one_thread_each) as pool:
        for start in range(0, len(paths), CHUNK):
            chunk = paths[start : start + CHUNK]
            looked = pool.map(lambda path: _prominent(looker, path), chunk)
            seen |= zip(chunk, _embedded(list(looked), embedder), strict=True)
            progress(len(seen), len(paths))
    return seen


def _prominent(looker: Looker, path: Path) -> tuple[str, Sighting] | str:
    """(sha256, most prominent sighting), or the reason why there is none."""
    try:
        looked = looker.look(path)
    except DecodeError as error:
        return f"{error.reason}: {str(error).removeprefix(f'{path}: ')}"
    if looked.company > 1:
        return f"{looked.company} faces in it; crop it to the one that is meant"
    return (looked.sha256, looked.sightings[0]) if looked.sightings else "no face found"


def _embedded(looked: Sequence[tuple[str, Sighting] | str], embedder: Embedder) -> list[_Face]:
    sightings = [found[1] for found in looked if not isinstance(found, str)]
    templates = iter(embedder.embed(sightings) if sightings else ())
    return [_Face(reason=found) if isinstance(found, str) else _Face(found[0], next(templates)) for found in looked]


def _content(one: _Face, other: _Face) -> tuple[str, ...]:
    return tuple(sorted((one.sha256, other.sha256)))


def _idle(pair: Pair, first: Pair, content: tuple[str, ...]) -> str:
    """Why a pair of readable pictures must not count; empty where it may. `first` is the first of the same content."""
    if first.same != pair.same:
        raise UsageError(f"{first.where} and {pair.where} label the same two pictures differently; correct one of them")
    if content[0] == content[1]:
        return "the same picture twice"
    return "" if first is pair else f"the same two pictures as {first.where}"


def _checksum(contents: Sequence[tuple[tuple[str, ...], bool]]) -> str:
    lines = sorted(f"{' '.join(content)} {int(same)}\n" for content, same in contents)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
