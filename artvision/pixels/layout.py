"""How edges are laid out: symmetry, diagonals, lines on thirds, tilt, clutter, and where detail is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.pixels.grid import Grid, area_mean, gradients
from artvision.pixels.plane import mean

# (L*)² a cell: mean squared gradient below which a picture is uniform.
NO_EDGES = 1e-3
LINE_SIGMA = 0.05  # width of a third line as a share of the side; ours
# L* a pixel at half of the canonical size: gradient at which a pixel counts as half an edge; ours.
BUSY = 4.0
# Share of edges that must agree before a tilt is stated; ours.
MIN_COHERENCE = 0.1
MAX_TILT = 40.0  # degrees: nearer to 45 an edge belongs to either axis


def symmetry(grid: Grid, axis: int) -> float | None:
    """Mirror symmetry of L* cells about the middle of `axis` (1: left-right, 0: top-bottom), in [0, 1].

    1 − Σ(|gx ∓ gx'| + |gy ± gy'|) / Σ(|gx| + |gx'| + |gy| + |gy'|), g' the mirrored gradient: 1 mirrored, 0 mirrored
    with light for dark, about 0.3 for noise. None for a uniform picture. Ours, a signed form of the edge symmetry that
    Hecate (Song et al. 2016) and Liu et al. 2010 measure.
    """
    from scipy import ndimage

    pair = gradients(ndimage.gaussian_filter(grid, 1.0, mode="nearest"))
    total = 2 * sum(float(np.abs(part).sum()) for part in pair)
    if total <= grid.size * NO_EDGES:
        return None
    flipped = [np.flip(part, axis) for part in pair]
    flipped[1 - axis] = -flipped[1 - axis]
    return 1 - sum(float(np.abs(part - other).sum()) for part, other in zip(pair, flipped, strict=True)) / total


def diagonal(grid: Grid) -> float | None:
    """Share of edge energy along the two diagonals of the frame, from a square grid of cells, in [0, 1].

    Σ (2 gx gy)²/|g|² / Σ |g|² = the mean of sin² 2θ: 0 edges along the axes, 1 along the diagonals, ½ no preference.
    None for a uniform picture. Ours, after the diagonal measure of Liu et al. 2010.
    """
    gx, gy = gradients(grid)
    energy = gx**2 + gy**2
    if energy.mean() <= NO_EDGES:
        return None
    return float(((2 * gx * gy) ** 2 / np.maximum(energy, 1e-12)).sum() / energy.sum())


def thirds_lines(grid: Grid) -> float | None:
    """Share of edge energy near a third line that it runs along, weighted exp(−d²/2·0.05²), in [0, 1].

    Upright edges against x = ⅓, ⅔ and level ones against y = ⅓, ⅔. None for a uniform picture. Ours; Liu et al. 2010
    use detected lines, with an exponential of the same form.
    """
    upright, level = np.abs(np.diff(grid, axis=1)) ** 2, np.abs(np.diff(grid, axis=0)) ** 2
    total = float(upright.sum() + level.sum())
    if total <= grid.size * NO_EDGES:
        return None
    place = np.arange(1, len(grid)) / len(grid)
    near = np.exp(-(np.minimum(abs(place - 1 / 3), abs(place - 2 / 3)) ** 2) / (2 * LINE_SIGMA**2))
    return float(upright.sum(axis=0) @ near + level.sum(axis=1) @ near) / total


def tilt(plane: NDArray[np.floating]) -> tuple[float | None, float]:
    """(angle, coherence) of the axes that edges follow in a plane of square cells; positive turns clockwise.

    φ = ¼ arg Σ |g|² e^{4iθ}: the fourth moment is blind to which of the two axes an edge follows. coherence = |Σ| /
    Σ|g|², in [0, 1]. The angle is in degrees within ±40, None where coherence < 0.1 or the edges lie at 45°. Source:
    the k-fold circular moment, Mardia & Jupp, «Directional Statistics», 2000, §3.6.1; as horizon measure ours.
    """
    from scipy import ndimage

    gx, gy = gradients(ndimage.gaussian_filter(plane, 1.0, mode="nearest"))
    energy = gx**2 + gy**2
    if energy.mean() <= NO_EDGES:
        return None, 0.0
    # (gx + i gy)², squared once more below.
    along, across = gx**2 - gy**2, 2 * gx * gy
    known = np.maximum(energy, 1e-12)
    real, imaginary = ((along**2 - across**2) / known).sum(), (2 * along * across / known).sum()
    moment = complex(real, imaginary) / float(energy.sum())
    angle = float(np.degrees(np.angle(moment))) / 4
    stated = abs(moment) >= MIN_COHERENCE and abs(angle) <= MAX_TILT
    return (angle if stated else None), min(1.0, abs(moment))


def clutter(gradient: NDArray[np.floating]) -> float:
    """Edge density: mean of |g| / (|g| + 4) over a plane of gradient magnitudes in L* a pixel, in [0, 1).

    Source: Rosenholtz, Li & Nakano, «Measuring visual clutter», JoV 7(2), 2007, edge density; a soft threshold for
    Canny's.
    """
    return mean(gradient / (gradient + BUSY))


def central_detail(plane: NDArray[np.floating]) -> float | None:
    """Share of wavelet detail within the central quarter of the area, in [0, 1]: ¼ even, 1 all in the middle.

    Haar coefficients of 2 × 2 cells, the three directions summed, over the middle 2 × 2 of 4 × 4 blocks. Source: low
    depth of field of Datta et al., «Studying aesthetics in photographic images», ECCV 2006, on L*. None for a uniform
    picture.
    """
    grid = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2)), mode="edge")
    sums, gaps = grid[::2] + grid[1::2], grid[::2] - grid[1::2]
    detail = np.abs(gaps[:, ::2] + gaps[:, 1::2])
    detail += np.abs(sums[:, ::2] - sums[:, 1::2])
    detail += np.abs(gaps[:, ::2] - gaps[:, 1::2])
    if detail.mean() <= NO_EDGES:
        return None
    blocks = area_mean(detail, 4, 4)
    return float(blocks[1:3, 1:3].sum() / blocks.sum())
