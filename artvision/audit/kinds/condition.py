"""Rules that are a condition over one row, in the SQL of `artvision search --where`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from artvision.audit.expression import parse
from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.message import Message
from artvision.audit.unjudged import explained
from artvision.keys import Key

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence
    from artvision.audit.policy import Rule


class Condition(Kind):
    """Holds where `require` is true, is violated where it is false; where a value is missing, neither may follow."""

    name: ClassVar[str] = "condition"
    summary: ClassVar[str] = "what must hold of an asset's row; the message may show its columns"
    keys: ClassVar[dict[str, Key]] = {"require": Key(str, "SQL: what must hold")}

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.where = f"{rule.where}: require"
        self.require = parse(rule.options["require"], self.where)
        self.message = Message(rule.message, f"{rule.where}: message")
        self._read: tuple[str, ...] = ()

    def reads(self, known: Known) -> Sequence[str]:
        """The columns of the condition and of the message."""
        self._read = tuple(dict.fromkeys(known.find(path, self.where) for path in self.require.paths))
        shown = [known.named(name, self.message.where) for name in self.message.names]
        return [*self._read, *shown]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        held, found = evidence.truth(self.require, self.where), Verdict()
        for place in places:
            subject = evidence.subjects[place]
            if held[place] is None:
                found.unjudged[subject] = explained(evidence, place, self._read)
                continue
            found.judged += 1
            if not held[place]:
                values = evidence.shown(place, [*self._read, *self.message.names])
                found.findings.append(self.finding(subject, f"must hold: {self.rule.options['require']}", values))
        return found
