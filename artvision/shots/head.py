"""A linear head over measured columns, as it was fitted: a file of centres, spreads and weights, and one product."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.errors import DefinitionError
from artvision.logistic import softmax
from artvision.shots.evidence import EVIDENCE, Values, evidence

Array = NDArray[np.float64]
FILE = Path(__file__).parent.parent / "data" / "shots.toml"
# Spreads from the centre beyond which evidence counts no more: no single column decides.
FAR = 4.0


@dataclass(frozen=True)
class Head:
    """`weights` (features, labels), `bias` (labels,), `centre` and `spread` (features,).

    Evidence that is missing counts as its centre, so that it says nothing. `floor`: the best label's probability below
    which the head abstains.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    centre: Array
    spread: Array
    weights: Array
    bias: Array
    floor: float
    sha256: str

    @classmethod
    def of(cls, entry: Mapping[str, Any], sha256: str = "") -> Head:
        """From a table of data/shots.toml. Raises ValueError where weights are of no evidence or of another shape."""
        rows, labels = entry["weights"], tuple(entry["labels"])
        if odd := set(rows) - set(EVIDENCE):
            raise ValueError(f"{', '.join(sorted(odd))} is no evidence")
        centre, spread, weights = (
            np.array([row[key] for row in rows.values()], float) for key in ("centre", "spread", "weights")
        )
        if weights.shape != (len(rows), len(labels)):
            raise ValueError(f"weights are {weights.shape}, not {(len(rows), len(labels))}")
        return cls(tuple(rows), labels, centre, spread, weights, np.array(entry["bias"], float), entry["floor"], sha256)

    def probabilities(self, values: Values) -> Array:
        """(labels,), summing to 1: softmax of a linear function of the standardised evidence."""
        given = (evidence(values, self.names) - self.centre) / self.spread
        logits = np.where(np.isnan(given), 0.0, given).clip(-FAR, FAR) @ self.weights + self.bias
        return softmax(logits)


@lru_cache(maxsize=1)
def heads() -> dict[str, Head]:
    """Those that come with artvision."""
    return read_heads(FILE)


def read_heads(path: Path) -> dict[str, Head]:
    """The heads of a file, by name. Raises DefinitionError naming the file."""
    try:
        content = path.read_bytes()
        heads = tomllib.loads(content.decode())["head"]
        sha256 = hashlib.sha256(content).hexdigest()
        return {name: Head.of(entry, sha256) for name, entry in heads.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}; reinstall artvision") from None
