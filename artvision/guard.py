"""What stands between a run and a picture that would hang it or take it down: a time limit, and notes for a resume."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from artvision import image, suspects
from artvision.deadline import Deadline
from artvision.errors import DecodeError
from artvision.film.address import moment
from artvision.image import Picture

Read = TypeVar("Read")


@dataclass(frozen=True)
class Decoding:
    """How pictures are decoded: sides the working copy keeps, the cap in pixels, the colour behind transparency."""

    long_side: int
    short_side: int
    max_pixels: int
    background: tuple[int, int, int]


@dataclass(frozen=True)
class Guard:
    """Decodes within `seconds` (0: no limit), noting what is decoded; `convicted` files are not touched again."""

    seconds: float = 0.0
    notes: suspects.Notes | None = None
    convicted: Mapping[str, str] = field(default_factory=dict)

    def decode(self, data: bytes, path: str, decoding: Decoding) -> Picture:
        """`image.decode`; DecodeError also `timeout` and `crash`."""
        return self._within(path, lambda: image.decode(data, name=path, **vars(decoding)))

    def read(self, path: str, work: Callable[[], Read]) -> Read:
        """What `work` reads at `path`; a still is decoded to be read, so the same holds for it."""
        return self._within(path, work) if moment(path) else work()

    def _within(self, path: str, work: Callable[[], Read]) -> Read:
        if path in self.convicted:
            raise DecodeError(
                "crash",
                f"{path}: decoding it ended a process of its own ({self.convicted[path]}); save it again with another "
                "program",
            )

        def noted() -> Read:
            with self.notes.noted(path) if self.notes else nullcontext():
                return work()

        try:
            return Deadline(self.seconds).run(noted)
        except TimeoutError:
            raise DecodeError(
                "timeout", f"{path}: not decoded within {self.seconds:g} s; save it simpler, or raise --max-seconds"
            ) from None


def after_a_death(folder: Path, wanted: Collection[str], decoding: Decoding, seconds: float) -> Guard:
    """The guard of a run that works in `folder`: files among `wanted` that a dead process was at are tried first."""
    suspected = sorted(suspects.noted(folder) & set(wanted))
    convicted = suspects.convict(suspected, vars(decoding), seconds)
    suspects.forget(folder, keep=convicted)
    return Guard(seconds, suspects.Notes(folder), convicted)
