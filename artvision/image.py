"""One file becomes one upright sRGB picture; whatever cannot becomes a `DecodeError` with a reason.

Everything that looks at pixels gets them from here, so a picture is decoded once and every stage sees the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]  # (height, width, 3), sRGB, 0..255

SCORE_SIDE = 512  # long side at which light and composition look: scores of two resolutions agree
FACE_SIDE = 960  # long side at which faces are searched


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    `pixels` (H, W, 3) uint8 is the working copy, reduced from the original of `width` × `height` upright pixels;
    `notes` says what had to be done to it (first frame of an animation, a profile converted).
    """

    pixels: Pixels
    width: int
    height: int
    format: str = ""
    notes: tuple[str, ...] = ()
    _sizes: dict[int, Pixels] = field(default_factory=dict, repr=False)

    def at(self, long_side: int) -> Pixels:
        """The picture with its long side at exactly `long_side` pixels, (H, W, 3) uint8, antialiased; kept."""
        if long_side not in self._sizes:
            self._sizes[long_side] = resize(self.pixels, long_side)
        return self._sizes[long_side]


def resize(pixels: Pixels, long_side: int) -> Pixels:
    """Resample (H, W, 3) uint8 so that the long side is `long_side` and the aspect kept; bicubic, antialiased."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if size == (width, height):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))
