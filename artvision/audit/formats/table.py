"""The audit for people at a terminal: a table a title, what was not judged, and the sentence at the end."""

from __future__ import annotations

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
        shown = [found.finding for found in audit.open][: page.limit or None]
        for _, group in groupby(
            shown, key=lambda finding: (finding.subject.title_id, finding.subject.about is About.POLICY)
        ):
            findings = list(group)
            out.print(_table(_heading(findings[0]), findings, page.width))
        if len(shown) < len(audit.open):
            out.print(f"{len(audit.open) - len(shown)} more; --limit 0 lists all", markup=False)
        for remark in audit.remarks:
            out.print(Text(f"note: {visible(remark)}", style="yellow"))
        out.print(Text(audit.sentence, style="bold"))
        return "\n".join(line.rstrip() for line in written.getvalue().split("\n"))


def _heading(finding: Finding) -> str:
    subject = finding.subject
    if subject.about is About.POLICY:
        return "policy"
    name = f"{subject.title} ({subject.title_id})" if subject.title else subject.title_id
    return visible(name or "no title")


def _table(heading: str, findings: list[Finding], width: int) -> Table:
    table = Table(
        title=Text(heading), title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    table.add_column("severity", no_wrap=True)
    table.add_column("asset", overflow="fold", max_width=min(NARROW, width // 3))
    table.add_column("finding", overflow="fold")
    for finding in findings:
        what = Text(visible(finding.message))
        what.append(f"\n{finding.rule} {finding.id}", style="dim")
        table.add_row(
            Text(finding.severity.value, style=STYLES[finding.severity]), visible(finding.subject.asset_id or "-"), what
        )
    return table
