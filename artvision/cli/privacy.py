"""`artvision privacy`: what a gallery or a run stores about whom, on what basis, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.privacy import GalleryReport
    from artvision.recognition.named import RunReport

EXAMPLES = """
[bold]Examples[/bold]

artvision privacy report cast.gallery     [dim]who is enrolled, until when[/dim]

artvision privacy report run --json       [dim]whom a run names[/dim]
"""
WIDTH = 80  # a report is read, printed and mailed

app = typer.Typer(no_args_is_help=True, help="What is stored about whom, on what basis, until when.")


@app.callback()
def privacy() -> None:
    """Commands on what is stored about people."""


@app.command("report", epilog=EXAMPLES)
def report(
    place: Annotated[str, typer.Argument(help="A run folder, or a gallery file.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
) -> None:
    """Report what a run or a gallery stores about people; no template is shown."""
    from dataclasses import asdict

    from artvision import privacy as inner
    from artvision.console import Console

    found, console = inner.report(place, datetime.now(UTC).date()), Console()
    if json:
        console.data(asdict(found))
        return
    console.out.width = min(console.out.width, WIDTH)
    if isinstance(found, inner.GalleryReport):
        _gallery(console, found)
    else:
        _run(console, found)
    _table(console, "To note", ["", ""], [["-", remark] for remark in found.remarks])


def _gallery(console: Console, found: GalleryReport) -> None:
    facts = [
        ["file", found.place],
        ["readable by", "its owner alone (mode 0600)" if found.mode == "0600" else f"mode {found.mode}"],
        ["embedder", f"{found.embedder}: a template is {found.width} numbers"],
        ["threshold", f"{found.threshold:.3f} ({found.threshold_source})"],
    ]
    console.table(f"Gallery: templates of {len(found.people)} people", ["", ""], facts)
    rows = [
        [p.name, p.actor_id, p.templates, len(p.portraits), p.added, _until(p), p.unused or "yes"] for p in found.people
    ]
    head = ["name", "id", "templates", "portraits", "added", "until", "recognised"]
    _table(console, "Who is enrolled", head, rows)
    rights = [[p.name, p.basis or "none", _titles(p.scope)] for p in found.people]
    _table(console, "On what basis", ["name", "basis", "titles"], rights)
    runs = [[folder, state] for folder, state in found.runs.items()]
    _table(console, "Runs made with it", ["folder", "state"], runs)


def _run(console: Console, found: RunReport) -> None:
    facts = [
        ["folder", found.place],
        ["rows", f"{found.rows}, in {', '.join(found.files)}"],
        ["gallery", found.gallery],
        ["faces not recognised", f"{found.unknown_faces}; face vectors of theirs: {found.nameless_vectors or 'none'}"],
        ["face vectors stored", str(found.face_vectors or "none")],
    ]
    console.table(f"Run: {len(found.people)} people are named", ["", ""], facts)
    columns: dict[str, list[str]] = {}
    for name, kind in found.columns.items():
        columns.setdefault(kind, []).append(name)
    _table(
        console, "Columns about people", ["class", "columns"], [[kind, ", ".join(columns[kind])] for kind in columns]
    )
    rows = [[p.name, p.actor_id, p.rows, p.faces, p.vectors, _until(p), p.standing] for p in found.people]
    head = ["name", "id", "rows", "faces", "vectors", "until", "standing"]
    _table(console, "Who is named", head, rows)
    rights = [[p.name, p.basis or "none", _titles(p.scope)] for p in found.people]
    _table(console, "On what basis", ["name", "basis", "titles"], rights)


def _table(console: Console, title: str, head: list[str], rows: Sequence[Sequence[Any]]) -> None:
    """Nothing where there is nothing to list; numbers to the right."""
    if rows:
        numbers = [name for name, cell in zip(head, rows[0], strict=True) if isinstance(cell, int)]
        console.out.print()
        console.table(title, head, rows, right=numbers)


def _until(person: Any) -> Any:
    return person.expires or "not set"


def _titles(scope: tuple[str, ...]) -> str:
    return ", ".join(scope) or "every title"
