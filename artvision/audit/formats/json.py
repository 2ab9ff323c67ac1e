"""The audit as one JSON document: everything that the other formats show a part of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from artvision.audit.formats.base import Format, Page
from artvision.audit.location import relative
from artvision.audit.result import Audit, RuleResult
from artvision.audit.waiving import Reported


class Json(Format):
    """For scripts."""

    name: ClassVar[str] = "json"
    summary: ClassVar[str] = "everything, for scripts"

    def text(self, audit: Audit, page: Page) -> str:  # noqa: ARG002 - a document has no width
        """See `Format.text`."""
        return json.dumps(document(audit), indent=2, ensure_ascii=False, default=str) + "\n"


def document(audit: Audit) -> dict[str, Any]:
    """The audit as JSON values."""
    policy = audit.policy
    return {
        "place": audit.place,
        "run_id": audit.run_id,
        "policy": {"source": policy.source, "sha256": policy.sha256, "fail_on": policy.fail_on.value},
        "failed": audit.failed,
        "assets": audit.assets,
        "titles": audit.titles,
        "counts": {severity.value: count for severity, count in audit.counts.items()}
        | {"waived": audit.waived, "rules_not_judged": len(audit.blind)},
        "rules": [_rule(found) for found in audit.rules],
        "findings": [_finding(found) for found in audit.reported],
        "unused_waivers": [waiver.words for waiver in audit.unused],
    }


def _rule(found: RuleResult) -> dict[str, Any]:
    return {
        "id": found.rule.id,
        "kind": found.rule.kind,
        "severity": found.rule.severity.value,
        "judged": found.judged,
        "findings": found.findings,
        "not_judged": dict(found.unjudged),
        "way_out": found.way,
    }


def _finding(found: Reported) -> dict[str, Any]:
    finding, waiver = found.finding, found.waiver
    subject = finding.subject
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "about": subject.about.value,
        "asset_id": subject.asset_id,
        "title_id": subject.title_id,
        "title": subject.title,
        "path": relative(subject, Path.cwd()) if subject.path else None,
        "message": finding.message,
        "values": dict(finding.values),
        "waived": {"reason": waiver.reason, "expires": str(waiver.expires)} if waiver else None,
    }
