"""`artvision index`: a catalogue in, an index for search, suites and reports out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artvision.cli.options import with_settings
from artvision.settings import Settings
from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.index.following import Followed
    from artvision.summary import Summary

EXAMPLES = """
[bold]Examples[/bold]

artvision index --catalog catalog.csv                  [dim]extract what is new, and index it[/dim]

artvision index --catalog ./titles -o spring           [dim]a folder with a folder a title[/dim]

artvision index --run runs/today -o spring             [dim]a run that is there already[/dim]

artvision search "a dark forest" -i spring             [dim]then: search, similar, suite, report[/dim]
"""


@with_settings
def index(
    catalog: Annotated[
        str | None,
        typer.Option("--catalog", "-c", help="Catalogue (CSV, JSONL, Parquet), or a folder with a folder a title."),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run", help="Run to extract into; without --catalog it is indexed as it is. Default: INDEX/run."
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", envvar="ARTVISION_INDEX", help="Index folder.")] = Path(
        "artvision-index"
    ),
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try pictures again that failed before.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Make anew what was made by another model, contract or setting; it stays readable until then.",
        ),
    ] = False,
    prune: Annotated[
        bool | None,
        typer.Option(
            "--prune/--no-prune",
            help="Drop assets that the catalogue no longer lists. Default: yes, but not from a run named with --run.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON on stdout.")] = False,
    *,
    settings: Settings,
) -> None:
    """Extract what is new in a catalogue and bring its index up to date.

    Running it again does only what changed: new, changed and deleted assets are followed.
    """
    from artvision.console import Console
    from artvision.index.make import make_index

    console = Console()
    followed, summary = make_index(
        out,
        catalog=catalog,
        run=run,
        settings=settings,
        overwrite=overwrite,
        retry_failed=retry_failed,
        prune=prune,
        reporter=console,
    )
    if json:
        console.data(_document(followed, summary))
    else:
        _tell(console, followed, summary)
    if summary is not None:
        summary.enforce(settings.max_failures)


def _document(followed: Followed, summary: Summary | None) -> dict[str, object]:
    index = followed.index
    return {
        "index": str(index.folder),
        "run": str(index.folder / index.info["run"]),
        "rows": index.info["rows"],
        "titles": index.info["titles"],
        "plates": index.info["plates"],
        "new": followed.new,
        "changed": followed.changed,
        "gone": followed.gone,
        "unread": followed.unread,
        "under_several_titles": followed.shared,
        "untitled": followed.untitled,
        "extracted": summary.counts if summary else None,
    }


def _tell(console: Console, followed: Followed, summary: Summary | None) -> None:
    index = followed.index
    if summary:
        summary.tell(console.say)
    if followed.unread:
        console.notice(f"{counted(followed.unread, 'picture')} could not be read again, and so are in no plate")
    if followed.shared:
        stand = "stands" if followed.shared == 1 else "stand"
        console.notice(f"{counted(followed.shared, 'picture')} {stand} under several titles, as an asset of each")
    if followed.untitled:
        console.notice(
            f"{counted(followed.untitled, 'asset')} without a title, and so in no suite: a catalogue names titles in "
            "the column title_id, a folder by its folders"
        )
    for text in followed.built:
        console.say(text)
    info = index.info
    held = f"{counted(info['rows'], 'asset')} of {counted(info['titles'], 'title')}, {counted(info['plates'], 'plate')}"
    console.say(f"index {index.folder}: {held}; {followed.new} new, {followed.changed} changed, {followed.gone} gone")
