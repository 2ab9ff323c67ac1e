"""Waivers laid to findings: each finding is waived or not; a waiver past its day is a finding itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from artvision.audit.finding import About, Finding, Severity, Subject
from artvision.audit.policy import Policy, Waiver

EXPIRED = "expired-waiver"  # the rule of such findings


@dataclass(frozen=True)
class Reported:
    """A finding, and the waiver that is in force for it."""

    finding: Finding
    waiver: Waiver | None = None


def waive(findings: Iterable[Finding], policy: Policy, today: date) -> tuple[tuple[Reported, ...], tuple[Waiver, ...]]:
    """(findings, with one for each expired waiver; waivers in force that no finding needs)."""
    in_force = [waiver for waiver in policy.waivers if today <= waiver.expires]
    reported = [Reported(one, next((waiver for waiver in in_force if waiver.covers(one)), None)) for one in findings]
    used = {found.waiver for found in reported}
    expired = [Reported(_expired(waiver, policy.source)) for waiver in policy.waivers if waiver not in in_force]
    return (*reported, *expired), tuple(waiver for waiver in in_force if waiver not in used)


def _expired(waiver: Waiver, source: str) -> Finding:
    subject = Subject(About.POLICY, waiver.words, path=source)
    words = f"the waiver of {waiver.words} ended on {waiver.expires}: renew it or take it out ({waiver.reason})"
    return Finding(EXPIRED, Severity.WARNING, subject, words, {}, str(waiver.expires))
