"""Work under a time limit: in time nothing differs, too late it is left behind; no process waits for it."""

import subprocess
import sys
import threading
import time

import pytest

from artvision.deadline import Deadline

LONG = 30.0


def lanes():
    return [thread for thread in threading.enumerate() if thread.name == "artvision-lane"]


@pytest.fixture
def gate():
    """Work that waits for it is stuck until the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("seconds", [0, LONG])
def test_in_time_the_value_and_the_error_are_those_of_the_work(seconds):
    deadline = Deadline(seconds)
    assert deadline.run(lambda: 7) == 7
    assert deadline.run(lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        deadline.run(lambda: 1 / 0)
    assert deadline.run(lambda: "after") == "after"


def test_without_a_limit_the_calling_thread_does_the_work():
    assert Deadline(0).run(threading.get_ident) == threading.get_ident()
    assert Deadline(LONG).run(threading.get_ident) != threading.get_ident()


def test_stuck_work_is_left_behind_and_the_next_piece_is_done(gate):
    with pytest.raises(TimeoutError, match=r"0\.05 s"):
        Deadline(0.05).run(gate.wait)
    assert Deadline(LONG).run(lambda: "next") == "next"


def test_what_comes_late_is_nobody_elses_answer(gate):
    with pytest.raises(TimeoutError):
        Deadline(0.05).run(lambda: gate.wait() and "late")
    gate.set()
    assert [Deadline(LONG).run(lambda number=number: number) for number in range(20)] == list(range(20))


def test_a_thread_keeps_one_lane_and_takes_it_along_when_it_ends():
    used = set()

    def several():
        used.update(Deadline(LONG).run(threading.current_thread) for _ in range(5))

    worker = threading.Thread(target=several)
    worker.start()
    worker.join()
    assert len(used) == 1
    used.pop().join(LONG)
    assert all(lane.is_alive() for lane in lanes())


def test_a_process_ends_while_a_thread_is_stuck():
    code = "import time; from artvision.deadline import Deadline\ntry: Deadline(0.05).run(lambda: time.sleep(1000))\n"
    code += "except TimeoutError: print('left behind')"
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout == "left behind\n"
    assert time.monotonic() - began < 300
