"""A time limit for work that nothing can interrupt: a thread of its own does it, and is left behind if it must be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from artvision.device import one_thread_each

T = TypeVar("T")

# .lane: the lane of the calling thread, which ends with it.
_own = threading.local()


@dataclass(frozen=True)
class Deadline:
    """Runs work within `seconds`; 0: without a limit, in the calling thread."""

    seconds: float

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises TimeoutError when it takes too long; it then goes on by itself."""
        if not self.seconds:
            return work()
        lane = getattr(_own, "lane", None) or _Lane()
        _own.lane = None  # an interrupted wait leaves a lane that is not free
        try:
            result = lane.run(work, self.seconds)
        except Empty:
            raise TimeoutError(f"not done within {self.seconds:g} s") from None
        _own.lane = lane
        return result.value()


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    returned: T | None
    raised: BaseException | None = None

    def value(self) -> T:
        if self.raised is not None:
            raise self.raised
        return self.returned  # type: ignore[return-value]  # None is what the work returned


class _Lane:
    """A daemon thread that does one piece of work after another: a process can end while it is stuck.

    Handing over takes some ten microseconds.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._done: SimpleQueue[_Outcome[Any]] = SimpleQueue()
        threading.Thread(target=_serve, args=(self._work, self._done), name="artvision-lane", daemon=True).start()
        self._done.get()

    def run(self, work: Callable[[], T], seconds: float) -> _Outcome[T]:
        """Raises Empty when the time is over."""
        self._work.put(work)
        return self._done.get(timeout=seconds)

    def __del__(self) -> None:
        # The thread ends, at once or when what it is stuck in does.
        self._work.put(None)


def _serve(todo: SimpleQueue[Callable[[], Any] | None], done: SimpleQueue[_Outcome[Any]]) -> None:
    one_thread_each()
    done.put(_Outcome(None))
    while (work := todo.get()) is not None:
        try:
            outcome = _Outcome(work())
        except BaseException as error:  # raised again in the thread that waits
            outcome = _Outcome(None, error)
        del work
        done.put(outcome)
        del outcome
