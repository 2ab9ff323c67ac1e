"""What to commission next: the cell in which one new picture adds most, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from artvision.suite.coverage import Coverage
from artvision.suite.dimensions import DIMENSIONS
from artvision.suite.people import NO_FACE, NOBODY

LISTED = 3  # reasons that a sentence gives
# Gains that differ by less are equal: then the label that stands first is wanted more.
TIE = 1e-9


@dataclass(frozen=True)
class Gap:
    """The cell a new picture should fill (axis -> label), the smallest combinations in it that no picture shows, and
    the coverage without and with such a picture."""

    cell: Mapping[str, str]
    unseen: tuple[Mapping[str, str], ...]
    before: float
    after: float

    @property
    def wish(self) -> str:
        """«Uma Thurman, medium shot, warm and light, textless»."""
        return ", ".join(words for name, label in self.cell.items() if (words := _short(name, label)))

    @property
    def sentence(self) -> str:
        """The wish, why, and what it is worth."""
        reasons = list(dict.fromkeys(_phrase(labels) for labels in self.unseen))
        more = len(reasons) - LISTED
        lacks = ", ".join(reasons[:LISTED]) + (f" and {more} more" if more > 0 else "")
        worth = f"it would raise coverage from {self.before:.2f} to {self.after:.2f}"
        return f"commission next: {self.wish}: this title lacks {lacks}; {worth}"


def find_gap(coverage: Coverage) -> Gap | None:
    """The cell that raises the coverage most; None where nothing is missing, or no axis is known."""
    if not coverage.axes:
        return None
    gains = coverage.gains()
    if gains.max() <= TIE:
        return None
    place = np.unravel_index(int(np.argmax(gains >= gains.max() - TIE)), gains.shape)
    before = coverage.value
    at = [int(index) for index in place]
    return Gap(coverage.cell(at), tuple(coverage.unseen(at)), before, before + float(gains[place]))


def _short(name: str, label: str) -> str:
    if label in {NOBODY, NO_FACE}:
        return "without people" if label == NOBODY else ""
    return DIMENSIONS[name].wish(label)


def _phrase(labels: Mapping[str, str]) -> str:
    """«Uma Thurman with a medium shot»; that nobody is seen and that no face is are one thing."""
    told = (
        "a picture without people" if label in {NOBODY, NO_FACE} else DIMENSIONS[name].phrase(label)
        for name, label in labels.items()
    )
    return " with ".join(told)
