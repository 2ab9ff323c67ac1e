"""`artvision schema`: the contract as a table or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from artvision.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The contract: what every column and vector slot means.")


@app.callback()
def schema() -> None:
    """Commands on the contract."""


@app.command("show")
def show(
    run: Annotated[
        Path | None, typer.Argument(help="A run folder; without one, the contract of this installation.")
    ] = None,
    model: Annotated[str, typer.Option(help="CLIP model whose contract to show.")] = "auto",
    vocabulary: Annotated[str, typer.Option(help="Your own tag vocabulary (TOML).")] = "",
    group: Annotated[str, typer.Option(help="Only the fields of one group, for example light.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The whole contract as JSON on stdout.")] = False,
) -> None:
    """Show the fields: name, unit, range, kind, privacy and meaning."""
    from artvision.console import Console
    from artvision.errors import UsageError

    contract = _load(run, Settings(model=model, vocabulary=vocabulary))
    console = Console()
    if json:
        console.data(contract)
        return
    groups = [block["group"] for block in contract["vector"]["blocks"]]
    if group and group not in groups:
        raise UsageError(f"--group {group!r} is none of {', '.join(groups)}")
    rows = [
        [
            field["index"],
            field["name"],
            field["unit"],
            f"{field['low']:g}…{field['high']:g}",
            field["kind"],
            field["meaning"],
        ]
        for field in contract["fields"]
        if group in ("", field["group"])
    ]
    title = f"contract {contract['contract_version']}, vector of {contract['vector']['width']} slots"
    console.table(title, ["slot", "field", "unit", "range", "kind", "meaning"], rows, right=["slot"])


def _load(run: Path | None, settings: Settings) -> dict[str, Any]:
    from artvision.run import read_run
    from artvision.stages import contract_of, create

    if run is not None:
        return read_run(run).contract
    return contract_of(create(settings)[0]).described
