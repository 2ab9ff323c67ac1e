"""A head of the user's own: one linear layer on an embedding, with what was measured of it; a JSON file.

`value` = sigmoid(w · e + b) for yes and no, w · e + b inside the range of the labels for a rating.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.clip.mark import Mark
from artvision.clip.vocabulary import require_word
from artvision.errors import DefinitionError, UsageError
from artvision.logistic import sigmoid
from artvision.writing.document import write_json

FORMAT = 1
CHANCE, RATING = KINDS = ("probability", "rating")
# Between two embeddings that agree to the contract's cosine of 0.999.
APART = float(np.sqrt(2 * 0.001))
NEEDED = ("name", "kind", "meaning", "domain", "model", "embedding_sha256", "weights", "bias", "low", "high")


@dataclass(frozen=True)
class Head:
    """One head. `weights` (D,) float64 and `bias` act on an L2-normalised embedding; values lie in [low, high].

    `domain`: what it was fitted on, for whoever reads the contract. `facts`: labels, figures, date, as in the file.
    """

    name: str
    kind: str
    meaning: str
    domain: str
    embedding: Mark
    weights: NDArray[np.float64]
    bias: float
    low: float
    high: float
    facts: Mapping[str, Any]

    def value(self, embedding: NDArray[np.float32]) -> float:
        """What the head says of (D,) float32; a plain sum, so that it depends on nothing but the width."""
        found = (self.weights * embedding.astype(np.float64)).sum() + self.bias
        if self.kind == CHANCE:
            found = sigmoid(np.array([found]))[0]
        return float(np.clip(found, self.low, self.high))

    @property
    def tolerance(self) -> float:
        """The most a value may move between two embeddings whose cosine is 0.999; a sigmoid's slope is 1/4 at most."""
        reach = float(np.sqrt((self.weights**2).sum())) * APART
        return min(self.high - self.low, reach / 4 if self.kind == CHANCE else reach)

    @cached_property
    def sha256(self) -> str:
        """Checksum of what decides a number."""
        told = [self.kind, self.embedding.sha256, self.weights.tolist(), self.bias, self.low, self.high]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def describe(self) -> dict[str, Any]:
        """The content of the file."""
        return {
            "head_format": FORMAT,
            "name": self.name,
            "kind": self.kind,
            "meaning": self.meaning,
            "domain": self.domain,
            "model": self.embedding.name,
            "embedding_sha256": self.embedding.sha256,
            **self.facts,
            "low": self.low,
            "high": self.high,
            "bias": self.bias,
            "weights": self.weights.tolist(),
        }

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all. Raises RunError where it cannot be written."""
        write_json(self.describe(), path)


def read_head(path: Path) -> Head:
    """The head in a file. Raises UsageError where it is none, DefinitionError where it asks for what it must not."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _parsed(content, str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} is no head of `artvision heads train` ({type(error).__name__}: {error}); train it again"
        ) from None


def read_heads(names: str) -> tuple[Head, ...]:
    """The heads in comma-separated files, in that order. Raises DefinitionError where two have one name."""
    heads = tuple(read_head(Path(name.strip())) for name in names.split(",") if name.strip())
    for at, head in enumerate(heads):
        if head.name in {other.name for other in heads[:at]}:
            raise DefinitionError(f"--heads {names}: two heads are called {head.name!r}; train one under another name")
    return heads


def _parsed(content: Mapping[str, Any], where: str) -> Head:
    if content["head_format"] != FORMAT:
        raise ValueError(f"its format is {content['head_format']}, this artvision reads {FORMAT}")
    require_word(str(content["name"]), where)
    weights, bias = np.array(content["weights"], np.float64), float(content["bias"])
    low, high = float(content["low"]), float(content["high"])
    finite = weights.ndim == 1 and np.isfinite([*weights, bias, low, high]).all()
    if content["kind"] not in KINDS or low > high or not finite:
        raise ValueError("kind, weights, bias or range make no sense")
    return Head(
        str(content["name"]),
        str(content["kind"]),
        str(content["meaning"]),
        str(content["domain"]),
        Mark(str(content["model"]), str(content["embedding_sha256"])),
        weights,
        bias,
        low,
        high,
        {name: value for name, value in content.items() if name not in {*NEEDED, "head_format"}},
    )
