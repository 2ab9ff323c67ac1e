"""`artvision suite`: what a title's set of artwork has, repeats and lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.rows import Rows
    from artvision.suite.axis import Axis
    from artvision.suite.overview import Suite

EXAMPLES = """
[bold]Examples[/bold]

artvision suite "Meridian Station" -k 3         [dim]what it covers, which three to show, what to commission[/dim]

artvision suite -i artvision-run --limit 50     [dim]one line a title, the least covered first[/dim]

artvision suite meridian --json                 [dim]for a script[/dim]
"""
NO_PLATES = "plates are not known here, so pictures repeat one another only by their embeddings"
NAMED = 8  # titles of one name that an error lists


def suite(
    title: Annotated[str, typer.Argument(help="Title id or name; without: a line a title.", show_default=False)] = "",
    index: Annotated[
        str, typer.Option("-i", "--index", envvar="ARTVISION_INDEX", help="Index, or a run of `extract`.")
    ] = "artvision-index",
    k: Annotated[int, typer.Option("-k", min=0, help="How many pictures of the order to show; 0: all.")] = 10,
    limit: Annotated[int, typer.Option(min=0, help="How many titles to list; 0: all.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
) -> None:
    """Show what a title's artwork covers, which pictures to show first, which repeat, and what to commission next."""
    from artvision.console import Console
    from artvision.rows import open_rows
    from artvision.suite.columns import PLATE
    from artvision.suite.document import document
    from artvision.suite.overview import each_suite, needed, overview

    console, rows = Console(), open_rows(index)
    columns = needed(rows.columns)
    if PLATE.name not in columns:
        console.notice(NO_PLATES)
    if not title:
        found = sorted(each_suite(rows.table(columns)), key=lambda one: (one.coverage.value, one.title_id))
        shown = found[: limit or None]
        if json:
            console.data([document(one) for one in shown])
        else:
            _list(console, rows, shown, len(found))
        return
    title_id = find_title(rows, title)
    one = overview(title_id, rows.table([name for name in columns if name != "title_id"], titles=[title_id]))
    if json:
        console.data(document(one))
    else:
        _show(console, rows, one, k)


def find_title(rows: Rows, title: str) -> str:
    """The id of the title that has this id or, whatever its case, this name.

    Raises UsageError with the near names where there is none, and with the ids where several titles have the name.
    """
    from artvision.errors import UsageError
    from artvision.rows import ids_of_title, titles_of
    from artvision.settings import suggest

    names = titles_of(rows.table(["title_id", "title"]))
    found, word = ids_of_title(names, title), title.strip().casefold()
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(found[:NAMED]) + (", …" if len(found) > NAMED else "")
        raise UsageError(f"{title!r} is the name of {len(found)} titles in {rows.called}; name one by its id: {listed}")
    if not names:
        raise UsageError(f"{rows.called} has no titles: they come from a catalogue with the column `title_id`")
    known = {spelling for pair in names.items() for spelling in pair if spelling}
    near = suggest(title, known) or suggest(word, {spelling.casefold() for spelling in known})
    raise UsageError(f"{rows.called} has no title {title!r}{near or '; `artvision suite` lists them'}")


def _list(console: Console, rows: Rows, shown: Sequence[Suite], total: int) -> None:
    lines = [
        [
            one.title or one.title_id,
            len(one.assets),
            len(one.repeated),
            _number(one.diversity),
            _number(one.coverage.value if one.coverage.axes else None),
            one.gap.wish if one.gap else "nothing is missing" if one.coverage.axes else "-",
        ]
        for one in shown
    ]
    head = ["title", "pictures", "repeats", "diversity", "coverage", "commission next"]
    console.table(f"{rows.called}: {total} titles", head, lines, right=head[1:5])
    if len(shown) < total:
        console.say(f"{total - len(shown)} more; --limit 0 lists all")


def _show(console: Console, rows: Rows, one: Suite, k: int) -> None:
    for axis in one.coverage.axes:
        if axis.note:
            console.notice(f"{axis.name}: {axis.note}")
    for gone in one.left_out:
        console.notice(f"{gone.name} is left out: {gone.reason}")
    _heading(console, rows, one)
    if one.coverage.axes:
        console.table("", ["dimension", "shown", "missing"], [_covered(axis) for axis in one.coverage.axes])
    _order(console, one, k)
    console.out.print(_gap(one), markup=False)


def _heading(console: Console, rows: Rows, one: Suite) -> None:
    name = f"{one.title} ({one.title_id})" if one.title else one.title_id
    console.out.print(f"{name}: {counted(len(one.assets), 'picture')} in {rows.called}", style="bold", markup=False)
    if one.worth is not None and len(one.assets) > 1:
        different = f"as different as {one.worth:.1f} pictures with nothing in common"
        console.out.print(f"diversity {_number(one.diversity)}: {different}", markup=False)
    if one.coverage.axes:
        shown, possible = one.coverage.cells
        combinations = f"{shown} of {possible} combinations have a picture; single traits and pairs count too"
        console.out.print(f"coverage  {_number(one.coverage.value)}: {combinations}", markup=False)


def _covered(axis: Axis) -> list[Any]:
    from artvision.suite.people import NO_FACE

    counts = {label: count for label, count in (axis.counts | axis.others).items() if count}
    shown = ", ".join(f"{label} {count}" for label, count in counts.items())
    # Told as «nobody» by the lead.
    missing = ", ".join(label for label in axis.missing if label != NO_FACE)
    return [axis.name, shown or "-", missing or "-"]


def _order(console: Console, one: Suite, k: int) -> None:
    if not one.picks:
        console.say("no order: no picture has an embedding, or there are too many to compare")
        return
    picks = one.picks[: k or None]
    lines = [
        [step + 1, one.assets[pick.index], f"{pick.gain:.2f}", f"{pick.reached:.0%}", one.reason(step)]
        for step, pick in enumerate(picks)
    ]
    console.table("show first", ["", "asset", "gain", "reached", "why"], lines, right=["", "gain", "reached"])
    if len(picks) < len(one.picks):
        console.say(f"{len(one.picks) - len(picks)} more; -k 0 shows all")
    if one.repeated:
        repeated = [
            [one.assets[found.index], one.assets[found.of], _likeness(found.similarity, same=found.same_plate)]
            for found in one.repeated[: k or None]
        ]
        console.table(f"repeated: {len(one.repeated)}", ["asset", "repeats", "why"], repeated)


def _gap(one: Suite) -> str:
    if one.gap:
        return one.gap.sentence
    return "nothing is missing: every combination has a picture" if one.coverage.axes else "nothing to measure"


def _likeness(similarity: float, *, same: bool) -> str:
    from artvision.suite.selection import ALIKE

    return "same plate" if same else f"cosine {similarity:.2f}, from {ALIKE} on"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
