"""What an audit came to: findings, what was not judged and why, and whether it fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from artvision.audit.finding import Severity
from artvision.audit.policy import Policy, Rule, Unjudged, Waiver
from artvision.audit.waiving import Reported
from artvision.wording import counted


@dataclass(frozen=True)
class RuleResult:
    """One rule: subjects judged, findings, waived ones among them, and subjects not (wholly) judged, by reason.

    `way` says what would let it be judged, where nothing was.
    """

    rule: Rule
    judged: int
    findings: int
    unjudged: Mapping[str, int]
    way: str = ""

    @property
    def blind(self) -> bool:
        """Whether it had something to judge and could judge nothing."""
        return bool(self.unjudged) and not self.judged

    @property
    def words(self) -> str:
        """What it could not judge, and why; empty where it judged all."""
        if not self.unjudged:
            return ""
        reasons = "; ".join(
            reason if len(self.unjudged) == 1 else f"{reason} ({count})" for reason, count in self.unjudged.items()
        )
        if self.blind:
            return f"rule {self.rule.id} was not judged: {reasons}" + (f"; {self.way}" if self.way else "")
        return f"rule {self.rule.id} was not judged in {counted(sum(self.unjudged.values()), 'case')}: {reasons}"


@dataclass(frozen=True)
class Audit:
    """An audit of `assets` rows of `titles` titles in the folder `place`, under a policy."""

    place: str
    run_id: str
    policy: Policy
    assets: int
    titles: int
    rules: tuple[RuleResult, ...]
    reported: tuple[Reported, ...]
    unused: tuple[Waiver, ...]

    @cached_property
    def open(self) -> tuple[Reported, ...]:
        """Findings that no waiver covers."""
        return tuple(found for found in self.reported if found.waiver is None)

    @property
    def waived(self) -> int:
        """Findings that a waiver covers."""
        return len(self.reported) - len(self.open)

    @property
    def counts(self) -> dict[Severity, int]:
        """Open findings by severity, the worst first."""
        found = Counter(one.finding.severity for one in self.open)
        return {severity: found[severity] for severity in reversed(Severity)}

    @property
    def failed(self) -> bool:
        """Whether an open finding reaches the severity from which the audit fails."""
        return any(one.finding.severity.reaches(self.policy.fail_on) for one in self.open)

    @property
    def blind(self) -> tuple[RuleResult, ...]:
        """Rules that could judge nothing of what they apply to, but for those of which the policy wants no word."""
        return tuple(one for one in self.rules if one.blind and one.rule.unjudged is not Unjudged.PASS)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know beside the findings: what was not judged, and waivers that nothing needs."""
        unjudged = [one.words for one in self.rules if one.words and one.rule.unjudged is not Unjudged.PASS]
        return *unjudged, *(f"the waiver of {waiver.words} is not needed any more" for waiver in self.unused)

    @property
    def sentence(self) -> str:
        """«3 errors, 1 warning in 14 assets of 3 titles; 1 waived; 2 rules not judged»."""
        counts = [counted(number, severity.value) for severity, number in self.counts.items() if number]
        where = f"{counted(self.assets, 'asset')} of {counted(self.titles, 'title')}"
        parts = [f"{', '.join(counts) or 'no findings'} in {where}"]
        parts += [f"{self.waived} waived"] * bool(self.waived)
        return "; ".join(parts + [f"{counted(len(self.blind), 'rule')} not judged"] * bool(self.blind))
