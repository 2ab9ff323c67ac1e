"""Where the eye is drawn: spectral-residual saliency, and what its distribution says of the composition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from artvision.image import Pixels
from artvision.pixels.color import to_lightness
from artvision.pixels.grid import Grid, area_mean, halve
from artvision.pixels.plane import Plane

SIDE = 64  # cells a side: the scale of the source
SMOOTH = 2.5  # cells: Gaussian σ of the authors' own listing
# |F| of a wave of 0.07 L*: what rounding and resampling leave; below it a phase means nothing.
_FLOOR = 150.0
# Width of a power point as a share of the side: Liu et al. 2010.
THIRDS_SIGMA = 0.17
CENTRE_SIGMA = 0.2  # the same for visual balance in Liu et al. 2010


def saliency_grid(cells: Grid) -> Grid:
    """Spectral-residual saliency of L* on 64 × 64 cells, in [0, 1] with maximum 1; all 0 for a uniform picture.

    R = log|F| − mean₃ₓ₃ log|F|, S = G * |F⁻¹ exp(R + i arg F)|². Source: Hou & Zhang, «Saliency detection: a spectral
    residual approach», CVPR 2007 (the authors later doubted its theory, not its maps). Departure: |F| is damped below
    what rounding of the pixels leaves, else a drawing with few frequencies is judged by its rounding errors.
    """
    from scipy import fft, ndimage

    spectrum = fft.rfft2(cells)
    amplitude = np.abs(spectrum) + _FLOOR
    log = np.log(amplitude)
    spectrum *= np.exp(log - _smoothed(log)) / amplitude
    energy = fft.irfft2(spectrum) ** 2
    smooth = ndimage.gaussian_filter(energy, SMOOTH, mode="nearest")
    found: Grid = smooth / smooth.max() if cells.std() > 0.1 else np.zeros((SIDE, SIDE))
    return found


def _smoothed(log: Grid) -> Grid:
    """Mean of 3 × 3 frequencies in the half (N, N/2 + 1) of a spectrum, which is the same at f and -f; it wraps."""
    opposite = np.roll(log[::-1], 1, axis=0)
    whole = np.concatenate([opposite[:, 1:2], log, opposite[:, -2:-1]], axis=1)
    columns = whole[:, :-2] + whole[:, 1:-1] + whole[:, 2:]
    mean: Grid = (np.roll(columns, 1, axis=0) + columns + np.roll(columns, -1, axis=0)) / 9
    return mean


def saliency(pixels: Pixels) -> Plane:
    """Saliency map of (H, W, 3) uint8 at its own size, (H, W) float32 in [0, 1]: for drawing."""
    height, width = pixels.shape[:2]
    small = Image.fromarray(saliency_grid(area_mean(halve(to_lightness(pixels)), SIDE, SIDE)).astype(np.float32))
    grown: Plane = np.clip(np.asarray(small.resize((width, height), Image.Resampling.BILINEAR)), 0, 1)
    return grown


@dataclass(frozen=True)
class Focus:
    """What the salient mass says. Positions are shares of width and height, origin top-left."""

    x: float
    y: float
    spread: float
    balance_x: float
    balance_y: float
    centering: float
    thirds_points: float


def salient_mass(grid: Grid) -> Grid | None:
    """Saliency above its mean, summing to 1; None where nothing stands out."""
    above = np.maximum(grid - grid.mean(), 0)
    return above / above.sum() if above.sum() > 0 else None


def focus(grid: Grid) -> Focus | None:
    """Statistics of the saliency above its mean, m, from a square grid; None where nothing stands out.

    x, y: centroid. spread: √Σ m·d² to the centroid (0 one point, 0.41 even). balance: mass right minus left, bottom
    minus top, in [−1, 1]. centering: Σ m exp(−d²/2σ²) to the centre, σ 0.2. thirds_points: the same to the nearest
    power point, σ 0.17. Source of the last two: Liu, Chen, Wolf & Cohen-Or, «Optimizing photo composition», CGF 29(2),
    2010; the constants are quoted second-hand and were not checked in the paper. Thirds agree with people weakly
    (Amirshahi et al. 2014).
    """
    mass = salient_mass(grid)
    if mass is None:
        return None
    place = (np.arange(len(grid)) + 0.5) / len(grid)
    columns, rows = mass.sum(axis=0), mass.sum(axis=1)
    x, y = float(columns @ place), float(rows @ place)
    third = np.minimum(abs(place - 1 / 3), abs(place - 2 / 3))
    near_third = np.exp(-(third**2) / (2 * THIRDS_SIGMA**2))
    near_centre = np.exp(-((place - 0.5) ** 2) / (2 * CENTRE_SIGMA**2))
    side = np.sign(place - 0.5)
    spread = np.sqrt(columns @ (place - x) ** 2 + rows @ (place - y) ** 2)
    return Focus(
        x,
        y,
        float(spread),
        float(columns @ side),
        float(rows @ side),
        float(near_centre @ mass @ near_centre),
        float(near_third @ mass @ near_third),
    )
