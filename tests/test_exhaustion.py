"""Memory that runs out in a stage: its batches are halved, the run goes on with the same rows, and says so."""

import json
from collections import Counter

import numpy as np
import pytest
from fakes import FakeStage, LateStage
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encode, photo

from artvision import pipeline, stages
from artvision.exhaustion import Portions, exhausted
from artvision.exported import Session
from artvision.image import Picture
from artvision.isolation import run_stage
from artvision.run import read_run
from artvision.settings import Settings
from artvision.stages.base import Result

ROOM = 3  # pictures for which the stage has memory


class Cramped(FakeStage):
    """Has memory for `ROOM` pictures at once, and for none that is one flat colour."""

    error = MemoryError()

    def run(self, batch, upstream):
        self.seen = [*getattr(self, "seen", []), len(batch)]
        if len(batch) > ROOM or any(picture.pixels.std() == 0 for picture in batch):
            raise self.error
        return super().run(batch, upstream)


def pictures(count, flat=()):
    random = np.random.default_rng(0)
    made = [random.integers(0, 255, (40, 60, 3), np.uint8) for _ in range(count)]
    return [Picture(pixels * (number not in flat), 60, 40) for number, pixels in enumerate(made)]


def test_a_batch_is_halved_until_it_fits_and_the_next_ones_are_no_larger():
    stage, portions, halved = Cramped(Settings()), Portions(), Counter()
    found = run_stage(stage, pictures(8), {}, portions, halved)
    assert all(isinstance(item, Result) for item in found)
    assert stage.seen == [8, 4, 2, 2, 2, 2]
    run_stage(stage, pictures(8), {}, portions, halved)
    assert stage.seen[6:] == [2, 2, 2, 2]
    assert halved == {"fake": 2}


@settings(deadline=None)
@given(st.integers(0, 20), st.sets(st.integers(0, 19)))
def test_results_are_in_order_and_only_what_never_fits_fails(count, flat):
    made = pictures(count, flat)
    found = run_stage(Cramped(Settings()), made, {}, Portions())
    expected = run_stage(FakeStage(Settings()), made, {})
    for number, (mine, reference) in enumerate(zip(found, expected, strict=True)):
        if number in flat:
            assert isinstance(mine, MemoryError)
        else:
            assert mine.values == reference.values


def test_another_failure_makes_no_batch_smaller_than_before():
    portions = Portions()
    run_stage(
        LateStage(Settings()), pictures(8, {3}), {"fake": run_stage(FakeStage(Settings()), pictures(8), {})}, portions
    )
    assert portions.of("late", 8) == 8


@pytest.mark.parametrize(("error", "is_memory"), [
    (MemoryError(), True),
    (np._core._exceptions._ArrayMemoryError((1 << 40,), np.dtype("u1")), True),
    (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
    (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
    (RuntimeError("shape mismatch"), False),
    (ValueError("out of memory"), False),
    (ArithmeticError("flat picture"), False),
])  # fmt: skip
def test_what_counts_as_memory_that_ran_out(error, is_memory):
    assert exhausted(error) is is_memory


def test_torchs_own_error_counts():
    import torch

    assert exhausted(torch.OutOfMemoryError("CUDA out of memory."))


def test_the_error_of_a_network_counts(tmp_path):
    """onnxruntime's errors are of a family of their own."""
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("ConstantOfShape", ["x"], ["y"])],
        "too much",
        [helper.make_tensor_value_info("x", TensorProto.INT64, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (tmp_path / "network.onnx").write_bytes(made.SerializeToString())
    with pytest.raises(Exception, match="allocate") as caught:
        Session(tmp_path / "network.onnx")(np.array([1 << 43]))
    assert exhausted(caught.value)


def test_the_run_has_all_rows_and_records_it(tmp_path, monkeypatch):
    images = tmp_path / "images"
    images.mkdir()
    for number in range(9):
        (images / f"{number}.png").write_bytes(encode(photo(90, 60, seed=number)))
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage]))
    calm = pipeline.extract(images, tmp_path / "calm", Settings(batch_size="9", workers=1))
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Cramped]))
    monkeypatch.setattr(Cramped, "error", RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    summary = pipeline.extract(images, tmp_path / "run", Settings(batch_size="9", workers=1))
    said = []
    summary.tell(said.append)
    assert (summary.ok, summary.failed) == (9, 0)
    assert any(line.startswith("memory ran out, batches were halved: 2 of fake") for line in said)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["halved_batches"] == {"fake": 2}
    assert read_run(calm.run.folder).info["halved_batches"] == {}
    assert vectors(summary.run) == vectors(calm.run)


def vectors(run):
    return {row["asset_id"]: row["vector"] for row in run.table(["asset_id", "vector"]).to_pylist()}
