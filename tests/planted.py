"""Pictures with one bare box in a busy surrounding: where a title must go is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.framing.box import Box

Pixels = NDArray[np.uint8]
GRAIN = 1 / 80  # side of a block of the surrounding, share of the long side


def busy(width: int, height: int, random: np.random.Generator) -> NDArray[np.float64]:
    """(H, W, 3): blocks of any colour, drawn over all of the picture."""
    block = max(1, round(GRAIN * max(width, height)))
    size = -(-height // block), -(-width // block), 3
    blocks = random.integers(0, 256, size).astype(np.float64)
    return blocks.repeat(block, axis=0).repeat(block, axis=1)[:height, :width]


def planted(width: int, height: int, box: Box, seed: int, noise: float = 3.0) -> Pixels:
    """(H, W, 3): busy but for `box`, which holds a soft gradient of light with grain of that standard deviation."""
    random = np.random.default_rng(seed)
    picture = busy(width, height, random)
    left, top, right, bottom = (round(share * side) for share, side in zip(box, (width, height) * 2, strict=True))
    y, x = np.mgrid[0 : 1 : complex(bottom - top), 0 : 1 : complex(right - left)]
    base, slope = random.uniform(60, 200), random.uniform(-40, 40, 2)
    soft = base + slope[0] * x + slope[1] * y
    picture[top:bottom, left:right] = soft[..., None] + random.normal(0, noise, (*soft.shape, 3))
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def half_tone(left: int, right: int, share: float, size: tuple[int, int] = (640, 360)) -> Pixels:
    """(H, W, 3): the grey `left` over that share of the width, the grey `right` over the rest."""
    image = Image.new("L", size, right)
    image.paste(left, (0, 0, round(size[0] * share), size[1]))
    return np.asarray(image.convert("RGB"))
