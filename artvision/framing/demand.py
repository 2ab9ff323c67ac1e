"""What is asked of a picture that shall serve a canvas, and what it lacks by its row of the column `canvases`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LEGIBLE = 4.5  # contrast: WCAG 2.2, 1.4.3 (AA)
# Emptiness from which a title can nearly always stand there; measured, docs/benchmarks.md.
BARE = 0.8


class Faces(StrEnum):
    """What is asked of faces: no cut one and the lead whole; moreover none covered."""

    ANY = "any"
    UNCUT = "uncut"
    CLEAR = "clear"


class Text(StrEnum):
    """What is asked of lines of text: no cut one; none at all, as of textless art."""

    ANY = "any"
    UNCUT = "uncut"
    NONE = "none"


@dataclass(frozen=True)
class Demand:
    """The least of one picture in one canvas. Without `slot` no title is to stand in it."""

    faces: Faces = Faces.UNCUT
    text: Text = Text.ANY
    slot: bool = True
    contrast: float = LEGIBLE
    emptiness: float = BARE

    def lacks(self, row: Mapping[str, Any]) -> list[str]:
        """What is known to keep the picture from serving, in words."""
        return [*self._faces(row), *self._text(row), *(self._slot(row["slot"]) if self.slot else [])]

    def unknown(self, row: Mapping[str, Any]) -> str:
        """What is asked for and not known, `faces` or `text`; empty where all is known."""
        asked = {"faces": self.faces is not Faces.ANY, "text": self.text is not Text.ANY}
        return next((of for of, wanted in asked.items() if wanted and row[f"{of}_whole"] is None), "")

    def _faces(self, row: Mapping[str, Any]) -> Iterator[str]:
        if self.faces is Faces.ANY or row["faces_whole"] is None:
            return
        if row["faces_cut"]:
            yield "a face is cut"
        elif row["lead_whole"] is False:
            yield "the lead face is left out"
        if self.faces is Faces.CLEAR and row["faces_clear"] < row["faces_whole"]:
            yield "a face is covered"

    def _text(self, row: Mapping[str, Any]) -> Iterator[str]:
        if row["text_whole"] is None:
            return
        if self.text is Text.NONE and row["text_whole"] + row["text_cut"]:
            yield "it is not textless"
        if self.text is Text.UNCUT and row["text_cut"]:
            yield "text is cut"

    def _slot(self, slot: Mapping[str, Any] | None) -> Iterator[str]:
        if slot is None:
            yield "no room for a title"
        elif slot["emptiness"] < self.emptiness:
            yield "no bare place for a title"
        elif max(slot["white"], slot["black"]) < self.contrast:
            yield "a title would have too little contrast"
