"""`artvision export`: the rows of a run or an index in the form that a consumer's own library reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artvision.export.recipe import Fill, MaskPolicy, Recipe, Scale
from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.export.make import Written

EXAMPLES = """
[bold]Examples[/bold]

artvision export run --format vw -o actions                     [dim]lines for Vowpal Wabbit[/dim]

artvision export my-index -f numpy --blocks light,color --suite [dim]two blocks, and ranks within the title[/dim]

artvision normalize fit run -o stats.json --corpus spring       [dim]then: --scale zscore --statistics stats.json[/dim]

artvision export --list                                         [dim]the formats[/dim]
"""


def export(
    place: Annotated[str | None, typer.Argument(metavar="RUN|INDEX", help="Folder of a run or an index.")] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="One of --list.", show_default=False)] = "",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; an earlier export is replaced.")] = Path(
        "artvision-export"
    ),
    blocks: Annotated[
        list[str] | None,
        typer.Option(
            "--blocks",
            help="Blocks, comma-separated: all (the whole tag vector), single ones, embedding. Default: all.",
        ),
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--fields", help="Single fields, comma-separated, instead of or beside blocks.")
    ] = None,
    suite: Annotated[bool, typer.Option("--suite", help="Add what compares an asset with its title's others.")] = False,
    person: Annotated[bool, typer.Option("--person", help="Include fields about people: recognised actors.")] = False,
    title: Annotated[
        list[str] | None, typer.Option("--title", metavar="ID", help="Only this title (repeatable).")
    ] = None,
    scale: Annotated[
        Scale, typer.Option(help="Contract's units, z-scores, or blocks of length 1; the last two need --statistics.")
    ] = Scale.NONE,
    statistics: Annotated[
        Path | None, typer.Option("--statistics", help="File of `artvision normalize fit`.", show_default=False)
    ] = None,
    fill: Annotated[
        Fill | None,
        typer.Option(help="What stands for a missing value.", show_default="contract; zero where scaled"),
    ] = None,
    mask: Annotated[
        MaskPolicy, typer.Option(help="Which values are known: beside them, as further slots, or nowhere.")
    ] = MaskPolicy.SEPARATE,
    list_: Annotated[bool, typer.Option("--list", help="List the formats.")] = False,
    json: Annotated[bool, typer.Option("--json", help="What was written, or the list, as JSON on stdout.")] = False,
) -> None:
    """Export tag vectors: dense, sparse or as a table, raw or scaled, with the contract beside them.

    Fields about people are left out unless asked for; biometric ones always.
    """
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.export.choice import Choice
    from artvision.export.make import write_export

    console = Console()
    if list_:
        _list(console, json=json)
        return
    if place is None or not form:
        raise UsageError("name a run or an index, and a format with --format; `artvision export --list` has them")
    choice = Choice(words(blocks), words(fields), suite=suite, person=person)
    recipe = Recipe(scale, fill, mask)
    written = write_export(place, out, form, choice=choice, recipe=recipe, statistics=statistics, titles=title or None)
    if json:
        console.data({"folder": str(written.folder), "files": written.files, "bytes": written.bytes, **written.about})
    else:
        _tell(console, written)


def words(given: list[str] | None) -> tuple[str, ...]:
    """Names out of comma-separated lists, each once."""
    return tuple(dict.fromkeys(name.strip() for text in given or () for name in text.split(",") if name.strip()))


def _list(console: Console, *, json: bool) -> None:
    from artvision.export.formats import formats

    rows = [{"format": kind.name, "reader": kind.reader, "summary": kind.summary} for kind in formats().values()]
    if json:
        console.data(rows)
    else:
        console.table("", ["format", "read by", "what"], [list(row.values()) for row in rows])


def _tell(console: Console, written: Written) -> None:
    about = written.about
    for name in written.files:
        console.out.print(str(written.folder / name), markup=False, soft_wrap=True)
    never = sum(not slot["known"] for slot in about["slots"])
    known = f"; {never} of them known for no row" if never else ""
    console.say(
        f"{counted(about['rows'], 'asset')} of {counted(about['titles'], 'title')}, {counted(about['width'], 'slot')} "
        f"in {counted(len(about['blocks']), 'block')}{known}; {written.bytes / 1e6:.1f} MB"
    )
    if not about["person"]:
        console.say("fields about people are not among them; --person adds them")
