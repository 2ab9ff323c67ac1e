"""What light and composition both look at: L* of a picture and its halves, and what its colours come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from artvision.image import Pixels
from artvision.pixels import color, harmony
from artvision.pixels.cells import LabCells
from artvision.pixels.grid import halve
from artvision.pixels.plane import Plane


class Colours(NamedTuple):
    """All that is kept of a picture's colours once they were looked at; the measures are those of `pixels.color`."""

    colorfulness: float
    chroma: float
    warmth: float
    hue_concentration: float | None
    hues: harmony.Hues | None
    cells: LabCells


@dataclass(frozen=True, eq=False)
class Pyramid:
    """L* at full, half and quarter size, (H, W), (⌈H/2⌉, ⌈W/2⌉), (⌈H/4⌉, ⌈W/4⌉) float32, and the picture's colours.

    a* and b* are not kept: they come with L* and would be most of what a picture holds while it waits for its stages.
    """

    lightness: Plane
    colours: Colours

    @classmethod
    def of(cls, pixels: Pixels) -> Pyramid:
        """From (H, W, 3) uint8 sRGB."""
        pixels = color.planar(pixels)
        lab = color.to_lab(pixels)
        colours = Colours(
            color.colorfulness(pixels),
            lab.mean_chroma,
            color.warmth(lab),
            color.hue_concentration(lab),
            harmony.hue_histogram(pixels),
            LabCells.of(lab),
        )
        return cls(lab.l, colours)

    @cached_property
    def half(self) -> Plane:
        """Half the size."""
        return halve(self.lightness)

    @cached_property
    def quarter(self) -> Plane:
        """A quarter of the size."""
        return halve(self.half)
