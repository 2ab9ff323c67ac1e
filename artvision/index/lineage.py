"""Plates of titles: their pictures are read once more, small, and compared with one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

from artvision import image
from artvision.device import available_cores, one_thread_each
from artvision.engines.local import run_local
from artvision.errors import DecodeError
from artvision.extras import extra
from artvision.reporting import Reporter

if TYPE_CHECKING:
    from artvision.plates.grouping import Sketch

# Sketches of so many titles are held in memory, 0.1 MB a picture.
TITLES_AT_ONCE = 16
# Pairs that are compared while one picture is read and sketched, for the progress.
A_PICTURE = 100

Pair = TypeVar("Pair")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Member:
    """An asset of a title, as far as its plate is concerned."""

    asset_id: str
    path: str
    content_sha256: str


def make_of_plates() -> dict[str, str]:
    """What decides plates: where it changes, pictures are compared anew."""
    from artvision.plates.grouping import VERSION, libraries

    return {"version": VERSION} | {name: version(name) for name in libraries}


def plate_ids(
    titles: Sequence[Sequence[Member]],
    before: Mapping[str, str],
    background: tuple[int, int, int],
    reporter: Reporter,
) -> tuple[dict[str, str], frozenset[str]]:
    """(asset id -> plate id, asset ids of pictures that could not be read again) for the titles' members.

    `before` has the ids of plates that stood. A title of one asset needs no look. A picture that cannot be read keeps
    what it had.
    """
    extra("cv2", "index").setNumThreads(1)  # workers are the parallelism
    # Idle threads of BLAS spin.
    limits = extra("threadpoolctl", "index").threadpool_limits
    from artvision.plates import grouping

    several = [members for members in titles if len(members) > 1]
    found: dict[str, str] = {}
    unread: set[str] = set()
    total = sum(A_PICTURE * len(members) + grouping.expected_pairs(len(members)) for members in several)
    step = reporter.count("plates", total, "pairs")
    try:
        with limits(1, "blas"):
            for start in range(0, len(several), TITLES_AT_ONCE):
                chunk = several[start : start + TITLES_AT_ONCE]
                sketches = dict(_sketches([member for members in chunk for member in members], background, step))
                for members, groups in zip(chunk, _groups(chunk, sketches, step), strict=True):
                    unread.update(member.asset_id for member in members if member.asset_id not in sketches)
                    contents = {member.asset_id: member.content_sha256 for member in members}
                    taken = {*before.values(), *found.values()}
                    found |= grouping.named(groups, contents, before, taken)
    finally:
        reporter.end()
    return found, frozenset(unread)


def _sketches(
    members: Sequence[Member], background: tuple[int, int, int], step: Callable[[int], None]
) -> Iterator[tuple[str, Sketch]]:
    workers = available_cores()
    job = partial(_sketch, background=background, cap=image.default_max_pixels(workers))
    for asset_id, sketch in run_local(job, members, workers=workers, prepare=one_thread_each):
        step(A_PICTURE)
        if sketch is not None:
            yield asset_id, sketch


def _groups(
    titles: Sequence[Sequence[Member]], sketches: Mapping[str, Sketch], step: Callable[[int], None]
) -> list[list[frozenset[str]]]:
    """The plates of each title; as many steps are counted as were expected, however many pairs it took."""
    from artvision.plates import grouping

    left = sum(grouping.expected_pairs(len(members)) for members in titles)

    def spread(job: Callable[[Pair], Done], pairs: Iterable[Pair]) -> Iterator[Done]:
        nonlocal left
        for done in run_local(job, pairs, workers=available_cores(), prepare=one_thread_each):
            step(min(left, 1))
            left -= min(left, 1)
            yield done

    own = [{m.asset_id: sketches[m.asset_id] for m in members if m.asset_id in sketches} for members in titles]
    groups = grouping.plates_of_titles(own, spread)
    step(left)
    return groups


def _sketch(member: Member, *, background: tuple[int, int, int], cap: int) -> tuple[str, Sketch | None]:
    """A picture that cannot be read any more has no sketch, and so no plate."""
    from artvision.plates.sketch import SIDE, sketch

    try:
        data = image.read_bytes(member.path)
        picture = image.decode(
            data, name=member.path, long_side=SIDE, short_side=0, max_pixels=cap, background=background
        )
    except DecodeError:
        return member.asset_id, None
    return member.asset_id, sketch(picture.pixels)
