"""A stage that runs out of memory gets smaller batches: half of the one that was too large, from then on."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")


def exhausted(error: BaseException) -> bool:
    """Whether memory ran out, the machine's or an accelerator's; torch and ONNX Runtime say it in words only."""
    if isinstance(error, MemoryError):
        return True
    library = isinstance(error, RuntimeError) or type(error).__module__.startswith("onnxruntime.")
    return library and any(words in str(error).lower() for words in _OUT_OF_MEMORY)


@dataclass
class Portions:
    """How many pictures a stage is given at once, for stages that once ran out of memory.

    Shared by the threads of a process without a lock: the worst that two of them can do is to halve twice.
    """

    largest: dict[str, int] = field(default_factory=dict)

    def of(self, stage: str, pictures: int) -> int:
        """How many of `pictures` that wait `stage` gets at once."""
        return min(pictures, self.largest.get(stage, pictures))

    def halve(self, stage: str, pictures: int) -> None:
        """A batch of so many was too large; what an accelerator's allocator keeps in too small pieces is given back."""
        self.largest[stage] = self.of(stage, max(1, pictures // 2))
        if "torch" in sys.modules:
            import torch

            if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch does not type it
                torch.cuda.empty_cache()
