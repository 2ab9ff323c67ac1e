"""What rules look at: the rows with the columns they need, the ledger, and why a value is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from artvision.audit.expression import Expression, connect
from artvision.audit.finding import About, Subject
from artvision.audit.known import Known
from artvision.contract import Privacy
from artvision.errors import UsageError, one_line
from artvision.extras import extra
from artvision.index.layout import NAMES, nested
from artvision.rows import Rows, titles_of

KEYS = ("asset_id", "title_id", "title", "path")
SAID = ("field", "state")  # of a member of `missing`
ABOUT_PEOPLE = ("cast", NAMES)  # of no class in the contract, and yet names


@dataclass(frozen=True)
class Evidence:
    """The audited rows, flat, by place: `table` has the keys and the columns that rules read, absent ones null.

    `names`: findings may show values about people.
    """

    rows: Rows
    known: Known
    table: pa.Table
    names: bool

    @classmethod
    def of(cls, rows: Rows, known: Known, columns: Sequence[str], *, names: bool) -> Evidence:
        """Read what is needed of the rows, by asset id, so that their order decides nothing."""
        status = [name for name in rows.columns if name.startswith("status.")]
        table = rows.table(list(dict.fromkeys([*KEYS, *columns, *status]))).sort_by("asset_id").combine_chunks()
        for name in dict.fromkeys(name for name in columns if name not in table.column_names):
            table = table.append_column(name, pa.nulls(len(table)))
        return cls(rows, known, table, names)

    @cached_property
    def subjects(self) -> list[Subject]:
        """The asset of each row."""
        return [
            Subject(About.ASSET, asset, title_id, self.titles.get(title_id or ""), path)
            for asset, title_id, path in zip(*(self.column(n) for n in ("asset_id", "title_id", "path")), strict=True)
        ]

    @cached_property
    def titles(self) -> dict[str, str | None]:
        """Title id -> name."""
        return titles_of(self.table.select(["title_id", "title"]))

    def title(self, title_id: str) -> Subject:
        """A title; its path is that of its first asset, for reports that want a file."""
        first = pc.index(self.table["title_id"], title_id).as_py()
        return Subject(About.TITLE, title_id, title_id, self.titles.get(title_id), self.table["path"][first].as_py())

    def column(self, name: str) -> list[Any]:
        """The values of a column, row by row."""
        values: list[Any] = self.table[name].to_pylist()
        return values

    def at(self, places: Sequence[int], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Those rows, in that order, as dicts of the columns."""
        rows: list[dict[str, Any]] = self.table.select(columns).take(pa.array(places, pa.int64())).to_pylist()
        return rows

    def truth(self, expression: Expression, where: str) -> list[bool | None]:
        """Whether the condition holds, row by row; None where a missing value leaves it open.

        Raises UsageError that begins with `where` for what DuckDB cannot make of it.
        """
        connection = connect()
        connection.register("assets", self._nested)
        try:
            # Refuses aggregates.
            connection.execute(f"SELECT 1 FROM assets WHERE ({expression.sql}\n) LIMIT 0")
            found = connection.sql(f"SELECT ({expression.sql}\n) AS held FROM assets").to_arrow_table()["held"]
        except extra("duckdb", "audit").Error as error:
            raise UsageError(f"{where}: {one_line(error).split(' LINE 1:')[0]}") from None
        if not (pa.types.is_boolean(found.type) or pa.types.is_null(found.type) or found.null_count == len(found)):
            raise UsageError(f"{where}: it gives {found.type}, and a condition must be true or false")
        held: list[bool | None] = found.to_pylist()
        return held

    def missing(self, place: int, columns: Sequence[str]) -> list[tuple[str, str]]:
        """(column, state) of those columns that have no value in a row; state `absent` where no row could have one."""
        nulls = [name for name in columns if self._nulls[name][place]]
        states = self._states.get(self.subjects[place].key, {})
        return [(name, states.get(name) or self._state(name, place)) for name in dict.fromkeys(nulls)]

    def shown(self, place: int, columns: Sequence[str]) -> dict[str, Any]:
        """Values of single columns for a finding; what is about people only where names were asked for."""
        told = [name for name in dict.fromkeys(columns) if self.names or not self._hides(name)]
        single = [name for name in told if not pa.types.is_nested(self.table.schema.field(name).type)]
        return {name: self.table[name][place].as_py() for name in single}

    def _state(self, name: str, place: int) -> str:
        """Of a column that `missing` does not explain: its stage's status, of a structured one."""
        if name not in self.known.columns:
            return "absent"
        stage = self.known.stages.get(name)
        status = f"status.{stage.name}" if stage else ""
        return str(self.table[status][place]) if status in self.table.column_names else "empty"

    def _hides(self, name: str) -> bool:
        return name in ABOUT_PEOPLE or self._privacy.get(name, Privacy.NONE.value) != Privacy.NONE.value

    @cached_property
    def _nulls(self) -> dict[str, list[bool]]:
        """Column -> whether it has no value, row by row."""
        return {name: self.table[name].is_null().to_pylist() for name in self.table.column_names}

    @cached_property
    def _privacy(self) -> dict[str, str]:
        contract = self.rows.contract
        return {item["name"]: item["privacy"] for item in (*contract["fields"], *contract["columns"])}

    @cached_property
    def _nested(self) -> pa.Table:
        absent = {name: tuple(name.partition(".")[::2]) for name in self.table.column_names}
        there = {name: place for name, place in self.known.places.items() if name in self.table.column_names}
        return nested(self.table, absent | there)

    @cached_property
    def _states(self) -> dict[str, dict[str, str]]:
        """Asset id -> column -> state, of the columns that rules read; a structured column has its stage's status."""
        found: dict[str, dict[str, str]] = {}
        rows = self.rows.table(["asset_id", "missing"])
        if "missing" not in rows.column_names:
            return found
        for batch in rows.to_batches():
            said = pc.list_flatten(batch["missing"])
            assets = batch["asset_id"].take(pc.list_parent_indices(batch["missing"]))
            told = pa.table([assets, *(pc.struct_field(said, name) for name in SAID)], ["asset", *SAID])
            wanted = told.filter(pc.is_in(told["field"], pa.array(self.table.column_names)))
            for asset, field, state in zip(*(column.to_pylist() for column in wanted.columns), strict=True):
                found.setdefault(asset, {})[field] = state
        return found
