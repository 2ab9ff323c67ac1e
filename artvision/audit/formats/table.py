"""The audit for people at a terminal: a table a title, what was not judged, and the sentence at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import StringIO
from itertools import groupby
from typing import ClassVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from artvision.audit.finding import About, Finding, Severity
from artvision.audit.formats.base import Format, Page, visible
from artvision.audit.result import Audit

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
NARROW = 40  # columns of asset ids at most; longer ones are folded


class Plain(Format):
    """Grouped by title; waived findings are counted and not listed."""

    name: ClassVar[str] = "table"
    summary: ClassVar[str] = "for people: a table a title"

    def text(self, audit: Audit, page: Page) -> str:
        """See `Format.text`."""
        written = StringIO()
        out = Console(file=written, width=page.width, force_terminal=page.color, highlight=False, emoji=False,
                      no_color=not page.color, legacy_windows=False)  # fmt: skip
        shown = _worst([found.finding for found in audit.open], page.limit)
        longest = max((len(finding.subject.asset_id or "-") for finding in shown), default=1)
        room = min(longest, NARROW, page.width // 3)
        for heading, group in groupby(shown, key=_heading):
            out.print(_table(heading, list(group), room))
        if len(shown) < len(audit.open):
            unlisted = Counter(found.finding.rule for found in audit.open) - Counter(finding.rule for finding in shown)
            rules = ", ".join(f"{visible(rule)} {count}" for rule, count in unlisted.most_common())
            out.print(f"{unlisted.total()} more ({rules}); --limit 0 lists all", markup=False)
        for remark in audit.remarks:
            out.print(Text(f"note: {visible(remark)}", style="yellow"))
        out.print(Text(audit.sentence, style="bold"))
        return "\n".join(line.rstrip() for line in written.getvalue().split("\n"))


def _worst(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """The worst findings, at most `limit` of them (0: all), in the order in which they come."""
    order = list(Severity)
    places = sorted(range(len(findings)), key=lambda place: -order.index(findings[place].severity))
    return [findings[place] for place in sorted(places[: limit or None])]


def _heading(finding: Finding) -> str:
    subject = finding.subject
    if subject.about is About.POLICY:
        return "policy"
    name = f"{subject.title} ({subject.title_id})" if subject.title else subject.title_id
    return visible(name or "no title")


def _table(heading: str, findings: list[Finding], room: int) -> Table:
    """The findings of one title; `room` letters for the asset, so that the tables of all titles line up."""
    table = Table(
        title=Text(heading), title_justify="left", title_style="bold", show_header=False, box=None, pad_edge=False
    )
    table.add_column(no_wrap=True, min_width=len(Severity.WARNING))
    table.add_column(overflow="fold", width=room)
    table.add_column(overflow="fold")
    for finding in findings:
        what = Text(visible(finding.message))
        what.append(f"\n{finding.rule} {finding.id}", style="dim")
        table.add_row(
            Text(finding.severity.value, style=STYLES[finding.severity]), visible(finding.subject.asset_id or "-"), what
        )
    return table
