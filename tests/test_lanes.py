"""Lanes: bytes go up once and come back once, a lane given back is idle, and no more are out than there are."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from artvision.device import LANES
from artvision.lanes import InOrder, Lane, Lanes, free_bytes

CPU = torch.device("cpu")


class Recorded:
    """A stream that tells what was asked of it."""

    def __init__(self):
        self.told = []

    def use(self):
        self.told.append("use")
        return nullcontext()

    def wait(self):
        self.told.append("wait")


def sent(lane, content):
    lane.buffer(content.size)[:] = content
    return lane.upload(content.size)


@pytest.mark.parametrize("sizes", [(1,), (7, 3, 90), (1000, 0, 5)])
def test_what_went_up_is_there_and_does_not_change_with_the_buffer(sizes):
    lane, rng = Lane(CPU, InOrder()), np.random.default_rng(0)
    kept = [(content, sent(lane, content)) for content in (rng.integers(0, 256, n, np.uint8) for n in sizes)]
    for content, there in kept:
        np.testing.assert_array_equal(there.numpy(), content)


def test_what_comes_back_is_a_copy_of_its_own():
    lane = Lane(CPU, InOrder())
    first = lane.download(torch.arange(6.0).view(2, 3))
    second = lane.download(torch.zeros(2, 3))
    assert first.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert second.sum() == 0
    assert lane.download(torch.zeros(0, 4)).shape == (0, 4)


def test_the_host_waits_when_it_downloads_and_never_before():
    stream = Recorded()
    lane = Lane(CPU, stream)
    there = sent(lane, np.zeros(8, np.uint8)).float() + 1
    assert stream.told == []
    lane.download(there)
    assert stream.told == ["wait"]


def test_a_lane_is_idle_and_free_again_after_an_error():
    lanes = Lanes(CPU, 1)
    with lanes.borrowed() as lane:
        lane.stream = stream = Recorded()
    with pytest.raises(ArithmeticError), lanes.borrowed():
        raise ArithmeticError
    assert stream.told[-1] == "wait"
    with lanes.borrowed() as again:
        assert again is lane
        assert torch.is_inference_mode_enabled()


def test_no_more_workers_are_on_the_device_than_there_are_lanes():
    lanes, inside, most, lock = Lanes(CPU), 0, 0, threading.Lock()
    gate = threading.Event()

    def work():
        nonlocal inside, most
        with lanes.borrowed():
            with lock:
                inside += 1
                most = max(most, inside)
            gate.wait(0.05)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(3 * LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == LANES


def test_free_memory_is_some():
    assert free_bytes(CPU) > 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_cuda_buffers_are_page_locked_and_copies_do_not_wait():
    device = torch.device("cuda:0")
    lanes = Lanes(device)
    content = np.random.default_rng(1).integers(0, 256, 10_000_000, np.uint8)
    with lanes.borrowed() as lane:
        torch.cuda.set_sync_debug_mode("error")
        try:
            there = sent(lane, content)
            assert lane._outward.is_pinned()
        finally:
            torch.cuda.set_sync_debug_mode("default")
        np.testing.assert_array_equal(lane.download(there.float()), content)
    assert free_bytes(device) > 0
