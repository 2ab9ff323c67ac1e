"""`artvision schema`: the contract as a table or as JSON."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from artvision.cli import schema_diff, schema_export
from artvision.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The contract: what every column and vector slot means.")


@app.callback()
def schema() -> None:
    """Commands on the contract."""


app.command("diff", epilog=schema_diff.EXAMPLES)(schema_diff.diff)
app.command("export", epilog=schema_export.EXAMPLES)(schema_export.export)


@app.command("show")
def show(
    place: Annotated[
        str | None, typer.Argument(help="A run or an index; without one, the contract of this installation.")
    ] = None,
    model: Annotated[str, typer.Option(help="CLIP model whose contract to show.")] = "auto",
    vocabulary: Annotated[str, typer.Option(help="Your own tag vocabulary (TOML).")] = "",
    group: Annotated[str, typer.Option(help="Only the fields of one group, for example light.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The whole contract as JSON on stdout.")] = False,
) -> None:
    """Show the fields: name, unit, range, kind and meaning; of a run or an index the other columns too."""
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.rows import open_rows

    rows_of = open_rows(place) if place else None
    contract = rows_of.contract if rows_of else _of_installation(Settings(model=model, vocabulary=vocabulary))
    console = Console()
    if json:
        console.data(contract)
        return
    groups = list(dict.fromkeys(field["group"] for field in contract["fields"]))
    if group and group not in groups:
        raise UsageError(f"--group {group!r} is none of {', '.join(groups)}")
    rows = [
        [
            field.get("index", "-"),
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
    if rows_of and not group:
        fields = {field["name"] for field in contract["fields"]}
        console.say("and the columns " + ", ".join(name for name in rows_of.columns if name not in fields))


def _of_installation(settings: Settings) -> dict[str, Any]:
    from artvision.stages import contract_of, create

    return contract_of(create(settings)[0]).described
