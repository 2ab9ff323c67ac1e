"""Colour spaces, and how much colour a picture has, of which kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels
from artvision.pixels.plane import Plane, mean

# Linear sRGB to XYZ (IEC 61966-2-1), each row divided by its sum, its D65 white, so that greys have a* = b* = 0.
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_TO_XYZ = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).astype(np.float32)
_FROM_XYZ = np.linalg.inv(_TO_XYZ.astype(np.float64))
_CODE = np.arange(256) / 255.0
_LINEAR = np.where(_CODE <= 0.04045, _CODE / 12.92, ((_CODE + 0.055) / 1.055) ** 2.4).astype(np.float32)
# Of CIE's f near black.
_KNEE, _SLOPE, _OFFSET = (np.float32(value) for value in (216 / 24389, 841 / 108, 4 / 29))
# Pixels converted at once: few enough to stay in a core's own cache from step to step.
_BAND = 1 << 15
_CHUNK = 1 << 12  # pixels whose squares of up to 510² fit a sum in 32 bits

# CIELAB hue of orange, between sRGB red (40°) and yellow (103°); sky blue is opposite.
WARM_HUE = np.deg2rad(60.0)
# ΔE*ab that is just noticeable: Mahy, Van Eycken & Oosterlinck, Color Res. Appl. 19, 1994.
JUST_NOTICEABLE = 2.3
# C*ab of sRGB's blue, the most chromatic of its colours, is 133.8.
MAX_CHROMA = 134.0
# 255·√2·√1.09, the bound of the formula below on 8-bit values.
MAX_COLORFULNESS = 377.0


class Means(NamedTuple):
    """Means over a picture of a*, b* and C*ab = √(a² + b²)."""

    a: float
    b: float
    chroma: float


class Coloured(Protocol):
    """What has the means of a picture's colours."""

    @property
    def means(self) -> Means:
        """Of a*, b* and C*ab."""


@dataclass(frozen=True, eq=False)
class Lab:
    """A picture in CIELAB, D65: planes `l` (0..100), `a` and `b`, each (H, W) float32."""

    l: Plane  # noqa: E741 - the name of the coordinate
    a: Plane
    b: Plane

    @cached_property
    def means(self) -> Means:
        """Means over the picture."""
        chroma, b_squared = self.a * self.a, self.b * self.b
        chroma += b_squared
        return Means(mean(self.a), mean(self.b), mean(np.sqrt(chroma, out=chroma)))


