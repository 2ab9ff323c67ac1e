"""The few colours that a picture is made of: k-means in CIELAB, the same picture always the same palette."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import numpy as np

from artvision.bundled import data_text
from artvision.pixels.cells import LabCells, Points, squared_gaps
from artvision.pixels.color import lab_to_rgb, to_lab

MAX_COLORS = 8
MERGE = 10.0  # ΔE*ab below which two colours of one palette are one
# A colour on less of the picture than this is no part of its palette.
MIN_SHARE = 0.005
_ROUNDS = 12


@dataclass(frozen=True)
class Swatch:
    """One colour of a palette: CIELAB, sRGB, its share of the picture (0..1] and the name of the nearest CSS colour."""

    lab: tuple[float, float, float]
    rgb: tuple[int, int, int]
    share: float
    name: str


@cache
def _named() -> tuple[list[str], Points]:
    colors = tomllib.loads(data_text("color_names.toml"))["colors"]
    lab = to_lab(np.array([[list(bytes.fromhex(code[1:])) for code in colors.values()]], dtype=np.uint8))
    return list(colors), np.stack([lab.l[0], lab.a[0], lab.b[0]], axis=1).astype(np.float64)


def nearest_names(lab: Points) -> list[str]:
    """CSS name whose colour is nearest to each row of `lab` (K, 3) by ΔE*ab (CIE 1976)."""
    names, points = _named()
    return [names[index] for index in squared_gaps(lab, points).argmin(axis=1)]


def _start(points: Points, shares: Points, count: int) -> Points:
    """First centres (≤ count, 3): the commonest colour, then always the one that costs most where it now stands."""
    chosen = [shares.argmax()]
    nearest = np.full(len(points), np.inf)
    for _ in range(count - 1):
        np.minimum(nearest, squared_gaps(points[chosen[-1:]], points)[0], out=nearest)
        cost = nearest * shares
        if cost.max() <= 0:
            break
        chosen.append(cost.argmax())
    return points[chosen]


def _means(points: Points, shares: Points, count: int) -> tuple[Points, Points]:
    """Weighted k-means: centres (≤ count, 3) and their shares."""
    centres = _start(points, shares, count)
    parts = [*(points * shares[:, None]).T, shares]
    before = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        member = squared_gaps(centres, points).argmin(axis=0)
        if np.array_equal(member, before):
            break  # nothing would move any more
        sums = np.array([np.bincount(member, part, len(centres)) for part in parts], dtype=np.float64)
        *mass, weight = sums[:, sums[-1] > 0]
        centres, before = np.stack(mass, axis=1) / weight[:, None], member
    return centres, weight


def _merged(centres: Points, shares: Points) -> tuple[Points, Points]:
    """Join the two nearest colours while they are closer than MERGE."""
    while len(centres) > 1:
        gaps = squared_gaps(centres, centres) + np.diag(np.full(len(centres), np.inf))
        one, other = sorted(map(int, np.unravel_index(gaps.argmin(), gaps.shape)))
        if gaps[one, other] >= MERGE**2:
            break
        total = shares[one] + shares[other]
        centres[one] = (centres[one] * shares[one] + centres[other] * shares[other]) / total
        shares[one] = total
        centres, shares = np.delete(centres, other, axis=0), np.delete(shares, other)
    return centres, shares


def palette(cells: LabCells, count: int = MAX_COLORS) -> tuple[Swatch, ...]:
    """At most `count` colours of a picture, largest share first; never empty. Shares sum to at most 1.

    k-means (Lloyd, IEEE Trans. Inf. Theory 28, 1982) over a histogram of Lab, started without chance from the commonest
    colour, then centres nearer than ΔE*ab 10 joined. The fields follow AWS Rekognition's dominant colours.
    """
    centres, shares = _merged(*_means(cells.points, cells.shares, count))
    order = np.argsort(-shares, kind="stable")
    order = order[shares[order] >= MIN_SHARE]
    labs, names = centres[order], nearest_names(centres[order])
    rows = zip(labs.tolist(), lab_to_rgb(labs).tolist(), shares[order].tolist(), names, strict=True)
    return tuple(Swatch(tuple(point), tuple(rgb), share, name) for point, rgb, share, name in rows)
