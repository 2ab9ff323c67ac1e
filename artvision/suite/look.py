"""What the pictures of a suite look like: palette, tone, text."""

from __future__ import annotations

from collections.abc import Sequence

from artvision.lettering import BELIEVED
from artvision.suite.axis import Axis, LeftOut, Row, known

# `color.warmth` runs from -1 to 1: its upper third is warm, its lower third cool.
WARM = 1 / 3
LIGHT = 50.0  # the middle of L*
# A picture is low (high) key when more than half of it lies in the lower (upper) third of L*.
KEY = 0.5
TEXTLESS, TITLED = "textless", "with text"
PALETTES = tuple(f"{warmth} and {light}" for warmth in ("warm", "neutral", "cool") for light in ("light", "dark"))
KEYS = ("balanced light", "high-key light", "low-key light")


def palette(rows: Sequence[Row]) -> Axis | LeftOut:
    """Warm, neutral or cool; light or dark."""
    if not known(rows, "color.warmth"):
        return LeftOut("palette", "colours were not measured")
    return Axis("palette", PALETTES, tuple(_family(row) for row in rows))


def tone(rows: Sequence[Row]) -> Axis | LeftOut:
    """The strongest tone that the vocabulary offers; where it offers none, the key of the light, which is measured."""
    names = sorted({name for row in rows for name in row if name.startswith("tone.") and row[name] is not None})
    if names:
        labels = tuple(_plain(name) for name in names)
        return Axis("tone", labels, tuple(_strongest(row, names) for row in rows))
    if not known(rows, "light.low_key"):
        return LeftOut("tone", "no tone is offered by the tags, and light was not measured")
    return Axis("tone", KEYS, tuple(_key(row) for row in rows), "measured from the light; the tags offer no tone")


def text(rows: Sequence[Row]) -> Axis | LeftOut:
    """Textless or with text: as the catalogue's column `textless` says, or where it says nothing, as was measured."""
    said = [_text(row.get("textless")) for row in rows]
    values = tuple(word or _measured(row.get("text.score")) for word, row in zip(said, rows, strict=True))
    if not any(values):
        return LeftOut("text", "text was not looked for (--stages all,text); a catalogue column `textless` tells too")
    return Axis("text", (TEXTLESS, TITLED), values, "" if all(said) else "measured where the catalogue does not say")


def tone_phrase(label: str) -> str:
    """The label after «this title lacks»."""
    return label if label in KEYS else f"the tone «{label}»"


def text_phrase(label: str) -> str:
    """The label after «this title lacks»."""
    return "a textless picture" if label == TEXTLESS else "a picture with text"


def _family(row: Row) -> str | None:
    warmth, lightness = row.get("color.warmth"), row.get("light.brightness")
    if warmth is None or lightness is None:
        return None
    name = "warm" if warmth > WARM else "cool" if warmth < -WARM else "neutral"
    return f"{name} and {'light' if lightness >= LIGHT else 'dark'}"


def _key(row: Row) -> str | None:
    low, high = row.get("light.low_key"), row.get("light.high_key")
    if low is None or high is None:
        return None
    balanced, high_key, low_key = KEYS
    return low_key if low > KEY else high_key if high > KEY else balanced


def _strongest(row: Row, names: Sequence[str]) -> str | None:
    scores = {name: row[name] for name in names if row.get(name) is not None}
    return _plain(max(scores, key=lambda name: scores[name])) if scores else None


def _plain(name: str) -> str:
    return name.removeprefix("tone.").replace("_", " ")


def _measured(score: float | None) -> str | None:
    return None if score is None else TITLED if score >= BELIEVED else TEXTLESS


def _text(value: object) -> str | None:
    """A cell of `textless`: true or false in any usual spelling."""
    word = str(value).strip().casefold()
    if word in {"true", "yes", "y", "1"}:
        return TEXTLESS
    return TITLED if word in {"false", "no", "n", "0"} else None
