"""`artvision calibrate`: labelled pictures decide which tags are offered, and what their scores are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.settings import DEFAULT_RUN

if TYPE_CHECKING:
    from artvision.console import Console

EXAMPLES = """
[bold]Examples[/bold]

artvision calibrate labels.csv                         [dim]of the run artvision-run; writes evidence.json[/dim]

artvision extract ./images -o new --evidence evidence.json  [dim]probabilities, and abstentions[/dim]

artvision calibrate labels.csv --run run --coverage 1  [dim]without a band of abstention[/dim]

artvision calibrate labels.csv --run run --plot calibration.html  [dim]how far the chances can be believed[/dim]

[bold]labels.csv[/bold]  title_id,genre.horror,genre.war with 1, 0 or nothing; or path,tags with genre.horror;genre.war
"""
ORDER = ["tag", "yes", "no", "AUC", "from"]
OFFERED = [*ORDER, "ECE", "after", "at", "prec.", "recall"]
WITHHELD = [*ORDER, "why"]


def calibrate(
    labels: Annotated[
        Path,
        typer.Argument(
            help="Table with asset_id, content_sha256, path or title_id, and labels: a column a tag with 1, 0 or "
            "nothing, or a column `tags` (names joined by ;) where a tag that is listed anywhere is 0 elsewhere."
        ),
    ],
    run: Annotated[str, typer.Option("--run", "-r", help="Run or index whose embeddings are scored.")] = DEFAULT_RUN,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the evidence goes.")] = Path("evidence.json"),
    margin: Annotated[float, typer.Option(help="What an AUC's lower end must have over 0.5.")] = 0.05,
    least: Annotated[int, typer.Option(help="Positives, and negatives, that a tag needs.")] = 15,
    folds: Annotated[int, typer.Option(help="Parts of the cross-validation; titles stay together.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often the titles are dealt anew.")] = 4,
    coverage: Annotated[
        float,
        typer.Option(help="Share of pictures that a tag answers at least; those nearest to its threshold abstain."),
    ] = 0.9,
    precision: Annotated[
        float, typer.Option(help="Precision that a tag's threshold aims at; 0: the threshold of the highest F1.")
    ] = 0.0,
    vocabulary: Annotated[str, typer.Option(help="Vocabulary to calibrate; without: the run's.")] = "",
    model: Annotated[str, typer.Option(help="The run's model, where it lies elsewhere now.")] = "",
    plot: Annotated[
        Path | None, typer.Option(help="A page (HTML) with reliability diagram and coverage-risk curve; extra report.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The evidence as JSON on stdout too.")] = False,
) -> None:
    """Measure every labelled tag, withhold those that do not beat chance, and calibrate the others.

    Exit code 6, and no file, where none does.
    """
    from artvision.calibration.gating import Rules
    from artvision.calibration.make import calibrate as make
    from artvision.calibration.plot import draw, require_plotly
    from artvision.calibration.telling import said
    from artvision.console import Console
    from artvision.errors import CheckError

    console, rules = Console(), Rules(margin, least, folds, repeats, coverage, precision)
    if plot:
        require_plotly()
    with _counting(console) as begin:
        made = make(labels, run, rules, vocabulary=vocabulary, model=model, begin=begin)
    for remark in made.remarks:
        console.notice(remark)
    if json:
        console.data(made.document)
    _show(console, made.document["tags"])
    for line in said(made.document):
        console.say(line)
    if not made.offers:
        raise CheckError("no tag beats chance, and nothing was written: label more pictures, or other tags")
    made.write(out)
    if plot:
        draw(made.document["tags"], plot)
    console.say(f"{out}: artvision extract … --evidence {out}")


def _show(console: Console, tags: Mapping[str, Any]) -> None:
    """Two tables of which no number is ever cut: names and reasons fold instead."""
    figures = ("ece_before", "ece", "threshold", "precision", "recall")
    offered = {name: entry for name, entry in tags.items() if entry["offered"]}
    rows = [[*_order(name, entry), *(_number(entry[key]) for key in figures)] for name, entry in offered.items()]
    if rows:
        console.table("offered", OFFERED, rows, right=OFFERED[1:], fixed=OFFERED[1:], aside=True)
    rows = [[*_order(name, entry), entry["why"]] for name, entry in tags.items() if name not in offered]
    if rows:
        console.table("withheld", WITHHELD, rows, right=ORDER[1:], fixed=ORDER[1:], aside=True)


def _order(name: str, entry: Mapping[str, Any]) -> list[Any]:
    return [name, entry["positives"], entry["negatives"], _number(entry["auc"]), _number(entry["low"])]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


@contextmanager
def _counting(console: Console) -> Iterator[Callable[[int], Callable[[int], None]]]:
    """A bar on a terminal."""
    try:
        yield lambda total: console.count("calibrate", total, "tags")
    finally:
        console.end()
