"""The language of what was read on a picture, by lingua: it knows short texts, and carries its models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from artvision.extras import extra
from artvision.lettering import SURE
from artvision.lettering.regions import Line

# ISO 639-1. Those that are written in scripts that the reader knows, and spoken where catalogues are sold.
LANGUAGES = (
    *("cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id"),
    *("it", "ja", "nb", "nl", "pl", "pt", "ro", "sv", "tr", "zh"),
)
# Letters below which a text is a name, or misread, as often as a sentence.
FEWEST = 20
# The same where a sign says as much as a syllable or a word.
SIGNS = {"zh": 4, "ja": 4}
# By which the likeliest language must lead; scripts/measure_language.py.
MARGIN = 0.3
# Of Unicode, from which on languages are written without spaces between words.
FIRST_SIGN = 0x2E80
LIBRARY = "lingua-language-detector"


class Guess(NamedTuple):
    """`language` is None where the text does not tell; `lead` in [0, 1] is the likeliest minus the next likeliest."""

    language: str | None
    lead: float
    letters: int


class Guesser:
    """Knows `LANGUAGES`; half a gigabyte of memory, shared by all threads."""

    def __init__(self) -> None:
        """Raises UsageError without the extra `language`."""
        lingua = extra("lingua", "language")
        codes = [getattr(lingua.IsoCode639_1, code.upper()) for code in LANGUAGES]
        self._detector = lingua.LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

    def guess(self, text: str) -> Guess:
        """The language of `text`; None where it is too short or none leads by `MARGIN`."""
        language, lead, letters = self.likeliest(text)
        known = lead >= MARGIN and letters >= SIGNS.get(language, FEWEST)
        return Guess(language if known else None, lead, letters)

    def likeliest(self, text: str) -> tuple[str, float, int]:
        """(likeliest language, its lead, letters), however unsure."""
        first, second = self._detector.compute_language_confidence_values(text)[:2]
        letters = sum(sign.isalpha() for sign in text)
        return first.language.iso_code_639_1.name.lower(), first.value - second.value, letters


def wording(lines: Sequence[Line], names: Iterable[str]) -> str:
    """What was surely read, one line after another, without the `names` of people: those speak no language."""
    spoken = " ".join(line.text for line in lines if line.read >= SURE).casefold()
    for name in sorted(names, key=len, reverse=True):
        spoken = re.sub(_standing_alone(name.casefold()), " ", spoken)
    return " ".join(spoken.split())


def _standing_alone(name: str) -> str:
    """A pattern of the name as a word of its own: «Cher» is no part of «chercher». Signs of Chinese touch others."""
    edge = "" if any(ord(sign) >= FIRST_SIGN for sign in name) else r"\b"
    return edge + r"\s*".join(map(re.escape, name.split())) + edge
