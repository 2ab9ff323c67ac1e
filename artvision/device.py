"""Which device to compute on, and why; torch is asked only where an accelerator can be there at all."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from artvision.errors import UsageError

# Workers that may use an accelerator at once: one computes while the other's bytes are on their way.
LANES = 2
AMPERE = 8  # compute capability from which CUDA devices multiply bfloat16
# Torch's other name of the processor: it does what an accelerator does, for tests and the benchmark.
DRIVEN = "cpu:0"
# What computes networks: see `Device.runtime`.
ONNXRUNTIME, TORCH = RUNTIMES = ("onnxruntime", "torch")


@dataclass(frozen=True)
class Device:
    """`name` is what torch understands (cpu, cuda:0, mps); `reason` is for people; `here`: on this machine."""

    name: str
    reason: str
    here: bool = True

    @property
    def kind(self) -> str:
        """cpu, cuda or mps: the part that enters the fingerprint."""
        return self.name.split(":")[0]

    @property
    def runtime(self) -> str:
        """What computes networks here unless another is asked for."""
        return TORCH if self.accelerates else ONNXRUNTIME

    @property
    def accelerates(self) -> bool:
        """Whether networks are driven the accelerator's way there: large passes, many pictures at once."""
        return self.name != "cpu"

    @property
    def multiplies_bf16(self) -> bool:
        """Whether bfloat16 is worth its rounding there: CUDA from Ampere on; and where an accelerator is played.

        Of a device elsewhere it is taken for granted.
        """
        return self.name == DRIVEN or (self.kind == "cuda" and (not self.here or _capability(self.name) >= AMPERE))


CPU = Device("cpu", "nothing else was asked for")


def choose_device(wanted: str) -> Device:
    """Resolve `--device`. Raises UsageError where the wanted one is absent, naming what is there."""
    if wanted == "auto":
        return _automatic()
    if wanted in ("cpu", DRIVEN):
        return Device(wanted, "asked for")
    if wanted == "mps" and _has_mps():
        return Device("mps", "asked for")
    if wanted == "cuda" or wanted.startswith("cuda:"):
        index = wanted.removeprefix("cuda").removeprefix(":") or "0"
        if index.isdigit() and int(index) < _cuda_count():
            return Device(f"cuda:{index}", "asked for")
    elif wanted != "mps":
        raise UsageError(f"--device {wanted!r} is none of auto, cpu, cuda, cuda:N, mps")
    raise UsageError(f"--device {wanted} is not on this machine ({_automatic().name} is); use --device auto")


def device_elsewhere(wanted: str) -> Device:
    """The device of machines that are not this one: a GPU where it is asked for, which shows only there."""
    if wanted == "cuda" or wanted.startswith("cuda:"):
        return Device("cuda:0", "asked for; each worker sees a GPU of its own", here=False)
    return choose_device(wanted)


def available_cores() -> int:
    """Cores this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def processor() -> str:
    """Architecture and model of the processor: what decides how a library sums."""
    told: set[str] = set()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        told = {line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "flags"))}
    return " ".join([platform.machine(), platform.processor(), *sorted(told)])


def one_thread_each() -> None:
    """Let torch use one thread in the calling worker: workers are the parallelism, and sums keep their order."""
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)


def _automatic() -> Device:
    if count := _cuda_count():
        return Device("cuda:0", f"first of {count} CUDA device{'s' * (count > 1)}")
    if _has_mps():
        return Device("mps", "Apple GPU found")
    return Device("cpu", "no GPU found")


def _cuda_count() -> int:
    if sys.platform == "linux" and not any(Path("/dev").glob("nvidia[0-9]*")) and not Path("/dev/dxg").exists():
        return 0  # answers without the seconds that importing torch takes
    import torch

    return torch.cuda.device_count()


def _capability(name: str) -> int:
    import torch

    return torch.cuda.get_device_properties(name).major


def _has_mps() -> bool:
    if sys.platform != "darwin" or platform.machine() != "arm64":
        return False
    import torch

    return torch.backends.mps.is_available()
