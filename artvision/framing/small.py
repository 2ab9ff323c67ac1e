"""What is left of a picture in a row of small tiles: faces, letters, contrast at 120 pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.framing.box import Boxes
from artvision.pixels.plane import Plane, mean, mean_square

SIDE = 120  # long side in pixels of a small tile; ours
# Pixels across a face from which people tell whose it is; at 15 far fewer do (Bachmann 1991).
FACE_WIDTH = 18
# L*: standard deviation below which a picture has no contrast to lose; ours.
FLAT = 0.5


def tile_size(width: int, height: int) -> tuple[float, float]:
    """(width, height) in pixels of the picture as a tile."""
    scale = SIDE / max(width, height)
    return width * scale, height * scale


def face_widths(faces: Boxes, width: float) -> NDArray[np.float64]:
    """(F,): how wide each face is in a tile of that width, in pixels."""
    widths: NDArray[np.float64] = (faces[:, 2] - faces[:, 0]) * width
    return widths


def contrast_kept(lightness: Plane, half: Plane) -> float | None:
    """Standard deviation of L* in a tile over that of the whole, in [0, 1]; None for a picture of one tone.

    `lightness` (H, W) and its half; the tile is Pillow's bicubic, antialiased reduction of the half.
    """
    whole = _deviation(lightness)
    if whole < FLAT:
        return None
    high, wide = half.shape
    scale = SIDE / max(high, wide)
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    tile = np.asarray(Image.fromarray(half).resize(size, Image.Resampling.BICUBIC))
    return min(1.0, _deviation(tile) / whole)


def _deviation(lightness: Plane) -> float:
    return float(np.sqrt(max(0.0, mean_square(lightness) - mean(lightness) ** 2)))
