from __future__ import annotations

import threading

import numpy as np
import pytest

from artvision.errors import WeightsError
from artvision.passes import ConstantPasses, normalised

WIDTH, SHAPE, SIZE = 3, (2, 2), 4
MIX = np.random.default_rng(3).normal(size=(4, WIDTH)).astype(np.float32)


class Fake(ConstantPasses):
    """Mixes pixels; `lean` is added by place in the pass, `drift` by call, as broken networks do."""

    def __init__(self, width=WIDTH, lean=0.0, drift=0.0, add=0.0):
        super().__init__("fake", width, SHAPE, SIZE)
        self.lean, self.drift, self.add = lean, drift, add
        self.sizes: list[int] = []

    def _forward(self, filled):
        self.sizes.append(len(filled))
        rows = (filled.reshape(len(filled), -1, 1) * MIX).sum(axis=1) + self.add
        return rows + self.lean * np.arange(len(filled))[:, None] + self.drift * len(self.sizes)


def pictures(count):
    return np.random.default_rng(count).normal(size=(count, *SHAPE)).astype(np.float32)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 9])
def test_every_pass_has_one_size_and_rows_are_in_order(count):
    fake, batch = Fake(), pictures(count)
    rows = fake._in_passes(batch)
    expected = [np.einsum("i,ij->j", picture.ravel(), MIX) for picture in batch]
    assert rows.shape == (count, WIDTH)
    assert rows.dtype == np.float32
    for row, raw in zip(rows, expected, strict=True):
        np.testing.assert_allclose(row, raw / np.linalg.norm(raw), atol=1e-6)
    assert fake.sizes == [SIZE] * -(-count // SIZE)


def test_what_a_pass_before_left_is_not_seen():
    fake, batch = Fake(), pictures(5)
    assert fake._in_passes(batch)[4].tobytes() == fake._in_passes(batch[4:])[0].tobytes()


def test_an_honest_network_keeps_its_size():
    fake = Fake()
    fake._check_as_worker()
    assert fake._micro_batch == SIZE


def test_where_the_place_matters_pictures_go_one_by_one():
    fake = Fake(lean=1e-3)
    fake._check_as_worker()
    assert fake._micro_batch == 1
    batch = pictures(3)
    assert fake._in_passes(batch)[2].tobytes() == fake._in_passes(batch[2:])[0].tobytes()


@pytest.mark.parametrize(
    ("fake", "message"),
    [
        (Fake(width=WIDTH + 1), "fake gives no finite embedding of width 4"),
        (Fake(add=float("nan")), "no finite embedding"),
        (Fake(add=float("inf")), "no finite embedding"),
        (Fake(drift=0.1), "two embeddings for one picture"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_broken_networks_are_caught_at_start(fake, message):
    with pytest.raises(WeightsError, match=message):
        fake._check_as_worker()


def test_the_check_runs_as_the_engines_workers_do(monkeypatch):
    seen = []
    monkeypatch.setattr("artvision.passes.one_thread_each", lambda: seen.append(threading.current_thread()))
    Fake()._check_as_worker()
    assert len(seen) == 1
    assert seen[0] is not threading.current_thread()


def test_rows_get_unit_length_each_for_itself():
    rows = np.array([[3, 4], [1e-20, 0], [0, 0], [1e20, 1e20]], dtype=np.float32)
    found = normalised(rows)
    np.testing.assert_allclose(found[[0, 3]], [[0.6, 0.8], [np.sqrt(0.5)] * 2], rtol=1e-6)
    assert found[2].tolist() == [0, 0]
    for index in range(4):
        assert normalised(rows[index : index + 1])[0].tobytes() == found[index].tobytes()
