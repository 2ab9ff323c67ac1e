"""The CPU's detector in its parts: the table of sums against torch's area averages, the graphs against the networks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from artvision.detection import WEIGHTS, cascade, graphs, weights
from artvision.detection.networks import Output, Proposal, Refinement
from artvision.detection.sums import SumTable
from artvision.exported import Session

pytestmark = pytest.mark.usefixtures("one_thread")
BOXES = np.array([[0, 0, 70, 50], [3, 4, 40, 9], [69, 49, 70, 50], [10, 0, 34, 24]])


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


def averages(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    planes = torch.from_numpy(pixels).permute(2, 0, 1)[None].double()
    return ((F.interpolate(planes, size=size, mode="area") - 127.5) / 128).numpy()


@pytest.mark.parametrize("size", [(24, 40), (59, 80), (7, 11), (60, 90), (1, 1), (75, 100)])
def test_levels_are_area_averages(size):
    pixels = noise(60, 90, 3)
    assert SumTable(pixels).level(*size) == pytest.approx(averages(pixels, size), abs=1e-6)


@pytest.mark.parametrize("value", [0, 255])
def test_the_largest_cells_do_not_overflow(value):
    pixels = np.full((960, 960, 3), value, np.uint8)
    assert SumTable(pixels).level(12, 12) == pytest.approx(np.full((1, 3, 12, 12), (value - 127.5) / 128), abs=1e-6)


def test_a_picture_too_large_for_the_table_is_refused():
    with pytest.raises(ValueError, match="2400 × 1600"):
        SumTable(np.zeros((1600, 2400, 3), np.uint8))


@pytest.mark.parametrize("box", BOXES)
def test_crops_are_area_averages(box):
    pixels = noise(50, 70, 3)
    x0, y0, x1, y1 = box
    crop = SumTable(pixels).crops(box[None], 24)
    assert crop == pytest.approx(averages(pixels[y0:y1, x0:x1], (24, 24)), abs=1e-6)


def bent(name: str, seed: int) -> dict[str, torch.Tensor]:
    """Weights of the network with other slopes: falling, flat, rising, and in pooled first layers beyond 1."""
    state = weights.load(name)
    random = torch.Generator().manual_seed(seed)
    for key in [key for key in state if key.startswith("prelu")]:
        high = 1.5 if key == "prelu1.weight" and name != "onet" else 1.0
        state[key] = torch.rand(state[key].shape, generator=random) * (high + 1) - 1
    return state


class TestGraphs:
    CASES: ClassVar = {
        "pnet": (Proposal, graphs.proposal, (1, 3, 31, 46)),
        "rnet": (Refinement, graphs.refinement, (5, 3, 24, 24)),
        "onet": (Output, graphs.output, (3, 3, 48, 48)),
    }

    @pytest.mark.parametrize("seed", [None, 0, 1])
    @pytest.mark.parametrize("name", CASES)
    def test_a_graph_says_what_the_network_says(self, tmp_path, monkeypatch, name, seed):
        state = weights.load(name) if seed is None else bent(name, seed)
        monkeypatch.setattr(weights, "load", lambda *_: state)
        network, make, shape = self.CASES[name]
        path = tmp_path / "network.onnx"
        path.write_bytes(make({key: value.numpy() for key, value in state.items()}))
        x = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
        with torch.inference_mode():
            said = network(name, "cpu")(torch.from_numpy(x).contiguous(memory_format=torch.channels_last))
            expected = [value.numpy() for value in said]
            if name == "pnet":
                expected[1] = network(name, "cpu").offsets(said[1]).numpy().transpose(0, 3, 1, 2)
                found = Session(path)(x)[0]
                found = [found[:, 0], found[:, 1:]]
            else:
                found = Session(path)(x)
                found[0] = found[0][:, 0]
        for one, other in zip(found, expected, strict=True):
            assert one == pytest.approx(other, abs=2e-4)


def test_the_networks_are_written_once(monkeypatch):
    cascade.Cascade()
    monkeypatch.setattr(cascade, "_build", lambda *_: pytest.fail("written again"))
    cascade.Cascade()


def test_three_networks_are_written(tmp_path):
    cascade._build(tmp_path, None)
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(WEIGHTS)
