"""Visible blocks of lossy compression, whatever the size at which the picture was compressed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.grid import Grid, inside, steps
from artvision.pixels.plane import Plane

_SIZE = 2048  # of the transform: both directions share its frequencies
# Periods in pixels: smaller blocks cannot be seen, larger ones are content.
_SHORTEST, _LONGEST = 4.0, 32.0
# L*: steps above this are edges of things; with 4, JPEG quality 20 stands clearest above untouched photos.
_CAP = 4.0


def _faint_steps(lightness: Plane, down: int, right: int) -> Plane:
    """Size of the steps from pixel to pixel, that of edges cut."""
    found = steps(lightness, down, right)
    np.abs(found, out=found)
    np.minimum(found, np.float32(_CAP), out=found)
    return inside(found, down, right)


def _spectrum(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """Relative amplitude of each frequency in the mean step per row or column, trend removed."""
    from scipy import ndimage

    trend = ndimage.median_filter(profile, 9, mode="nearest")
    amplitude: NDArray[np.float64] = np.abs(np.fft.rfft((profile - trend) * np.hanning(profile.size), _SIZE))
    return amplitude / max(0.5 * float(profile.sum()), 1e-9)


def blockiness(lightness: Plane) -> float:
    """Strength of a square grid of faint steps in L* (H, W), in [0, 1]; 0 without one.

    A grid of period p leaves peaks at 1/p and 2/p in the spectra of the mean absolute step of columns and of rows. The
    result is the largest, over periods of 4 to 32 pixels, of the least of the four. A texture or a fence has them in
    one direction, or without the second harmonic. Source: Wang, Bovik & Evans, «Blind measurement of blocking artifacts
    in images», ICIP 2000, whose period is fixed at 8; here it is free, for the grid is resampled with the picture.
    """
    if min(lightness.shape) < 2 * _LONGEST:
        return 0.0
    height, width = lightness.shape
    across = np.einsum("ij->j", _faint_steps(lightness, 0, 1)).astype(np.float64) / height
    down = np.einsum("ij->i", _faint_steps(lightness, 1, 0)).astype(np.float64) / width
    common: Grid = np.minimum(_spectrum(across), _spectrum(down))
    first = np.arange(round(_SIZE / _LONGEST), round(_SIZE / _SHORTEST) + 1)
    return min(1.0, float(np.minimum(common[first], common[2 * first]).max()))
