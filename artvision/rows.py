"""The rows of a run or of an index, read alike: under the names of the run's columns, whatever holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from artvision.errors import RunError
from artvision.index.store import find_index
from artvision.run import Run, find_run
from artvision.stores.snapshot import local_run


class Rows(Protocol):
    """One row an asset. Columns are named as in the contract (`light.brightness`), in a run and in an index."""

    @property
    def place(self) -> Path:
        """The folder they were read from."""

    @property
    def called(self) -> str:
        """What a person names it by: its folder, or the URI that it was brought from."""

    @property
    def run(self) -> Run:
        """The run they come from: ledger, settings, fingerprint. Raises RunError where an index has lost its run."""

    @property
    def contract(self) -> dict[str, Any]:
        """What the columns mean, as in `contract.json`."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""

    def kind(self, column: str) -> pa.DataType:
        """The Arrow type of a column."""

    def table(self, columns: Sequence[str] | None = None, titles: Sequence[str] | None = None) -> pa.Table:
        """Rows with those columns that exist among `columns` (None: all), of `titles` (title ids; None: of all)."""


@dataclass(frozen=True)
class RunRows:
    """The rows of a run."""

    run: Run

    @property
    def place(self) -> Path:
        """The run's folder."""
        return self.run.folder

    @property
    def called(self) -> str:
        """See `Rows.called`."""
        return self.run.called

    @property
    def contract(self) -> dict[str, Any]:
        """The run's contract."""
        return self.run.contract

    @property
    def columns(self) -> list[str]:
        """Names of the run's columns."""
        return self.run.columns

    def kind(self, column: str) -> pa.DataType:
        """See `Rows.kind`."""
        return self.run.schema.field(column).type

    def table(self, columns: Sequence[str] | None = None, titles: Sequence[str] | None = None) -> pa.Table:
        """See `Rows.table`."""
        names = self.columns if columns is None else [name for name in columns if name in self.columns]
        if titles is None:
            return self.run.table(names)
        wanted = pa.array(list(titles), pa.string())
        parts = [
            part.filter(pc.is_in(part["title_id"], wanted)) for part in self.run.tables(list({*names, "title_id"}))
        ]
        return pa.concat_tables(parts).select(names)


def open_rows(place: str | Path) -> Rows:
    """The rows of the run or index in a folder, or of a run in a store. Raises RunError where there is neither."""
    folder = local_run(place)
    if (index := find_index(folder)) is not None:
        return index
    if (run := find_run(folder)) is not None:
        return RunRows(run.from_place(place))
    raise RunError(
        f"{folder} holds neither a run nor an index; `artvision extract … -o {folder}` makes a run, "
        f"`artvision index --catalog … -o {folder}` an index"
    )


def titles_of(table: pa.Table) -> dict[str, str | None]:
    """Title id -> the first name that a row of it has, or None."""
    names: dict[str, str | None] = {}
    for key, name in zip(table["title_id"].to_pylist(), table["title"].to_pylist(), strict=True):
        if key is not None:
            names[key] = names.get(key) or name
    return names


def ids_of_title(names: Mapping[str, str | None], title: str) -> list[str]:
    """Ids of the titles that have this id or, whatever its case, this id or name; `names` as `titles_of` gives them."""
    if title in names:
        return [title]
    word = title.strip().casefold()
    same_id = [title_id for title_id in names if title_id.casefold() == word]
    return same_id or sorted(title_id for title_id, name in names.items() if (name or "").casefold() == word)
