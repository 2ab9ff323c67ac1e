"""Stage aesthetic: LAION's aesthetic score of the picture, for the two OpenAI models that its layers were fitted on.

LAION-AI/aesthetic-predictor: a linear layer on the L2-normalised embedding, fitted on ratings of 1 to 10 that people
gave to generated pictures and photographs. Posters with type are outside of that: the domain is photographs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artvision.cache import known_hash
from artvision.clip.model import resolve
from artvision.contract import Field, Kind
from artvision.errors import UsageError, WeightsError
from artvision.heads.torch_linear import read_linear
from artvision.image import Picture
from artvision.settings import Settings
from artvision.stages.base import Result, Stage
from artvision.weights import State, get_model, inspect, require

LAYERS = {"ViT-B-32/openai": "aesthetic-vit-b-32", "ViT-L-14/openai": "aesthetic-vit-l-14"}  # model -> its layer
LOW, HIGH = -5.0, 15.0  # the ten embeddings that LAION made to be rated 0 to 9 score from -1.5 to 11.0

_FIELD = Field(
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


@dataclass(frozen=True)
class Layer:
    """w · e + b for an L2-normalised embedding; `weights` (D,) float64."""

    weights: NDArray[np.float64]
    bias: float

    def score(self, embedding: NDArray[np.float32]) -> float:
        """The rating of (D,) float32; a plain sum, so that it depends on nothing but the width."""
        return float(np.clip((self.weights * embedding.astype(np.float64)).sum() + self.bias, LOW, HIGH))


class Aesthetic(Stage):
    """Rates the embedding of the stage clip."""

    name: ClassVar[str] = "aesthetic"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("clip",)
    summary: ClassVar[str] = "LAION's aesthetic rating, as of a photograph; only with OpenAI's CLIP"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._layer: Layer | None = None

    def fields(self) -> tuple[Field, ...]:
        """One block: aesthetic."""
        return (_FIELD,)

    def off(self) -> str:
        """An embedding of another model cannot be rated, nor one whose layer was not fetched."""
        if not self._name:
            b32 = next(iter(LAYERS))
            return f"rates OpenAI's CLIP: `artvision models fetch {b32} {LAYERS[b32]}`, then --model {b32}"
        layer = get_model(self._name)
        return f"needs its layer: `{layer.mend}`" if inspect(layer) is State.ABSENT else ""

    def fingerprint(self) -> dict[str, Any]:
        """The layer's checksum. Raises WeightsError where it is missing or altered."""
        if not self._name or self.off():
            return {}
        (path,) = require(get_model(self._name))
        return {"layer": self._name, "weights_sha256": known_hash(path)}

    def setup(self, device: str) -> None:  # noqa: ARG002 - one product a picture
        """Read the layer. Raises WeightsError."""
        (path,) = require(get_model(self._name))
        self._layer = Layer(*read_linear(path, resolve(self.settings.model).width))

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """The rating of each embedding."""
        if self._layer is None:
            raise RuntimeError("aesthetic: run before setup")
        embeddings = [result.columns["embedding"] for result in upstream["clip"]]
        return [Result({_FIELD.name: self._layer.score(one)}) for one in embeddings]

    def close(self) -> None:
        """Forget the layer."""
        self._layer = None

    @cached_property
    def _name(self) -> str:
        """The layer of the model in use; "" where it has none, or where nobody knows which model that is."""
        try:
            return LAYERS.get(resolve(self.settings.model).name, "")
        except (UsageError, WeightsError):
            return ""
