"""What a text may ask, and what the starter makes of it: it knows the words of its training and no others.

With another model nothing is said: its training is not ours to judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from artvision.clip.evidence import NOTHING, Evidence, read_evidence
from artvision.clip.model import ClipModel
from artvision.clip.vocabulary import ABOUT_PEOPLE, Group, read_vocabulary
from artvision.errors import UsageError, WeightsError
from artvision.weights import read_manifest

FILE = "words.json"
# An ice age, a car race: refused only as a tag.
OTHER_MEANING = frozenset({"age", "ages", "race", "races"})
LITTLE = frozenset("a about an and are at by for from in into is it its of on or over the to up with".split())  # noqa: SIM905 - reads better


@dataclass(frozen=True)
class Lexicon:
    """Words that training texts used, in lower case: `neutral` ones tell no pictures apart."""

    telling: frozenset[str]
    neutral: frozenset[str]

    def unseen(self, words: Iterable[str]) -> list[str]:
        """The words that training never used, but for those that mean little in any text."""
        return [word for word in words if word not in self.telling | self.neutral | LITTLE]


def read_lexicon(folder: Path) -> Lexicon | None:
    """The words of a model folder, None where it has no list. Raises WeightsError where the file is broken."""
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Lexicon(frozenset(content["words"]) - LITTLE, frozenset(content["neutral"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} cannot be read: {error}; restore it or remove it") from None


def words_of(texts: Iterable[str]) -> list[str]:
    """Words in lower case, each once, in order: runs of letters and digits, without a possessive s."""
    found = (word for text in texts for word in re.findall(r"(?<!')[^\W_]+", text.lower().replace("’", "'")))
    return list(dict.fromkeys(found))


def refuse_descriptions(texts: Iterable[str]) -> None:
    """Raises UsageError for a text that asks what people are or feel: pictures are neither tagged nor ordered by it."""
    if odd := [word for word in words_of(texts) if word in ABOUT_PEOPLE - OTHER_MEANING]:
        raise UsageError(
            f"{odd[0]!r} describes people: they are counted and, when asked, recognised (--actor), never described by "
            "age, gender, race, looks or emotion; write person or people"
        )


def remarks(texts: Sequence[str], model: ClipModel) -> tuple[str, ...]:
    """What to know before trusting an order by these texts; nothing unless the model is the starter."""
    folder = model.evidence_folder
    lexicon = read_lexicon(folder) if model.is_starter and folder else None
    words = words_of(texts)
    if lexicon is None or folder is None or not words:
        return ()
    evidence = read_evidence(folder) or NOTHING
    known, unseen = [word for word in words if word in lexicon.telling], lexicon.unseen(words)
    weak = _unsupported(set(known), evidence, model.weights_sha256)
    if known and not unseen and not weak:
        return ()
    said = [
        f"knows {', '.join(known)}"
        if known
        else "knows no word of this that tells pictures apart: the order says nothing",
        *([f"has never seen {', '.join(_hinted(word, lexicon) for word in unseen)}"] if unseen else []),
        *([f"no held-out data supports its idea of {', '.join(weak)}"] if weak else []),
        *(f"{group} was no part of its training" for group in _unmeasured(set(words), evidence)),
    ]
    production = next(known.id for known in read_manifest().values() if known.default)
    return (f"starter: {'; '.join(said)}. `artvision models fetch` brings {production}, which reads any text",)


def _hinted(word: str, lexicon: Lexicon) -> str:
    """The word, with the number of it that training knew: «robot (try robots)»."""
    other = word.removesuffix("s") if word.endswith("s") else f"{word}s"
    return f"{word} (try {other})" if other in lexicon.telling else word


def _unsupported(words: set[str], evidence: Evidence, weights_sha256: str) -> list[str]:
    """Labels that the words name and that held-out data does not support."""
    return [
        label.replace("_", " ") for group, label in _named(words) if not evidence.offers(group, label, weights_sha256)
    ]


def _unmeasured(words: set[str], evidence: Evidence) -> list[str]:
    """Groups that the words name a label of, and of which no label has any evidence."""
    measured = {tag.partition(".")[0] for tag in evidence.tags}
    return list(dict.fromkeys(group.name for group, _ in _named(words) if group.name not in measured))


def _named(words: set[str]) -> list[tuple[Group, str]]:
    groups = read_vocabulary().groups
    return [(group, label) for group in groups for label in group.labels if {*label.split("_")} <= words]
