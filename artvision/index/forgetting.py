"""Taking back what an index says of a person, and every trace of it on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from artvision.errors import RunError
from artvision.index import ready
from artvision.index.store import FILE, open_index
from artvision.reporting import Silent
from artvision.writing.staging import alone_in

# Of a table of asset_id and actors, the ids of the rows that name them.
Naming = Callable[[pa.Table], set[str]]


def is_index(folder: Path) -> bool:
    """Whether there is an index in the folder, readable or not, or what is left of making one."""
    return (folder / FILE).exists() or any(folder.glob("assets-*.lance"))


def take_back(folder: Path, naming: Naming) -> int:
    """Make the index say what its run says by now, or drop rows that name the person; how many rows did name them.

    The run must have been done before; a run that is gone costs the rows, which the next `artvision index` brings
    back. Raises RunError where a row still names the person, or the index cannot be written.
    """
    ready()
    from artvision.index.following import drop, follow
    from artvision.index.writing import drop_tables

    if not (folder / FILE).exists():  # its first making was killed
        with alone_in(folder):
            drop_tables(folder)
        return 0
    index = open_index(folder)
    named = naming(index.table(["asset_id", "actors"]))
    try:
        follow(folder, index.run, Silent(), forget=frozenset(named))
    except RunError:
        drop(folder, sorted(named))
    if left := naming(open_index(folder).table(["asset_id", "actors"])):
        raise RunError(f"{folder}: {len(left)} rows still name them, as its run does")
    return len(named)
