"""Lanes to an accelerator: streams with pinned buffers, a few for all workers, so that its memory stays bounded.

A worker borrows a lane, uploads once, computes without waiting, downloads once. While one lane computes another copies.
On the CPU a lane is plain memory and the same calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from queue import SimpleQueue
from typing import Protocol

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from artvision.device import LANES

Bytes = NDArray[np.uint8]


class Stream(Protocol):
    """A queue of work on a device."""

    def use(self) -> AbstractContextManager[object]:
        """While entered, what this thread launches goes into the queue."""

    def wait(self) -> None:
        """Return when the queue is empty."""


class CudaStream:
    """A CUDA stream that starts behind what loaded the weights."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._stream.wait_stream(torch.cuda.default_stream(device))

    def use(self) -> AbstractContextManager[object]:
        """As the protocol says."""
        return torch.cuda.stream(self._stream)

    def wait(self) -> None:
        """As the protocol says; the only place where a host thread waits for the device."""
        self._stream.synchronize()


class InOrder:
    """No queue at all: on the CPU work is done when a call returns."""

    def use(self) -> AbstractContextManager[object]:
        """As the protocol says."""
        return nullcontext()

    def wait(self) -> None:
        """As the protocol says."""


class Lane:
    """One stream and two buffers of page-locked memory, which grow to the largest batch. For one thread at once."""

    def __init__(self, device: torch.device, stream: Stream) -> None:
        self.device = device
        self.stream = stream
        self._pinned = device.type == "cuda"
        self._outward = self._homeward = torch.empty(0, dtype=torch.uint8)

    def buffer(self, size: int) -> Bytes:
        """`size` bytes to be filled and uploaded; what they hold until then is of an earlier batch."""
        self._outward = self._grown(self._outward, size)
        room: Bytes = self._outward[:size].numpy()
        return room

    def upload(self, size: int) -> Tensor:
        """The first `size` bytes of the buffer on the device, (size,) uint8, in one copy."""
        return self._outward[:size].to(self.device, non_blocking=self._pinned, copy=True)

    def download(self, values: Tensor) -> NDArray[np.float32]:
        """Float32 `values` of the device, in one copy; waits for all that the lane was given to do."""
        size = values.numel() * values.element_size()
        self._homeward = self._grown(self._homeward, size)
        home = self._homeward[:size].view(values.dtype).view(values.shape)
        home.copy_(values, non_blocking=self._pinned)
        self.stream.wait()
        found: NDArray[np.float32] = home.numpy().copy()
        return found

    def _grown(self, buffer: Tensor, size: int) -> Tensor:
        if buffer.numel() >= size:
            return buffer
        return torch.empty(size, dtype=torch.uint8, pin_memory=self._pinned)


class Lanes:
    """The lanes of one network to its device; whoever finds none free waits for one."""

    def __init__(self, device: torch.device, count: int = LANES) -> None:
        """Float32 products are exact from here on: TF32, which cuDNN takes by itself, moves boxes by pixels."""
        self.device = device
        if device.type == "cuda":
            torch.backends.cudnn.allow_tf32 = False
        self._free: SimpleQueue[Lane] = SimpleQueue()
        for _ in range(count):
            self._free.put(Lane(device, CudaStream(device) if device.type == "cuda" else InOrder()))

    @contextmanager
    def borrowed(self) -> Iterator[Lane]:
        """A lane for the calling thread alone. It is idle again when it is given back, whatever happened."""
        lane = self._free.get()
        try:
            with torch.inference_mode(), lane.stream.use():
                yield lane
        finally:
            try:
                lane.stream.wait()
            finally:
                self._free.put(lane)


def free_bytes(device: torch.device) -> int:
    """Memory that a tensor on the device can still have: free there, or kept by torch's allocator without need."""
    if device.type != "cuda":
        return int(psutil.virtual_memory().available)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0] + kept)
