"""`artvision calibrate`: labelled pictures decide which tags are offered, and what their scores are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from artvision.console import Console

EXAMPLES = """
[bold]Examples[/bold]

artvision calibrate labels.csv --run run               [dim]writes evidence.json; no picture is decoded[/dim]

artvision extract ./images -o new --evidence evidence.json  [dim]probabilities, and abstentions[/dim]

artvision calibrate labels.csv --run run --coverage 1  [dim]without a band of abstention[/dim]

[bold]labels.csv[/bold]  title_id,genre.horror,genre.war with 1, 0 or nothing; or path,tags with genre.horror;genre.war
"""
HEAD = ["tag", "yes", "no", "AUC", "95 %", "ECE", "after", "at", "prec.", "recall", "by", "offered"]


def calibrate(
    labels: Annotated[
        Path,
        typer.Argument(
            help="Table with asset_id, content_sha256, path or title_id, and labels: a column a tag with 1, 0 or "
            "nothing, or a column `tags` (names joined by ;) where a tag that is listed anywhere is 0 elsewhere."
        ),
    ],
    run: Annotated[str, typer.Option("--run", "-r", help="Run or index whose embeddings are scored.")],
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
    json: Annotated[bool, typer.Option("--json", help="The evidence as JSON on stdout too.")] = False,
) -> None:
    """Measure every labelled tag, withhold those that do not beat chance, and calibrate the others."""
    from artvision.calibration.gating import Rules
    from artvision.calibration.make import calibrate as make
    from artvision.calibration.telling import said
    from artvision.console import Console

    console, rules = Console(), Rules(margin, least, folds, repeats, coverage, precision)
    with _counting(console) as begin:
        made = make(labels, run, rules, vocabulary=vocabulary, model=model, begin=begin)
    made.write(out)
    for remark in made.remarks:
        console.notice(remark)
    if json:
        console.data(made.document)
    rows = [_row(name, entry) for name, entry in made.document["tags"].items()]
    console.table("", HEAD, rows, right=HEAD[1:4] + HEAD[5:10], fixed=HEAD, aside=True)
    for line in said(made.document):
        console.say(line)
    console.say(f"{out}: artvision extract … --evidence {out}")


def _row(name: str, entry: Mapping[str, Any]) -> list[Any]:
    between = f"{_number(entry['low'])}–{_number(entry['high'])}" if entry["low"] is not None else "-"
    found = [_number(entry.get(key)) for key in ("ece_before", "ece", "threshold", "precision", "recall")]
    return [
        name,
        entry["positives"],
        entry["negatives"],
        _number(entry["auc"]),
        between,
        *found,
        entry.get("method", "-"),
        "yes" if entry["offered"] else "no",
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


@contextmanager
def _counting(console: Console) -> Iterator[Callable[[int], Callable[[int], None]]]:
    """A bar on a terminal."""
    try:
        yield lambda total: console.count("calibrate", total, "tags")
    finally:
        console.end()
