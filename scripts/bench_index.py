"""How a large index is built and searched: time, peak memory, disk, and recall@10 against exact comparison.

    python scripts/bench_index.py                     1,000,000 rows of 512 dimensions: 10 minutes, 3 GB of disk
    python scripts/bench_index.py --rows 100000       a quick look
    python scripts/bench_index.py --mixture spread    a harder mixture

The vectors are drawn, not pictures. Random directions would have no neighbours, so they come from one of two mixtures,
in both of which any two vectors are about as alike as two pictures are to CLIP (cosine 0.4 to 0.5):
`clusters`: 4,000 kinds of pictures, a few common and most rare, each spread along few directions, with noise;
`spread`: no kinds at all, only a spectrum that falls as a power of the rank: neighbours lie in many partitions.
Queries are other draws from the same mixture.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DIMS, QUERIES, NEAREST, BATCH, A_TITLE = 512, 200, 10, 10_000, 30
ADDED = 1_000  # rows that arrive later
Vectors = NDArray[np.float32]
Result = TypeVar("Result")
Meets = Callable[[Vectors, NDArray[np.int64]], NDArray[np.bool_]]  # of a batch's brightness (N,) and numbers (N,)
FILTERS: dict[str, Meets] = {
    "": lambda bright, _: bright >= 0,
    "light.brightness > 90": lambda bright, _: bright > 90,
    "light.brightness > 99": lambda bright, _: bright > 99,
    "title_id = 't000007'": lambda _, number: number // A_TITLE == 7,
}


class Mixture(Protocol):
    """A distribution of unit vectors."""

    def draw(self, random: np.random.Generator, count: int) -> Vectors:
        """Unit vectors float32 (count, DIMS)."""


class Clusters:
    """Kinds whose frequency falls as 1 / rank (Zipf), around centres of power-law spectrum that share one direction."""

    KINDS, SHAPES, RANK, WITHIN, NOISE = 4000, 32, 24, 0.55, 0.25

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        falling = np.arange(1, DIMS + 1) ** -0.5
        self.centres = unit(unit(random.normal(size=DIMS)) + unit(random.normal(size=(self.KINDS, DIMS)) * falling))
        self.share = 1 / np.arange(1, self.KINDS + 1)
        self.share /= self.share.sum()
        lengths = np.arange(1, self.RANK + 1) ** -0.5
        lengths *= self.WITHIN / np.linalg.norm(lengths)
        self.shapes = unit(random.normal(size=(self.SHAPES, self.RANK, DIMS))) * lengths[:, None].astype(np.float32)

    def draw(self, random: np.random.Generator, count: int) -> Vectors:
        """See `Mixture.draw`."""
        kinds = random.choice(self.KINDS, count, p=self.share)
        drawn = self.centres[kinds]
        along = random.standard_normal((count, self.RANK), np.float32)
        for shape in range(self.SHAPES):
            of_shape = np.flatnonzero(kinds % self.SHAPES == shape)
            drawn[of_shape] += along[of_shape] @ self.shapes[shape]
        return unit(drawn + random.standard_normal(drawn.shape, np.float32) * np.float32(self.NOISE / DIMS**0.5))


class Spread:
    """One normal distribution whose deviations fall as rank to the power -1/2, around one direction."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        deviations = np.arange(1, DIMS + 1) ** -0.5
        axes, _ = np.linalg.qr(random.normal(size=(DIMS, DIMS)))
        self.axes = (axes * (deviations / np.linalg.norm(deviations))[:, None]).astype(np.float32)
        self.middle = unit(random.normal(size=DIMS))

    def draw(self, random: np.random.Generator, count: int) -> Vectors:
        """See `Mixture.draw`."""
        return unit(self.middle + random.standard_normal((count, DIMS), np.float32) @ self.axes)


MIXTURES: dict[str, type[Clusters] | type[Spread]] = {"clusters": Clusters, "spread": Spread}


def unit(vectors: NDArray[Any]) -> Vectors:
    """Vectors of length 1 along the last axis."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


class Truth:
    """The exact nearest of each query, for each filter, kept while rows pass by."""

    def __init__(self, queries: Vectors) -> None:
        self.queries = queries
        self.scores = {where: np.full((len(queries), NEAREST), -2.0, np.float32) for where in FILTERS}
        self.numbers = {where: np.full((len(queries), NEAREST), -1) for where in FILTERS}

    def see(self, vectors: Vectors, numbers: NDArray[np.int64], bright: Vectors) -> None:
        """Take rows into account."""
        products = self.queries @ vectors.T
        for where, meets in FILTERS.items():
            kept = np.flatnonzero(meets(bright, numbers))
            scores = np.hstack([self.scores[where], products[:, kept]])
            found = np.hstack([self.numbers[where], np.tile(numbers[kept], (len(products), 1))])
            order = np.argsort(-scores, axis=1)[:, :NEAREST]
            self.scores[where] = np.take_along_axis(scores, order, 1)
            self.numbers[where] = np.take_along_axis(found, order, 1)


def write(folder: Path, rows: int, mixture: str) -> dict[str, float]:
    """Write the table batch by batch, and queries with their exact neighbours; the seconds of both are not parted."""
    import lancedb

    random, source = np.random.default_rng(1), MIXTURES[mixture]()
    truth = Truth(source.draw(random, QUERIES))
    start = time.perf_counter()
    batches = drawn(source, random, truth, range(0, rows, BATCH), rows)
    first = next(batches)
    reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
    lancedb.connect(str(folder)).create_table("assets", data=reader)
    np.savez(folder / "truth.npz", *truth.numbers.values(), queries=truth.queries)
    return {"seconds": time.perf_counter() - start, "MiB_on_disk": size(folder)}


def drawn(
    source: Mixture, random: np.random.Generator, truth: Truth | None, starts: range, stop: int
) -> Iterator[pa.RecordBatch]:
    """Rows as the index keeps them, seen by `truth`."""
    for start in starts:
        numbers = np.arange(start, min(start + starts.step, stop))
        vectors = source.draw(random, len(numbers))
        bright = random.uniform(0, 100, len(numbers)).astype(np.float32)
        if truth:
            truth.see(vectors, numbers, bright)
        yield pa.record_batch(
            {
                "asset_id": [f"a{number:08d}" for number in numbers],
                "title_id": [f"t{number // A_TITLE:06d}" for number in numbers],
                "light": pa.StructArray.from_arrays([pa.array(bright)], ["brightness"]),
                "embedding": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIMS),
            }
        )


def build(folder: Path, rows: int) -> dict[str, Any]:
    """Build the product's indexes."""
    from artvision.index.indexes import build_indexes

    before, start = size(folder), time.perf_counter()
    built = build_indexes(table(folder), rows)
    return {"seconds": time.perf_counter() - start, "MiB_on_disk": size(folder) - before, "built": built}


