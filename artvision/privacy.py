"""What is stored about whom, on what basis, until when: in a gallery of actors, or in a run.

Read from the files alone; templates and vectors are counted and never shown.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from artvision.errors import RunError, UsageError
from artvision.gallery import Actor, Portrait, read_gallery, real_path
from artvision.index.store import Index, find_index
from artvision.recognition.named import RunReport, endless, report_run
from artvision.recognition.register import files_beside, known_runs
from artvision.run import find_run
from artvision.stores.snapshot import local_run


@dataclass(frozen=True)
class Enrolled:
    """A person in a gallery. `unused` is why the entry matches nobody; empty where it may. No scope is every title."""

    actor_id: str
    name: str
    aliases: tuple[str, ...]
    templates: int
    portraits: tuple[Portrait, ...]
    basis: str
    scope: tuple[str, ...]
    added: date
    expires: date | None
    unused: str


@dataclass(frozen=True)
class GalleryReport:
    """What a gallery file holds; `runs` maps each run noted beside it to whether it is still there."""

    place: str
    gallery_id: str
    mode: str  # as chmod writes it: 0600
    bytes: int
    embedder: str
    width: int
    threshold: float
    threshold_source: str
    people: tuple[Enrolled, ...]
    runs: Mapping[str, str]
    remarks: tuple[str, ...]


def report(named: str | Path, today: date) -> GalleryReport | RunReport:
    """Of a run folder, an index (which repeats its run) or a gallery file.

    Raises RunError, GalleryError, or UsageError where there is nothing.
    """
    place = local_run(named)
    if not place.exists():
        raise UsageError(f"{place}: there is neither a run folder nor a gallery file of that name")
    if index := find_index(place):
        return _of_index(index, today)
    return report_run(place, today) if place.is_dir() else report_gallery(place, today)


def _of_index(index: Index, today: date) -> RunReport:
    """What its run holds, and a remark on whom the index itself names: it may be behind its run."""
    rows = index.table(["actors"]).to_pylist()
    names = sorted({face["name"] for row in rows for face in row.get("actors") or () if face["actor_id"]})
    named = f"it names {', '.join(names)}" if names else "it names nobody"
    try:
        found = report_run(index.run.folder, today)
    except RunError as error:
        way = f"forget with `artvision actors forget … --run {index.folder}`, or delete it"
        raise RunError(f"{index.folder} is an index, {named}; {error}; {way}") from None
    remark = f"{index.folder} is an index of this run; {named}"
    return replace(found, remarks=(remark, *found.remarks))


def report_gallery(path: Path, today: date) -> GalleryReport:
    """What the gallery in a file holds on that day. Raises GalleryError."""
    gallery = read_gallery(path)
    status = path.stat()
    people = tuple(_enrolled(actor, today) for actor in gallery.actors)
    return GalleryReport(
        place=str(path.resolve()),
        gallery_id=gallery.gallery_id,
        mode=f"{stat.S_IMODE(status.st_mode):04o}",
        bytes=status.st_size,
        embedder=gallery.embedder,
        width=gallery.width,
        threshold=gallery.decision.threshold,
        threshold_source=gallery.decision.source,
        people=people,
        runs={str(folder): _state(folder) for folder in known_runs(path)},
        remarks=tuple(_gallery_remarks(path, status.st_mode, people)),
    )


def _enrolled(actor: Actor, today: date) -> Enrolled:
    known = {name: getattr(actor, name) for name in ("actor_id", "name", "aliases", "portraits")}
    rights = {name: getattr(actor, name) for name in ("basis", "scope", "added", "expires")}
    return Enrolled(**known, **rights, templates=len(actor.templates), unused=actor.barred(today))


def _state(folder: Path) -> str:
    try:
        return "there" if find_run(folder) or find_index(folder) else "gone"
    except RunError:
        return "unreadable"


def _gallery_remarks(path: Path, mode: int, people: Sequence[Enrolled]) -> Iterator[str]:
    if os.name == "posix" and mode & 0o077:
        yield f"others than its owner can read the file: chmod 600 {path}"
    own = real_path(path).name
    for other in files_beside(path):
        if other.name == f".{own}.tmp":
            yield f"{other} is left of an interrupted change and can hold templates; the next change removes it"
        elif other.name != own and other.suffix not in {".lock", ".runs"}:
            yield f"{other} looks like a copy of the gallery, which forgetting does not change"
    for person in people:
        if person.unused:
            yield (
                f"{person.name}: {person.unused}, so not recognised, yet still stored; "
                f"`artvision actors forget {person.actor_id} -g {path}` removes the entry"
            )
    yield from endless((person.name, person.basis, person.expires) for person in people)
