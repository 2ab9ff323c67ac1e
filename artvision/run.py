"""Reading a run folder: `run.json` says which files belong to it, and is believed before the folder's listing.

RUN/part-*.parquet  ledger.parquet  contract.json  run.json      the run that readers see
RUN/.staging/                                                    work in progress (see `staging.py`)
RUN/.staging/commit/                                             a complete run on its way out: already the run
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from artvision.damage import read_json, read_schema, read_table
from artvision.errors import RunError
from artvision.stores.schemes import is_uri

RUN_FORMAT = 1
STAGING = ".staging"
# Of `run.json`, without which nothing can be read.
NEEDED = {"fingerprint", "parts", "run_id"}


@dataclass(frozen=True)
class Run:
    """A finished run. `info` is its `run.json`: counts, fingerprint, settings, versions, timings, parts."""

    folder: Path
    info: dict[str, Any]
    # Where it was brought from, and what a person calls it.
    uri: str | None = None

    @property
    def called(self) -> str:
        """What a person names it by: its folder, or its URI."""
        return self.uri or str(self.folder)

    def from_place(self, place: str | Path) -> Run:
        """The run, called by the URI that it was asked for with, if it was one."""
        return replace(self, uri=str(place)) if is_uri(str(place)) else self

    @property
    def run_id(self) -> str:
        """Identity of the execution that finished last."""
        return str(self.info["run_id"])

    @property
    def parts(self) -> list[Path]:
        """The Parquet files that make up the table, in order."""
        return [self.file(name) for name in self.info["parts"]]

    @property
    def schema(self) -> pa.Schema:
        """The table's columns with their types."""
        return read_schema(self.parts[0])

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns."""
        names: list[str] = self.schema.names
        return names

    @property
    def contract(self) -> dict[str, Any]:
        """`contract.json`: what each column and vector slot means."""
        return read_json(self.file("contract.json"))

    def file(self, name: str) -> Path:
        """Where a file of this run lies now: published, or still on its way."""
        waiting = self.folder / STAGING / "commit" / name
        return waiting if waiting.exists() else self.folder / name

    def ledger(self) -> pa.Table:
        """One row for every input, see `artvision.ledger.Entry`."""
        return read_table(self.file("ledger.parquet"))

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The table part by part, for runs larger than memory."""
        for part in self.parts:
            yield read_table(part, columns)

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows, one an asset."""
        parts = list(self.tables(columns))
        return pa.concat_tables(parts) if parts else pa.table({})


def read_run(folder: str | Path) -> Run:
    """Open a finished run in a folder or a store. Raises RunError where there is none, or one of a later format."""
    from artvision.stores.snapshot import local_run

    if (run := find_run(local_run(folder))) is None:
        raise RunError(f"{folder} holds no finished run; `artvision extract … -o {folder}` makes one")
    return run.from_place(folder)


def find_run(folder: Path) -> Run | None:
    """The finished run in a folder, or None. Raises RunError where `run.json` cannot be understood."""
    for place in (folder / STAGING / "commit" / "run.json", folder / "run.json"):
        try:
            info = json.loads(place.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise RunError(f"{place} cannot be read ({error}); use another --out or --overwrite") from None
        if not isinstance(info, dict) or info.get("run_format") != RUN_FORMAT:
            raise RunError(
                f"{place} is not of the format this artvision reads ({RUN_FORMAT}); upgrade artvision, or use another "
                "--out or --overwrite"
            )
        if lost := NEEDED - info.keys():
            raise RunError(f"{place} lacks {', '.join(sorted(lost))}; bring it back from a copy, or use --overwrite")
        if outside := [name for name in info["parts"] if Path(name).name != name]:
            raise RunError(f"{place} names a file outside the run, {outside[0]!r}; use another --out or --overwrite")
        return Run(folder, info)
    return None
