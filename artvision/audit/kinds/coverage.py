"""Suites that show too little: a minimum of coverage, and of assets, for each title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.errors import UsageError
from artvision.keys import Key
from artvision.suite.overview import Suite, each_suite, needed

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence
    from artvision.audit.policy import Rule


class CoverageMinimum(Kind):
    """A title is found for its coverage, and apart from that for its number of assets."""

    name: ClassVar[str] = "suite-coverage"
    summary: ClassVar[str] = "each title has enough assets and shows enough, as `artvision suite` counts"
    selects: ClassVar[bool] = False
    shows: ClassVar[tuple[str, ...]] = ("assets", "coverage")
    keys: ClassVar[dict[str, Key]] = {
        "coverage": Key(float, "smallest coverage", 0.0, 0, 1),
        "assets": Key(int, "smallest number of assets", 0, 0),
    }

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        if not rule.options["coverage"] and not rule.options["assets"]:
            raise UsageError(f"{rule.where}: name a smallest `coverage` or number of `assets`")

    def reads(self, known: Known) -> Sequence[str]:
        """What a suite is read from."""
        return needed(known.columns)

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:  # noqa: ARG002 - titles, not assets
        """See `Kind.judge`."""
        found = Verdict()
        for suite in each_suite(evidence.table.select(needed(evidence.known.columns))):
            self._judge(suite, evidence, found)
        return found

    def _judge(self, suite: Suite, evidence: Evidence, found: Verdict) -> None:
        title, options = evidence.title(suite.title_id), self.rule.options
        count, axes = len(suite.assets), suite.coverage.axes
        values = {"assets": count, "coverage": round(suite.coverage.value, 3) if axes else None}
        if options["coverage"] and not axes:
            found.unjudged[title] = "nothing that coverage counts is known: run the stages faces and light"
        else:
            found.judged += 1
        if count < options["assets"]:
            words = f"{count} of at least {options['assets']} assets"
            found.findings.append(self.finding(title, words, values, "assets"))
        if axes and suite.coverage.value < options["coverage"]:
            words = f"coverage {suite.coverage.value:.2f}, at least {options['coverage']:.2f} is asked for"
            gap = f"; {suite.gap.sentence}" if suite.gap and evidence.names else ""
            found.findings.append(self.finding(title, words + (gap or _wish(suite)), values, "coverage"))


def _wish(suite: Suite) -> str:
    """The gap without what it says of people."""
    if suite.gap is None:
        return ""
    from artvision.suite.gap import Gap

    labels = {name: label for name, label in suite.gap.cell.items() if name != "lead"}
    return f"; commission next: {Gap(labels, (), 0, 0).wish}" if labels else ""
