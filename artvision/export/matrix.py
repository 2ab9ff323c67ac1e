"""The rows of a run or an index as one matrix: values, which are known, what columns mean, whose rows they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from artvision.errors import UsageError
from artvision.export.choice import Choice, Slot, blocks_of
from artvision.rows import Rows
from artvision.suite.columns import FIELDS, INPUTS, embeddings, suite_columns

KEYS = ("asset_id", "title_id", "content_sha256", "run_id")


@dataclass(frozen=True)
class Matrix:
    """`values` (N, D) float32 and `mask` (N, D) bool, True where a value is known; never NaN.

    `keys` is a table of N rows with the columns KEYS. Rows are sorted by title and asset, so that the same rows give
    the same bytes, and a title's candidates stand together; those without a title come last.
    """

    values: NDArray[np.float32]
    mask: NDArray[np.bool_]
    slots: tuple[Slot, ...]
    keys: pa.Table

    def __post_init__(self) -> None:
        shape = (self.keys.num_rows, len(self.slots))
        if self.values.shape != shape or self.mask.shape != shape:
            raise ValueError(f"values {self.values.shape} and mask {self.mask.shape} are not of the shape {shape}")

    @cached_property
    def asset_ids(self) -> list[str]:
        """Asset id of each row."""
        found: list[str] = self.keys["asset_id"].to_pylist()
        return found

    @cached_property
    def title_ids(self) -> list[str | None]:
        """Title id of each row."""
        found: list[str | None] = self.keys["title_id"].to_pylist()
        return found

    @property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """block -> (offset, width)."""
        return blocks_of(self.slots)

    def block(self, name: str) -> NDArray[np.float32]:
        """Values of one block, (N, width) float32, as a view."""
        start, width = self.blocks[name]
        return self.values[:, start : start + width]


def read_matrix(rows: Rows, choice: Choice | None = None, titles: Sequence[str] | None = None) -> Matrix:
    """The chosen slots of all rows, as they are; where a value is missing, the contract's fill.

    `titles`: ids of the titles wanted, None for all rows. Raises UsageError for a choice that cannot be met and where
    no row is left.
    """
    slots = (choice or Choice()).slots(rows)
    if not slots:
        raise UsageError("nothing is chosen: name a block with --blocks or a field with --fields")
    table = field_table(rows, slots, titles)
    if not table.num_rows:
        raise UsageError(f"{rows.called} has no rows" + (f" of {', '.join(titles)}" if titles else ""))
    values = np.empty((table.num_rows, len(slots)), np.float32)
    mask = np.empty(values.shape, np.bool_)
    vectors, present = embeddings(table)
    for place, slot in enumerate(slots):
        if slot.part is not None:
            values[:, place], mask[:, place] = vectors[:, slot.part], present
        else:
            values[:, place], mask[:, place] = _scalar(table[slot.column], slot)
    return Matrix(values, mask, slots, table.select(KEYS))


def field_table(rows: Rows, slots: Sequence[Slot], titles: Sequence[str] | None, more: Sequence[str] = ()) -> pa.Table:
    """KEYS, the columns of `more` and those of the slots, as they are, in the matrix's order of rows.

    What compares with the suite is computed where the rows do not have it.
    """
    columns = list(dict.fromkeys(slot.column for slot in slots))
    own = [name for name in columns if name in {field.name for field in FIELDS} and name not in rows.columns]
    table = rows.table([*KEYS, *more, *(name for name in columns if name not in own)], titles)
    if own:
        found = suite_columns(rows.table(INPUTS, titles))
        for name in own:
            table = table.append_column(name, found[name])
    return table.sort_by([("title_id", "ascending"), ("asset_id", "ascending")])


def _scalar(column: pa.ChunkedArray, slot: Slot) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """((N,), (N,)): numbers with the slot's fill where null, and which are known."""
    known = np.asarray(pc.is_valid(column))
    numbers = pc.equal(column, slot.label) if slot.label else column
    found = np.asarray(pc.fill_null(numbers.cast(pa.float64()), slot.fill), np.float64)
    return found, known
