"""What was measured of the text on a picture, held against the catalogue's language; one subclass a measure."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.unjudged import explained

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence


class Told(NamedTuple):
    """`unknown` names what the tables do not know; where it is empty, `wrong` says what does not agree, if anything."""

    unknown: str = ""
    wrong: str = ""


class OfLanguage(Kind):
    """Rules with a key for the measured column, named as in `shows[0]`, and the key `language`."""

    def reads(self, known: Known) -> Sequence[str]:
        """The two columns."""
        return [known.named(self.rule.options[key], f"{self.rule.where}: {key}") for key in self.shows]

    @abstractmethod
    def compare(self, measured: str, language: str) -> Told:
        """Whether what was measured agrees with the catalogue's BCP 47 tag."""

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found, columns = Verdict(), self.reads(evidence.known)
        measured, languages = (evidence.column(name) for name in columns)
        for place in places:
            subject, seen, language = evidence.subjects[place], measured[place], languages[place]
            if seen is None or language is None:
                found.unjudged[subject] = explained(evidence, place, columns)
                continue
            told = self.compare(seen, language)
            if told.unknown:
                found.unjudged[subject] = f"nothing is known of the {told.unknown}"
                continue
            found.judged += 1
            if told.wrong:
                shown = dict(zip(self.shows, (seen, language), strict=True))
                found.findings.append(self.finding(subject, told.wrong, shown))
        return found
