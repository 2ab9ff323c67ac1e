"""Watermarks that can be read: an agency's name, the stamp of a proof, one word laid over a picture again and again."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, combinations

from artvision.bundled import data_text
from artvision.lettering import SURE
from artvision.lettering.regions import Line

# Of two, the earlier counts.
AGENCY, PROOF, REPEATED = KINDS = ("agency", "proof", "repeated")
OFTEN = 3  # times that one reading stands on a picture before it is a pattern
LONG = 4  # letters and digits of it: shorter ones repeat in any credit block
# Letters from which a phrase within one word is meant: shutterstock123 was read without its space.
COINED = 9
# Its lines are of one height but for this factor: a title that is repeated in the credits is not.
ALIKE = 1.3


@cache
def phrases() -> Mapping[str, tuple[str, ...]]:
    """Kind -> what such a mark says, as `plain` has it."""
    table = tomllib.loads(data_text("marks.toml"))
    return {kind: tuple(map(plain, said)) for kind, said in table.items()}


def plain(text: str) -> str:
    """Letters and digits only, without case."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def marks(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Kind -> the lines that are such marks, among those that were surely read."""
    read = [line for line in lines if line.read >= SURE]
    found = {kind: [line for line in read if says(line.text, said)] for kind, said in phrases().items()}
    found[REPEATED] = repeated([(line, plain(line.text)) for line in read])
    return {kind: found[kind] for kind in KINDS if found[kind]}


def says(text: str, said: Sequence[str]) -> bool:
    """Whether whole words of a text, read together, are one of the phrases: «Chris Tocker» is no «istock»."""
    words = re.findall(r"[^\W_]+", text.casefold())
    ends, joined = [0, *accumulate(map(len, words))], "".join(words)
    longest = max(map(len, said))
    runs = {joined[start:end] for start, end in combinations(ends, 2) if end - start <= longest}
    return any(one in runs or (len(one) >= COINED and any(one in word for word in words)) for one in said)


def repeated(read: Sequence[tuple[Line, str]]) -> list[Line]:
    """Lines of the first reading, in alphabetical order, that stands `OFTEN` times on the picture in one size."""
    by_text = defaultdict[str, list[Line]](list)
    for line, text in read:
        by_text[text].append(line)
    for text, lines in sorted(by_text.items()):
        heights = [line.height for line in lines]
        if len(lines) >= OFTEN and len(text) >= LONG and max(heights) <= ALIKE * min(heights):
            return lines
    return []
