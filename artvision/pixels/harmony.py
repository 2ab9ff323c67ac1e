"""How well the hues of a picture fit the harmonic templates of Cohen-Or et al.

Source: Cohen-Or, Sorkine, Gal, Leyvand & Xu, «Color harmonization», ACM TOG 25(3), 2006: the sectors are those of its
appendix. Departure: pixels are weighted by max − min of R, G, B and not by HSV saturation, which is large in
near-black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels

# (360,): share of colour at each degree, summing to 1.
Hues = NDArray[np.float64]

# One pixel in three, counted along the rows, is enough for a histogram.
_EVERY = 3
HUES = 360  # bins of the hue circle, one a degree
# Mean of max − min, of 255, below which a picture has no hue to speak of.
MIN_WEIGHT = 4.0
# name -> (centre, width) of each sector as shares of the circle; the two L are mirror images
_SECTORS = {
    "i": (((0.0, 0.05),),),
    "v": (((0.0, 0.26),),),
    "l": (((0.0, 0.05), (0.25, 0.22)), ((0.0, 0.05), (-0.25, 0.22))),
    "opposite": (((0.0, 0.05), (0.5, 0.05)),),
    "t": (((0.0, 0.50),),),
    "y": (((0.0, 0.26), (0.5, 0.05)),),
    "x": (((0.0, 0.26), (0.5, 0.26)),),
}
TEMPLATES = tuple(_SECTORS)


def _distances(sectors: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Degrees from each hue to the nearest sector of a template, (360,)."""
    hues = np.arange(HUES)
    gaps = [np.abs((hues - centre * HUES + HUES / 2) % HUES - HUES / 2) - width * HUES / 2 for centre, width in sectors]
    nearest: NDArray[np.float64] = np.maximum(np.min(gaps, axis=0), 0.0)
    return nearest


_VARIANTS = [(name, sectors) for name, variants in _SECTORS.items() for sectors in variants]
_SPECTRA = np.conj(np.fft.rfft(np.stack([_distances(sectors) for _, sectors in _VARIANTS]), axis=1))


def hue_histogram(pixels: Pixels) -> Hues | None:
    """Share of colour at each degree of HSV hue, (360,) summing to 1; None for a picture without colour."""
    red, green, blue = np.ascontiguousarray(pixels.reshape(-1, 3)[::_EVERY].T).astype(np.int16)
    top = np.maximum(np.maximum(red, green), blue)
    weight = top - np.minimum(np.minimum(red, green), blue)
    if weight.mean() < MIN_WEIGHT:
        return None
    sixth = red - green + 4 * weight
    np.copyto(sixth, blue - red + 2 * weight, where=top == green)
    np.copyto(sixth, green - blue, where=top == red)
    degrees = sixth.astype(np.float32)
    degrees *= np.float32(60)
    degrees /= np.maximum(weight, 1).astype(np.float32)
    # Degrees run from -60 to 300: counted from -60 on, then turned, for a remainder of each pixel costs more.
    np.rint(degrees, out=degrees)
    degrees += np.float32(60)
    counts = np.bincount(degrees.astype(np.intp), weights=weight, minlength=HUES + 1)
    counts[0] += counts[HUES]
    shares: Hues = np.roll(counts[:HUES], -60) / counts[:HUES].sum()
    return shares


def template_distances(histogram: Hues) -> dict[str, float]:
    """Mean distance of the hues (360,) from each template at its best rotation, in degrees, 0..180.

    F(T) = min over α of Σ h(θ) · d(θ, T rotated by α); d is 0 inside a sector, else the arc to its border.
    """
    costs = np.fft.irfft(np.fft.rfft(histogram)[None] * _SPECTRA, n=HUES, axis=1).min(axis=1)
    found: dict[str, float] = {}
    for (name, _), cost in zip(_VARIANTS, costs, strict=True):
        found[name] = max(0.0, min(found.get(name, np.inf), float(cost)))
    return found
