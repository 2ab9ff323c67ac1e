"""The local engine: order kept, look-ahead bounded, errors and early leave clean."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artvision.engines.local import run_local


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(), max_size=30), st.integers(1, 4))
def test_results_come_in_order(chunks, workers):
    assert list(run_local(lambda chunk: chunk + 1, chunks, workers=workers, prepare=lambda: None)) == [
        c + 1 for c in chunks
    ]


def test_no_more_than_a_window_is_open():
    taken, seen = [], []

    def chunks():
        for number in range(50):
            taken.append(number)
            yield number

    for done in run_local(lambda chunk: chunk, chunks(), workers=2, prepare=lambda: None):
        seen.append(done)
        assert len(taken) - len(seen) <= 4


def test_every_worker_is_prepared_once():
    prepared = []
    both = threading.Barrier(2, timeout=10)
    list(run_local(lambda _: both.wait(), range(2), workers=2, prepare=lambda: prepared.append(threading.get_ident())))
    assert len(set(prepared)) == len(prepared) == 2


def test_an_error_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        list(run_local(lambda chunk: 1 // chunk, [1, 0, 1], workers=2, prepare=lambda: None))


def test_leaving_early_drops_what_waits():
    started = []

    def job(chunk):
        started.append(chunk)
        time.sleep(0.01)
        return chunk

    for _ in run_local(job, range(1000), workers=1, prepare=lambda: None):
        break
    assert len(started) <= 4
