"""Passes of one constant size through a network: a row's bytes depend on its own picture alone.

A matrix product or a convolution groups its sums by its shape, so a row's last bits depend on how many pictures pass
together; at one constant size they depend on neither place nor neighbours, and a check at start-up proves it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.device import one_thread_each
from artvision.errors import WeightsError

Floats = NDArray[np.float32]
# Of a unit embedding: rounding to bfloat16 moves none of its numbers by more.
NEARLY = 0.01


class ConstantPasses(ABC):
    """A network that embeds pictures of one `shape` into `width` numbers, always `micro_batch` of them in a pass."""

    def __init__(
        self,
        name: str,
        width: int,
        shape: tuple[int, ...],
        micro_batch: int,
        dtype: type[np.float32 | np.uint8] = np.float32,
        *,
        exact: bool = True,
    ) -> None:
        """`name` is how messages call the network; pictures are `dtype`.

        Without `exact` a row may depend on its place in the last digits: accelerators share a sum among their cores as
        they please, and a picture a pass would leave them idle.
        """
        self.name = name
        self.width = width
        self._shape = shape
        self._micro_batch = micro_batch
        self._dtype = dtype
        self._exact = exact

    @abstractmethod
    def _forward(self, filled: NDArray[Any]) -> Floats:
        """(B, *shape) -> (B, width) float32, of any length."""

    def _in_passes(self, batch: NDArray[Any]) -> Floats:
        """(N, *shape) -> (N, width) float32, rows of unit length; the last pass is filled up with zeros."""
        size = self._micro_batch
        parts = [self._pass(batch[start : start + size]) for start in range(0, len(batch), size)]
        return np.concatenate(parts) if parts else np.zeros((0, self.width), dtype=np.float32)

    def _pass(self, pictures: NDArray[Any]) -> Floats:
        filled = np.zeros((self._micro_batch, *pictures.shape[1:]), dtype=self._dtype)
        filled[: len(pictures)] = pictures
        return normalised(self._forward(filled))[: len(pictures)]

    def _check_as_worker(self) -> None:
        """`_check` with the one thread of torch that the engine's workers have. Raises WeightsError."""
        with ThreadPoolExecutor(1, initializer=one_thread_each) as pool:
            pool.submit(self._check).result()

    def _check(self) -> None:
        """Embed one picture at every place of a pass, and once among other neighbours: all must be the same bytes.

        A network left in training mode, broken weights and a machine whose sums depend on the place are found here;
        on such a machine pictures go one by one. Without `exact` they must only be nearly the same.
        """
        top = 255 if self._dtype is np.uint8 else 1
        picture = (np.random.default_rng(0).random((1, *self._shape), dtype=np.float32) * top).astype(self._dtype)
        everywhere = self._pass(np.repeat(picture, self._micro_batch, axis=0))
        alone = self._pass(picture)
        if everywhere.shape[1:] != (self.width,) or not np.isfinite(everywhere).all():
            raise WeightsError(f"{self.name} gives no finite embedding of width {self.width}: broken weights")
        if self._exact and self._micro_batch > 1 and not (everywhere == alone).all():
            self._micro_batch = 1
            alone = self._pass(picture)
        again = np.concatenate([self._pass(picture), everywhere])
        if not (np.array_equal(alone, again[:1]) if self._exact else np.allclose(alone, again, atol=NEARLY)):
            raise WeightsError(f"{self.name} gives two embeddings for one picture; use another model")


def normalised(rows: NDArray[np.floating]) -> Floats:
    """Rows of unit length, (B, D) float32; summed in double precision row by row, without BLAS."""
    wide = rows.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    return np.asarray(wide / np.maximum(lengths, 1e-12), dtype=np.float32)
