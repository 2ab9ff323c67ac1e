"""Rows: checked values, dense vector and mask, Arrow columns."""

import math

import numpy as np
import pyarrow as pa
import pytest
from fakes import COUNT, MEAN, SHAPE, TILT, FakeStage, LateStage
from hypothesis import given
from hypothesis import strategies as st

from artvision.contract import Missing
from artvision.record import Layout, Record, check, dense
from artvision.settings import Settings
from artvision.stages import contract_of
from artvision.stages.base import Result

FIELDS = (MEAN, COUNT, SHAPE, TILT)
GOOD = {"fake.mean": 12.5, "fake.count": 3, "fake.shape": "wide", "fake.tilt": Missing.NOT_APPLICABLE}
STAGES = [FakeStage(Settings()), LateStage(Settings())]
CONTRACT = contract_of(STAGES)


def layout(extra=None):
    return Layout(CONTRACT, STAGES, extra or {})


def record(results, failures=None, **cells):
    return Record({"asset_id": "a", "path": "/a", "cast": []} | cells, results, failures or {})


@pytest.mark.parametrize(("changes", "text"), [
    ({"fake.mean": math.nan}, r"fake\.mean = nan is outside \[0, 255\]"),
    ({"fake.mean": math.inf}, "outside"),
    ({"fake.mean": 255 + 1e-9}, "outside"),
    ({"fake.mean": -1e-9}, "outside"),
    ({"fake.mean": 255.1}, "outside"),
    ({"fake.shape": "round"}, "is none of tall, wide"),
    ({"fake.mean": "wide"}, "is none of"),
    ({"fake.odd": 1}, "declared and filled differ: fake.odd"),
])  # fmt: skip
def test_a_stage_is_held_to_what_it_declared(changes, text):
    with pytest.raises(ValueError, match=text):
        check(FIELDS, Result(GOOD | changes))


def test_a_field_left_out_is_found():
    with pytest.raises(ValueError, match=r"differ: fake\.count"):
        check(FIELDS, Result({name: value for name, value in GOOD.items() if name != "fake.count"}))


def test_dense_fills_and_masks():
    values = GOOD | {"fake.mean": Missing.FAILED, "late.double": 1.0}
    vector, mask = dense(CONTRACT, values)
    assert vector.tolist() == [-1.0, 3.0, 0.0, 1.0, 0.0, 1.0]
    assert mask.tolist() == [False, True, True, True, False, True]
    assert vector.dtype == np.float32


@given(st.dictionaries(st.sampled_from(["fake.mean", "fake.count", "fake.tilt", "late.double"]),
                       st.one_of(st.integers(0, 90), st.sampled_from(Missing)), min_size=4),
       st.one_of(st.sampled_from(["tall", "wide"]), st.sampled_from(Missing)))  # fmt: skip
def test_mask_is_true_exactly_where_a_value_is_known(values, shape):
    vector, mask = dense(CONTRACT, values | {"fake.shape": shape})
    known = {name: not isinstance(value, Missing) for name, value in (values | {"fake.shape": shape}).items()}
    assert mask.tolist() == [known[field.name] for field, _ in CONTRACT.slots]
    assert np.isfinite(vector).all()


def test_a_row_has_values_states_and_status():
    results = {"fake": Result(GOOD, {"corner": np.zeros(12, np.float32)})}
    row = layout().table([record(results, {"late": "late: broke"})]).to_pylist()[0]
    assert row["fake.mean"] == 12.5
    assert row["fake.shape"] == "wide"
    assert (row["status.fake"], row["status.late"]) == ("ok", "failed")
    assert row["missing"] == [
        {"field": "fake.tilt", "state": "not_applicable"},
        {"field": "late.double", "state": "failed"},
    ]
    assert row["late.double"] is None


def test_a_stage_that_was_not_run_says_so():
    row = layout().table([record({})]).to_pylist()[0]
    assert row["status.fake"] == row["status.late"] == "not_run"
    assert {item["state"] for item in row["missing"]} == {"not_run"}
    assert not any(row["mask"])
    assert row["corner"] is None


def test_types_are_the_contracts():
    schema = layout({"genres": pa.list_(pa.string())}).schema
    width = len(CONTRACT.slots)
    assert schema.field("vector").type == pa.list_(pa.float32(), width)
    assert schema.field("mask").type == pa.list_(pa.bool_(), width)
    assert schema.field("fake.count").type == pa.int32()
    assert schema.field("genres").type == pa.list_(pa.string())
    assert schema.field("fake.mean").metadata == {b"privacy": b"none"}


def test_an_empty_table_has_the_schema():
    assert layout().table([]).schema == layout().schema


@pytest.mark.parametrize(("value", "kept"), [(-1e-13, 0.0), (255 + 1e-12, 255.0), (0.0, 0.0), (254.9, 254.9)])
def test_what_rounding_puts_beyond_a_range_is_put_on_its_end(value, kept):
    found = check(FakeStage(Settings()).fields(), Result(GOOD | {"fake.mean": value}, unwritten="kept"))
    assert found.values == GOOD | {"fake.mean": kept}
    assert found.unwritten == "kept"
