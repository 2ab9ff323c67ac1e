"""Whether a picture was photographed or drawn: what its pixels tell, weighed as labelled film posters taught.

Signs after Athitsos, Swain & Frankel, «Distinguishing photographs and graphics on the World Wide Web», CAIVL 1997 (flat
areas, sharp edges, saturation), and Lienhart & Hartmann, «Classifying images on the web automatically», J. Electronic
Imaging 11(4), 2002; that derivatives of photographs have peaks and long tails is Field, JOSA A 4(12), 1987. All are
taken from a quarter and an eighth of the canonical size and from a histogram of colours, because small artwork has no
finer detail, and resampling leaves none.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.bundled import data_text
from artvision.logistic import sigmoid
from artvision.pixels.cells import LabCells
from artvision.pixels.figure import bend
from artvision.pixels.grid import halve, inside, second_difference, steps
from artvision.pixels.plane import Plane, mean_square
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.texture import pattern_entropy
from artvision.pixels.tone import rms_contrast

PHOTOGRAPH, ILLUSTRATION = "photograph", "illustration"
FILE = "medium.toml"
# L*: steps that are none to the eye, steps that are an outline; ours.
FLAT, STRONG = 2.0, 15.0
# C*ab, C*ab and L* of the colours that are counted; ours.
GREY, VIVID, DARK = 8.0, 50.0, 15.0
# L*⁴, far below what 8-bit values leave: a uniform picture has no tails.
_LEAST = 1e-3

Signs = NDArray[np.float64]  # (11,), in the order of `Judge.names`


@dataclass(frozen=True)
class Judge:
    """A logistic regression: mean, deviation and weight of each sign, and the scores that decide on a label.

    `evidence` is what it was worth on labels kept back.
    """

    names: tuple[str, ...]
    mean: Signs
    deviation: Signs
    weight: Signs
    bias: float
    illustration: float
    photograph: float
    evidence: Mapping[str, Any]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Judge:
        """From the tables of data/medium.toml."""
        signs, limits = table["signs"], table["limits"]
        mean, deviation, weight = np.array(list(signs.values()), np.float64).T
        decisions = limits["illustration"], limits["photograph"]
        return cls(tuple(signs), mean, deviation, weight, table["bias"], *decisions, table["kept_back"])

    def score(self, signs: Mapping[str, float]) -> float:
        """How surely it is an illustration, 0..1."""
        found = np.array([signs[name] for name in self.names])
        evidence = (self.weight * (found - self.mean) / self.deviation).sum() + self.bias
        return float(sigmoid(np.array(evidence)))

    def kind(self, score: float) -> str | None:
        """The label of a score; None between the limits."""
        return ILLUSTRATION if score >= self.illustration else PHOTOGRAPH if score <= self.photograph else None


@cache
def shipped() -> Judge:
    """The weights of data/medium.toml."""
    return Judge.of(tomllib.loads(data_text(FILE)))


def weights_sha256() -> str:
    """Checksum of those weights."""
    return hashlib.sha256(data_text(FILE).encode()).hexdigest()


def signs(planes: Pyramid) -> dict[str, float]:
    """What is weighed, by name."""
    quarter, eighth, cells = planes.quarter, halve(planes.quarter), planes.colours.cells
    near, far = _steps(quarter), _steps(eighth)
    chroma = np.hypot(cells.points[:, 1], cells.points[:, 2])
    return {
        "tails": _tails(quarter),
        "coarse_tails": _tails(eighth),
        "outlines": float((near > STRONG).mean()),
        "flat": float((near < FLAT).mean()),
        "coarse_flat": float((far < FLAT).mean()),
        "coarse_patterns": pattern_entropy(eighth),
        "grain": _grain(quarter),
        "contrast": rms_contrast(planes.lightness),
        "grey": _share(cells, chroma < GREY),
        "vivid": _share(cells, chroma > VIVID),
        "dark": _share(cells, cells.points[:, 0] < DARK),
    }


def _steps(plane: Plane) -> NDArray[np.float32]:
    """Absolute differences of L* between neighbours, side by side and one above the other, in one row."""
    return np.concatenate([np.abs(inside(steps(plane, *by), *by)).reshape(-1) for by in ((0, 1), (1, 0))])


def _tails(plane: Plane) -> float:
    """Logarithm of the kurtosis about 0 of the Laplacian of L*: 1.1 for normal noise, 2.5 and more for photographs."""
    squares = bend(plane)
    squares *= squares
    return float(np.log((mean_square(squares) + _LEAST) / (float(squares.mean(dtype=np.float64)) ** 2 + _LEAST)))


def _grain(plane: Plane) -> float:
    """Logarithm of the median response of the operator of `detail.noise`, in L*: grain, hatching, ornament."""
    response = np.abs(second_difference(second_difference(plane, 0), 1))
    return float(np.log(np.median(response) + 0.05))


def _share(cells: LabCells, chosen: NDArray[np.bool_]) -> float:
    return float(cells.shares[chosen].sum())
