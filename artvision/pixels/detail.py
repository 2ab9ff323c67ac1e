"""Fine detail of L*: how sharp, how smeared, how noisy.

Sharpness and smear look at half of the canonical size: detail near the pixel limit depends on how a picture was
resampled.
"""

from __future__ import annotations

import numpy as np

from artvision.pixels.grid import inside, second_difference, steps
from artvision.pixels.plane import Plane, mean, mean_square

MAX_SHARPNESS = 5.21  # log10(1 + 400²): the Laplacian of L* lies within ±400
# Pixels of the half size: steps of the structure function that motion of a few pixels tells apart.
_NEAR, _FAR = 1, 4
_EVERY = 3  # one response in three is enough for a median
# L*²: contrast at _FAR, across both directions, below which nothing is known about smear.
_EVIDENCE = 4.0


def sharpness(half: Plane) -> float:
    """log10(1 + variance of the Laplacian) of L* (H, W), 0..5.21; a uniform picture has 0.

    Source: Pech-Pacheco et al., «Diatom autofocusing in brightfield microscopy», ICPR 2000; the logarithm is ours.
    """
    laplacian = second_difference(half, 0)
    laplacian += second_difference(half, 1)
    return float(np.log10(1 + mean_square(laplacian) - mean(laplacian) ** 2))


def noise(lightness: Plane) -> float:
    """Standard deviation of noise in L* (H, W), estimated; 0..100.

    The operator [1 −2 1]ᵀ[1 −2 1] of Immerkær, «Fast noise variance estimation», CVIU 64(2), 1996, whose response to
    white noise of σ has 6σ; its scale is taken as median / 0.6745 (Donoho & Johnstone, Biometrika 81, 1994), so that
    edges do not count as noise.
    """
    response = second_difference(second_difference(lightness, 0), 1)
    response = np.abs(response.reshape(-1)[::_EVERY])
    middle = response.size // 2
    return min(100.0, float(np.partition(response, middle)[middle]) / 0.6745 / 6)


def _structure(plane: Plane, down: int, right: int) -> float:
    """Mean squared difference of L* between pixels (down, right) apart: the structure function."""
    return mean_square(inside(steps(plane, down, right), down, right))


def motion_blur(half: Plane) -> float:
    """How much more detail is lost along one direction than across it, in [0, 1]; 0 for uniform and tiny pictures.

    ρ(θ) = D₁(θ)/D₄(θ) with D the mean squared difference of L* (H, W) over 1 and 4 pixels; the two contrasts (ρ₀ −
    ρ₉₀)/(ρ₀ + ρ₉₀) and (ρ₄₅ − ρ₁₃₅)/(ρ₄₅ + ρ₁₃₅) are the components of the result. The ratio cancels what the motif's
    own direction (stripes) does. Ours, after the gradient anisotropy of blurred images (Chen et al., «Motion blur
    kernel», ICIP 2010).
    """
    if min(half.shape) <= 2 * _FAR:
        return 0.0
    parts: list[float] = []
    for one, other in (((0, 1), (1, 0)), ((1, 1), (1, -1))):
        near = [_structure(half, y * _NEAR, x * _NEAR) for y, x in (one, other)]
        far = [_structure(half, y * _FAR, x * _FAR) for y, x in (one, other)]
        kept, lost = near[0] * far[1], near[1] * far[0]
        known = min(far) / (min(far) + _EVIDENCE)
        parts.append(known * (kept - lost) / max(kept + lost, 1e-12))
    return min(1.0, float(np.hypot(parts[0], parts[1])))
