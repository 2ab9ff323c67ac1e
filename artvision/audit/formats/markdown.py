"""The audit in Markdown, for the summary page of a CI job."""

from __future__ import annotations

import re
from typing import ClassVar

from artvision.audit.finding import Finding, Severity
from artvision.audit.formats.base import Format, Page, visible
from artvision.audit.result import Audit

# Findings: a job's summary holds 1 MiB on GitHub, and nobody reads more.
SHOWN = 100
ICONS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "💬"}
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~@:$])")


class Markdown(Format):
    """Counts, the open findings as a table, then what was not judged."""

    name: ClassVar[str] = "markdown"
    summary: ClassVar[str] = "for the summary of a CI job"

    def text(self, audit: Audit, page: Page) -> str:
        """See `Format.text`."""
        limit = page.limit or SHOWN
        verdict = "failed" if audit.failed else "passed"
        lines = [f"### Artwork audit {verdict}", "", escaped(audit.sentence), ""]
        shown = [found.finding for found in audit.open][:limit]
        if shown:
            lines += ["| | title | asset | finding | rule |", "| --- | --- | --- | --- | --- |", *map(_row, shown), ""]
        if len(shown) < len(audit.open):
            lines += [f"{len(audit.open) - len(shown)} more stand in the other reports.", ""]
        if audit.remarks:
            lines += [f"<details><summary>{len(audit.remarks)} to note</summary>", ""]
            lines += [*(f"- {escaped(remark)}" for remark in audit.remarks), "", "</details>", ""]
        return "\n".join(lines)


def escaped(text: str) -> str:
    """The text as Markdown that shows it, on one line."""
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return SPECIAL.sub(r"\\\1", plain)


def _row(finding: Finding) -> str:
    subject = finding.subject
    cells = [
        f"{ICONS[finding.severity]} {finding.severity.value}",
        escaped(subject.title or subject.title_id or "-"),
        escaped(subject.asset_id or "-"),
        escaped(finding.message),
        f"{escaped(finding.rule)} `{finding.id}`",
    ]
    return f"| {' | '.join(cells)} |"
