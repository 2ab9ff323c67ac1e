"""`artvision actors enroll`: people and their portraits into a gallery."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.cli.gallery import AsJson, Where, counting
from artvision.wording import listed

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.gallery import Gallery
    from artvision.recognition.enrolment import Enrolment

EXAMPLES = """
[bold]Examples[/bold]

artvision actors enroll ./portraits -g cast.gallery --basis "contract 2026-04" --expires 2027-04-30
    [dim]a folder a person, named like them[/dim]

artvision actors enroll people.csv -g cast.gallery
    [dim]a table: name, images, basis, scope, added, expires[/dim]
"""
# Portraits: a stranger is taken for somebody with one portrait three times as often (docs/benchmarks.md).
ENOUGH = 3
SHOWN = 5  # names in a line
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of use, for those whose manifest says none.")
]


def enroll(
    people: Annotated[Path, typer.Argument(help="Folder with a folder a person, or a manifest (CSV, JSONL, Parquet).")],
    gallery: Where,
    basis: Annotated[str, typer.Option(help="Right to recognise them, for those whose manifest says none.")] = "",
    scope: Annotated[str, typer.Option(help="Title ids they may be recognised on, comma-separated; empty: all.")] = "",
    expires: Day = None,
    embedder: Annotated[str, typer.Option(help="For a new gallery: dlib or facenet.")] = "",
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    json: AsJson = False,
) -> None:
    """Enrol people from portraits that you are entitled to use; who is enrolled already is replaced.

    One line for every portrait that cannot serve. Without a rights basis nobody is recognised.
    """
    from artvision.console import Console
    from artvision.errors import GalleryError
    from artvision.gallery import changing, write_gallery
    from artvision.recognition.people import Rights, read_people

    console = Console()
    titles = tuple(title.strip() for title in scope.split(",") if title.strip())
    given = Rights(basis.strip(), titles, expires=expires.date() if expires else None)
    wanted = read_people(people, given)
    with changing(gallery):
        held = _opened(gallery, embedder)
        found = _enrolled(console, wanted, held, gallery, device)
        if found.enrolled:
            write_gallery(found.gallery, gallery)
    if json:
        console.data(_document(gallery, found))
    else:
        _report(console, gallery, found)
    if not found.enrolled:
        raise GalleryError(f"{people}: nobody could be enrolled, {gallery} is as it was; see the portraits named above")


def _opened(path: Path, embedder: str) -> Gallery:
    """The gallery that is there, or a new one. Raises GalleryError where it is of another embedder than asked for."""
    from artvision.gallery import read_gallery
    from artvision.recognition.binding import new_gallery, require_same_make
    from artvision.recognition.embedder import get_make

    if not path.exists():
        return new_gallery(get_make(embedder or "dlib"))
    held = read_gallery(path)
    require_same_make(held, get_make(embedder or held.embedder), path)
    return held


def _enrolled(console: Console, people: list[Any], held: Gallery, path: Path, device: str) -> Enrolment:
    from artvision.device import choose_device
    from artvision.recognition.embedder import get_make, load
    from artvision.recognition.enrolment import enrol
    from artvision.recognition.looking import Looker

    chosen = choose_device(device).name
    total, done = sum(len(person.images) for person in people), 0
    with counting(console, "portraits") as progress:

        def looked_at(_: Path) -> None:
            nonlocal done
            done += 1
            progress(done, total)

        return enrol(people, Looker(chosen), load(get_make(held.embedder), chosen), held, path, looked_at=looked_at)


def _report(console: Console, path: Path, found: Enrolment) -> None:
    for item in found.rejected:
        console.say(f"rejected: {item.path} ({item.person.name}): {item.reason}")
    for person in found.left_out:
        console.say(f"not enrolled: {person.name}: no portrait can serve ({person.where})")
    for line in found.warnings:
        console.notice(line)
    count = sum(len(actor.templates) for actor in found.enrolled)
    console.say(
        f"{path}: {len(found.enrolled)} people enrolled from {count} portraits; {len(found.gallery.actors)} in it"
    )
    for line in _cautions(found):
        console.notice(line)


def _cautions(found: Enrolment) -> list[str]:
    """Who was enrolled and is not recognised all the same, and whose names will be less sure than they could be."""
    from artvision.gallery import today

    barred = [f"{actor.name} ({why})" for actor in found.enrolled if (why := actor.barred(today()))]
    few = [actor.name for actor in found.enrolled if len(actor.templates) < ENOUGH]
    lines = []
    if barred:
        lines.append(
            f"not recognised: {listed(barred, SHOWN)}; state basis and last day with --basis, --expires or a manifest"
        )
    if few:
        lines.append(f"fewer than {ENOUGH} portraits, so strangers are taken for them more often: {listed(few, SHOWN)}")
    return lines


def _document(path: Path, found: Enrolment) -> dict[str, Any]:
    return {
        "gallery": str(path),
        "enrolled": [
            {"id": actor.actor_id, "name": actor.name, "templates": len(actor.templates)} for actor in found.enrolled
        ],
        "rejected": [{"path": item.path, "person": item.person.name, "reason": item.reason} for item in found.rejected],
        "not_enrolled": [person.name for person in found.left_out],
        "warnings": [*found.warnings, *_cautions(found)],
        "people": len(found.gallery.actors),
    }
