"""How the values of an export are laid out: scale, fill, and what becomes of the mask. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scale(StrEnum):
    """none: in the contract's units. zscore: (x - mean) / deviation, at most ±5; labels stay 0 and 1. unit: the same,
    then each block of a row brought to length 1; an embedding, which has that length, stays as it is.
    """

    NONE = "none"
    ZSCORE = "zscore"
    UNIT = "unit"


class Fill(StrEnum):
    """What stands where a value is missing: the contract's fill (scaled like a value), 0, or the corpus's mean."""

    CONTRACT = "contract"
    ZERO = "zero"
    MEAN = "mean"


class MaskPolicy(StrEnum):
    """separate: beside the values. append: as further slots `known.<field>` of 0 and 1. none: left out."""

    SEPARATE = "separate"
    APPEND = "append"
    NONE = "none"


@dataclass(frozen=True)
class Recipe:
    """How values are laid out. Without a `fill`: the contract's, or 0 (the mean) where they are scaled."""

    scale: Scale = Scale.NONE
    fill: Fill | None = None
    mask: MaskPolicy = MaskPolicy.SEPARATE

    @property
    def filled(self) -> Fill:
        """The fill in force."""
        return self.fill or (Fill.CONTRACT if self.scale is Scale.NONE else Fill.ZERO)
