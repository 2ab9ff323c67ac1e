"""High dynamic range and wide gamut become 8-bit sRGB: what is brighter than paper white is rolled off, not cut off."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from artvision.image import Pixels

PQ, HLG = 16, 18  # transfer characteristics (ITU-T H.273, table 3)
# cd/m² of paper white in a PQ or HLG programme (ITU-R BT.2408-7, table 1).
WHITE = 203.0
# cd/m² that a programme is taken to reach: the nominal peak of HLG (ITU-R BT.2100-2, table 5).
PEAK = 1000.0
BAND = 1 << 18  # pixels converted at once: their floats stay a few megabytes

Floats = NDArray[np.float32]

# Linear BT.2020 to linear BT.709, both D65 (ITU-R BT.2087-0, annex 2, inverse of its matrix M2 · M1).
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
# BT.2020, table 4.
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def to_srgb(pixels: NDArray[np.uint16], curve: int, *, wide: bool) -> Pixels:
    """(H, W, 3) uint8 sRGB of non-linear RGB (H, W, 3) uint16 with the transfer `curve`; `wide`: of BT.2020's gamut."""
    flat = pixels.reshape(-1, 3)
    out = np.empty(flat.shape, np.uint8)
    for start in range(0, len(flat), BAND):
        linear = _linear(flat[start : start + BAND], curve)
        if wide:
            linear = linear @ _TO_709.T
        out[start : start + BAND] = _encode()[np.rint(np.clip(linear, 0, 1) * 65535).astype(np.uint16)]
    return out.reshape(pixels.shape)


def _linear(codes: NDArray[np.uint16], curve: int) -> Floats:
    """Linear light of (N, 3) code values, 1 for paper white."""
    if curve == HLG:
        scene = _from_hlg()[codes]
        luminance = np.maximum(scene @ _LUMA_2020, 1e-6)[:, None]
        # BT.2100-2, table 5: system gamma 1.2 at 1000 cd/m².
        shown = PEAK * luminance**0.2 * scene
        codes = np.rint(np.clip(to_pq(shown), 0, 1) * 65535).astype(np.uint16)
    table = _rolled_off() if curve in (PQ, HLG) else _sdr()
    light: Floats = table[codes]
    return light


@cache
def _rolled_off() -> Floats:
    """(65536,) light, 1 for paper white, of PQ codes: the roll-off from PEAK to WHITE of ITU-R BT.2390-10, 5.4.1."""
    code = np.arange(65536) / 65535
    top = float(to_pq(np.array(PEAK)))
    share, most = np.minimum(code / top, 1), float(to_pq(np.array(WHITE))) / top
    knee = 1.5 * most - 0.5
    t = np.clip((share - knee) / (1 - knee), 0, 1)
    curved = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return np.asarray(from_pq(np.where(share < knee, share, curved) * top) / WHITE, np.float32)


def from_pq(code: NDArray[np.floating]) -> NDArray[np.floating]:
    """cd/m² of PQ values in [0, 1] (SMPTE ST 2084; ITU-R BT.2100-2, table 4)."""
    power = np.power(code, 32 / 2523)
    ratio = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return np.asarray(10000 * np.power(ratio, 16384 / 2610))


def to_pq(light: NDArray[np.floating]) -> NDArray[np.floating]:
    """The inverse of `from_pq`."""
    power = np.power(np.maximum(light, 0) / 10000, 2610 / 16384)
    return np.asarray(np.power((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power), 2523 / 32))


@cache
def _from_hlg() -> Floats:
    """(65536,) scene light in [0, 1] of HLG code values (ITU-R BT.2100-2, table 5)."""
    code = np.arange(65536) / 65535
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.asarray(np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12), np.float32)


@cache
def _sdr() -> Floats:
    """(65536,) light of code values of a film without a high range, taken for sRGB's as everywhere else."""
    code = np.arange(65536) / 65535
    return np.asarray(np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4), np.float32)


@cache
def _encode() -> NDArray[np.uint8]:
    """(65536,) sRGB bytes of linear light in steps of 1/65535 (IEC 61966-2-1)."""
    light = np.arange(65536) / 65535
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(code * 255), np.uint8)
