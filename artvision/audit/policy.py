"""A policy: rules, waivers, and the severity from which an audit fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from artvision.audit.finding import Finding, Severity


class Unjudged(StrEnum):
    """What becomes of an asset on which a rule cannot say anything because a value is missing."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Rule:
    """One `[[rule]]`. `options` are the keys of its kind; `when` in SQL selects assets, empty: all."""

    id: str
    kind: str
    severity: Severity
    message: str
    help: str
    when: str
    unjudged: Unjudged
    options: Mapping[str, Any]
    where: str  # file and rule, for messages


@dataclass(frozen=True)
class Waiver:
    """One `[[waiver]]`: a finding by id, or those of a rule on assets or titles by glob. Holds through `expires`."""

    number: int
    reason: str
    expires: date
    finding: str
    rule: str
    asset: str
    title: str

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of the finding, whatever the day."""
        if self.finding:
            return finding.id == self.finding
        subject = finding.subject
        return finding.rule == self.rule and _fits(self.asset, subject.asset_id) and _fits(self.title, subject.title_id)

    @property
    def words(self) -> str:
        """What it speaks of, for people."""
        if self.finding:
            return f"finding {self.finding}"
        of = [f"asset {self.asset}"] * bool(self.asset) + [f"title {self.title}"] * bool(self.title)
        return f"rule {self.rule} on {' of '.join(of)}"


@dataclass(frozen=True)
class Policy:
    """A policy as read. `optional`: columns that a run may lack without the policy being wrong, `group.*` a group."""

    source: str
    sha256: str
    fail_on: Severity
    optional: tuple[str, ...]
    rules: tuple[Rule, ...]
    waivers: tuple[Waiver, ...]


def _fits(pattern: str, text: str | None) -> bool:
    return not pattern or (text is not None and fnmatchcase(text, pattern))
