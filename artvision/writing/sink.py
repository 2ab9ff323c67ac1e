"""Where other processes seal what they have finished: the staging folder of a run, which every machine must see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from artvision.errors import RunError
from artvision.ledger import Entry
from artvision.writing.staging import NOTE, chunk_name, seal_chunk, writing_to


@dataclass(frozen=True)
class Sink:
    """`path` is the staging folder, `note` the text that vouches for its work, `first` the number of the next chunk.

    `extra` has the Arrow types of the catalogue columns that are carried.
    """

    path: Path
    note: str
    first: int
    extra: Mapping[str, pa.DataType]

    def check(self) -> None:
        """Raise RunError where this process does not see the folder, or other work has begun in it."""
        note = self.path / NOTE
        if not note.exists():
            raise RunError(f"{note} is not there on a node: the run folder must lie where every node sees it")
        if note.read_text(encoding="utf-8") != self.note:
            raise RunError(f"{self.path} was taken over by another run; run the same command again")

    def seal(self, number: int, writer: int, rows: pa.Table, entries: list[Entry]) -> None:
        """Keep a finished chunk under a name that only this writer gives; sealed by two writers it counts once."""
        self.check()
        with writing_to(self.path.parent):
            seal_chunk(self.path / chunk_name(self.first + number, writer), rows, entries)
