"""Colour spaces, and how much colour a picture has, of which kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels

Plane = NDArray[np.float32]

# Linear sRGB to XYZ (IEC 61966-2-1), each row divided by its sum, its D65 white, so that greys have a* = b* = 0.
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_TO_XYZ = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).astype(np.float32)
_FROM_XYZ = np.linalg.inv(_TO_XYZ.astype(np.float64))
_CODE = np.arange(256) / 255.0
_LINEAR = np.where(_CODE <= 0.04045, _CODE / 12.92, ((_CODE + 0.055) / 1.055) ** 2.4).astype(np.float32)

WARM_HUE = np.deg2rad(60.0)  # CIELAB hue of orange, between sRGB red (40°) and yellow (103°); sky blue is opposite
JUST_NOTICEABLE = 2.3  # ΔE*ab that is just noticeable: Mahy, Van Eycken & Oosterlinck, Color Res. Appl. 19, 1994
MAX_CHROMA = 134.0  # C*ab of sRGB's blue, the most chromatic of its colours, is 133.8
MAX_COLORFULNESS = 377.0  # 255·√2·√1.09, the bound of the formula below on 8-bit values


@dataclass(frozen=True, eq=False)
class Lab:
    """A picture in CIELAB, D65: planes `l` (0..100), `a` and `b`, each (H, W) float32."""

    l: Plane  # noqa: E741 - the name of the coordinate
    a: Plane
    b: Plane

    @cached_property
    def chroma(self) -> Plane:
        """C*ab = √(a² + b²), (H, W) float32, 0..134."""
        return np.sqrt(self.a * self.a + self.b * self.b)

    @cached_property
    def mean_chroma(self) -> float:
        """Mean of C*ab."""
        return float(self.chroma.mean())


def _companded(linear: tuple[Plane, Plane, Plane], row: int) -> Plane:
    """CIE f(t) of one XYZ channel relative to white: cube root, and a straight line below (6/29)³."""
    r, g, b = _TO_XYZ[row]
    t = linear[0] * r + linear[1] * g + linear[2] * b
    f: Plane = np.where(t > np.float32(216 / 24389), np.cbrt(t), t * np.float32(841 / 108) + np.float32(4 / 29))
    return f


def _linear(pixels: Pixels) -> tuple[Plane, Plane, Plane]:
    red, green, blue = _LINEAR.take(pixels.transpose(2, 0, 1))
    return red, green, blue


def _lightness(fy: Plane) -> Plane:
    plane: Plane = np.clip(116 * fy - 16, 0, 100)
    return plane


def to_lightness(pixels: Pixels) -> Plane:
    """CIE L* of (H, W, 3) uint8 sRGB: (H, W) float32 in [0, 100]. Source: CIE 15:2004; sRGB by IEC 61966-2-1."""
    return _lightness(_companded(_linear(pixels), 1))


def to_lab(pixels: Pixels) -> Lab:
    """CIELAB (D65) of (H, W, 3) uint8 sRGB. Source: CIE 15:2004; sRGB by IEC 61966-2-1."""
    linear = _linear(pixels)
    fx, fy, fz = (_companded(linear, row) for row in range(3))
    return Lab(_lightness(fy), 500 * (fx - fy), 200 * (fy - fz))


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
    red, green, blue = pixels.transpose(2, 0, 1).astype(np.float32)
    rg, yb = red - green, (red + green) * np.float32(0.5) - blue
    return float(np.sqrt(rg.var() + yb.var()) + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2))


def warmth(lab: Lab) -> float:
    """Balance of warm against cold hues in [−1, 1]; 0 for a grey picture.

    Σ C cos(h − 60°) / (Σ C + 2.3 N) over N pixels of chroma C and hue h: the second term takes colours below a just
    noticeable difference to neutral. Formula ours, after the warm and cool classes of CinemaNet.
    """
    toward = lab.a.mean() * np.cos(WARM_HUE) + lab.b.mean() * np.sin(WARM_HUE)
    return float(toward / (lab.mean_chroma + JUST_NOTICEABLE))


def hue_concentration(lab: Lab) -> float | None:
    """Mean resultant length of the hues, weighted by chroma, in [0, 1]: 1 one hue, 0 evenly around the circle.

    |Σ C e^{ih}| / Σ C. None where the mean chroma is below a just noticeable difference: a grey has no hue.
    Source: Mardia & Jupp, «Directional Statistics», 2000, §2.3, with weights.
    """
    if lab.mean_chroma < JUST_NOTICEABLE:
        return None
    return min(1.0, float(np.hypot(lab.a.mean(), lab.b.mean())) / lab.mean_chroma)
