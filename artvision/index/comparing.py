"""What an index has to do to say what its run says now: rows to write, rows to drop, titles to look at again."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from artvision.ledger import Entry

# The stamp of a row whose picture could not be read again: the next call looks once more.
UNREAD = ""


@dataclass(frozen=True)
class Standing:
    """A row as the index has it now."""

    asset_id: str
    title_id: str | None
    content_sha256: str
    stamp: str
    plate_id: str | None

    @property
    def seen(self) -> str:
        """The content that was looked at for the plate; nothing where the picture could not be read then."""
        return "" if self.stamp == UNREAD else self.content_sha256


@dataclass(frozen=True)
class Changes:
    """`new`, `changed` and `gone` asset ids; `titles` whose suites they touch; `looks`: those whose pictures changed.

    `stamps` has what every row of the run is to be stamped with; `everything`: all of them are written.
    """

    everything: bool
    stamps: Mapping[str, str]
    new: frozenset[str]
    changed: frozenset[str]
    gone: frozenset[str]
    titles: frozenset[str]
    looks: frozenset[str]
    members: Mapping[str, tuple[Entry, ...]]

    @property
    def none(self) -> bool:
        """Whether the index says what the run says."""
        return not (self.everything or self.new or self.changed or self.gone or self.titles)

    @property
    def shared(self) -> int:
        """Pictures that stand under several titles, each under an asset id of its own."""
        titles: defaultdict[str | None, set[str]] = defaultdict(set)
        for title, entries in self.members.items():
            for entry in entries:
                titles[entry.content_sha256].add(title)
        return sum(len(own) > 1 for own in titles.values())

    @property
    def untitled(self) -> int:
        """Assets without a title."""
        return len(self.stamps) - sum(map(len, self.members.values()))

    @property
    def to_write(self) -> frozenset[str]:
        """Rows to be written: those that differ, and all of the suites they touch; or everything."""
        if self.everything:
            return frozenset(self.stamps)
        neighbours = {entry.asset_id for title in self.titles for entry in self.members.get(title, ())}
        return self.new | self.changed | neighbours


def compare(
    entries: Iterable[Entry], standing: Mapping[str, Standing], *, everything: bool = False, every_plate: bool = False
) -> Changes:
    """What differs between the rows of a run (its ledger's `entries`) and those of an index, by asset id.

    `everything`: all rows are written, all suites computed; `every_plate`: the pictures of every title are looked at.
    """
    rows = {entry.asset_id: entry for entry in entries if entry.has_row}
    stamps = {asset_id: stamp(entry) for asset_id, entry in rows.items()}
    new = frozenset(rows) - frozenset(standing)
    gone = frozenset(standing) - frozenset(rows)
    changed = frozenset(name for name in rows if name in standing and standing[name].stamp != stamps[name])
    titles = {rows[name].title_id for name in (new | changed)} | {standing[name].title_id for name in (gone | changed)}
    members = _by_title(rows.values())
    touched = (
        frozenset(members) if everything or every_plate else frozenset(title for title in titles if title is not None)
    )
    before = _contents((row.title_id, row.asset_id, row.seen) for row in standing.values())
    now = _contents((entry.title_id, entry.asset_id, entry.content_sha256 or "") for entry in rows.values())
    looks = touched if every_plate else frozenset(title for title in touched if before.get(title) != now.get(title))
    return Changes(everything, stamps, new, changed, gone, touched, looks, members)


def stamp(entry: Entry) -> str:
    """Changes when the row of the entry does: by its pixels, its catalogue cells, or whatever else decided it."""
    parts = [entry.path, entry.content_sha256, entry.catalogue_sha256, entry.depends_sha256, entry.run_id, entry.status]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _by_title(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.title_id is not None:
            found[entry.title_id].append(entry)
    return {title: tuple(own) for title, own in found.items()}


def _contents(rows: Iterable[tuple[str | None, str, str]]) -> dict[str | None, set[tuple[str, str]]]:
    found: defaultdict[str | None, set[tuple[str, str]]] = defaultdict(set)
    for title, asset_id, content in rows:
        found[title].add((asset_id, content))
    return found
