"""What a kind of rule is: keys that a policy gives it, columns that it reads, a verdict on the assets it is shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from artvision.audit.finding import Finding, Subject
from artvision.audit.known import Known
from artvision.audit.message import Message

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence
    from artvision.audit.policy import Rule
    from artvision.keys import Key


@dataclass
class Verdict:
    """How many subjects were judged, what was found, and why others could not be judged."""

    judged: int = 0
    findings: list[Finding] = field(default_factory=list)
    unjudged: dict[Subject, str] = field(default_factory=dict)


class Kind(ABC):
    """One file in `artvision/audit/kinds/`; a rule of a policy is one object of it. Raises UsageError when made."""

    name: ClassVar[str]
    summary: ClassVar[str]
    keys: ClassVar[Mapping[str, Key]] = {}
    # Looks at assets one by one, so that `when` can choose them.
    selects: ClassVar[bool] = True
    # Values that a rule's message may name.
    shows: ClassVar[tuple[str, ...]] = ()

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.message = Message(rule.message, f"{rule.where}: message")
        self.message.allow(self.shows)

    def reads(self, known: Known) -> Sequence[str]:  # noqa: ARG002 - some look at the ledger only
        """Flat names of the columns it needs, whether they are there or not. Raises UsageError for a misspelt one."""
        return ()

    @abstractmethod
    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """The verdict on the rows at `places`, those to which the rule applies."""

    def judge_chosen(self, evidence: Evidence, chosen: Sequence[bool | None]) -> Verdict:
        """The verdict where `when` chooses: one answer a row, None where it has none.

        A kind overrides it to which a row that is left out, or may be, says something too.
        """
        return self.judge(evidence, [place for place, held in enumerate(chosen) if held])

    def finding(self, subject: Subject, words: str, values: Mapping[str, Any], detail: str = "") -> Finding:
        """A finding of the rule: `words`, unless the policy has a message of its own."""
        said = self.message.say(values) if self.message.text else words
        return Finding(self.rule.id, self.rule.severity, subject, said, values, detail)
