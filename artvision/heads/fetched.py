"""A stage that applies a published head to embeddings of the CLIP model that it was fitted on, and to no others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artvision.cache import known_hash
from artvision.clip.model import resolve
from artvision.contract import Field
from artvision.errors import UsageError, WeightsError
from artvision.image import Picture
from artvision.settings import Settings
from artvision.stages.base import Result, Stage
from artvision.weights import State, get_model, inspect, require

# Of an L2-normalised embedding, (D,).
Score = Callable[[NDArray[np.float32]], float]


class FetchedHead(Stage):
    """One field. Off where the model in use has no such head, or the head was not fetched."""

    needs: ClassVar[tuple[str, ...]] = ("clip",)
    # Name of a CLIP model -> id of its head in the manifest.
    layers: ClassVar[Mapping[str, str]]
    field: ClassVar[Field]

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._score: Score | None = None

    @abstractmethod
    def read(self, path: Path, width: int) -> Score:
        """The head in a file, for embeddings of `width` numbers. Raises WeightsError."""

    def fields(self) -> tuple[Field, ...]:
        """One block."""
        return (self.field,)

    def off(self) -> str:
        """An embedding of another model cannot be judged, nor one whose head was not fetched."""
        if not self._name:
            known = next(iter(self.layers))
            return f"rates OpenAI's CLIP: `artvision models fetch {known} {self.layers[known]}`, then --model {known}"
        head = get_model(self._name)
        return f"needs its layer: `{head.mend}`" if inspect(head) is State.ABSENT else ""

    def fingerprint(self) -> dict[str, Any]:
        """The head's checksum. Raises WeightsError where it is altered."""
        if not self._name or self.off():
            return {}
        (path,) = require(get_model(self._name))
        return {"layer": self._name, "weights_sha256": known_hash(path)}

    def setup(self, device: str) -> None:  # noqa: ARG002 - a few products a picture
        """Read the head. Raises WeightsError."""
        (path,) = require(get_model(self._name))
        self._score = self.read(path, resolve(self.settings.model).width)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """The score of each embedding."""
        if self._score is None:
            raise RuntimeError(f"{self.name}: run before setup")
        return [Result({self.field.name: self._score(found.columns["embedding"])}) for found in upstream["clip"]]

    def close(self) -> None:
        """Forget the head."""
        self._score = None

    @cached_property
    def _name(self) -> str:
        """The head of the model in use; "" where it has none, or where nobody knows which model that is."""
        try:
            return self.layers.get(resolve(self.settings.model).name, "")
        except (UsageError, WeightsError):
            return ""
