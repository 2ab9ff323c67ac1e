"""One worker process: loads its weights once, then computes chunk after chunk and seals each itself.

What travels to it are names of files, what travels back are ledger entries: no pixel and no row crosses the network.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from artvision.catalog import Asset
from artvision.device import one_thread_each
from artvision.engines.attempts import Attempts
from artvision.engines.local import run_local
from artvision.engines.order import Order
from artvision.errors import ArtvisionError
from artvision.film.still import Still
from artvision.record import Layout
from artvision.stores.stamp import Stamp
from artvision.worker import Done, Worker


@dataclass(frozen=True)
class Ready:
    """What is made once in a process: the worker, the columns of its rows, and what loading took."""

    worker: Worker
    layout: Layout
    loading: Done


class Crew:
    """Callable on a table with one row: the number of a chunk, and its assets as JSON. Gives one row back."""

    def __init__(self, order: Order, threads: int) -> None:
        self.order, self.threads = order, threads
        self.writer = secrets.randbelow(10**10)
        self._fresh = True

    def __call__(self, table: pa.Table) -> pa.Table:
        """What became of the chunk; an error of ours travels as data, so that it arrives as it is."""
        (row,) = table.to_pylist()
        try:
            done, problem = self._compute(row["number"], read_assets(row["assets"])), None
        except ArtvisionError as error:
            done, problem = Done(), (type(error).__name__, str(error))
        entries = [asdict(entry) for entry in done.entries]
        told = {"entries": entries, "seconds": done.seconds, "halved": done.halved, "problem": problem}
        return pa.table({"told": [json.dumps(told)]})

    def _compute(self, number: int, assets: Sequence[Asset]) -> Done:
        ready = self._ready
        done = Done(seconds=dict(ready.loading.seconds) if self._fresh else {})
        self._fresh = False
        attempts = Attempts(self.order.sink.path, number, self.writer)
        with attempts.counted() as earlier:
            compute = self._together if earlier < Attempts.MOST else attempts.one_by_one
            for some in compute(ready.worker, assets):
                done.add(some)
            self.order.sink.seal(number, self.writer, ready.layout.table(done.records), done.entries)
        return done

    def _together(self, worker: Worker, assets: Sequence[Asset]) -> Iterator[Done]:
        size = self.order.batch_size
        batches = (assets[start : start + size] for start in range(0, len(assets), size))
        return run_local(worker, batches, workers=self.threads, prepare=one_thread_each)

    @cached_property
    def _ready(self) -> Ready:
        engine, loading = self.order.engine(), Done()
        with loading.timed("load"):
            for stage in engine.chosen:
                stage.setup(engine.device.name)
        layout = Layout(engine.contract, engine.stages, self.order.sink.extra)
        return Ready(engine.worker(self.order.run_id), layout, loading)


def read_assets(text: str) -> list[Asset]:
    """Assets that travelled as JSON."""
    return [_asset(cells) for cells in json.loads(text)]


def _asset(cells: dict[str, Any]) -> Asset:
    stamp = Stamp(*cells["stamp"]) if cells["stamp"] else None
    return Asset(**cells | {"cast": tuple(cells["cast"]), "still": Still.of(cells["still"]), "stamp": stamp})
