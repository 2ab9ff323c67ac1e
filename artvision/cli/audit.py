"""`artvision audit`: rules over a run, an index or a catalogue; the exit code is a gate for CI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artvision.cli.options import with_settings
from artvision.settings import DEFAULT_RUN, Settings

if TYPE_CHECKING:
    from artvision.audit.result import Audit
    from artvision.console import Console
    from artvision.rows import Rows
    from artvision.summary import Summary

EXAMPLES = """
[bold]Examples[/bold]

artvision audit artvision-run                            [dim]by the bundled policy[/dim]

artvision audit --print-policy > policy.toml             [dim]to change it[/dim]

artvision audit catalog.csv --policy policy.toml         [dim]extract what is new, then audit[/dim]

artvision audit run --output sarif=a.sarif --output junit=a.xml --output markdown=a.md
"""
Outputs = Annotated[
    list[str] | None,
    typer.Option("--output", metavar="FORMAT=FILE", help="Write a report as well; repeated: several from one audit."),
]


@with_settings
def audit(
    place: Annotated[
        str, typer.Argument(metavar="RUN|INDEX|CATALOG", help="Folder of a run or an index; or a catalogue.")
    ] = "",
    policy: Annotated[
        Path | None, typer.Option("--policy", "-p", help="Policy (TOML). Without: the bundled one.")
    ] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table, json, junit, markdown or sarif.")] = "table",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File instead of stdout.")] = None,
    output: Outputs = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="note, warning or error, instead of the policy's.", show_default=False)
    ] = "",
    names: Annotated[bool, typer.Option("--names", help="Findings may name recognised actors.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Findings that a table lists; 0: all.")] = 50,
    run: Annotated[str | None, typer.Option("--run", help="Run that a catalogue is extracted into.")] = None,
    prune: Annotated[
        bool | None,
        typer.Option(
            "--prune/--no-prune",
            help="Drop rows that the catalogue does not list. Default: yes, but not from a run named with --run.",
        ),
    ] = None,
    today: Annotated[
        datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help="Day that waivers are judged by.")
    ] = None,
    print_policy: Annotated[bool, typer.Option("--print-policy", help="Print the bundled policy and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout: --format json.")] = False,
    *,
    settings: Settings,
) -> None:
    """Judge artwork by the rules of a policy; exit code 6 where a finding is as severe as the policy's `fail_on`.

    A catalogue is first extracted: what is there already is not computed again.
    """
    from dataclasses import replace

    from artvision.audit.finding import Severity
    from artvision.audit.judging import audit as judge
    from artvision.audit.policy_file import bundled_text, read_policy
    from artvision.console import Console
    from artvision.errors import CheckError, UsageError
    from artvision.keys import Key

    console = Console()
    if print_policy:
        console.out.file.write(bundled_text())
        return
    if not place:
        raise UsageError("name a run, an index or a catalogue to audit")
    wanted = _targets(out, output or (), "json" if json else form)
    read = read_policy(policy)
    if fail_on:
        try:
            read = replace(read, fail_on=Key(Severity, "").read(fail_on))
        except ValueError as error:
            raise UsageError(f"--fail-on {error}") from None
    rows, summary = _rows(console, place, run, settings, prune)
    found = judge(rows, read, names=names, today=_day(today))
    _write(console, found, wanted, limit)
    if summary is not None:
        summary.enforce(settings.max_failures)
    if found.failed:
        raise CheckError(f"{found.sentence}; what is {read.fail_on.value} or worse fails: mend it, or waive it")


def _day(today: datetime | None) -> date | None:
    return today.date() if today else None


def _targets(out: Path | None, output: Sequence[str], form: str) -> list[tuple[str, Path | None]]:
    """(format, file) of every report, None for stdout; the one for stdout comes first. Raises UsageError."""
    from artvision.audit.formats import get_format
    from artvision.errors import UsageError

    found: list[tuple[str, Path | None]] = [(form, out)]
    for text in output:
        name, sign, file = text.partition("=")
        if not sign or not file:
            raise UsageError(f"--output {text!r} must be FORMAT=FILE, as in sarif=audit.sarif")
        found.append((name, Path(file)))
    for name, _ in found:
        get_format(name)
    return found


def _rows(
    console: Console, place: str, run: str | None, settings: Settings, prune: bool | None
) -> tuple[Rows, Summary | None]:
    """The rows to audit, and the account of an extraction where it took one."""
    from artvision.catalog import READERS
    from artvision.index.store import find_index
    from artvision.rows import RunRows, open_rows
    from artvision.run import find_run
    from artvision.stores.names import suffix_of
    from artvision.stores.schemes import is_uri

    if is_uri(place):
        if suffix_of(place).lower() not in READERS:
            return open_rows(place), None
    else:
        folder = Path(place)
        if folder.is_dir() and (find_run(folder) or find_index(folder)):
            return open_rows(folder), None
        _require_catalogue(folder)
    from artvision.pipeline import extract

    summary = extract(
        place,
        run or DEFAULT_RUN,
        settings,
        prune=run is None if prune is None else prune,
        titled=True,
        reporter=console,
    )
    summary.tell(console.say, "`artvision extract --retry-failed`")
    if summary.kept:
        console.notice(f"{summary.kept} assets of the run are not in {place}, and audited too; --prune drops them")
    return RunRows(summary.run), summary


def _require_catalogue(place: Path) -> None:
    """Raises UsageError for what is neither a catalogue nor a folder with a folder a title."""
    from artvision.catalog import READERS
    from artvision.errors import UsageError

    if place.is_dir() and any(inner.is_dir() and not inner.name.startswith(".") for inner in place.iterdir()):
        return
    if not place.is_file() or place.suffix.lower() not in READERS:
        endings = ", ".join(READERS)
        raise UsageError(f"{place} is no run, no index, no catalogue ({endings}) and no folder with a folder a title")


def _write(console: Console, found: Audit, wanted: Sequence[tuple[str, Path | None]], limit: int) -> None:
    from artvision.audit.formats import get_format
    from artvision.audit.formats.base import Page
    from artvision.errors import UsageError

    for name, path in wanted:
        form = get_format(name)
        if path is None:
            page = Page(console.out.width, console.out.is_terminal, limit if name == "table" else 0)
            console.out.file.write(form.text(found, page))
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(form.text(found, Page()), encoding="utf-8")
            console.say(f"{name} written to {path}")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    if wanted[0] != ("table", None) and not found.failed:
        console.say(found.sentence)
