"""Gathers finished pictures into chunks, and closes a run: which rows stand, which are new, what is told of it."""

from __future__ import annotations

import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from artvision import __version__, ledger
from artvision.contract import Contract
from artvision.errors import RunError
from artvision.film.opening import Films
from artvision.fingerprint import digest
from artvision.identity import settled
from artvision.ledger import Entry, Outcome
from artvision.record import Layout, Record
from artvision.reporting import Reporter
from artvision.run import RUN_FORMAT, Run
from artvision.sharding import WHOLE, Shard, shown
from artvision.sources import Sources
from artvision.stages.base import Stage
from artvision.summary import Summary, count
from artvision.worker import Done
from artvision.writing import carry
from artvision.writing.commit import commit, merged_extra
from artvision.writing.sink import Sink
from artvision.writing.staging import Staging

# What a kill can cost: the pictures since a chunk was last sealed.
ROWS_PER_CHUNK, SECONDS_PER_CHUNK = 256, 20.0


class Writer:
    """The writing end of one run. `assets` are its inputs, `known` what was already found out about them."""

    def __init__(
        self,
        staging: Staging,
        contract: Contract,
        stages: Sequence[Stage],
        sources: Sources,
        reporter: Reporter,
        *,
        prune: bool,
        shard: Shard = WHOLE,
    ) -> None:
        self.staging, self.contract, self.reporter, self.prune = staging, contract, reporter, prune
        self.shard = shard.describe(sources.assets) if shard.of > 1 else None
        refuse_another(staging, self.shard)
        self.started, self._clock = datetime.now(UTC), time.monotonic()
        self.run_id = new_run_id(self.started)
        declared = set(Layout(contract, stages, {}).schema.names)
        assets, moved = carry.renamed(sources.assets, declared)
        for old, new in moved.items():
            reporter.notice(f"the catalogue's column {old!r} is carried as {new!r}: artvision has one of that name")
        # Of all inputs: shards agree on types.
        extra = merged_extra(staging, declared, carry.extra_types(assets))
        self.layout = Layout(contract, stages, extra)
        self.base = ledger.by_id(staging.base.ledger()) if staging.base else {}
        self.staged = staging.entries()
        self.known = self.base | self.staged
        self.assets = settled(carry.as_types(shard.cut(assets), extra), self.known, prune=prune)
        self.skipped = [ledger.skipped_entry(item) for item in sources.skipped if shard.first]
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.halved: Counter[str] = Counter()
        self._new: dict[str, Entry] = {}
        self._elsewhere: set[str] = set()  # ids that other processes sealed
        self._gone: set[str] = set()  # stills that their films no longer give
        self._standing = 0
        self._records: list[Record] = []
        self._entries: list[Entry] = []
        self._sealed = time.monotonic()

    def open(self, films: Films) -> list[Entry]:
        """Put the stills of each film in its place. Returns the entries of films that were looked through before."""
        opened = films.opened(self.assets, self.known, self.run_id, self._keep)
        self.assets, self._gone = opened.assets, opened.gone
        self.skipped += opened.skipped
        return opened.standing

    def _keep(self, entry: Entry) -> None:
        """Seal what a look through a film found: it took minutes."""
        self._new[entry.asset_id] = entry
        self._entries.append(entry)
        self.flush()

    def add(self, done: Done) -> None:
        """Take a finished chunk of the engine; seal what has gathered when it is much or old."""
        computed = {record.cells["asset_id"] for record in done.records}
        entries = done.entries if done.sealed else [self._standing_or_new(entry, computed) for entry in done.entries]
        for step, spent in done.seconds.items():
            self.seconds[step] += spent
        self.halved += done.halved
        if done.sealed:
            self._elsewhere.update(entry.asset_id for entry in entries)
        else:
            self._records += done.records
            self._entries += entries
        for entry in entries:
            self._new[entry.asset_id] = entry
            self.reporter.advance(entry)
        if len(self._entries) >= ROWS_PER_CHUNK or time.monotonic() - self._sealed > SECONDS_PER_CHUNK:
            self.flush()

    def flush(self) -> None:
        """Seal what has gathered, so that it survives."""
        if self._entries:
            self.staging.add(self.layout.table(self._records), self._entries)
        self._records, self._entries, self._sealed = [], [], time.monotonic()

    @property
    def sink(self) -> Sink:
        """Where processes other than this one seal their chunks."""
        return Sink(self.staging.path.resolve(), self.staging.note, self.staging.next_chunk, self.layout.extra)

    def finish(self, reused: Sequence[Entry], about: dict[str, Any], *, jsonl: bool) -> Summary:
        """Commit the run, unless nothing at all changed, and account for every input of this call."""
        # A chunk that two workers sealed: the entry has to be that of the row which stands.
        if self._elsewhere:
            self._new |= {name: entry for name, entry in self.staging.entries().items() if name in self._elsewhere}
        own = [*({entry.asset_id: entry for entry in reused} | self._new).values(), *self.skipped]
        left = {entry.asset_id for entry in own} | self._gone
        kept = [] if self.prune else [entry for name, entry in self.known.items() if name not in left]
        again = len(reused) + self._standing
        counts = count(own) | {"computed": len(self._new) - self._standing, "reused": again, "kept": len(kept)}
        # The time of day may be set meanwhile.
        seconds = time.monotonic() - self._clock
        steps = {name: round(spent, 3) for name, spent in sorted(self.seconds.items(), key=lambda step: -step[1])}
        info = self._info(about, counts, seconds, steps)
        run = self._commit([*own, *kept], info, jsonl=jsonl)
        failures = tuple(entry for entry in own if entry.status is Outcome.FAILED)
        return Summary(
            run, self.run_id, **counts, seconds=seconds, steps=steps, failures=failures, left_out=tuple(self.skipped),
            halved=dict(self.halved),
        )  # fmt: skip

    def _standing_or_new(self, entry: Entry, computed: set[str]) -> Entry:
        """An input whose content turned out to be known keeps the run id and notes of its row."""
        if entry.status is not Outcome.OK or entry.asset_id in computed:
            return entry
        self._standing += 1
        known = self.known[entry.asset_id]
        return replace(entry, run_id=known.run_id, notes=known.notes)

    def _commit(self, entries: list[Entry], info: dict[str, Any], *, jsonl: bool) -> Run:
        """The finished run; the one that is there where it already says exactly this."""
        base, final = self.staging.base, {entry.asset_id: entry for entry in entries}
        same = base and final == self.base and base.info.get("shard") == self.shard
        if base and same and not (jsonl and not base.info["extras"]):
            self.staging.discard()
            return base
        stale = {
            name
            for before in (self.base, self.staged)
            for name, entry in before.items()
            if name in final and entry.catalogue_sha256 != final[name].catalogue_sha256
        }
        # A cell that the catalogue no longer has is emptied.
        gone = dict.fromkeys(self.layout.extra)
        cells = {
            asset.asset_id: gone | ledger.catalogue_cells(asset) for asset in self.assets if asset.asset_id in stale
        }
        text = self.contract.to_json()
        return commit(self.staging, self.layout.schema, entries, cells, info, text, jsonl=jsonl)

    def _info(
        self, about: dict[str, Any], counts: dict[str, int], seconds: float, steps: dict[str, float]
    ) -> dict[str, Any]:
        """`run.json` but for the names of the files."""
        return {
            "run_format": RUN_FORMAT, "run_id": self.run_id, "artvision": __version__,
            "started": self.started.isoformat(), "finished": datetime.now(UTC).isoformat(),
            "counts": counts, "seconds": round(seconds, 3), "seconds_by_step": steps,
            "halved_batches": dict(self.halved),
            "contract_version": self.contract.version, "contract_sha256": self.contract.sha256,
            "fingerprint_sha256": digest(about["fingerprint"]), **about,
            **({"shard": self.shard} if self.shard else {}),
        }  # fmt: skip


def new_run_id(moment: datetime) -> str:
    """Identity of an execution that begins at that moment (UTC)."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def refuse_another(staging: Staging, shard: dict[str, Any] | None) -> None:
    """A folder with a whole run, or with another shard, is not extended by a shard. Raises RunError."""
    if shard is None or staging.base is None:
        return
    there = staging.base.info.get("shard")
    if there is None or (there["numbers"], there["of"]) != (shard["numbers"], shard["of"]):
        staging.leave()
        what = shown(there) if there else "a whole run"
        raise RunError(f"{staging.folder} holds {what}, not {shown(shard)}; use another --out, or --overwrite")
