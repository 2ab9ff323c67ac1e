"""Artwork that leads with somebody who is not among the first of the cast. Only where a gallery was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.unjudged import explained
from artvision.keys import Key

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence

COLUMNS = ["actors", "cast", "actor.lead_billing"]


class LeadBilling(Kind):
    """The most prominent recognised actor against the catalogue's cast, whose order is the billing."""

    name: ClassVar[str] = "lead-billing"
    summary: ClassVar[str] = "the most prominent recognised actor is among the first of the cast"
    shows: ClassVar[tuple[str, ...]] = ("actor", "billing", "first")
    keys: ClassVar[dict[str, Key]] = {"first": Key(int, "how many of the cast may lead", 3, 1)}

    def reads(self, known: Known) -> Sequence[str]:  # noqa: ARG002 - every run has them
        """Who was recognised, the cast, and the lead's place in it, which knows aliases."""
        return [*COLUMNS]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found = Verdict()
        rows = evidence.at(places, COLUMNS)
        for place, row in zip(places, rows, strict=True):
            subject = evidence.subjects[place]
            lead = max(_recognised(row), key=lambda actor: actor["prominence"], default=None)
            if lead is None or not row["cast"]:
                found.unjudged[subject] = _why_not(row) or explained(evidence, place, ["actors"])
                continue
            found.judged += 1
            billing, first = row["actor.lead_billing"], self.rule.options["first"]
            if billing is None or billing > first:
                values = {"first": first}
                values |= {"actor": lead["name"], "billing": billing} if evidence.names else {}
                found.findings.append(self.finding(subject, _words(values), values))
        return found


def _recognised(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [actor for actor in row["actors"] or [] if actor["actor_id"]]


def _why_not(row: Mapping[str, Any]) -> str:
    if row["actors"] is None:
        return ""
    return "nobody was recognised" if not _recognised(row) else "the catalogue lists no cast"


def _words(values: Mapping[str, Any]) -> str:
    if "actor" not in values:
        return f"the most prominent recognised actor is not among the first {values['first']} of the cast"
    where = f"billed {values['billing']}" if values["billing"] else "not in the cast"
    return f"{values['actor']} leads, {where}; the first {values['first']} of the cast may"
