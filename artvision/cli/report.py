"""`artvision report`: a run or an index as a page that a person opens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.report.build import Written

EXAMPLES = """
[bold]Examples[/bold]

artvision report runs/today -o today.html           [dim]one page, complete in itself[/dim]

artvision report my-index --title tt1234567 --open  [dim]one title, in the browser[/dim]
"""


def report(
    place: Annotated[str, typer.Argument(metavar="RUN|INDEX", help="Folder of a run or an index.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")] = Path("report.html"),
    title: Annotated[
        list[str] | None, typer.Option("--title", metavar="ID", help="Only this title (repeatable).")
    ] = None,
    page_size: Annotated[
        int, typer.Option("--page-size", min=1, help="Assets on a page; of more, further pages are written beside it.")
    ] = 5000,
    names: Annotated[
        bool,
        typer.Option("--names", help="Name recognised actors and the cast; forgetting an actor cannot reach a copy."),
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Write a page with distributions, the suites as contact sheets, every asset's numbers, and the failures.

    The page is one file and loads nothing from the network.
    """
    from artvision.console import Console
    from artvision.report.build import write_report
    from artvision.rows import open_rows

    console = Console()
    rows = open_rows(place)
    written = write_report(rows, out, titles=title or None, names=names, page_size=page_size, reporter=console)
    _tell(console, written)
    if open_:
        typer.launch(written.pages[0].resolve().as_uri())


def _tell(console: Console, written: Written) -> None:
    pages = f" on {len(written.pages)} pages" if len(written.pages) > 1 else ""
    console.say(f"{written.pages[0]}: {counted(written.assets, 'asset')}{pages}, {written.bytes / 1e6:.1f} MB")
    if written.gone:
        console.say(
            f"{counted(written.gone, 'asset')} without a picture: the file cannot be read now; the page says why"
        )
