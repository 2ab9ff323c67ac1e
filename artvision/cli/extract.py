"""`artvision extract`: artwork in, a table of tag vectors out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from artvision.cli.options import with_settings
from artvision.settings import DEFAULT_RUN, Settings

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.summary import Summary

EXAMPLES = """
[bold]Examples[/bold]

artvision extract ./images                     [dim]every picture below a folder[/dim]

artvision extract catalog.csv -o runs/today    [dim]a catalogue: image,title_id,…[/dim]

find . -name '*.jpg' | artvision extract -     [dim]a list on stdin[/dim]

artvision extract s3://art/titles -o s3://art/run  [dim]in a bucket, into a bucket[/dim]

artvision extract film.mp4 --stills 2          [dim]the two best stills of every shot; film.mp4#t=12.5: one[/dim]

artvision extract ./images --retry-failed      [dim]what failed before, again[/dim]

artvision extract ./images --shard 1/4 -o s1   [dim]the first quarter; `artvision merge` joins[/dim]
"""


@with_settings
def extract(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, films, folders, globs, catalogues (CSV, JSONL, Parquet), URIs of these (s3://, gs://, "
            "az://, https://), or - for a list on stdin. Films become stills, those in folders too where the extra "
            "`video` is installed; --no-films leaves them out."
        ),
    ],
    out: Annotated[str, typer.Option("--out", "-o", help="Run folder, or s3://…, gs://…, az://….")] = DEFAULT_RUN,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try inputs again that failed before.")] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Start anew; the earlier run stays readable until the new one is complete."),
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Drop rows of earlier inputs that are not among these.")
    ] = False,
    shard: Annotated[
        str,
        typer.Option(help="Only one of n parts, counted from 1: 1/4 … 4/4; cut by asset id. `artvision merge` joins."),
    ] = "1/1",
    form: Annotated[
        str, typer.Option("--format", help="parquet, or jsonl to have the rows as JSON lines too.")
    ] = "parquet",
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on stdout.")] = False,
    *,
    settings: Settings,
) -> None:
    """Compute tag vectors for artwork and write them to a run folder.

    Running it again computes only what is new or changed.
    """
    from artvision import pipeline
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.sharding import Shard

    if form not in ("parquet", "jsonl"):
        raise UsageError(f"--format {form!r} is neither parquet nor jsonl")
    console = Console()
    summary = pipeline.extract(
        paths,
        out,
        settings,
        overwrite=overwrite,
        retry_failed=retry_failed,
        prune=prune,
        jsonl=form == "jsonl",
        shard=Shard.parse(shard),
        reporter=console,
        stdin=sys.stdin,
    )
    if json:
        console.data(
            {
                "run": summary.run.called,
                "run_id": summary.run.run_id,
                **summary.counts,
                "seconds": round(summary.seconds, 3),
                "seconds_by_step": summary.steps,
                "failures": [
                    {"path": entry.path, "reason": entry.reason, "message": entry.message} for entry in summary.failures
                ],
            }
        )
    else:
        _preview(console, summary)
    _close(console, summary)
    summary.enforce(settings.max_failures)


def _preview(console: Console, summary: Summary) -> None:
    from artvision.preview import HEAD, RIGHT, preview
    from artvision.wording import counted

    (head, rows), total = preview(summary.run, limit=20, in_color=console.out.is_terminal), summary.run.info["rows"]
    every = counted(total, "row")
    if rows:
        title = every if len(rows) == total else f"first {len(rows)} of {every}"
        console.table(title, head, rows, right=RIGHT, fixed=HEAD[1:])


def _close(console: Console, summary: Summary) -> None:
    summary.tell(console.say)
    if summary.kept:
        console.say(f"{summary.kept} earlier inputs are not among these and were kept; --prune drops them")
    rate = f", {summary.computed / summary.seconds:.1f} images/s" if summary.computed else ""
    total = sum(summary.steps.values())
    slowest = summary.slowest if summary.computed else None
    where = f", slowest stage {slowest} ({summary.steps[slowest] / total:.0%} of the work)" if slowest else ""
    console.say(f"{summary.seconds:.1f} s{rate}{where}")
    console.say(f"run {summary.run.called}: {len(summary.run.parts)} part(s), ledger.parquet, contract.json, run.json")
