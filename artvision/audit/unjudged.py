"""Why a rule said nothing of an asset, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence

STATES = {
    "absent": "there is no column {}",
    "empty": "{} has no value",
    "not_run": "{} was not run",
    "not_applicable": "{} does not apply",
    "failed": "{} failed",
    "abstained": "{} abstained",
    # Of a structured column: its stage ran, and had nothing to say.
    "ok": "{} does not apply",
}


def explained(evidence: Evidence, place: int, columns: Sequence[str]) -> str:
    """«light.brightness failed»: those of the columns that have no value in a row, and why."""
    missing = evidence.missing(place, columns)
    return ", ".join(STATES[state].format(name) for name, state in missing) or "the condition has no answer"
