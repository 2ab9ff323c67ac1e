"""A frame as it came from the decoder becomes an upright sRGB picture of square pixels."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from artvision.film.deinterlacing import whole
from artvision.film.tones import HLG, PQ, to_srgb
from artvision.image import Pixels

if TYPE_CHECKING:
    from artvision.film.frame import Around
    from artvision.film.reading import Film

# Colour spaces and primaries (ITU-T H.273, tables 2 and 4).
UNSPECIFIED, BT2020 = 2, 9
# Pixels across and down up to which a film that does not say is BT.601, else BT.709, as mpv takes it.
SD = 1279, 576
# Swscale: accurate rounding, the same bits on every processor, all of the chroma.
EXACT = 0x40000 | 0x80000 | 0x2000
BICUBIC = 4  # swscale's number of it
# Times as wide as high, or the reverse: no pixel of a real film is, and a huge one would fill the memory.
WIDEST = 4


def upright(film: Film, around: Around) -> Pixels:
    """(H, W, 3) uint8 sRGB of the frame in the middle, deinterlaced where it is in fields, turned as the film says."""
    frame = whole(around)
    width, height = _square(frame.width, frame.height, film.stream.sample_aspect_ratio)
    space = None if frame.colorspace != UNSPECIFIED else _guessed(frame.width, frame.height)
    curve, wide = _curve(film), _primaries(film) == BT2020
    high = curve in (PQ, HLG) or wide
    pixels = frame.reformat(
        width=width,
        height=height,
        format="rgb48le" if high else "rgb24",
        src_colorspace=space,
        interpolation=BICUBIC | EXACT,
    ).to_ndarray()
    flat = to_srgb(pixels, curve, wide=wide) if high else pixels
    return np.ascontiguousarray(np.rot90(flat, round(around.shown.frame.rotation / 90) % 4))


def _guessed(width: int, height: int) -> str:
    """The matrix of a film that does not say: a wide picture cropped to 1280 × 536 is none of standard definition."""
    return "ITU601" if width <= SD[0] and height <= SD[1] else "ITU709"


def _square(width: int, height: int, aspect: Any) -> tuple[int, int]:
    """The size in square pixels; the short side of a pixel is what is stretched, so that nothing is thrown away."""
    ratio = Fraction(aspect.numerator, aspect.denominator) if aspect and aspect.denominator else Fraction(1)
    if not Fraction(1, WIDEST) <= ratio <= WIDEST:
        return width, height
    return (round(width * ratio), height) if ratio >= 1 else (width, round(height / ratio))


def _curve(film: Film) -> int:
    return int(film.stream.codec_context.color_trc)


def _primaries(film: Film) -> int:
    return int(film.stream.codec_context.color_primaries)
