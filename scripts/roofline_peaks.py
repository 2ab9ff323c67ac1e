"""What one core of this machine can do at best, and all of them: measured, for `roofline.py` to hold stages against."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

PLANE = 512 * 288  # pixels of a 16:9 picture at the canonical size
ROUNDS = 15


@dataclass(frozen=True)
class Peaks:
    """Rates a second of one core, unless they say otherwise; GB is 1e9 bytes."""

    copy_memory: float  # bytes, arrays of 64 MiB
    copy_memory_all_cores: float
    triad_plane: float  # bytes, float32 planes of the canonical size, as the stages have them
    flops: float  # float32, product of matrices
    flops_all_cores: float
    sha256: float  # bytes
    gathers: float  # elements of every third byte
    lookups: float  # elements of a table of 256 by bytes
    roots: float  # cube roots of float32
    bins: float  # increments
    taps: float  # of a Gaussian filter on a small plane
    calls: float  # numpy calls on 16 numbers

    def lines(self) -> list[tuple[str, str]]:
        """(what, rate) for people."""
        return [(name.replace("_", " "), f"{rate / 1e9:.3g} G/s") for name, rate in asdict(self).items()]


def least(job: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of the quickest of some rounds: what the machine can do when it is left alone."""
    job()
    spent = []
    for _ in range(ROUNDS):
        start = clock()
        job()
        spent.append(clock() - start)
    return min(spent)


def measure(cores: int) -> Peaks:
    """Half a minute of measuring."""
    large = [np.ones(16 << 20, np.float32) for _ in range(2 * cores)]
    pairs = list(zip(large[::2], large[1::2], strict=True))
    rng = np.random.default_rng(0)
    one, two, out = (rng.random(PLANE, np.float32) + 0.1 for _ in range(3))
    codes = rng.integers(0, 256, 3 * PLANE, np.uint8)
    numbers, table, few = codes.astype(np.intp), np.arange(256, dtype=np.float32), one[: 128 * 72].reshape(72, 128)
    data = codes.tobytes() * 8
    moved = 2 * large[0].nbytes
    return Peaks(
        copy_memory=moved / least(lambda: np.copyto(*pairs[0])),
        copy_memory_all_cores=cores * moved / least(lambda: _together(pairs), time.perf_counter),
        triad_plane=3 * one.nbytes / least(lambda: np.add(one, two, out=out)),
        flops=_matmul(1),
        flops_all_cores=_matmul(cores),
        sha256=len(data) / least(lambda: hashlib.sha256(data).digest()),
        gathers=PLANE / least(lambda: np.ascontiguousarray(codes[::3])),
        lookups=codes.size / least(lambda: table.take(codes, mode="wrap")),
        roots=PLANE / least(lambda: np.cbrt(one, out=out)),
        bins=numbers.size / least(lambda: np.bincount(numbers, minlength=2001)),
        taps=2 * 9 * few.size / least(lambda: ndimage.gaussian_filter(few, 1.0, mode="nearest")),
        calls=1000 / least(lambda: [np.add(few[0, :16], 1) for _ in range(1000)]),
    )


def _together(pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> None:
    with ThreadPoolExecutor(len(pairs)) as pool:
        list(pool.map(lambda pair: np.copyto(*pair), pairs))


def _matmul(threads: int, side: int = 1536) -> float:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    one, two = torch.rand(side, side), torch.rand(side, side)
    seconds = least(lambda: one @ two, time.process_time if threads == 1 else time.perf_counter)
    torch.set_num_threads(before)
    return 2.0 * side**3 / seconds
