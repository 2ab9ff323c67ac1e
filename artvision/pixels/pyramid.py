"""What several stages look at: L* of a picture and its halves, what stands out, bars, what its colours come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels
from artvision.pixels import color, harmony
from artvision.pixels.borders import Bars, bars
from artvision.pixels.cells import LabCells, sample
from artvision.pixels.grid import Grid, area_mean, halve
from artvision.pixels.plane import Plane
from artvision.pixels.saliency import SIDE, saliency_grid


@dataclass(frozen=True)
class Colours:
    """All that is kept of a picture's colours once they were looked at."""

    colorfulness: float
    means: color.Means
    hues: harmony.Hues | None
    cells: LabCells


@dataclass(frozen=True, eq=False)
class Pyramid:
    """L* at full, half and quarter size, (H, W), (⌈H/2⌉, ⌈W/2⌉), (⌈H/4⌉, ⌈W/4⌉) float32, and the picture's colours.

    a* and b* are never there as a whole: they come and go with each band of L*, while it is in the cache.
    """

    lightness: Plane
    colours: Colours

    @classmethod
    def of(cls, pixels: Pixels) -> Pyramid:
        """From (H, W, 3) uint8 sRGB."""
        pixels = color.planar(pixels)
        colorfulness, hues = color.colorfulness(pixels), harmony.hue_histogram(pixels)
        light: list[Plane] = []
        sums: list[NDArray[np.float64]] = []
        samples: list[NDArray[np.float32]] = []
        for band in color.lab_bands(pixels):
            light.append(band.l)
            sums.append(np.multiply(band.means, band.l.size))
            samples.append(sample(band))
        lightness = np.concatenate(light)
        means = color.Means(*(np.sum(sums, axis=0) / lightness.size).tolist())
        cells = LabCells.count(np.concatenate(samples, axis=1))
        return cls(lightness, Colours(colorfulness, means, hues, cells))

    @cached_property
    def half(self) -> Plane:
        """Half the size."""
        return halve(self.lightness)

    @cached_property
    def quarter(self) -> Plane:
        """A quarter of the size."""
        return halve(self.half)

    @cached_property
    def cells(self) -> Grid:
        """Mean of L* on 64 × 64 cells."""
        return area_mean(self.half, SIDE, SIDE)

    @cached_property
    def salient(self) -> Grid:
        """Saliency of the cells."""
        return saliency_grid(self.cells)

    @cached_property
    def bars(self) -> Bars:
        """Uniform bands along the sides."""
        return bars(self.lightness)
