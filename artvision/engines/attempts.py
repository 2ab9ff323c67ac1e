"""Chunks that kill their worker: after two deaths a chunk is computed picture by picture, and the culprit named.

A process that dies (out of memory, a crash in a decoder) can tell nobody. What it was at stands as empty files in the
staging folder, and whoever takes the chunk up again finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from artvision.catalog import Asset
from artvision.worker import Done, Worker


class Attempts:
    """At one chunk, by one writer."""

    # Deaths after which a chunk is suspected; a machine that goes away takes one.
    MOST: ClassVar[int] = 2

    def __init__(self, folder: Path, number: int, writer: int) -> None:
        self.folder, self.number, self.writer = folder, number, writer

    @contextmanager
    def counted(self) -> Iterator[int]:
        """Note this attempt while it lasts; gives how many before it died."""
        earlier = len(list(self.folder.glob(self._name("try-*"))))
        (self.folder / self._name(f"try-{self.writer:010d}-{earlier}")).touch()
        try:
            yield earlier
        finally:
            for note in self.folder.glob(self._name("*")):
                note.unlink(missing_ok=True)

    def one_by_one(self, worker: Worker, assets: Sequence[Asset]) -> Iterator[Done]:
        """Each alone; one with which a process died has failed."""
        for place, asset in enumerate(assets):
            note = self.folder / self._name(f"alone-{place:06d}")
            if note.exists():
                why = f"{asset.path}: its worker died each time it was tried, out of memory or by a crash"
                yield Done([worker.given_up(asset, "killed", why)])
            else:
                note.touch()
                yield worker([asset])
                note.unlink(missing_ok=True)

    def _name(self, what: str) -> str:
        return f"attempt-{self.number:06d}-{what}"


def forget_attempts(folder: Path) -> None:
    """What an interrupted call was at is no attempt of the next one, which numbers its chunks anew."""
    for note in folder.glob("attempt-*"):
        note.unlink(missing_ok=True)
