"""Worker threads on this machine, each taking whole chunks; results come in order from a bounded window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Chunk = TypeVar("Chunk")
Done = TypeVar("Done")


def run_local(
    job: Callable[[Chunk], Done], chunks: Iterable[Chunk], *, workers: int, prepare: Callable[[], None]
) -> Iterator[Done]:
    """Yield `job(chunk)` for each chunk, in order.

    `prepare` runs once in every worker. At most `workers + 2` chunks are open, so that memory follows the window and
    not the folder. Leaving the iterator early waits for what runs and drops what waits.
    """
    source = iter(chunks)
    with ThreadPoolExecutor(workers, thread_name_prefix="artvision", initializer=prepare) as pool:
        window: deque[Future[Done]] = deque(pool.submit(job, chunk) for chunk in islice(source, workers + 2))
        try:
            while window:
                done = window.popleft().result()
                window.extend(pool.submit(job, chunk) for chunk in islice(source, 1))
                yield done
        finally:
            pool.shutdown(cancel_futures=True)
