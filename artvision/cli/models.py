"""`artvision models`: which weights there are, bring them here, check them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.fetching import Progress
    from artvision.weights import Model, State

app = typer.Typer(help="Model weights: list, fetch and verify them.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids that `models list` shows.", metavar="[ID]...")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on stdout.")]
Mirror = Annotated[str, typer.Option(envvar="ARTVISION_MIRROR", help="Server that stands in for the original host.")]
Source = Annotated[
    Path | None,
    typer.Option("--from", help="Take the files from this folder, without a network.", exists=True, file_okay=False),
]
Accept = Annotated[bool, typer.Option("--non-commercial", help="Accept licences that forbid commercial use.")]


@app.command("list")
def list_models(json: AsJson = False) -> None:
    """Show every model: what it is for, licence, size, width of its vectors, and whether it is here."""
    from artvision.console import Console
    from artvision.weights import inspect, read_manifest

    _show(Console(), [_row(model, inspect(model)) for model in read_manifest().values()], json)


@app.command("fetch")
def fetch_models(ids: Ids = None, mirror: Mirror = "", source: Source = None, non_commercial: Accept = False) -> None:
    """Download weights by pinned revision and checksum; without ID, the production model.

    A broken download goes on where it stopped. This is the only command that uses a network.
    """
    from artvision.console import Console
    from artvision.fetching import Route, fetch
    from artvision.weights import get_model, read_manifest

    console = Console()
    models = [get_model(name) for name in ids or ()] or [model for model in read_manifest().values() if model.default]
    for model in models:
        with _progress(console) as report:
            lines = fetch(model, Route(mirror, source), report, non_commercial=non_commercial)
        for line in lines:
            console.say(line)


@app.command("verify")
def verify_models(ids: Ids = None, json: AsJson = False) -> None:
    """Read every byte of the weights again and compare checksums; exit code 4 when some are altered or missing."""
    from artvision.console import Console
    from artvision.errors import WeightsError
    from artvision.weights import State, get_model, inspect, read_manifest

    models = [get_model(name) for name in ids or ()] or list(read_manifest().values())
    found = [(model, inspect(model, fresh=True)) for model in models]
    _show(Console(), [_row(model, state) for model, state in found], json)
    bad = [
        f"{model.id} is {state.value}: run `{model.mend}`"
        for model, state in found
        if state is State.ALTERED or (state is State.ABSENT and (model.required or ids))
    ]
    if bad:
        raise WeightsError("; ".join(bad))


def _row(model: Model, state: State) -> dict[str, Any]:
    return {
        "id": model.id,
        "what": model.what,
        "licence": model.licence,
        "bytes": model.bytes or None,
        "dims": model.dims or None,
        "state": state.value,
        "revision": model.revision,
        "folder": str(model.folder),
        "mend": model.mend,
    }


def _show(console: Console, rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        console.data(rows)
        return
    cells = [
        [
            row["id"],
            row["what"],
            row["licence"],
            f"{row['bytes'] / 1e6:.1f} MB" if row["bytes"] else "unknown",
            row["dims"] or "-",
            row["state"],
        ]
        for row in rows
    ]
    console.table("", ["id", "what", "licence", "size", "dims", "state"], cells, right=["size", "dims"])


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    """A bar on a terminal, nothing in a log."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console.err, disable=not console.err.is_terminal, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(name: str, here: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=here, total=total or None)

        yield report
