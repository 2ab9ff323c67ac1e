"""What an engine is: assets in, what became of them out; how many workers there are and where is its own business."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from artvision.catalog import Asset
from artvision.worker import Done


class Runner(Protocol):
    """Loads weights, computes the assets, and lets the weights go."""

    def __call__(self, assets: Sequence[Asset]) -> Iterator[Done]:
        """What became of the assets, chunk by chunk, in whatever order; each asset once."""
