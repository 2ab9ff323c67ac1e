"""Whom a run names and what it holds of them, with the basis as the gallery states it today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from artvision.contract import Privacy, highest
from artvision.errors import GalleryError, RunError
from artvision.gallery import Gallery, read_gallery
from artvision.recognition.register import known_runs
from artvision.run import STAGING, Run, read_run

IN_USE = "may be recognised"
GONE = "no longer in the gallery"


@dataclass(frozen=True)
class Named:
    """A person whom a run names; `rows` and `faces` do so, of `vectors` faces the template is stored.

    The rest is looked up in the gallery today; `standing` says what was found there.
    """

    actor_id: str
    name: str
    rows: int
    faces: int
    vectors: int
    basis: str
    scope: tuple[str, ...]
    expires: date | None
    standing: str


@dataclass(frozen=True)
class RunReport:
    """What a run holds about people; `columns` maps those of class person and biometric to their class."""

    place: str
    run_id: str
    rows: int
    files: tuple[str, ...]
    columns: Mapping[str, str]
    gallery: str
    people: tuple[Named, ...]
    unknown_faces: int
    face_vectors: int
    nameless_vectors: int  # of faces that nobody recognised: must be 0
    remarks: tuple[str, ...]


@dataclass
class _Count:
    names: set[str] = field(default_factory=set)
    rows: int = 0
    faces: int = 0
    vectors: int = 0


def report_run(folder: Path, today: date) -> RunReport:
    """What the finished run in a folder holds on that day. Raises RunError."""
    run = read_run(folder)
    try:
        return _report(run, today)
    except (OSError, pa.ArrowException) as error:
        said = " ".join(str(error).split())
        raise RunError(f"{folder} cannot be read ({said}); restore the folder, or extract again") from None


def _report(run: Run, today: date) -> RunReport:
    gallery, state = _gallery_of(run)
    unknown, counts = _counted(run)
    nameless = counts.pop("", _Count()).vectors
    people = tuple(_named(actor_id, count, gallery, today) for actor_id, count in sorted(counts.items()))
    return RunReport(
        place=str(run.folder.resolve()),
        run_id=run.run_id,
        rows=sum(pq.read_metadata(part).num_rows for part in run.parts),
        files=tuple(path.name for path in (*run.parts, *map(run.file, run.info.get("extras", ())))),
        columns=classes(run),
        gallery=state,
        people=people,
        unknown_faces=unknown,
        face_vectors=sum(person.vectors for person in people) + nameless,
        nameless_vectors=nameless,
        remarks=tuple(_remarks(run, gallery, state, people, nameless)),
    )


def _stated(run: Run) -> str:
    """The gallery's path as the run was told it; empty without one."""
    return str(run.info.get("settings", {}).get("actors") or "")


def _gallery_of(run: Run) -> tuple[Gallery | None, str]:
    """The gallery that a run was made with, where it is still there; and what to say of it."""
    if not (stated := _stated(run)):
        return None, "none: nobody was to be recognised"
    try:
        gallery = read_gallery(Path(stated))
    except GalleryError as error:
        return None, f"not readable from here: {error}"
    wanted = run.info.get("fingerprint", {}).get("stages", {}).get("actors", {}).get("gallery", gallery.gallery_id)
    if gallery.gallery_id != wanted:
        return None, f"not the one of this run: {stated} is another gallery now"
    return gallery, str(Path(stated).resolve())


def _counted(run: Run) -> tuple[int, dict[str, _Count]]:
    """Faces of unknown people, and by actor id what the rows hold of each; "" is nobody's."""
    unknown, counts = 0, dict[str, _Count]()
    wanted = [name for name in ("actors", "actor_vectors") if name in run.columns]
    for table in run.tables(wanted) if wanted else ():
        for row in table.to_pylist():
            faces = row.get("actors") or ()
            unknown += sum(face["actor_id"] is None for face in faces)
            _count(counts, [face for face in faces if face["actor_id"] is not None], row.get("actor_vectors") or ())
    return unknown, counts


def _count(counts: dict[str, _Count], known: Sequence[Mapping[str, Any]], vectors: Sequence[Mapping[str, Any]]) -> None:
    for face in known:
        count = counts.setdefault(face["actor_id"], _Count())
        count.names.add(face["name"])
        count.faces += 1
    for actor_id in {face["actor_id"] for face in known}:
        counts[actor_id].rows += 1
    for item in vectors:
        counts.setdefault(item["actor_id"] or "", _Count()).vectors += 1


def _named(actor_id: str, count: _Count, gallery: Gallery | None, today: date) -> Named:
    actor = next((actor for actor in gallery.actors if actor.actor_id == actor_id), None) if gallery else None
    name = " / ".join(sorted(count.names)) or actor_id
    numbers = (count.rows, count.faces, count.vectors)
    if actor is None:
        return Named(actor_id, name, *numbers, "not known", (), None, GONE if gallery else "gallery not readable")
    standing = actor.barred(today) or IN_USE
    return Named(actor_id, name, *numbers, actor.basis, actor.scope, actor.expires, standing)


def classes(run: Run) -> dict[str, str]:
    """Columns of class person or biometric; where the file and the contract differ, the more sensitive counts."""
    contract = {item["name"]: item["privacy"] for part in ("fields", "columns") for item in run.contract[part]}
    found: dict[str, str] = {}
    for column in pq.read_schema(run.parts[0]):
        stated = (column.metadata or {}).get(b"privacy", b"none").decode()
        found[column.name] = highest((Privacy(stated), Privacy(contract.get(column.name, "none")))).value
    return {name: kind for name, kind in found.items() if kind != Privacy.NONE}


def endless(people: Iterable[tuple[str, str, date | None]]) -> Iterator[str]:
    """A remark on those (name, basis, last day) who have a basis and no last day."""
    if names := [name for name, basis, last in people if basis and last is None]:
        yield f"no last day is set for {', '.join(names)}: enrol again with the day on which the right ends"


def _remarks(run: Run, gallery: Gallery | None, state: str, people: Sequence[Named], nameless: int) -> Iterator[str]:
    if gallery is not None:
        yield from _about_gallery(run, people)
    elif people:
        yield f"basis and last day of {len(people)} people cannot be shown; gallery: {state}"
    if nameless:
        yield f"{nameless} stored face vectors are of faces that were not recognised: delete the run and extract again"
    if nameless or any(person.vectors for person in people):
        yield "face vectors are biometric data: keep this folder as closely as the gallery"
    if (run.folder / STAGING).exists():
        yield f"{run.folder / STAGING} holds unfinished work, which is not counted here"
    if "cast" in run.columns and any(cast for table in run.tables(["cast"]) for cast in table["cast"].to_pylist()):
        yield "the column cast repeats names of your catalogue; forgetting an actor leaves them there"


def _about_gallery(run: Run, people: Sequence[Named]) -> Iterator[str]:
    stated = _stated(run)
    for person in people:
        if person.standing != IN_USE:
            yield (
                f"{person.rows} rows name {person.name}: {person.standing}; the next extract computes them again, "
                f"`artvision actors forget {person.actor_id} -g {stated} --run {run.folder}` takes them back now"
            )
    yield from endless((person.name, person.basis, person.expires) for person in people if person.standing != GONE)
    if run.folder.resolve() not in known_runs(Path(stated)):
        yield f"the gallery does not know of this run: forget a person with --run {run.folder}"
