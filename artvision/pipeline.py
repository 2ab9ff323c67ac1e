"""The one look: how a folder of artwork becomes a table of tag vectors.

inputs -> sources -> films: stills -> ledger (what is new?) -> engine: worker (decode once, stages by `needs`)
-> staging -> run
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, TextIO

from artvision import ledger, stages
from artvision.contract import Contract
from artvision.device import (
    LANES,
    Device,
    available_cores,
    choose_device,
    device_elsewhere,
    one_thread_each,
)
from artvision.engines.base import Runner
from artvision.engines.local import run_local
from artvision.engines.order import Order
from artvision.engines.ray_data import Cluster
from artvision.extras import require
from artvision.film import can_read
from artvision.film.address import moment
from artvision.film.make import make_of_still
from artvision.film.opening import Films
from artvision.fingerprint import digest, fingerprint, long_side, short_side
from artvision.guard import Decoding, Guard, after_a_death
from artvision.image import Picture, default_max_pixels
from artvision.reporting import Reporter, Silent
from artvision.settings import DEFAULT_RUN, Settings
from artvision.sharding import WHOLE, Shard
from artvision.sources import Asset, read_sources
from artvision.stages.base import Result, Stage
from artvision.stores.ahead import Reader
from artvision.stores.asking import stamped
from artvision.stores.publishing import open_run, refuse_people
from artvision.summary import Summary
from artvision.worker import Done, Job, Worker, standing
from artvision.writing.sink import Sink
from artvision.writing.writer import Writer

# On a CPU no larger than CLIP's passes: small chunks end together.
BATCH = {"cpu": 4, "cuda": 128, "mps": 32}


def extract(
    paths: str | Path | Sequence[str | Path],
    out: str | Path = DEFAULT_RUN,
    settings: Settings | None = None,
    *,
    overwrite: bool = False,
    retry_failed: bool = False,
    prune: bool = False,
    jsonl: bool = False,
    titled: bool = False,
    shard: Shard = WHOLE,
    reporter: Reporter | None = None,
    stdin: TextIO | None = None,
) -> Summary:
    """Tag vectors for pictures, folders, globs and catalogues, written to the run `out`, a folder or a URI.

    What is already there is not computed again. `titled`: a folder holds a folder a title. `shard`: only that part of
    the inputs; `merge` joins the parts. Raises the errors of `artvision.errors`; pictures that fail are counted in
    the summary and named in the ledger, whatever their number (`Summary.enforce` judges them).
    """
    reporter = reporter or Silent()
    engine = Engine.of(settings or Settings(), reporter)
    if engine.settings.actors:
        refuse_people(out)
    given = [paths] if isinstance(paths, str | Path) else paths
    sources = read_sources([str(path) for path in given], stdin, titled=titled, films=can_read())
    with open_run(out, engine.fingerprint, overwrite=overwrite) as staging:
        titles = {(asset.title_id, asset.cast) for asset in sources.assets}
        for note in [note for stage in engine.chosen for note in stage.announce(staging.folder, titles)]:
            reporter.notice(note)
        writer = Writer(staging, engine.contract, engine.stages, sources, reporter, prune=prune, shard=shard)
        if shard.of > 1:
            reporter.notice(f"shard {shard}: {len(writer.assets)} of {len(sources.assets)} pictures")
        films = writer.open(Films(engine.settings, reporter, retry_failed=retry_failed, eyes=engine.eyes))
        assets = stamped(writer.assets, writer.known)
        plan = ledger.plan(assets, writer.known, engine.depends, retry_failed=retry_failed)
        for note in [note for stage in engine.chosen if plan.todo for note in stage.preparing()]:
            reporter.notice(note)
        reporter.begin(len(plan.todo), len(plan.reused), engine.where)
        try:
            for done in engine.compute(plan.todo, writer.run_id, writer.sink):
                writer.add(done)
        finally:
            reporter.end()
            writer.flush()
        summary = writer.finish([*films, *plan.reused], engine.describe(), jsonl=jsonl)
        return replace(summary, run=summary.run.from_place(out))


def examine(path: str | Path, settings: Settings | None = None, *, reporter: Reporter | None = None) -> Examined:
    """Everything the stages say of one picture; nothing is written. Raises DecodeError where it cannot be read."""
    engine = Engine.of(replace(settings or Settings(), engine="local"), reporter or Silent())
    name = str(path)
    one_thread_each()
    for stage in engine.chosen:
        stage.setup(engine.device.name)
    try:
        loaded, results, failures = engine.worker("").examine(Asset(name, name))
        return Examined(engine, loaded.picture, results, failures, loaded.entry.content_sha256 or "")
    finally:
        engine.close()


@dataclass(frozen=True)
class Examined:
    """One picture with the results by stage, for stages that failed the message, and the checksum of its file."""

    engine: Engine
    picture: Picture
    results: dict[str, Result]
    failures: dict[str, str]
    content_sha256: str


@dataclass(frozen=True)
class Engine:
    """Settings resolved on this machine: which stages run, where, and what decides their numbers."""

    settings: Settings
    device: Device
    stages: list[Stage]
    chosen: list[Stage]
    contract: Contract
    fingerprint: dict[str, Any]

    @classmethod
    def of(cls, settings: Settings, reporter: Reporter) -> Engine:
        """Nothing heavy happens here: no weights are loaded and no model library is imported."""
        if settings.engine == "ray":
            require("ray", "ray")
        device = choose_device(settings.device) if settings.engine == "local" else device_elsewhere(settings.device)
        settings = settings.on(device)
        every, chosen = stages.create(settings)
        contract = stages.contract_of(every)
        for stage in chosen:
            for text in stage.notices():
                reporter.notice(text)
        return cls(settings, device, every, chosen, contract, fingerprint(contract, chosen, settings, device))

    @property
    def workers(self) -> int:
        """Threads that take chunks: one a core, and as many more as wait for an accelerator."""
        return self.settings.workers or available_cores() + (LANES if self.device.accelerates else 0)

    @property
    def where(self) -> str:
        """Device, the reason for it, and the number of workers, for people."""
        here = self.settings.engine == "local"
        workers = f"{self.workers} workers" if here else f"{self.settings.workers or 'all'} workers of Ray"
        return f"on {self.device.name} ({self.device.reason}), {workers}"

    @property
    def eyes(self) -> dict[str, Any] | None:
        """What decides whether eyes are seen to be shut; None where the stage that sees it was not chosen."""
        found: dict[str, Any] = self.fingerprint["stages"]
        return {name: found[name] for name in ("faces", "landmarks")} if "landmarks" in found else None

    def compute(self, jobs: Sequence[Job], run_id: str, sink: Sink | None = None) -> Iterator[Done]:
        """Run the chosen stages over the jobs, chunk by chunk; weights are loaded only if there is work.

        `sink`: where other processes write, and where notes lie by which whoever resumes this run after a crash finds
        the picture that caused it. Without one all is done here, whatever the engine.
        """
        reader = Reader()
        known, assets = standing(jobs, run_id, self.depends, reader)
        yield known
        if assets:
            runner: Runner
            if sink and self.settings.engine == "ray":
                runner = Cluster(Order.of(self, run_id, sink))
            else:
                guard = self._guard(sink.path if sink else None, assets)
                runner = partial(self._on_threads, self.worker(run_id, guard, reader))
            yield from runner(assets)

    def _on_threads(self, worker: Worker, assets: Sequence[Asset]) -> Iterator[Done]:
        """Computed by threads of this process; in order."""
        loading = Done()
        with loading.timed("load"):
            for stage in self.chosen:
                stage.setup(self.device.name)
        yield loading
        # A small run still keeps every worker busy.
        size = min(self.batch_size, ceil(len(assets) / self.workers))
        chunks = worker.reader.ahead(assets[start : start + size] for start in range(0, len(assets), size))
        try:
            yield from run_local(worker, chunks, workers=self.workers, prepare=one_thread_each)
        finally:
            worker.reader.close()
            self.close()

    def worker(self, run_id: str, guard: Guard | None = None, reader: Reader | None = None) -> Worker:
        """The job that every thread runs."""
        guard, reader = guard or self._guard(None, ()), reader or Reader()
        return Worker(self.chosen, self._decoding(), run_id, self.depends, guard, reader)

    def depends(self, asset: Asset) -> str | None:
        """Hash of what beside pixels and fingerprint decides the row of an asset; None where nothing does."""
        found = {stage.name: told for stage in self.chosen if (told := stage.depends(asset.title_id, asset.cast))}
        if moment(asset.path):
            found["film"] = [make_of_still(), asset.still and asdict(asset.still)]
        return digest(found) if found else None

    def close(self) -> None:
        """Let the stages go."""
        for stage in self.chosen:
            stage.close()

    def describe(self) -> dict[str, Any]:
        """What `run.json` says of how the run was made."""
        device = {"name": self.device.name, "reason": self.device.reason}
        notices = [text for stage in self.chosen for text in stage.notices()]
        settings = asdict(self.settings)
        if settings["actors"]:  # another command may stand in another folder
            settings["actors"] = str(Path(settings["actors"]).resolve())
        return {
            "fingerprint": self.fingerprint,
            "settings": settings,
            "device": device,
            "notices": notices,
        }

    @property
    def batch_size(self) -> int:
        """Pictures in a chunk."""
        return self.settings.batch or BATCH[self.device.kind]

    def _guard(self, work: Path | None, assets: Sequence[Asset]) -> Guard:
        limit = self.settings.max_seconds
        return after_a_death(work, {asset.path for asset in assets}, self._decoding(), limit) if work else Guard(limit)

    def _decoding(self) -> Decoding:
        cap = round(self.settings.max_megapixels * 1e6) or default_max_pixels(self.workers)
        return Decoding(long_side(self.chosen), short_side(self.chosen), cap, self.settings.background_rgb)
