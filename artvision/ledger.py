"""One row for every input, whatever became of it; and from it, what is still to be done.

An input is known by its id, and unchanged while its path, size and modification time are, in a store its size and
ETag (or, failing that, while its content hash is). Nothing found is a result: only new and changed inputs are open,
failed ones when asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import pyarrow as pa

from artvision.film.still import STILL, Still
from artvision.sources import Asset, Skipped
from artvision.stores.schemes import is_uri
from artvision.stores.stamp import Stamp, stamp_of_file


class Outcome(StrEnum):
    """attempted = ok + failed + skipped."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Entry:
    """One row of `ledger.parquet`. `reason` is a short stable word, `message` a line for people."""

    asset_id: str
    path: str
    status: Outcome
    title_id: str | None = None
    reason: str | None = None
    message: str | None = None
    notes: tuple[str, ...] = ()
    content_sha256: str | None = None
    bytes: int | None = None
    mtime_ns: int | None = None
    # Of an object in a store: its ETag, or else the time of its last change.
    etag: str | None = None
    catalogue_sha256: str | None = None
    # Of what beside pixels and fingerprint decided the row: a gallery, a cast.
    depends_sha256: str | None = None
    run_id: str | None = None
    has_row: bool = False
    # Of a film: what was chosen when it was looked through.
    stills: tuple[Still, ...] = ()


SCHEMA = pa.schema([
    ("asset_id", pa.string()), ("path", pa.string()), ("status", pa.string()), ("title_id", pa.string()),
    ("reason", pa.string()), ("message", pa.string()), ("notes", pa.list_(pa.string())),
    ("content_sha256", pa.string()), ("bytes", pa.int64()), ("mtime_ns", pa.int64()), ("etag", pa.string()),
    ("catalogue_sha256", pa.string()), ("depends_sha256", pa.string()), ("run_id", pa.string()),
    ("has_row", pa.bool_()), ("stills", pa.list_(STILL)),
])  # fmt: skip


def to_table(entries: Iterable[Entry]) -> pa.Table:
    """Arrow table with `SCHEMA`, one row an entry."""
    return pa.Table.from_pylist([asdict(entry) for entry in entries], SCHEMA)


def from_table(table: pa.Table) -> list[Entry]:
    """The inverse of `to_table`."""
    rows = table.to_pylist()
    return [Entry(**row | _typed(row)) for row in rows]


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """The cells that Arrow has as plain texts and lists; runs of earlier versions know of no stills."""
    stills = tuple(Still(**cells) for cells in row.get("stills") or ())
    return {"status": Outcome(row["status"]), "notes": tuple(row["notes"] or ()), "stills": stills}


def by_id(table: pa.Table) -> dict[str, Entry]:
    """asset_id -> entry."""
    return {entry.asset_id: entry for entry in from_table(table)}


def skipped_entry(item: Skipped) -> Entry:
    """The ledger row of an input that was never a candidate."""
    return Entry(item.path, item.path, Outcome.SKIPPED, reason=item.reason, message=f"{item.path}: {item.reason}")


def catalogue_cells(asset: Asset) -> dict[str, Any]:
    """The columns of a row that come from the catalogue and not from pixels."""
    names = ("title_id", "path", "title", "artwork_type", "market", "language")
    return {name: getattr(asset, name) for name in names} | {"cast": list(asset.cast)} | dict(asset.extra)


def catalogue_sha256(asset: Asset) -> str:
    """Changes when a catalogue cell does: such a row is rewritten, not computed again."""
    return hashlib.sha256(json.dumps(catalogue_cells(asset), sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """`todo`: assets to compute, each with the content hash a known row has. `reused`: entries that stand."""

    todo: list[tuple[Asset, str | None]]
    reused: list[Entry]


def plan(
    assets: Sequence[Asset], known: Mapping[str, Entry], depends: Callable[[Asset], str | None], *, retry_failed: bool
) -> Plan:
    """Split the inputs into what is open and what stands. `depends` gives what `Entry.depends_sha256` would be now."""
    todo: list[tuple[Asset, str | None]] = []
    reused: list[Entry] = []
    for asset in assets:
        entry = known.get(asset.asset_id)
        retry = retry_failed and entry is not None and entry.status is Outcome.FAILED
        same_make = entry is not None and (not entry.has_row or entry.depends_sha256 == depends(asset))
        if entry is None or retry or not same_make or not _unchanged(asset, entry):
            known_row = entry is not None and same_make and entry.status is Outcome.OK
            todo.append((asset, entry.content_sha256 if entry and known_row else None))
        else:
            reused.append(refreshed(entry, asset))
    return Plan(todo, reused)


def refreshed(entry: Entry, asset: Asset, **changes: Any) -> Entry:
    """The entry of the same content under what the catalogue now says of it."""
    return replace(entry, path=asset.path, title_id=asset.title_id, catalogue_sha256=catalogue_sha256(asset), **changes)


def stamp_of(asset: Asset) -> Stamp:
    """The stamp of its file, or what is known of its object without asking; empty where nothing is."""
    return (asset.stamp or Stamp()) if is_uri(asset.path) else stamp_of_file(asset.path)


def _unchanged(asset: Asset, entry: Entry) -> bool:
    if entry.path != asset.path:
        return False
    now = stamp_of(asset)
    # A file that is not there is known by having no stamp.
    told = now.tells or not is_uri(asset.path)
    return told and now == (entry.bytes, entry.mtime_ns, entry.etag)
