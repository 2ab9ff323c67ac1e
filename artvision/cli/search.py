"""`artvision search`: artwork by words, pictures and sums of them, with a filter in SQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.index.store import Index
    from artvision.searching.asking import Question
    from artvision.searching.finding import Filter, Hit

EXAMPLES = """
[bold]Examples[/bold]

artvision search "two people in the rain"                           [dim]a sentence[/dim]

artvision search '"horse" + 2:"night" - "city"'                     [dim]a sum, with weights[/dim]

artvision search 'poster.jpg + "snow"'                              [dim]a picture and a text[/dim]

artvision search --where "light.brightness > 50 and face.count = 2" [dim]a filter alone, in SQL[/dim]

artvision search western --actor "Ilse Marrow" --title meridian --open
"""

HEAD = ("#", "score", "asset", "title", "faces", "shot", "L*", "tag")
RIGHT = ("#", "score", "faces", "L*")
FIXED = ("#", "score", "faces", "L*")

IndexFolder = Annotated[Path, typer.Option("--index", "-i", envvar="ARTVISION_INDEX", help="Index folder.")]
Where = Annotated[
    str, typer.Option(help="Condition in SQL over the columns that `schema show INDEX` lists.", show_default=False)
]
Actors = Annotated[
    list[str] | None, typer.Option("--actor", help="Recognised actor who is on it; repeated: all of them.")
]
Titles = Annotated[list[str] | None, typer.Option("--title", help="Title id or name; repeated: any of them.")]
Top = Annotated[int, typer.Option("--top", "-k", help="How many, at most.", min=1, max=100_000)]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on stdout.")]
Sheet = Annotated[Path | None, typer.Option("--sheet", help="Write the answer as a contact sheet (PNG).")]
Open = Annotated[bool, typer.Option("--open", help="Open the contact sheet.")]
Model = Annotated[str, typer.Option(help="Where the index's own CLIP model lies, if it was moved.", show_default=False)]
DEFAULT = Path("artvision-index")


class Asking(TyperCommand):
    """Lets a query begin with a minus: `- "city" + "horse"` is no option, `--top` and `-k` are."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, with a blank before what is a text; the grammar ignores it."""
        own = {option for parameter in self.params for option in parameter.opts if re.fullmatch(r"-\w", option)}
        end = args.index("--") if "--" in args else len(args)
        texts = [f" {arg}" if _is_text(arg, own) else arg for arg in args[:end]]
        return super().parse_args(ctx, texts + args[end:])


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            help='Words, "quoted text", a picture, asset:ID, or a sum of them with weights; none: the filter alone.'
        ),
    ] = None,
    index: IndexFolder = DEFAULT,
    where: Where = "",
    actor: Actors = None,
    title: Titles = None,
    top: Top = 20,
    json: AsJson = False,
    sheet: Sheet = None,
    open_: Open = False,
    model: Model = "",
) -> None:
    """Find artwork in an index: what is most like a text, a picture or a sum of them, and passes the filter."""
    from artvision.index.store import open_index
    from artvision.searching.asking import ask
    from artvision.searching.finding import Filter
    from artvision.searching.query import parse

    terms = parse(" ".join(query or ()))
    opened = open_index(index)
    asked = ask(opened, terms, model)
    answer(opened, asked, Filter(where, tuple(actor or ()), tuple(title or ())), top, json, sheet, open_)


def answer(
    index: Index, asked: Question, filter_: Filter, top: int, json: bool, sheet: Path | None, open_: bool
) -> None:
    """Find the rows and show them as they were asked for."""
    from artvision.console import Console
    from artvision.searching.finding import find, unmeasured

    console = Console()
    for note in asked.notes:
        console.notice(note)
    answered = find(index, asked.vector, filter_, top)
    hits = answered.hits
    if json:
        console.data([hit.document() for hit in hits])
    elif hits:
        console.table("", HEAD, [cells(hit) for hit in hits], right=RIGHT, fixed=FIXED)
    for column in unmeasured(index, filter_.where) if not hits else ():
        console.notice(f"{column} has no value on any asset: it was not measured, which is not the same as none")
    said = ", ".join([part for part in (asked.shown, filter_.shown) if part]) or "every asset"
    console.say(f"{said}: {_counted(len(hits), answered.passing, index.info['rows'])}")
    if (sheet or open_) and hits:
        _sheet(console, hits, "\n".join([said, *asked.notes]), sheet, open_)


def _counted(shown: int, passing: int, rows: int) -> str:
    every = counted(rows, "asset")
    if not shown:
        return f"nothing found among {every}"
    return (
        f"{shown} shown of {every}" if passing == rows else f"{shown} shown of {passing:,} that pass, {rows:,} in all"
    )


def cells(hit: Hit) -> list[str]:
    """A hit as a row of the table."""
    from artvision.searching.finding import best_tag

    row = hit.row
    light, faces = row.get("light.brightness"), row.get("face.count")
    return [
        str(hit.rank),
        "-" if hit.score is None else f"{hit.score:.3f}",
        row["asset_id"],
        row.get("title") or row.get("title_id") or "-",
        "-" if faces is None else str(faces),
        (row.get("shot.scale") or "-").replace("_", " "),
        "-" if light is None else f"{light:.0f}",
        best_tag(row) or "-",
    ]


def _sheet(console: Any, hits: list[Hit], said: str, sheet: Path | None, open_: bool) -> None:
    from artvision.searching.sheet import save_sheet

    path = save_sheet(hits, said, sheet)
    console.say(f"contact sheet {path}")
    if open_ and typer.launch(str(path)):
        console.notice(f"nothing here opens pictures; the sheet lies at {path}")


def _is_text(arg: str, own: set[str]) -> bool:
    """Whether an argument that begins with one minus is a text: no option of ours, and no `-k20`."""
    return arg[:1] == "-" and arg[1:2] not in {"", "-"} and arg not in own and not re.fullmatch(r"-k\d+", arg)
