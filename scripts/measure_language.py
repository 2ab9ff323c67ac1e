"""How well the language of short texts is told: `measure_language.py TEXTS.csv [--set N]`.

TEXTS.csv has the columns language (ISO 639-1) and text; Debian's packages fortunes-de, -es, -it, -pl, -br, -cs and
fortunes make one. Pieces of 1 to 20 words are cut out. Half of the texts, by hash, is there to choose the margin by,
and the table is of the other half. `--set N` also sets N pieces on a photograph, to be read from it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from measure_text import lettered
from PIL import ImageFont

from artvision.contract import Missing
from artvision.lettering.language import FEWEST, LANGUAGES, MARGIN, Guesser
from artvision.settings import Settings
from artvision.stages.language import Language
from artvision.stages.text import Text

WORDS = (1, 2, 3, 4, 6, 9, 14, 20)
LETTERS = (3, 6, 10, FEWEST, 30, 40, 80, 1000)
MARGINS = (0.0, 0.1, 0.2, MARGIN, 0.4, 0.5)


class Piece(NamedTuple):
    """Some words of a text, and what was said of them."""

    language: str
    text: str
    guess: str
    lead: float
    letters: int


def pieces(texts: Sequence[dict[str, str]], each: int, *, held_out: bool) -> Iterator[tuple[str, str]]:
    """(language, some words), `each` a language that is known."""
    chance = random.Random(0)
    for language in sorted({row["language"] for row in texts} & set(LANGUAGES)):
        own = [row["text"] for row in texts if row["language"] == language and half(row["text"]) == held_out]
        for _ in range(each):
            words, count = chance.choice(own).split(), chance.choice(WORDS)
            start = chance.randrange(max(1, len(words) - count))
            yield language, " ".join(words[start : start + count])


def half(text: str) -> bool:
    """True for the half of all texts that is held out."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def tell(guesser: Guesser, found: Iterator[tuple[str, str]]) -> list[Piece]:
    """What the guesser says, whatever its lead."""
    told = []
    for language, text in found:
        likeliest, lead, letters = guesser.likeliest(text)
        told.append(Piece(language, text, likeliest, lead, letters))
    return told


def row(told: Sequence[Piece], low: int, high: int) -> str:
    """One line of the table: right of those told, and the share told, at each margin."""
    own = [piece for piece in told if low <= piece.letters < high]
    cells = [f"{low}-{high - 1}", str(len(own))]
    for margin in MARGINS:
        kept = [piece for piece in own if piece.lead >= margin]
        right = sum(piece.guess == piece.language for piece in kept) / max(1, len(kept))
        cells.append(f"{right:.3f} of {len(kept) / max(1, len(own)):.0%}")
    return " | ".join(cells)


def read_back(found: Sequence[tuple[str, str]]) -> dict[str, int]:
    """How often the stages told the right language, another or none of pieces that are set on a photograph."""
    text, language = Text(Settings()), Language(Settings())
    text.setup("cpu")
    language.setup("cpu")
    font = ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"), 60)
    counts: Counter[str] = Counter()
    for seed, (code, words) in enumerate(found):
        picture = lettered(words, font, seed)
        (result,) = language.run([picture], {"text": text.run([picture], {})})
        told = result.values["text_language.code"]
        counts["none" if isinstance(told, Missing) else "right" if told == code else "wrong"] += 1
    return dict(counts)


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--each", type=int, default=1500, help="pieces a language")
    parser.add_argument("--set", type=int, default=0, dest="placed")
    arguments = parser.parse_args()
    with arguments.texts.open(encoding="utf-8", newline="") as file:
        texts = list(csv.DictReader(file))
    guesser = Guesser()
    for name, held_out in (("to choose by", False), ("held out", True)):
        told = tell(guesser, pieces(texts, arguments.each, held_out=held_out))
        print(f"{name}: letters | pieces | right of those told at a margin of {', '.join(map(str, MARGINS))}")
        for low, high in pairwise(LETTERS):
            print(row(told, low, high))
    short = [piece for piece in pieces(texts, 200, held_out=True) if FEWEST <= len(piece[1]) <= 40]
    print("set on a photograph:", read_back(random.Random(0).sample(short, arguments.placed)))


if __name__ == "__main__":
    main()
