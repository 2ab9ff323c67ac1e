"""Bicubic, antialiased resampling of 8-bit pictures, by Pillow: integer arithmetic, the same bytes everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def resample(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 at `size` = (width, height), read-only; Keys' cubic (a = -0.5), widened when it reduces.

    Keys, Cubic convolution interpolation for digital image processing, 1981.
    """
    if size == pixels.shape[1::-1]:
        return pixels
    return np.asarray(reduce(Image.fromarray(pixels), size))


def reduce(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture of any continuous mode at `size` = (width, height); alpha weighs the colours it covers."""
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=None if image.mode == "RGB" else 2.0)
