"""The script of what was read.

The reader knows Latin, Greek, Chinese characters and kana. Of any other script it reads nothing, or letters that look
alike: МОСКВА is read as Latin MOCKBA with full confidence. So a letter tells only where no other script has its shape.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from artvision.lettering import FEWEST, SURE

SCRIPTS = ("latin", "cyrillic", "greek", "han", "kana", "hangul", "arabic", "hebrew", "devanagari", "thai")
# Of SCRIPTS, those that the reader knows.
READABLE = ("latin", "greek", "han", "kana")

# Latin letters whose shape Cyrillic, or Greek, has too (after Unicode Technical Standard 39, confusables).
ALSO_CYRILLIC = frozenset("ABCEHIJKMOPSTXYaceijkopsxy")
ALSO_GREEK = frozenset("ABEHIKMNOPTXYZaikopuvxy")
CLEAR = 0.8  # share of telling letters that one script must have
# Share of kana from which Chinese characters and kana together are Japanese.
JAPANESE = 0.1

_NAMES = {"LATIN": "latin", "GREEK": "greek", "CJK": "han", "HIRAGANA": "kana", "KATAKANA": "kana"}


def script_of(readings: Iterable[tuple[str, float]]) -> str | None:
    """The script of lines of (text, reader's score); None where they do not tell."""
    found = _telling("".join(text for text, read in readings if read >= SURE))
    if found["kana"] >= JAPANESE * (found["kana"] + found["han"]) > 0:
        found["kana"] += found.pop("han", 0)
    if not found:
        return None
    script, count = found.most_common(1)[0]
    return script if count >= max(FEWEST, CLEAR * found.total()) else None


def _telling(text: str) -> Counter[str]:
    """How many letters tell of each script; of Latin, those that neither Cyrillic nor Greek would explain."""
    letters = [sign for sign in unicodedata.normalize("NFKD", text) if sign.isalpha()]
    found = Counter(_NAMES.get(re.split("[ -]", unicodedata.name(sign, "?"))[0], "") for sign in letters)
    latin = [sign for sign in letters if unicodedata.name(sign, "").startswith("LATIN")]
    found["latin"] = min(sum(sign not in also for sign in latin) for also in (ALSO_CYRILLIC, ALSO_GREEK))
    del found[""]
    return +found