def find(folder: Path) -> dict[str, dict[str, float]]:
    """Recall and milliseconds of a query for each filter, through the product's search."""
    from artvision.index.indexes import search

    assets, truth = table(folder), np.load(folder / "truth.npz", allow_pickle=False)
    found = {}
    for number, where in enumerate(FILTERS):
        recalls, spent = [], []
        for query, exact in zip(truth["queries"], truth[f"arr_{number}"], strict=True):
            start = time.perf_counter()
            rows = search(assets, query, where=where, limit=NEAREST, columns=["asset_id", "title_id"])
            spent.append(1000 * (time.perf_counter() - start))
            recalls.append(len({int(name[1:]) for name in rows["asset_id"].to_pylist()} & set(exact)) / NEAREST)
        found[where or "all rows"] = {
            "recall": float(np.mean(recalls)),
            "recall_5th_percentile": float(np.percentile(recalls, 5)),
            "ms_median": float(np.median(spent)),
            "ms_p95": float(np.percentile(spent, 95)),
        }
    return found


def extend(folder: Path, rows: int, mixture: str) -> dict[str, float]:
    """Seconds to take in rows that arrive later."""
    from artvision.index.indexes import build_indexes

    assets = table(folder)
    random = np.random.default_rng(2)
    more = drawn(MIXTURES[mixture](), random, None, range(rows, rows + ADDED, ADDED), rows + ADDED)
    start = time.perf_counter()
    assets.merge_insert("asset_id").when_matched_update_all().when_not_matched_insert_all().execute(
        pa.table(next(more))
    )
    written = time.perf_counter()
    build_indexes(assets, rows + ADDED)
    return {"seconds_to_write": written - start, "seconds_to_index": time.perf_counter() - written}


def table(folder: Path) -> Any:
    """The table at its latest version."""
    import lancedb

    return lancedb.connect(str(folder)).open_table("assets")


def size(folder: Path) -> float:
    """MiB of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def alone(work: Callable[..., Result], *given: Any) -> tuple[Result, float]:
    """(what the work returns, MiB it held at most), in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result(), pool.submit(peak).result()


def peak() -> float:
    """MiB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def large_index(rows: int, mixture: str) -> dict[str, Any]:
    """All figures of one table, which lies in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures: dict[str, Any] = {"rows": rows, "dims": DIMS, "mixture": mixture}
        for step, work, given in (
            ("write", write, (folder, rows, mixture)),
            ("build", build, (folder, rows)),
            ("search", find, (folder,)),
            ("extend", extend, (folder, rows, mixture)),
        ):
            told, held = alone(work, *given)
            figures[step] = {**told, "peak_MiB": held}
        return figures


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--mixture", choices=MIXTURES, default="clusters")
    arguments = parser.parse_args()
    show(large_index(arguments.rows, arguments.mixture))


def show(figures: dict[str, Any]) -> None:
    """The figures as a small table."""
    write, build, search, extend = (figures[step] for step in ("write", "build", "search", "extend"))
    print(f"{figures['rows']:,} rows of {figures['dims']} dimensions, mixture `{figures['mixture']}`")
    print(
        f"write   {write['seconds']:8.1f} s   peak {write['peak_MiB']:6.0f} MiB   disk {write['MiB_on_disk']:6.0f} MiB"
    )
    print(
        f"index   {build['seconds']:8.1f} s   peak {build['peak_MiB']:6.0f} MiB   disk {build['MiB_on_disk']:6.0f} MiB"
    )
    print(
        f"extend  {extend['seconds_to_index']:8.1f} s for {ADDED:,} rows, written in {extend['seconds_to_write']:.1f} s"
    )
    print(f"search  peak {search.pop('peak_MiB'):.0f} MiB\n")
    print(f"{'filter':26}{'recall@10':>10}{'5th perc.':>10}{'median ms':>10}{'p95 ms':>10}")
    for where, row in search.items():
        print(
            f"{where:26}{row['recall']:10.4f}{row['recall_5th_percentile']:10.2f}"
            f"{row['ms_median']:10.1f}{row['ms_p95']:10.1f}"
        )


if __name__ == "__main__":
    main()
