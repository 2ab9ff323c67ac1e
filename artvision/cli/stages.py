"""`artvision stages`: what can be run, and what each stage fills."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from artvision.settings import Settings


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
    console.table(
        "",
        ["stage", "version", "needs", "after", "fields", "columns", "what it looks at"],
        [
            [
                row["stage"],
                row["version"],
                ", ".join(row["needs"]) or "-",
                ", ".join(row["after"]) or "-",
                row["fields"],
                ", ".join(row["columns"]) or "-",
                row["summary"],
            ]
            for row in rows
        ],
        right=["fields"],
    )
