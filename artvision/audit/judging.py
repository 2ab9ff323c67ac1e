"""The audit at one look: rules of a policy over the rows of a run or an index, then waivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from artvision.audit.evidence import Evidence
from artvision.audit.expression import Expression, parse
from artvision.audit.finding import Finding
from artvision.audit.kinds import kinds
from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.policy import Policy, Unjudged
from artvision.audit.result import Audit, RuleResult
from artvision.audit.unjudged import explained
from artvision.audit.waiving import waive
from artvision.gallery import today as utc_today
from artvision.rows import Rows

UNJUDGED = "unjudged"  # the detail of findings that say a rule could not judge


def audit(rows: Rows, policy: Policy, *, names: bool = False, today: date | None = None) -> Audit:
    """Judge every row by every rule. Raises UsageError for a policy that does not fit the rows.

    `names`: findings may show values about people. `today` (default: UTC's) decides which waivers hold.
    """
    known = Known(tuple(rows.columns), policy.optional)
    judges = [Judge(kinds()[rule.kind](rule), known) for rule in policy.rules]
    evidence = Evidence.of(rows, known, [name for judge in judges for name in judge.columns], names=names)
    results, findings = [], []
    for judge in judges:
        verdict = judge.judge(evidence)
        results.append(_result(judge, evidence, verdict))
        findings += [*verdict.findings, *_unjudged(judge.kind, verdict)]
    reported, unused = waive(sorted(findings, key=_order), policy, today or utc_today())
    return Audit(
        place=rows.called,
        run_id=str(rows.run.run_id),
        policy=policy,
        assets=len(evidence.table),
        titles=len(evidence.titles),
        rules=tuple(results),
        reported=reported,
        unused=unused,
    )


class Judge:
    """A rule ready to judge: its kind, the condition that chooses its assets, and the columns of both."""

    def __init__(self, kind: Kind, known: Known) -> None:
        self.kind, self.where = kind, f"{kind.rule.where}: when"
        self.when: Expression | None = parse(kind.rule.when, self.where) if kind.rule.when else None
        self.chooses = [known.find(path, self.where) for path in self.when.paths] if self.when else []
        self.columns = list(dict.fromkeys([*self.chooses, *kind.reads(known)]))

    def judge(self, evidence: Evidence) -> Verdict:
        """The kind's verdict on the assets chosen; where it is open whether one is chosen, it is not judged."""
        if self.when is None:
            return self.kind.judge(evidence, range(len(evidence.table)))
        chosen = evidence.truth(self.when, self.where)
        verdict = self.kind.judge_chosen(evidence, chosen)
        for place, held in enumerate(chosen):
            if held is None:
                verdict.unjudged[evidence.subjects[place]] = explained(evidence, place, self.chooses)
        return verdict


def _result(judge: Judge, evidence: Evidence, verdict: Verdict) -> RuleResult:
    reasons = Counter(verdict.unjudged.values())
    ways = [way for name in judge.columns if (way := _way(name, evidence, reasons))] if not verdict.judged else []
    return RuleResult(
        judge.kind.rule, verdict.judged, len(verdict.findings), dict(reasons.most_common()), next(iter(ways), "")
    )


def _way(name: str, evidence: Evidence, reasons: Counter[str]) -> str:
    if name not in evidence.known.columns:
        return evidence.known.would_bring(name)
    not_run = any(f"{name} was not run" in reason for reason in reasons)
    return evidence.known.way_out(name) if not_run else ""


def _unjudged(kind: Kind, verdict: Verdict) -> Sequence[Finding]:
    if kind.rule.unjudged is not Unjudged.FAIL:
        return []
    return [
        Finding(kind.rule.id, kind.rule.severity, subject, f"not judged: {reason}", {}, UNJUDGED)
        for subject, reason in verdict.unjudged.items()
    ]


def _order(finding: Finding) -> tuple[str, ...]:
    """By title, asset and rule: the order of a report; never that of rows."""
    subject = finding.subject
    return subject.title_id or "", subject.about.value, subject.key, finding.rule, finding.detail
