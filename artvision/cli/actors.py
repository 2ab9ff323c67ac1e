"""`artvision actors`: the gallery of people who may be recognised: enrol, list, show, forget, verify, calibrate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.cli import enroll, pairs
from artvision.cli.gallery import AsJson, Where

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.gallery import Actor, Gallery
    from artvision.recognition.forgetting import Traces
    from artvision.recognition.residue import Search

FORGET = """
[bold]Examples[/bold]

artvision actors forget "Uma Thurman" -g cast.gallery
    [dim]out of the gallery and of every run noted beside it[/dim]

artvision actors forget nm0000235 -g cast.gallery --run /mnt/runs/spring
    [dim]and of a run that was made elsewhere[/dim]
"""
Name = Annotated[str, typer.Argument(help="Id, name or alias.")]

app = typer.Typer(
    help="Actors who may be recognised: enrol, list, show, forget; verify and calibrate.", no_args_is_help=True
)
app.command("enroll", epilog=enroll.EXAMPLES)(enroll.enroll)
app.command("verify", epilog=pairs.VERIFY)(pairs.verify)
app.command("calibrate")(pairs.calibrate)


@app.command("list")
def list_actors(gallery: Where, json: AsJson = False) -> None:
    """Show who is enrolled, on what basis, until when, and why somebody is not recognised."""
    from artvision.console import Console
    from artvision.gallery import read_gallery, today

    console, held, day = Console(), read_gallery(gallery), today()
    if json:
        console.data({**_about(gallery, held), "actors": [_document(actor) for actor in held.actors]})
        return
    rows = [
        [
            actor.name,
            actor.actor_id,
            len(actor.templates),
            actor.basis or "-",
            ", ".join(actor.scope) or "every title",
            actor.expires or "never",
            actor.barred(day) or "yes",
        ]
        for actor in held.actors
    ]
    head = ["name", "id", "portraits", "basis", "titles", "expires", "recognised"]
    console.table(f"{gallery}: {len(rows)} actors", head, rows, right=["portraits"], fixed=["portraits", "expires"])
    console.say(f"embedder {held.embedder}, threshold {held.decision.threshold:.3f} ({held.decision.source})")
    if barred := sum(bool(actor.barred(day)) for actor in held.actors):
        console.say(f"{barred} not recognised: enrol them again with a rights basis and a later date to change that")


@app.command("show")
def show_actor(name: Name, gallery: Where, json: AsJson = False) -> None:
    """Show one person's entry and the portraits it was made from."""
    from artvision.console import Console
    from artvision.gallery import read_gallery
    from artvision.recognition.forgetting import unknown_name

    console, found = Console(), read_gallery(gallery).find(name)
    if not found:
        raise unknown_name(gallery, name)
    if json:
        console.data([_document(actor) for actor in found])
        return
    for actor in found:
        entry = {key: value for key, value in _document(actor).items() if key != "portraits"}
        console.table(
            actor.name, ["", ""], [[key.replace("_", " "), _plain(value)] for key, value in entry.items()], fixed=[""]
        )
        rows = [[portrait.path, portrait.sha256[:12]] for portrait in actor.portraits]
        console.table("portraits", ["path", "sha256"], rows, fixed=["sha256"])


@app.command("forget", epilog=FORGET)
def forget(
    name: Name,
    gallery: Where,
    run: Annotated[
        list[Path] | None, typer.Option("--run", help="A run to look through too; may be given several times.")
    ] = None,
    deleted: Annotated[
        list[Path] | None,
        typer.Option("--deleted", help="A noted run that no longer exists; it is not sought."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Remove a person: templates from the gallery, results from every known run; then search for what is left.

    Their rows are computed again by the next extract. Exit code 6 when something is left or could not be looked at.
    """
    from artvision.cache import cache_dir
    from artvision.console import Console
    from artvision.errors import CheckError
    from artvision.recognition import forgetting
    from artvision.recognition.register import drop_runs, files_beside
    from artvision.recognition.residue import search

    console = Console()
    if deleted:
        drop_runs(gallery, deleted)
    folders = forgetting.runs_of(gallery, run or ())
    actor, who = forgetting.begin(gallery, name)
    traces = [forgetting.take_back(folder, who) for folder in folders]
    hindered = [trace for trace in traces if trace.problem]
    if actor is None and not hindered and not any(trace.rows for trace in traces):
        raise forgetting.unknown_name(gallery, name)
    templates = [*(actor.templates if actor else ()), *(vector for trace in traces for vector in trace.vectors)]
    left = search([*files_beside(gallery), cache_dir(), *folders], templates) if templates else None
    if actor and not hindered:
        forgetting.finish(gallery, actor)
    if json:
        console.data(_forgotten(name, actor, traces, left))
    else:
        _tell(console, gallery, name, actor, traces, left)
    if hindered:
        raise CheckError(f"{name} is not wholly forgotten: mend what is named above and run the same command again")
    if left and (left.found or left.unread):
        raise CheckError(f"{name} is forgotten, but not by the files named above: delete or mend them by hand")


def _tell(
    console: Console, path: Path, name: str, actor: Actor | None, traces: list[Traces], left: Search | None
) -> None:
    if actor is None:
        console.say(f"{path}: {name} is not in it")
    else:
        console.say(f"{path}: {len(actor.templates)} templates of {actor.name} ({actor.actor_id}) removed")
    for trace in traces:
        rows = f"{trace.rows} rows taken back, to be computed again by the next extract" if trace.rows else "not in it"
        console.say(f"run {trace.folder}: {trace.problem or rows}")
    if not traces:
        console.say("no run is known; name one with --run")
    if left is None:
        console.say("not searched for templates: there are none left to search with")
        return
    where = f"the gallery's own files, the cache and {len(traces)} runs"
    found = "these hold something:" if left.found else "nothing left"
    console.say(f"searched {where}, {left.files:,} files, {left.bytes / 1e6:,.1f} MB: {found}")
    for item in left.found:
        console.say(f"left: {item.path}: a template as {item.form}")
    for file in left.unread:
        console.say(f"could not be read: {file}")


def _forgotten(name: str, actor: Actor | None, traces: list[Traces], left: Search | None) -> dict[str, Any]:
    searched = None if left is None else {"files": left.files, "bytes": left.bytes, "unread": left.unread}
    return {
        "name": name,
        "removed": actor.actor_id if actor else None,
        "templates": len(actor.templates) if actor else 0,
        "runs": [{"run": trace.folder, "rows": trace.rows, "problem": trace.problem or None} for trace in traces],
        "searched": searched,
        "left": [{"path": item.path, "form": item.form} for item in left.found] if left else [],
    }


def _about(path: Path, held: Gallery) -> dict[str, Any]:
    return {
        "gallery": str(path),
        "gallery_id": held.gallery_id,
        "embedder": held.embedder,
        "weights": held.weights,
        "decision": vars(held.decision),
    }


def _document(actor: Actor) -> dict[str, Any]:
    """Everything of an entry but its templates."""
    from artvision.gallery import today

    barred = actor.barred(today())
    return {
        "id": actor.actor_id,
        "name": actor.name,
        "aliases": actor.aliases,
        "basis": actor.basis,
        "scope": actor.scope,
        "added": actor.added,
        "expires": actor.expires,
        "recognised": not barred,
        "why_not": barred or None,
        "templates": len(actor.templates),
        "portraits": [vars(portrait) for portrait in actor.portraits],
    }


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None or value == "" else str(value)
