"""The audit as SARIF 2.1.0, which GitHub code scanning and others show beside the files (OASIS standard, 2020).

A picture has no lines. GitHub refuses a result without a region, so each names line 1, and a title its first asset.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from artvision import __version__
from artvision.audit.finding import Severity
from artvision.audit.formats.base import Format, Page, visible
from artvision.audit.location import relative_uri
from artvision.audit.result import Audit
from artvision.audit.waiving import EXPIRED, Reported

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "artvisionFindingId/v1"
LEVELS = {Severity.NOTE: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


class Sarif(Format):
    """One run with a rule a rule; waived findings are results with a suppression."""

    name: ClassVar[str] = "sarif"
    summary: ClassVar[str] = "SARIF 2.1.0, for code scanning"

    def text(self, audit: Audit, page: Page) -> str:  # noqa: ARG002 - a document has no width
        """See `Format.text`."""
        rules = _rules(audit)
        places = {rule["id"]: place for place, rule in enumerate(rules)}
        driver = {"name": "artvision audit", "semanticVersion": __version__, "rules": rules}
        run = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"ROOT": {"description": {"text": "The folder in which the audit ran."}}},
            "automationDetails": {"id": "artvision-audit/"},
            "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(audit)}],
            "results": [_result(found, places) for found in audit.reported],
            "properties": {"policySha256": audit.policy.sha256, "runId": audit.run_id},
        }
        return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rules(audit: Audit) -> list[dict[str, Any]]:
    rules = []
    for rule in (found.rule for found in audit.rules):
        words = visible(rule.help or rule.message or rule.id)
        rules.append({
            "id": rule.id,
            "name": "".join(part.title() for part in rule.id.split("-")),
            "shortDescription": {"text": visible(rule.message or words)},
            "fullDescription": {"text": words},
            "help": {"text": words},
            "defaultConfiguration": {"level": LEVELS[rule.severity]},
            "properties": {"kind": rule.kind},
        })  # fmt: skip
    text = {"text": "A waiver of the policy is past its last day."}
    level = {"level": LEVELS[Severity.WARNING]}
    return [*rules, {"id": EXPIRED, "shortDescription": text, "help": text, "defaultConfiguration": level}]


def _result(found: Reported, places: dict[str, int]) -> dict[str, Any]:
    finding, waiver = found.finding, found.waiver
    subject = finding.subject
    logical = {"name": visible(subject.key), "kind": subject.about.value}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": visible(finding.message)},
        "locations": [{"logicalLocations": [logical]}],
        "partialFingerprints": {FINGERPRINT: finding.id},
        "properties": {"titleId": subject.title_id} if subject.title_id else {},
    }
    if subject.path:
        uri = {"uri": relative_uri(subject, Path.cwd()), "uriBaseId": "ROOT"}
        result["locations"][0]["physicalLocation"] = {"artifactLocation": uri, "region": {"startLine": 1}}
    if waiver:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": f"{waiver.reason} (until {waiver.expires})"}
        ]
    return result


def _notifications(audit: Audit) -> list[dict[str, Any]]:
    return [{"level": "note", "message": {"text": visible(remark)}} for remark in audit.remarks]
