"""What is kept of a picture so that it can be compared: features, a small grey copy, where type is, and hashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.image import Pixels, resize
from artvision.pixels.borders import bars
from artvision.pixels.color import to_lightness
from artvision.plates.features import Features, features
from artvision.plates.masking import Mask, text_mask
from artvision.plates.opencv import cv2, imagehash

# Long side in pixels at which features are found; SIFT doubles it for the finest ones.
SIDE = 384
SMALL = 192  # long side of the grey copy that is compared densely
# Of a picture: more is a façade or a fence that passes for type, and is not hidden.
MOST_TEXT = 0.6
SMALLEST = 16  # pixels a side: what bars leave must be a picture


@dataclass(frozen=True, eq=False)
class Sketch:
    """About 120 KB a picture. Coordinates are pixels at canonical size (384 the long side), bars cut off.

    `size` is (W, H) there. `grey` (h, w) uint8 and `text` (h, w) bool have a long side of 192; `masked` is false where
    so much passed for type that none is hidden. `hash` and `mirrored_hash` have 64 bits.
    """

    size: tuple[int, int]
    features: Features
    grey: NDArray[np.uint8]
    text: Mask
    masked: bool
    hash: int
    mirrored_hash: int

    def mirrored(self) -> Sketch:
        """The sketch of the picture turned left to right; nothing is computed anew."""
        turned, grey, text = self.features.mirrored(self.size[0]), self.grey[:, ::-1], self.text[:, ::-1]
        return Sketch(self.size, turned, grey, text, self.masked, self.mirrored_hash, self.hash)


def sketch(pixels: Pixels) -> Sketch:
    """The sketch of an upright sRGB picture (H, W, 3) uint8 of any size. Pure: any thread, the same answer."""
    inner = resize(_without_bars(resize(pixels, SIDE)), SIDE)
    text = text_mask(inner)
    masked = bool(text.mean() <= MOST_TEXT)
    text &= masked
    found = features(_grey(inner), text)
    grey = _grey(resize(inner, SMALL))
    small = cv2.resize(text.astype(np.uint8) * 255, grey.shape[::-1], interpolation=cv2.INTER_AREA) > 0
    return Sketch((inner.shape[1], inner.shape[0]), found, grey, small, masked, _hash(grey), _hash(grey[:, ::-1]))


def _grey(pixels: Pixels) -> NDArray[np.uint8]:
    """Luma (H, W) uint8 of (H, W, 3) uint8, ITU-R BT.601."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _hash(grey: NDArray[np.uint8]) -> int:
    """64 bits: which of the lowest 8 × 8 cosines exceed their median (Zauner, «Implementation and benchmarking of
    perceptual image hash functions», 2010).
    """
    bits = imagehash.phash(Image.fromarray(grey)).hash.ravel()
    return int(np.packbits(bits).view(">u8")[0])


def _without_bars(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    found = bars(to_lightness(pixels))
    top, bottom = round(found.top * height), height - round(found.bottom * height)
    left, right = round(found.left * width), width - round(found.right * width)
    inner = pixels[top:bottom, left:right]
    return inner if min(inner.shape[:2]) >= SMALLEST else pixels
