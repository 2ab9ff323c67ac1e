"""`artvision merge`: shards of a run, or runs that were made alike, joined into one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from artvision.merging.make import Merged

EXAMPLES = """
[bold]Examples[/bold]

artvision merge shard-1 shard-2 -o run            [dim]two halves: `extract --shard 1/2`, `2/2`[/dim]

artvision merge shards/* -o run --overwrite       [dim]in place of the run that is there[/dim]

artvision merge shard-1 shard-3 -o run --partial  [dim]shard 2/3 was lost; the run says so[/dim]
"""


def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Folders of finished runs.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the new run.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Join what there is, although shards are missing.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace the run in --out; it stays readable until the new one is complete."),
    ] = False,
    form: Annotated[
        str, typer.Option("--format", help="parquet, or jsonl to have the rows as JSON lines too.")
    ] = "parquet",
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
) -> None:
    """Join finished runs; nothing is computed.

    Refused with exit code 5: runs that were made differently, different rows for one id, and shards of which one is
    missing.
    """
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.merging.make import merge as inner
    from artvision.sharding import shown

    if form not in ("parquet", "jsonl"):
        raise UsageError(f"--format {form!r} is neither parquet nor jsonl")
    console = Console()
    merged = inner(runs, out, partial=partial, overwrite=overwrite, jsonl=form == "jsonl", reporter=console)
    if json:
        console.data(_document(merged))
    else:
        head = ["run", "shard", "rows", "ok", "failed", "skipped"]
        console.table("", head, [_row(run.folder, run.info) for run in merged.runs], right=head[2:])
    if told := merged.run.info.get("shard"):
        console.notice(f"only {shown(told)}: a part of the inputs")
    counts = merged.counts
    told = " + ".join(f"{name} {counts[name]}" for name in ("ok", "failed", "skipped"))
    console.say(f"attempted {counts['attempted']} = {told}")
    if merged.doubled:
        console.say(f"{merged.doubled} entries of inputs that stood in several runs were taken once")
    console.say(f"run {out}: {merged.run.info['rows']} rows in {len(merged.run.parts)} part(s)")


def _row(folder: Path, info: dict[str, Any]) -> list[Any]:
    shard = info.get("shard")
    parts = ", ".join(f"{number}/{shard['of']}" for number in shard["numbers"]) if shard else "-"
    return [folder, parts, info["rows"], *(info["counts"][name] for name in ("ok", "failed", "skipped"))]


def _document(merged: Merged) -> dict[str, Any]:
    info = merged.run.info
    return {
        "run": str(merged.run.folder),
        "run_id": merged.run.run_id,
        **{name: merged.counts[name] for name in ("attempted", "ok", "failed", "skipped")},
        "rows": info["rows"],
        "doubled": merged.doubled,
        "shard": info.get("shard"),
        "merged": info["merged"],
    }