def planar(pixels: Pixels) -> Pixels:
    """The same (H, W, 3) with each channel in one piece of memory, which is how the functions below go through it."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)).transpose(1, 2, 0)


def _bands(pixels: Pixels) -> Iterator[NDArray[np.float32]]:
    """Linear light (3, h, W), from the top down; h is a multiple of 3 but for the last."""
    channels = planar(pixels).transpose(2, 0, 1)
    rows = max(1, _BAND // channels.shape[2] // 3) * 3
    for top in range(0, channels.shape[1], rows):
        # No index is out of bounds: «wrap» asks least.
        yield _LINEAR.take(channels[:, top : top + rows], mode="wrap")


def _companded(linear: NDArray[np.float32], to_xyz: NDArray[np.float32]) -> NDArray[np.float32]:
    """CIE f(t) of XYZ channels relative to white: a cube root, and a straight line below (6/29)³.

    From linear light (3, h, W) by rows (n, 3) of the matrix, (n, h, W); all channels in one call of each step.
    """
    red, green, blue = to_xyz.T[..., None, None]
    t = linear[0] * red
    t += linear[1] * green
    t += linear[2] * blue
    line, dark = t * _SLOPE, t <= _KNEE
    line += _OFFSET
    f: NDArray[np.float32] = np.cbrt(t, out=t)
    np.copyto(f, line, where=dark)
    return f


def _lightness(fy: NDArray[np.float32]) -> Plane:
    plane = fy * np.float32(116)
    plane -= np.float32(16)
    np.clip(plane, 0, 100, out=plane)
    return plane


def to_lightness(pixels: Pixels) -> Plane:
    """CIE L* of (H, W, 3) uint8 sRGB: (H, W) float32 in [0, 100]. Source: CIE 15:2004; sRGB by IEC 61966-2-1."""
    return np.concatenate([_lightness(_companded(linear, _TO_XYZ[1:2])[0]) for linear in _bands(pixels)])


def to_luminance(pixels: Pixels) -> Plane:
    """Linear luminance Y of (H, W, 3) uint8 sRGB: (H, W) float32 in [0, 1]. Source: IEC 61966-2-1."""
    linear = _LINEAR[pixels]
    luminance: Plane = np.einsum("ijk,k->ij", linear, _TO_XYZ[1])
    return luminance


def lab_bands(pixels: Pixels) -> Iterator[Lab]:
    """CIELAB (D65) of (H, W, 3) uint8 sRGB, band by band from the top down; all but the last have 3 k rows.

    What a band leaves is still in the cache for the next step. Source: CIE 15:2004; sRGB by IEC 61966-2-1.
    """
    for linear in _bands(pixels):
        fx, fy, fz = _companded(linear, _TO_XYZ)
        fx -= fy
        fx *= np.float32(500)
        np.subtract(fy, fz, out=fz)
        fz *= np.float32(200)
        yield Lab(_lightness(fy), fx, fz)


def to_lab(pixels: Pixels) -> Lab:
    """CIELAB (D65) of (H, W, 3) uint8 sRGB, in one piece."""
    planes = zip(*((band.l, band.a, band.b) for band in lab_bands(pixels)), strict=True)
    return Lab(*(np.concatenate(plane) for plane in planes))


def lab_to_rgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """CIELAB (..., 3) back to sRGB (..., 3) uint8, clipped to the gamut; the inverse of `to_lab`."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * (108 / 841))
    linear = np.clip((xyz[..., None, :] * _FROM_XYZ).sum(axis=-1), 0, 1)
    code = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    rgb: NDArray[np.uint8] = np.rint(code * 255).astype(np.uint8)
    return rgb


def colorfulness(pixels: Pixels) -> float:
    """Colourfulness M of (H, W, 3) uint8: 0 grey, about 33 moderate, 109 extreme.

    rg = R − G, yb = (R + G)/2 − B; M = √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb).
    Source: Hasler & Süsstrunk, «Measuring colourfulness in natural images», SPIE 5007, 2003.
    """
    red, green, blue = (pixels[..., channel].astype(np.int16) for channel in range(3))
    # Of 2 yb.
    (rg_mean, rg_var), (yb_mean, yb_var) = _moments(red - green), _moments(red + green - 2 * blue)
    return float(np.sqrt(rg_var + yb_var / 4) + 0.3 * np.sqrt(rg_mean**2 + yb_mean**2 / 4))


def _moments(values: NDArray[np.int16]) -> tuple[float, float]:
    """(mean, variance) of numbers within ±510, exact."""
    flat = values.astype(np.int32).reshape(-1)
    starts = np.arange(0, flat.size, _CHUNK)
    total = int(np.add.reduceat(flat, starts, dtype=np.int32).sum(dtype=np.int64))
    flat *= flat
    squares = int(np.add.reduceat(flat, starts, dtype=np.int32).sum(dtype=np.int64))
    return total / flat.size, (squares * flat.size - total**2) / flat.size**2


def warmth(seen: Coloured) -> float:
    """Balance of warm against cold hues in [−1, 1]; 0 for a grey picture.

    Σ C cos(h − 60°) / (Σ C + 2.3 N) over N pixels of chroma C and hue h: the second term takes colours below a just
    noticeable difference to neutral. Formula ours, after the warm and cool classes of CinemaNet.
    """
    a, b, chroma = seen.means
    return float((a * np.cos(WARM_HUE) + b * np.sin(WARM_HUE)) / (chroma + JUST_NOTICEABLE))


def hue_concentration(seen: Coloured) -> float | None:
    """Mean resultant length of the hues, weighted by chroma, in [0, 1]: 1 one hue, 0 evenly around the circle.

    |Σ C e^{ih}| / Σ C. None where the mean chroma is below a just noticeable difference: a grey has no hue.
    Source: Mardia & Jupp, «Directional Statistics», 2000, §2.3, with weights.
    """
    a, b, chroma = seen.means
    return None if chroma < JUST_NOTICEABLE else min(1.0, float(np.hypot(a, b)) / chroma)
