"""What a query says: signed, weighted terms, as in `"horse" + 2:"night" - city`.

    query  =  [sign] term { sign term }             signs stand between blanks, or at the start
    term   =  [weight:] ( "text" | words | asset:ID | asset:"ID" )

Words are text too, or the path of a picture where there is such a file. In quotes, `\\` takes the next character as it
is. Whatever holds no quote, no sign between blanks and no weight is one term, as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from artvision.errors import UsageError

_SIGN = r'[+-](?=[\s"]|$)'
_TERM = re.compile(
    rf"""\s*+(?P<sign>[+-])?+\s*+
    (?:(?P<weight>\d+(?:\.\d*)?|\.\d+):(?=\S))?+
    (?P<asset>asset:)?+
    (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<words>(?!{_SIGN})[^\s"](?:[^"]*?[^\s"])??)(?=\s*(?:$|"|(?<=\s){_SIGN})))
    """,
    re.VERBOSE | re.DOTALL,
)
_LEADING = re.compile(r"\s*[+-]?\s*")
_ODD_WEIGHT = re.compile(r"([-\d.,]*\d[-\d.,]*):(?=\S)")  # 1,5:night


class Kind(StrEnum):
    """What a term stands for. Words turn out to be a text or the path of a picture; a quoted text never is one."""

    TEXT = "text"
    WORDS = "words"
    PICTURE = "picture"
    ASSET = "asset"


@dataclass(frozen=True)
class Term:
    """One summand of a query; `weight` is negative after a minus."""

    kind: Kind
    value: str
    weight: float = 1.0

    def __str__(self) -> str:
        """As it would be typed after a sign, without one."""
        value = self.value
        if self.kind in {Kind.TEXT, Kind.ASSET}:
            value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        size = "" if abs(self.weight) == 1 else f"{Decimal(repr(abs(self.weight))).normalize():f}:"
        return size + ("asset:" if self.kind is Kind.ASSET else "") + value


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a query, in order; none for a blank text. Raises UsageError that names the place of a mistake."""
    terms: list[Term] = []
    place = 0
    while text[place:].strip():
        found = _TERM.match(text, place)
        if found is None:
            raise _mistake(text, place)
        if terms and not found["sign"]:
            raise _missing_sign(text, found)
        terms.append(_term(found))
        place = found.end()
    return tuple(terms)


def written(terms: Sequence[Term]) -> str:
    """The query that `parse` reads as these terms."""
    text = " ".join(f"{'-' if term.weight < 0 else '+'} {term}" for term in terms)
    return text if text[2:3] in {"+", "-"} else text.removeprefix("+ ")


def _term(found: re.Match[str]) -> Term:
    quoted, words = found["quoted"], found["words"]
    if words and not found["asset"] and (odd := _ODD_WEIGHT.match(words)):
        raise _odd_weight(found.string, found.start("words"), odd[1])
    kind = Kind.ASSET if found["asset"] else Kind.WORDS if quoted is None else Kind.TEXT
    value = words if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
    if not value.strip():
        raise _empty(found.string, found.start("quoted"))
    weight = float(found["weight"] or 1)
    return Term(kind, value, -weight if found["sign"] == "-" else weight)


def _mistake(text: str, place: int) -> UsageError:
    """What keeps a term from beginning at `place`: a quote that is not closed, or there is none."""
    start = len(text) - len(_LEADING.sub("", text[place:], count=1))
    if '"' in text[start:] and not re.match(_SIGN, text[start:]):
        return _at(text, text.index('"', start), 'this quote is not closed; write \\" for a quote inside a text')
    return _empty(text, start)


def _missing_sign(text: str, found: re.Match[str]) -> UsageError:
    start = found.start("words") if found["quoted"] is None else found.start("quoted") - 1
    before = text[:start].rsplit(maxsplit=1)[-1]
    if found["quoted"] is not None and before.endswith(":"):
        return _odd_weight(text, start - len(before), before[:-1])
    return _at(text, start, "put + or - with blanks around it between two terms, or quotes around the whole text")


def _odd_weight(text: str, place: int, weight: str) -> UsageError:
    return _at(text, place, f'{weight!r} is no weight; write a decimal, as in 2:"night" or 0.5:"night"')


def _empty(text: str, place: int) -> UsageError:
    return _at(text, place, "a term is empty; a text, a picture or asset:ID follows a sign (a sign in quotes is text)")


def _at(text: str, place: int, what: str) -> UsageError:
    return UsageError(f"query {text!r}, character {place + 1}: {what}")
