"""`artvision schema diff`: what changed between two contracts, what was declared, which fields drifted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.wording import counted, listed

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.contracts.change import Change
    from artvision.contracts.comparing import Comparison
    from artvision.contracts.declaring import Declaration
    from artvision.contracts.drift import Drift, Measure

EXAMPLES = """
[bold]Examples[/bold]

artvision schema diff runs/monday runs/friday        [dim]what changed, and what drifted[/dim]

artvision schema diff live.json run --policy ci.toml [dim]in a CI job: exit code 6 on a violation[/dim]

artvision schema diff spring-index summer-index --all  [dim]every field, also the steady ones[/dim]
"""
NAMED = 4  # fields that a line of changes names; --json has all
LINES = 40  # of changes and of fingerprint differences; --all shows the rest
SURE = 0.001  # below this a chance is «< 0.001»


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A run, an index or a contract.json: as it was.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same: as it is now.")],
    policy: Annotated[Path | None, typer.Option(help="Limits and rules (TOML); see docs/diff.md.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Also fields that did not drift, and every line.")] = False,
) -> None:
    """Compare two contracts and the values under them; exit code 6 on an undeclared change or a drift."""
    from artvision.console import Console
    from artvision.contracts.comparing import compare_places
    from artvision.contracts.policy import Policy, read_policy
    from artvision.errors import CheckError

    console = Console()
    found = compare_places(a, b, read_policy(policy) if policy else Policy())
    if json:
        console.data(found.describe())
    else:
        _show(console, found, everything=all_)
    if found.violations:
        raise CheckError(f"{a} -> {b}: {'; '.join(found.violations)}")


def _show(console: Console, found: Comparison, *, everything: bool) -> None:
    for notice in found.notices:
        console.notice(notice)
    _changes(console, found.declaration, everything=everything)
    if found.fingerprint:
        shown = found.fingerprint if everything else found.fingerprint[:LINES]
        rows = [line.split(": ", 1) for line in shown]
        console.table("", ["made differently", ""], [[name, _short(rest)] for name, rest in rows])
    if found.drifts is not None:
        _drifts(console, found, everything=everything)
    console.out.print(_verdict(found), markup=False, soft_wrap=True)


def _changes(console: Console, declared: Declaration, *, everything: bool) -> None:
    from artvision.contracts.declaring import SHA256

    before, after = declared.versions
    if not declared.changes:
        same = declared.a.get(SHA256) == declared.b.get(SHA256)
        said = "the same contract" if same else "the same fields and columns under another checksum"
        console.out.print(f"contract {before} -> {after}: {said}", style="bold", markup=False)
        return
    lines = _joined(declared.changes)
    shown = lines if everything else lines[:LINES]
    title = f"contract {before} -> {after}"
    console.table(title, ["level", "change", "field", "what"], shown, fixed=["level", "change"])
    if len(shown) < len(lines):
        console.say(f"{len(lines) - len(shown)} more lines; --all shows them")


def _joined(changes: Sequence[Change]) -> list[list[str]]:
    """A line for each level, kind, group and text: seventy tags that went are one."""

    def kin(change: Change) -> tuple[str, str, str, str]:
        return change.level, change.kind, change.group, _bare(change)

    lines = []
    for (level, kind, _, text), members in groupby(sorted(changes, key=lambda one: -one.level.rank), kin):
        names = [change.field for change in members]
        lines.append([level, kind, listed(names, NAMED), text])
    return lines


def _bare(change: Change) -> str:
    """The text without the slot of one new field, which its neighbour does not share."""
    if change.kind == "added" and ", slot " in change.text:
        head, _, tail = change.text.partition(", slot ")
        return head + (":" + tail.split(":", 1)[1] if ":" in tail else "")
    return change.text


def _drifts(console: Console, found: Comparison, *, everything: bool) -> None:
    from artvision.contracts.drift import Standing

    shown = [one for one in found.drifts or () if everything or one.standing in (Standing.TRIPPED, Standing.NEAR)]
    shown.sort(key=lambda one: list(Standing).index(one.standing))
    if shown:
        head = ["field", "PSI", "KS", "missing", "chance", "why missing", "drift"]
        rows = [_row(one) for one in shown]
        console.table("", head, rows, right=head[1:5], fixed=["field", "missing", "drift"])
    for standing, text in (
        (Standing.NOISE, "beyond a limit, but no further than chance takes samples of this size"),
        (Standing.FEW, "not judged: too few rows have a value"),
        (Standing.IGNORED, "left out by the policy"),
    ):
        number = sum(one.standing is standing for one in found.drifts or ())
        if number and not everything:
            console.say(f"{counted(number, 'field')} {text}; --all lists them")


def _row(one: Drift) -> list[Any]:
    values = {measure.name: measure for measure in one.measures}
    chance = min((measure.corrected for measure in one.measures), default=None)
    return [
        one.field,
        _figure(values.get("psi")),
        _figure(values.get("ks")),
        _missing(one, values.get("missing")),
        "-" if chance is None else f"< {SURE}" if chance < SURE else f"{chance:.3f}",
        _states(one),
        one.standing,
    ]


def _states(one: Drift) -> str:
    """Missing states whose share changed by a percent or more."""
    before, after = one.states
    shifts = {state: after.get(state, 0) - before.get(state, 0) for state in dict.fromkeys([*before, *after])}
    return ", ".join(f"{state} {shift:+.0%}" for state, shift in shifts.items() if abs(shift) >= 0.01) or "-"


def _missing(one: Drift, measure: Measure | None) -> str:
    mark = "!" if measure is not None and measure.beyond_limit else ""
    return f"{one.missing[0]:.0%} -> {one.missing[1]:.0%}{mark}" if any(one.missing) else "-"


def _figure(measure: Measure | None) -> str:
    if measure is None:
        return "-"
    return f"{measure.value:.2f}{'!' if measure.beyond_limit else ''}"


def _verdict(found: Comparison) -> str:
    """One line in plain words."""
    told, said = found.declaration, []
    if told.changes:
        way = f"{told.seen} change{'; B is the older contract' if told.backwards else ''}"
        said.append(f"the contract has a {way}, the version says {told.declared}")
    else:
        said.append("the contract is the same" if told.needed == "none" else "the contract's checksum is another")
    if found.drifts is None:
        said.append("drift is not measured")
    else:
        judged = sum(bool(one.measures) for one in found.drifts)
        drifted = f"{len(found.tripped)} of {counted(judged, 'field')} drifted"
        tripped = drifted if judged else "drift is not judged, for no field has enough rows"
        pictures = " (both show the same pictures)" if found.same_pictures else ""
        said.append(tripped + pictures)
    return f"{'violations' if found.violations else 'passed'}: {'; '.join(said)}"


def _short(text: str) -> str:
    """A checksum by its first digits, a list by its beginning."""
    return " -> ".join(part if len(part) <= 48 else part[:44] + " …" for part in text.split(" -> "))
