"""`artvision schema`: the contract as a table or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

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
    group: Annotated[str, typer.Option(help="Only the fields of one group, for example light.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The whole contract as JSON on stdout.")] = False,
) -> None:
    """Show the fields: name, unit, range, kind, privacy and meaning."""
    from artvision.console import Console

    contract = _load(run, model)
    console = Console()
    if json:
        console.data(contract)
        return
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


def _load(run: Path | None, model: str) -> dict[str, Any]:
    import json

    from artvision.contract import Contract
    from artvision.run import read_run
    from artvision.settings import Settings
    from artvision.stages import create

    if run is not None:
        return read_run(run).contract
    every, _ = create(Settings(model=model))
    loaded: dict[str, Any] = json.loads(
        Contract.of((stage.name, stage.fields(), stage.columns()) for stage in every).to_json()
    )
    return loaded
