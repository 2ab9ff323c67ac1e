"""Light and dark: statistics of the distribution of L*, all from one histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.plane import Plane, mean, mean_square

# Levels of L* per unit: 0.05, a tenth of what 8-bit code values can tell apart.
STEPS = 20
CLIP_DARK, CLIP_LIGHT = 5.0, 95.0  # L* beyond which no detail is seen; ours
# The lower and the upper third of the L* scale; ours.
KEY_DARK, KEY_LIGHT = 100 / 3, 200 / 3
# L*: standard deviation below which a picture shows nothing; ours, the audit's limit, too.
BLANK = 2.0
MAX_ENTROPY = 6.66  # log2(101) bits


@dataclass(frozen=True, eq=False)
class Tones:
    """The distribution of L* in a plane: `counts` (2001,) int64 in levels of 0.05."""

    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lightness: Plane) -> Tones:
        """Count (H, W) float32 L* in [0, 100]."""
        levels = lightness * np.float32(STEPS)
        levels += np.float32(0.5)
        return cls(np.bincount(levels.reshape(-1).astype(np.intp), minlength=100 * STEPS + 1))

    @cached_property
    def _below(self) -> NDArray[np.int64]:
        return np.cumsum(self.counts)

    def percentiles(self, shares: Sequence[float]) -> list[float]:
        """Least L* that at least each of `shares` (0..1) of the pixels do not exceed."""
        wanted = np.asarray(shares) * self._below[-1]
        return [float(level) / STEPS for level in np.searchsorted(self._below, wanted)]

    def share_below(self, lightness: float) -> float:
        """Share of pixels darker than `lightness`, in [0, 1]."""
        level = int(np.ceil(lightness * STEPS))
        return float(self._below[level - 1] / self._below[-1])

    def share_above(self, lightness: float) -> float:
        """Share of pixels lighter than `lightness`, in [0, 1]."""
        return 1.0 - float(self._below[int(lightness * STEPS)] / self._below[-1])

    def entropy(self) -> float:
        """−Σ p log2 p over bins of one L*, in bits, 0..6.66. Source: Shannon 1948; as texture: Haralick 1973, f9."""
        bins = np.add.reduceat(self.counts, np.arange(0, self.counts.size, STEPS))
        p = bins[bins > 0] / self._below[-1]
        return max(0.0, float(-(p * np.log2(p)).sum()))


def rms_contrast(lightness: Plane) -> float:
    """Standard deviation of L*, 0..50. Source: Peli, «Contrast in complex images», JOSA A 7(10), 1990, on L*."""
    return float(np.sqrt(mean_square(lightness - np.float32(mean(lightness)))))
