"""What the ledger says: how many inputs there were, which failed or were left out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from artvision.errors import RunError
from artvision.ledger import Entry, Outcome, from_table
from artvision.rows import Rows

# Rows of the table of failures; the others are counted by reason, and are in the ledger.
MOST = 2_000


@dataclass(frozen=True)
class Outcomes:
    """Counts of all inputs; `failures` are those shown, `reasons` counts all of them, `lost` says why none is known."""

    counts: dict[str, int]
    failures: tuple[Entry, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    lost: str = ""

    @property
    def unlisted(self) -> int:
        """Failures that the table has no row for."""
        return sum(number for _, number in self.reasons) - len(self.failures)


def outcomes(rows: Rows, titles: Sequence[str] | None) -> Outcomes:
    """What became of every input; with `titles`, of those alone. An index whose run is gone has no more to say."""
    try:
        entries = from_table(rows.run.ledger())
    except (RunError, OSError):
        return Outcomes({}, lost="the run that this index was made from is gone or cannot be read")
    if titles is not None:
        entries = [entry for entry in entries if entry.title_id in titles]
    tally = Counter(entry.status for entry in entries)
    failed = [entry for entry in entries if entry.status is not Outcome.OK]
    reasons = Counter(entry.reason or entry.status.value for entry in failed).most_common()
    counts = {"attempted": len(entries)} | {outcome.value: tally[outcome] for outcome in Outcome}
    return Outcomes(counts, tuple(map(_without_folder, failed[:MOST])), tuple(reasons))


def _without_folder(entry: Entry) -> Entry:
    name = PurePath(entry.path).name
    message = entry.message and entry.message.replace(entry.path, name)
    return replace(entry, asset_id=stated_id(entry.asset_id, entry.path), path=name, message=message)


def stated_id(asset_id: str, path: str) -> str:
    """The id as a page shows it. A page is passed on: where a picture lies is nobody's business; one stated stays."""
    return PurePath(path).name if asset_id == path else asset_id
