"""Scores of a whole group that must stay below a limit: the sensitivities of a vocabulary, say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.unjudged import explained
from artvision.keys import Key

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence


class GroupLimit(Kind):
    """Every field of the group is a case of its own, so that each can be waived alone."""

    name: ClassVar[str] = "group-limit"
    summary: ClassVar[str] = "no field of a group is above a limit"
    shows: ClassVar[tuple[str, ...]] = ("field", "score", "most")
    keys: ClassVar[dict[str, Key]] = {
        "group": Key(str, "the group, as `sensitive` for `sensitive.*`"),
        "most": Key(float, "the limit"),
    }

    def reads(self, known: Known) -> Sequence[str]:
        """The fields of the group, or its name with a star where the rows have none. Raises UsageError as `find`."""
        group = self.rule.options["group"]
        fields = [name for name in known.columns if name.startswith(f"{group}.")]
        return fields or [known.named(f"{group}.*", f"{self.rule.where}: group")]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found, fields = Verdict(), self.reads(evidence.known)
        rows = evidence.at(places, fields)
        for place, row in zip(places, rows, strict=True):
            subject = evidence.subjects[place]
            scores = {name: score for name, score in row.items() if isinstance(score, int | float)}
            found.judged += bool(scores)
            if len(scores) < len(fields):
                found.unjudged[subject] = explained(evidence, place, fields)
            for name, score in scores.items():
                if score > self.rule.options["most"]:
                    values = {"field": name, "score": score, "most": self.rule.options["most"]}
                    words = f"{name} {score:.2f}, at most {self.rule.options['most']:.2f} is allowed"
                    found.findings.append(self.finding(subject, words, values, name))
        return found
