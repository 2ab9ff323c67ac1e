"""Stage aesthetic: LAION's aesthetic score of the picture, for the two OpenAI models that its layers were fitted on.

LAION-AI/aesthetic-predictor: a linear layer on the L2-normalised embedding, fitted on ratings of 1 to 10 that people
gave to generated pictures and photographs. Posters with type are outside of that: the domain is photographs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from artvision.contract import Field, Kind
from artvision.heads.fetched import FetchedHead, Score
from artvision.heads.torch_linear import read_linear

# The ten embeddings that LAION made to be rated 0 to 9 score from -1.5 to 11.0.
LOW, HIGH = -5.0, 15.0


@dataclass(frozen=True)
class Layer:
    """w · e + b for an L2-normalised embedding; `weights` (D,) float64."""

    weights: NDArray[np.float64]
    bias: float

    def score(self, embedding: NDArray[np.float32]) -> float:
        """The rating of (D,) float32; a plain sum, so that it depends on nothing but the width."""
        return float(np.clip((self.weights * embedding.astype(np.float64)).sum() + self.bias, LOW, HIGH))


class Aesthetic(FetchedHead):
    """Rates the embedding of the stage clip."""

    name: ClassVar[str] = "aesthetic"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.4.0"
    summary: ClassVar[str] = "LAION's aesthetic rating, as of a photograph; only with OpenAI's CLIP"
    layers: ClassVar[Mapping[str, str]] = {
        "ViT-B-32/openai": "aesthetic-vit-b-32",
        "ViT-L-14/openai": "aesthetic-vit-l-14",
    }
    field: ClassVar[Field] = Field(
        "aesthetic.score",
        "LAION's aesthetic rating of the picture as a photograph; says little of posters with type",
        "rating",
        LOW,
        HIGH,
        "LAION-AI/aesthetic-predictor: linear, on OpenAI's CLIP",
        higher="rated higher",
        kind=Kind.LEARNED,
        tolerance=1.25,
        fill=5.0,
        calibrated=False,
        evidence={"domain": "photo"},
    )

    def read(self, path: Path, width: int) -> Score:
        """See `FetchedHead.read`."""
        return Layer(*read_linear(path, width)).score
