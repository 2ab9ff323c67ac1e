"""Takes regions out of a picture: filled with what surrounds them, smoothly, so that no new edge tells where they were.

Normalised convolution (Knutsson and Westin, «Normalized and differential convolution», CVPR 1993): inside a region
each pixel becomes the weighted mean of the pixels outside, nearer ones counting more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.image import Pixels, resize
from artvision.lettering.regions import Box

# What the check says of it.
FILL = "filled smoothly with the mean of what surrounds it"
# Of a region's shorter side that is taken along on each side: shadows and strokes that reach out.
RIM = 0.15
# Long side in pixels at which the fill is computed; it has no detail that would need more.
COARSE = 96
STEPS = 16  # of the picture's height in which the control is tried
# Standard deviation of the weights, in shorter sides of the largest region.
REACH = 0.5
# Weight of what lies outside below which the mean of all that lies outside is taken.
FAINT = 1e-3

Mask = NDArray[np.bool_]


def hidden(boxes: Sequence[Box], size: tuple[int, int]) -> Mask:
    """(H, W) bool for `size` (width, height): true in boxes, given as shares, and on their rims."""
    mask = np.zeros(size[::-1], bool)
    for x0, y0, x1, y1 in boxes:
        wide, high = (x1 - x0) * size[0], (y1 - y0) * size[1]
        rim = RIM * min(wide, high)
        left, top = int(max(0, x0 * size[0] - rim)), int(max(0, y0 * size[1] - rim))
        mask[top : int(np.ceil(y1 * size[1] + rim)), left : int(np.ceil(x1 * size[0] + rim))] = True
    return mask


def elsewhere(text: Mask) -> Mask:
    """The control, which hides as much of something else: the mask moved up or down to where it covers least text."""
    moved = [np.roll(text, round(len(text) * step / STEPS), axis=0) for step in range(1, STEPS)]
    return min(moved, key=lambda mask: int((mask & text).sum())) & ~text


def filled(pixels: Pixels, mask: Mask, reach: float) -> Pixels:
    """(H, W, 3) uint8 with what `mask` hides filled in; `reach`: shorter side of the largest region, share of the long.

    The picture itself is not changed. Where everything is hidden, the fill is its mean colour.
    """
    if not mask.any():
        return pixels
    small = resize(pixels, COARSE)
    shrunk = Image.fromarray(mask.astype(np.uint8) * 255).resize(small.shape[1::-1], Image.Resampling.BOX)
    fill = _spread(small, np.asarray(shrunk) == 0, max(1.0, REACH * reach * COARSE))
    smooth = Image.fromarray(fill).resize(pixels.shape[1::-1], Image.Resampling.BICUBIC)
    return np.where(mask[..., None], np.asarray(smooth), pixels)


def _spread(pixels: Pixels, outside: Mask, deviation: float) -> Pixels:
    """What lies outside, (H, W, 3), carried into the rest."""
    from scipy.ndimage import gaussian_filter

    known = outside.astype(np.float32)[..., None]
    mean = pixels[outside].mean(axis=0) if outside.any() else pixels.mean(axis=(0, 1))
    blur = (deviation, deviation, 0)
    weight = gaussian_filter(known, blur, mode="nearest")
    carried = gaussian_filter(known * pixels, blur, mode="nearest")
    found = np.where(weight > FAINT, carried / np.maximum(weight, FAINT), mean)
    return np.clip(np.rint(found), 0, 255).astype(np.uint8)
