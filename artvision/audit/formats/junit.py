"""The audit as JUnit XML, which GitLab, Jenkins and others show as tests.

A suite a rule; a case a finding, so that each is seen by its asset, and one case for all that the rule passed: a case a
rule and asset would be millions in a large catalogue. A finding that does not fail the audit is a case that passes and
says so; one that is waived is skipped, and so is a rule that could judge nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from artvision.audit.formats.base import Format, Page, visible
from artvision.audit.location import relative
from artvision.audit.result import Audit, RuleResult
from artvision.audit.waiving import Reported
from artvision.extras import extra
from artvision.wording import counted


class JUnit(Format):
    """Pass and fail as the exit code has it."""

    name: ClassVar[str] = "junit"
    summary: ClassVar[str] = "JUnit XML: a suite a rule, a test a finding"

    def text(self, audit: Audit, page: Page) -> str:  # noqa: ARG002 - XML has no width
        """See `Format.text`."""
        junit = extra("junitparser", "audit")
        document = junit.JUnitXml("artvision audit")
        own = {result.rule.id: result for result in audit.rules}
        others = dict.fromkeys(found.finding.rule for found in audit.reported if found.finding.rule not in own)
        for rule in (*own, *others):
            suite = junit.TestSuite(rule)
            suite.add_testcases([_case(junit, audit, found) for found in audit.reported if found.finding.rule == rule])
            if rule in own:
                suite.add_testcases(_passed(junit, own[rule]))
            document.add_testsuite(suite)
        document.update_statistics()
        return str(document.tostring().decode()) + "\n"


def _case(junit: Any, audit: Audit, found: Reported) -> Any:
    finding, waiver = found.finding, found.waiver
    subject, message = finding.subject, visible(finding.message)
    detail = f" ({finding.detail})" if finding.detail else ""
    case = _linked(junit)(visible(f"{subject.key}{detail}"), classname=finding.rule)
    case.file = visible(relative(subject, Path.cwd()))
    if waiver:
        case.result = [junit.Skipped(visible(f"waived until {waiver.expires}: {waiver.reason}; {finding.message}"))]
    elif finding.severity.reaches(audit.policy.fail_on):
        case.result = [junit.Failure(message, finding.severity.value)]
        case.result[0].text = f"{message}\nfinding {finding.id}"
    else:
        case.system_out = f"{finding.severity.value}: {message}\nfinding {finding.id}"
    return case


def _passed(junit: Any, result: RuleResult) -> list[Any]:
    """One case for what the rule passed; skipped where it judged nothing though it should have."""
    if result.blind:
        case = junit.TestCase("not judged", classname=result.rule.id)
        case.result = [junit.Skipped(visible(result.words))]
        return [case]
    passed = max(result.judged - result.findings, 0)
    case = junit.TestCase(f"{counted(passed, 'case')} in order", classname=result.rule.id)
    if result.words:
        case.system_out = visible(result.words)
    return [case]


def _linked(junit: Any) -> Any:
    """A case with the attribute `file`, which GitLab links and the library does not name."""
    return type("LinkedCase", (junit.TestCase,), {"file": junit.Attr("file")})
