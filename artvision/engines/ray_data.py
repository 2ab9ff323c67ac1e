"""Actors of a Ray cluster, each taking whole chunks through Ray Data; what a worker that dies was at is done again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import pyarrow as pa

from artvision import errors, ledger
from artvision.catalog import Asset
from artvision.engines.attempts import forget_attempts
from artvision.engines.crew import Crew
from artvision.engines.order import Order
from artvision.engines.ray_cluster import connected
from artvision.errors import RunError, UsageError
from artvision.worker import Done

ROWS_PER_CHUNK = 256  # as the writer's: what a worker that dies can cost
CHUNKS_PER_WORKER = 4  # of a small run, so that all end together


@dataclass(frozen=True)
class Team:
    """How many actors, with how many cores and GPUs each."""

    actors: int
    cores: int
    gpus: int


class Cluster:
    """A `Runner`: the one that RAY_ADDRESS names, or one started on this machine and stopped again."""

    def __init__(self, order: Order) -> None:
        self.order = order

    def __call__(self, assets: Sequence[Asset]) -> Iterator[Done]:
        """As chunks end. Raises the errors of a worker, and RunError where Ray gives up."""
        wanted = self.order.settings.workers
        with connected(wanted) as ray:
            team = staffed(ray.cluster_resources(), wanted, gpu=self.order.device.kind == "cuda")
            forget_attempts(self.order.sink.path)
            try:
                for table in self._results(ray, team, chunked(assets, team.actors, self.order.batch_size)):
                    for told in table["told"].to_pylist():
                        yield read_done(told)
            except ray.exceptions.RayError as error:
                # Above it stand tracebacks of other processes.
                said = str(error).strip().splitlines()[-1].strip()
                raise RunError(f"Ray gave up ({said}); finished chunks are kept: run the same command again") from error

    def _results(self, ray: Any, team: Team, chunks: list[dict[str, Any]]) -> Iterator[pa.Table]:
        """One row a chunk, in blocks; a block a chunk, for a block is what is tried again."""
        work = ray.data.from_items(chunks, override_num_blocks=len(chunks))
        done = work.map_batches(
            Crew,
            fn_constructor_args=(self.order, team.cores),
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=min(team.actors, len(chunks))),
            num_cpus=team.cores,
            num_gpus=team.gpus,
        )
        tables: Iterator[pa.Table] = done.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
        return tables


def staffed(resources: dict[str, float], wanted: int, *, gpu: bool) -> Team:
    """An actor a core; with GPUs an actor each, the cores shared out, for decoding takes several.

    `wanted` actors if it is not 0. Raises UsageError where the cluster has none of what is needed.
    """
    cores, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
    if gpu and not gpus:
        raise UsageError("the Ray cluster has no GPU; use --device cpu")
    if not cores:
        raise UsageError("the Ray cluster has no CPU for actors; start a node with some")
    actors = wanted or (gpus if gpu else cores)
    return Team(actors, max(1, cores // max(gpus, actors)), 1) if gpu else Team(actors, 1, 0)


def chunked(assets: Sequence[Asset], actors: int, batch_size: int) -> list[dict[str, Any]]:
    """The rows that travel: number of the chunk, and its assets as JSON."""
    size = min(ROWS_PER_CHUNK, max(batch_size, ceil(len(assets) / (actors * CHUNKS_PER_WORKER))))
    starts = range(0, len(assets), size)
    return [
        {"number": number, "assets": json.dumps([asdict(asset) for asset in assets[start : start + size]])}
        for number, start in enumerate(starts)
    ]


def read_done(told: str) -> Done:
    """What a worker told of a chunk. Raises the error that it met."""
    found = json.loads(told)
    if found["problem"]:
        name, message = found["problem"]
        raise getattr(errors, name, RunError)(message)
    entries = ledger.from_table(pa.Table.from_pylist(found["entries"], ledger.SCHEMA))
    return Done(entries, seconds=found["seconds"], halved=Counter(found["halved"]), sealed=True)
