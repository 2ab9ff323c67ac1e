"""Writing an index: a draft of its table, which becomes the index when `index.json` names it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from artvision import __version__
from artvision.errors import RunError
from artvision.index.store import CONTRACT, FILE, INDEX_FORMAT, KEY, Index, connect, one_of, open_index
from artvision.suite.columns import FIELDS, PLATE
from artvision.writing.staging import write_text

# How long a reader that opened the index before a change can go on with what it opened.
KEPT = timedelta(hours=1)
KEYS_AT_ONCE = 500  # in one SQL condition


@dataclass(frozen=True)
class Draft:
    """The table being written in `folder`, at its latest version."""

    folder: Path
    table: Any
    name: str

    def upsert(self, rows: pa.Table) -> None:
        """Write rows; those whose asset id the table has are replaced."""
        if rows.num_rows:
            replacing = self.table.merge_insert(KEY).when_matched_update_all().when_not_matched_insert_all()
            # A stage that did not run left nulls, which are no fault.
            replacing.execute(rows, on_bad_vectors="null")

    def delete(self, asset_ids: Sequence[str]) -> None:
        """Drop rows."""
        for start in range(0, len(asset_ids), KEYS_AT_ONCE):
            self.table.delete(one_of(KEY, asset_ids[start : start + KEYS_AT_ONCE]))

    def index_columns(self, rows: int) -> list[str]:
        """Build or extend the indexes that the size warrants; what was done, for people."""
        from artvision.index.indexes import build_indexes

        if (found := self.table.count_rows()) != rows:
            raise RunError(
                f"{self.folder}: the table has {found} rows, its run {rows}; make the index anew with --overwrite"
            )
        return build_indexes(self.table, rows)

    def commit(self, told: Mapping[str, Any], run: Path, *, forget: bool) -> Index:
        """Make the draft the index, and let go of what it replaces: at once where it is to `forget`."""
        if forget:
            self.table.to_lance().optimize.compact_files(
                materialize_deletions=True, materialize_deletions_threshold=0.0
            )
            self.table.checkout_latest()
        info = {
            "index_format": INDEX_FORMAT,
            "artvision": __version__,
            "updated": datetime.now(UTC).isoformat(),
            "table": self.name,
            "version": self.table.version,
            "run": _seen_from(self.folder, run),
            **told,
        }
        write_text(json.dumps(info, indent=1, ensure_ascii=False) + "\n", self.folder / FILE)
        # Room that the next call makes as well.
        with nullcontext() if forget else suppress(OSError, RuntimeError):
            older_than = timedelta(0) if forget else KEPT
            self.table.to_lance().cleanup_old_versions(older_than=older_than, delete_unverified=forget)
            drop_tables(self.folder, self.name)
        return open_index(self.folder)


def making(
    folder: Path, before: Index | None, schema: pa.Schema, contract: Mapping[str, Any], fingerprint: Mapping[str, Any]
) -> Draft:
    """A draft that goes on from an index, or one with a new table of `schema`."""
    database = connect(folder)
    if before is not None:
        table = database.open_table(before.info["table"])
        # A call was killed on its way.
        if table.version != before.info["version"]:
            table.checkout(before.info["version"])
            table.restore()
        return Draft(folder, table, before.info["table"])
    name = f"assets-{secrets.token_hex(4)}"
    metadata = {
        CONTRACT: json.dumps(_with_suites(contract)).encode(),
        b"artvision.fingerprint": json.dumps(fingerprint).encode(),
    }
    return Draft(folder, database.create_table(name, schema=schema.with_metadata(metadata)), name)


def _with_suites(contract: Mapping[str, Any]) -> dict[str, Any]:
    """The run's contract with the columns that compare an asset with its suite; these have no slot in the vector."""
    fields = [asdict(field) | {"group": field.group} for field in FIELDS]
    plate = vars(PLATE) | {"arrow": str(PLATE.arrow)}
    return {**contract, "fields": [*contract["fields"], *fields], "columns": [*contract["columns"], plate]}


def drop_tables(folder: Path, but: str | None = None) -> None:
    """Drop all tables of an index folder except the one named."""
    database = connect(folder)
    for other in database.list_tables().tables:
        if other != but:
            database.drop_table(other)


def _seen_from(folder: Path, run: Path) -> str:
    """The run as the index finds it: beside itself where it lies inside, so that both can be moved together."""
    inside = run.resolve().is_relative_to(folder.resolve())
    return os.path.relpath(run.resolve(), folder.resolve()) if inside else str(run.resolve())
