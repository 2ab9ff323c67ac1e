"""Candidate stills: frames at a steady pace, each with what decides whether it is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.image import Pixels
from artvision.pixels.borders import bars
from artvision.pixels.color import to_lightness
from artvision.pixels.plane import Plane, mean

# Long side of the small frames at which shots are found and candidates judged.
SIDE = 320
PACE = 4  # candidates a second
# L* beyond which no detail is seen, as in `artvision.pixels.tone`.
DARK, LIGHT = 5.0, 95.0
# L*: what grain and compression change between two frames of a still scene.
SAME = 3.0


@dataclass(frozen=True)
class Candidate:
    """A frame that was looked at.

    `focus`: mean gradient of L*; `contrast`: its standard deviation; `clipped`: share without detail; all of what bars
    leave. `dark`: share of the whole frame without detail in the dark; `bars`: share that bars take. `hash` has 64
    bits. `motion` and `stillness` compare it with the candidate before; None for the first. `spoilt`: what came before
    it is damaged, and so may it be.
    """

    time: Fraction
    focus: float
    clipped: float
    contrast: float
    dark: float
    bars: float
    hash: int
    motion: float | None
    stillness: float | None
    spoilt: bool = False


class Judge:
    """Judges frame after frame of one film; knows the frame before."""

    def __init__(self) -> None:
        self._before: Plane | None = None
        self._slot = -1

    def due(self, time: Fraction) -> bool:
        """Whether a frame of that time is the first of its quarter of a second."""
        slot = int(time * PACE)
        if slot == self._slot:
            return False
        self._slot = slot
        return True

    def judge(self, time: Fraction, small: Pixels, *, spoilt: bool = False) -> Candidate:
        """The candidate that a small frame (H, W, 3) uint8 sRGB is."""
        whole = to_lightness(small)
        inner = _inside(whole)
        clipped = float(((inner < DARK) | (inner > LIGHT)).mean())
        dark, bars_share = float((whole < DARK).mean()), 1 - inner.size / whole.size
        change = self._change(whole)
        self._before = whole
        contrast, bits = float(inner.std()), perceptual_hash(small)
        return Candidate(time, _focus(inner), clipped, contrast, dark, bars_share, bits, *change, spoilt)

    def _change(self, now: Plane) -> tuple[float | None, float | None]:
        """(mean change of L*, share of the picture that changes by less than `SAME`) since the candidate before."""
        before = self._before
        if before is None or before.shape != now.shape:
            return None, None
        change = np.abs(now - before)
        return mean(change), float((change < SAME).mean())


def _inside(lightness: Plane) -> Plane:
    """What letterbox bars leave; all of it where they would leave nothing."""
    height, width = lightness.shape
    found = bars(lightness)
    top, bottom = round(found.top * height), height - round(found.bottom * height)
    left, right = round(found.left * width), width - round(found.right * width)
    inner = lightness[top:bottom, left:right]
    return inner if min(inner.shape) >= 2 else lightness


def _focus(lightness: Plane) -> float:
    """Mean absolute difference of L* between neighbours, down and across: the measure with which editors' choices
    correlate most (Song et al., «To click or not to click», CIKM 2016, there as texture and sharpness).
    """
    down = np.abs(np.diff(lightness, axis=0)).mean()
    across = np.abs(np.diff(lightness, axis=1)).mean()
    return float(down + across)


def perceptual_hash(small: Pixels) -> int:
    """64 bits (Zauner, «Implementation and benchmarking of perceptual image hash functions», 2010)."""
    import imagehash

    bits: NDArray[np.bool_] = imagehash.phash(Image.fromarray(small)).hash.ravel()
    return int(np.packbits(bits).view(">u8")[0])
