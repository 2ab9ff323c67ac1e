"""`artvision verify`: does a run reproduce on this machine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.wording import counted, listed

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.reproduction.comparing import Checked
    from artvision.reproduction.verifying import Verified

EXAMPLES = """
[bold]Examples[/bold]

artvision verify artvision-run                [dim]32 pictures, computed again and compared[/dim]

artvision verify my-index --sample 0          [dim]every picture of an index's run[/dim]

artvision verify run --seed 7 --json          [dim]another sample, for a script[/dim]
"""
LINES = 12  # of columns, files and fingerprint differences; --json has all


def verify(
    place: Annotated[str, typer.Argument(metavar="RUN|INDEX", help="Folder of a run, or of an index made from one.")],
    sample: Annotated[int, typer.Option(min=0, help="Pictures to compute again; 0: all.")] = 32,
    seed: Annotated[int, typer.Option(help="Another seed draws another sample.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
) -> None:
    """Compute a sample of a run's pictures again and compare fingerprint and values; exit code 6 where they differ."""
    from artvision.console import Console
    from artvision.errors import CheckError
    from artvision.reproduction.verifying import verify as inner
    from artvision.rows import open_rows

    console = Console()
    found = inner(open_rows(place).run, sample=sample, seed=seed, reporter=console)
    if json:
        console.data(found.describe())
    else:
        _show(console, found)
    if found.violations:
        raise CheckError(f"{place}: {'; '.join(found.violations)}")


def _show(console: Console, found: Verified) -> None:
    machine = found.machine
    for notice in machine.notices:
        console.notice(notice)
    for stage, why in machine.skipped.items():
        console.notice(f"the stage {stage} is not verified: {why}")
    if found.without:
        console.notice(f"actors on {len(found.without)} pictures are not verified: others may be named there today")
    # In a notice of their own.
    said = tuple(f"stages.{stage}." for stage in machine.skipped)
    if others := [line for line in machine.differences if not line.startswith(said)]:
        rows = [[part[:60] for part in line.split(": ", 1)] for line in others[:LINES]]
        console.table("this machine is not that of the run", ["", "run -> here"], rows)
    for kind, names in (("changed", found.changed), ("gone", found.gone)):
        if names:
            console.say(f"{counted(len(names), 'picture')} {kind} since, not compared: {listed(names, LINES)}")
    if found.differing:
        head = ["column", "worst", "allowed", "unit", "differ", "asset"]
        console.table("", head, [_row(one) for one in found.differing], right=head[1:3], fixed=["column", "differ"])
    console.out.print(_closing(found), markup=False, soft_wrap=True)


def _row(one: Checked) -> list[Any]:
    worst = "-" if math.isnan(one.worst) else f"{one.worst:.3g}"
    allowed = "not judged" if one.limit is None else f"{one.limit:.3g}"
    names = one.violating or one.differing
    return [one.name, worst, allowed, one.unit, f"{len(one.differing)} of {one.rows}", listed(names, 1)]


def _closing(found: Verified) -> str:
    how = "the same numbers" if found.machine.exact else "the same numbers within their tolerances"
    compared = f"{len(found.compared):,} sampled pictures"
    return f"{found.same} of {compared} have {how}; {counted(found.of, 'row')} in the run"
