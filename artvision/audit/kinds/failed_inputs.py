"""Inputs that failed: pictures that could not be read, or of which a stage could say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from artvision.audit.finding import About, Subject
from artvision.audit.kinds.base import Kind, Verdict
from artvision.ledger import Entry, Outcome, from_table

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence


class FailedInputs(Kind):
    """Every input that the ledger calls failed is a finding; what was left out by rule (skipped) is none."""

    name: ClassVar[str] = "failed-inputs"
    summary: ClassVar[str] = "every input could be read, and no stage failed on it"
    selects: ClassVar[bool] = False
    shows: ClassVar[tuple[str, ...]] = ("reason",)

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:  # noqa: ARG002 - the ledger has all inputs
        """See `Kind.judge`."""
        found = Verdict()
        for entry in sorted(from_table(evidence.rows.run.ledger()), key=lambda entry: entry.asset_id):
            found.judged += entry.status is not Outcome.SKIPPED
            if entry.status is Outcome.FAILED:
                title = evidence.titles.get(entry.title_id or "")
                subject = Subject(About.ASSET, entry.asset_id, entry.title_id, title, entry.path)
                found.findings.append(self.finding(subject, _words(entry), {"reason": entry.reason}))
        return found


def _words(entry: Entry) -> str:
    """Its message, without the path that a finding has anyway."""
    return f"failed: {(entry.message or entry.reason or '').removeprefix(f'{entry.path}: ')}"
