"""`artvision stages`: what can be run, and what each stage fills."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from artvision.settings import Settings
from artvision.wording import counted


def stages(json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False) -> None:
    """List the stages with what they need and how many columns they fill."""
    from artvision.console import Console
    from artvision.stages import create

    every, _ = create(Settings())
    rows: list[dict[str, Any]] = [
        {
            "stage": stage.name,
            "version": stage.version,
            "needs": list(stage.needs),
            "after": list(stage.after),
            "fields": len(stage.fields()),
            "columns": [column.name for column in stage.columns()],
            "summary": stage.summary,
        }
        for stage in every
    ]
    console = Console()
    if json:
        console.data(rows)
        return
    console.table("", ["stage", "what it looks at", "after", "fills"], map(_row, rows), fixed=["stage"])


def _row(row: dict[str, Any]) -> list[str]:
    fields = [counted(row["fields"], "field")] if row["fields"] else []
    return [
        row["stage"],
        row["summary"],
        ", ".join(row["needs"] + row["after"]) or "-",
        ", ".join(fields + row["columns"]) or "-",
    ]
