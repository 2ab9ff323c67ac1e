"""`artvision heads`: linear heads of your own on a run's embeddings: train, list, show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.settings import DEFAULT_RUN
from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.heads.head import Head

TRAIN = """
[bold]Examples[/bold]

artvision heads train picked.csv --run run             [dim]columns asset_id,picked with 1 or 0[/dim]

artvision extract ./images -o run2 --heads heads/picked.json  [dim]a column head.picked[/dim]

artvision heads train taste.csv --run run --name taste --label stars --domain "key art of series"
    [dim]other numbers than 0 and 1 make a rating[/dim]
"""
FOLDER = Path("heads")
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on stdout.")]

app = typer.Typer(help="Linear heads of your own on the embedding: train, list, show.", no_args_is_help=True)


@app.command("train", epilog=TRAIN)
def train(
    labels: Annotated[
        Path, typer.Argument(help="Table with asset_id, content_sha256, path or title_id, and a column of labels.")
    ],
    run: Annotated[
        str, typer.Option("--run", "-r", help="Run or index whose embeddings are learned from.")
    ] = DEFAULT_RUN,
    name: Annotated[
        str, typer.Option("--name", "-n", help="Name of the head: its field is head.NAME; without: the labels' column.")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; without: heads/NAME.json.")] = None,
    label: Annotated[
        str, typer.Option(help="Column of the labels; without: the one called NAME, or the only one.")
    ] = "",
    meaning: Annotated[str, typer.Option(help="What the field means, for the contract.")] = "",
    domain: Annotated[str, typer.Option(help="What kind of pictures it was trained on.")] = "",
    folds: Annotated[int, typer.Option(min=2, max=20, help="Parts of the cross-validation.")] = 5,
    model: Annotated[str, typer.Option(help="The run's model, where it lies elsewhere now.")] = "",
    json: AsJson = False,
) -> None:
    """Train a calibrated linear head; a title is never in both parts. Exit code 6 where it does not beat chance."""
    from artvision.console import Console
    from artvision.heads.training import Wish
    from artvision.heads.training import train as make

    console = Console()
    head, remarks = make(labels, run, Wish(name, meaning, domain, label), folds=folds, model=model)
    path = out or FOLDER / f"{head.name}.json"
    head.write(path)
    for remark in remarks:
        console.notice(remark)
    if json:
        console.data(_about(path, head))
    for line in _lines(head):
        console.say(line)
    console.say(f"{path}: artvision extract … --heads {path}")


@app.command("list")
def list_heads(
    places: Annotated[list[Path] | None, typer.Argument(help="Files or folders; without: the folder heads.")] = None,
    json: AsJson = False,
) -> None:
    """Show heads: what they say, for which model, trained on what, how good."""
    from artvision.console import Console
    from artvision.heads.head import read_head

    paths = [
        path for place in places or [FOLDER] for path in (sorted(place.glob("*.json")) if place.is_dir() else [place])
    ]
    found = [(path, read_head(path)) for path in paths if path.is_file() or places]
    console = Console()
    if json:
        console.data([_about(path, head) for path, head in found])
        return
    rows = [
        [head.name, head.kind, head.embedding.name, head.domain, _pictures(head), _worth(head.facts), str(path)]
        for path, head in found
    ]
    table = ["head", "kind", "model", "domain", "labels", "worth", "file"]
    if not rows:
        console.say("no head here; `artvision heads train LABELS --run RUN --name NAME` makes one")
        return
    console.table(counted(len(rows), "head"), table, rows, right=["labels"], fixed=["head", "kind"])


@app.command("show")
def show_head(
    head: Annotated[Path, typer.Argument(help="File of a head, or the name of one in the folder heads.")],
    json: AsJson = False,
) -> None:
    """Show one head: meaning, labels, figures out of fold."""
    from artvision.console import Console
    from artvision.heads.head import read_head

    named = FOLDER / f"{head}.json"
    path = named if named.is_file() and not head.exists() else head
    console, found = Console(), read_head(path)
    if json:
        console.data(_about(path, found))
        return
    for line in _lines(found):
        console.out.print(line, markup=False, soft_wrap=True)


def _about(path: Path, head: Head) -> dict[str, Any]:
    """Everything but the weights."""
    return {"file": str(path)} | {key: value for key, value in head.describe().items() if key != "weights"}


def _lines(head: Head) -> list[str]:
    labels = head.facts.get("labels", {})
    figures = {
        name: value for name, value in head.facts.get("figures", {}).items() if name not in {"value", "low", "high"}
    }
    return [
        f"head.{head.name}: {head.meaning}",
        f"{head.kind} in {head.low:.4g}…{head.high:.4g}, for embeddings of {head.embedding.name}; domain {head.domain}",
        f"trained on {_pictures(head)} pictures of {labels.get('titles', '?')} titles ({labels.get('file', '?')})",
        f"out of fold, by title: {_worth(head.facts)}; "
        + ", ".join(f"{name} {value:g}" for name, value in figures.items()),
    ]


def _pictures(head: Head) -> str:
    return f"{head.facts.get('labels', {}).get('pictures', 0):,}"


def _worth(facts: Mapping[str, Any]) -> str:
    figures = facts.get("figures", {})
    if "value" not in figures:
        return "-"
    what = "rank correlation" if "r2" in figures else "AUC"
    return f"{what} {figures['value']:.2f} ({figures['low']:.2f} to {figures['high']:.2f})"
