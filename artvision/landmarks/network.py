"""A TensorFlow Lite network in LiteRT: one array in, arrays out. The only place that knows the library."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.extras import extra

Array = NDArray[np.float32]


class Network:
    """Runs a network on the CPU; each thread has an interpreter of its own, for one can only do one thing at a time."""

    def __init__(self, content: bytes) -> None:
        """Take the bytes of a .tflite file. Raises UsageError without the extra `people`."""
        self._library = extra("ai_edge_litert.interpreter", "people")
        self._content = content
        self._own = threading.local()
        with _silent():
            self._interpreter()

    def __call__(self, pixels: NDArray[np.uint8]) -> Sequence[Array]:
        """Outputs, in the network's order, for an (H, W, 3) sRGB picture of the size that it wants."""
        interpreter = self._interpreter()
        (entry,) = interpreter.get_input_details()
        interpreter.set_tensor(entry["index"], pixels[None].astype(np.float32) / np.float32(255))
        interpreter.invoke()
        return [interpreter.get_tensor(output["index"])[0] for output in interpreter.get_output_details()]

    def _interpreter(self) -> Any:
        """One thread each: workers are the parallelism, and sums keep their order."""
        if not hasattr(self._own, "interpreter"):
            made = self._library.Interpreter(model_content=self._content, num_threads=1)
            made.allocate_tensors()
            self._own.interpreter = made
        return self._own.interpreter


@contextmanager
def _silent() -> Iterator[None]:
    """LiteRT's first interpreter tells which delegate it has, to a terminal that is ours; no option stops it."""
    try:
        kept = os.dup(2)
    except OSError:  # there is nothing to write to
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a descriptor is wanted, not a file
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
