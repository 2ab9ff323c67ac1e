"""Contrast that a title can reach: WCAG's ratio of white or black letters to what lies behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.plane import Plane

FLARE = 0.05  # light that a screen reflects: WCAG 2
HIGHEST = 21.0  # of black and white
# Shares of the background that letters may be harder to read on; ours.
DARK_END, LIGHT_END = 0.1, 0.9


def contrast_ratio(one: float, other: float) -> float:
    """(L1 + 0.05) / (L2 + 0.05) of two relative luminances in [0, 1], the lighter first: 1 to 21.

    Source: Web Content Accessibility Guidelines 2.2, contrast ratio.
    """
    return (max(one, other) + FLARE) / (min(one, other) + FLARE)


def luminance(lightness: float) -> float:
    """Relative luminance Y in [0, 1] of an L* in [0, 100]: the inverse of CIE 15:2004, whose Y is WCAG's."""
    return float(((lightness + 16) / 116) ** 3) if lightness > 8 else lightness * 27 / 24389


def ends(lightness: Plane) -> tuple[float, float]:
    """(dark, light): relative luminance of the tenth and ninetieth percentile of L*, each at a pixel's own value.

    A percentile of L* is that of luminance, for one grows with the other; rounded away from the middle.
    """
    values: NDArray[np.float32] = lightness.reshape(-1)
    dark = int(np.floor(DARK_END * (values.size - 1)))
    light = int(np.ceil(LIGHT_END * (values.size - 1)))
    order = np.partition(values, (dark, light))
    return luminance(float(order[dark])), luminance(float(order[light]))


def attainable(lightness: Plane) -> tuple[float, float]:
    """(white, black): contrast of white letters with the light end of L* behind them, of black ones with the dark end.

    Each is taken where it is hardest to read but for a tenth of the background.
    """
    dark, light = ends(lightness)
    return contrast_ratio(1.0, light), contrast_ratio(0.0, dark)
