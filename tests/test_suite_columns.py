"""The suite's columns: ranks and z-scores against scipy, and what rows without a title, a value, an embedding get."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, zscore
from suite_rows import table_of, unit

from artvision import stages
from artvision.settings import Settings
from artvision.suite.columns import FIELDS, INPUTS, RANKED, suite_columns
from artvision.suite.similarity import MAX_PAIRED
from artvision.suite.standing import MAX_Z, ranks, z_scores

NAMES = {field.name: field for field in FIELDS}


def column(found, name):
    return found[name].to_pylist()


def brightness(*values, titles=None):
    titles = titles or ["t1"] * len(values)
    rows = [{"light.brightness": value, "title_id": title} for value, title in zip(values, titles, strict=True)]
    return suite_columns(table_of(rows))


@pytest.mark.parametrize(("values", "expected_rank", "expected_z"), [
    ([10, 30, 20], [0, 1, 0.5], [-(1.5**0.5), 1.5**0.5, 0]),
    ([10, 10, 40], [0.25, 0.25, 1], [-(0.5**0.5), -(0.5**0.5), 2**0.5]),
    ([10, None, 40], [0, None, 1], [None] * 3),
    ([10], [None], [None]),
    ([10, 10, 10], [0.5] * 3, [None] * 3),
    ([10, 10.05, 10.09], [0, 0.5, 1], [None] * 3),  # no more than two sizes of one picture may differ
])  # fmt: skip
def test_rank_and_z_of_a_title_in_closed_form(values, expected_rank, expected_z):
    found = brightness(*values)
    assert column(found, "rank.brightness") == expected_rank
    assert column(found, "z.brightness") == [z if z is None else pytest.approx(z, abs=1e-6) for z in expected_z]


def test_titles_do_not_see_each_other_and_rows_without_a_title_get_nothing():
    found = brightness(10, 500, 20, -500, 30, 40, titles=["a", "b", "a", None, "b", None])
    assert column(found, "rank.brightness") == [0, 1, 1, None, 0, None]
    assert column(found, "suite.size") == [2, 2, 2, None, 2, None]


def test_an_outlier_is_clipped():
    values = np.array([0.0] * 99 + [1.0])
    assert z_scores(values, np.zeros(100, np.int64), 0).max() == MAX_Z


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 5))), max_size=30))
def test_ranks_and_z_scores_are_those_of_scipy_title_by_title(pairs):
    groups = np.array([group for group, _ in pairs], np.int64)
    values = np.array([np.nan if value is None else value for _, value in pairs], np.float64)
    rank, z = ranks(values, groups), z_scores(values, groups, 0.0)
    assert np.isnan(rank[np.isnan(values)]).all()
    for group in set(groups.tolist()):
        here = (groups == group) & ~np.isnan(values)
        if here.sum() > 1:
            assert rank[here] == pytest.approx((rankdata(values[here]) - 1) / (here.sum() - 1))
        if here.sum() > 2 and np.ptp(values[here]) > 0:
            assert z[here] == pytest.approx(np.clip(zscore(values[here]), -MAX_Z, MAX_Z))
        else:
            assert np.isnan(z[here]).all()


VECTORS = unit([[1, 0], [0, 1], [1, 1]])


def test_order_novelty_and_redundancy_in_closed_form():
    found = suite_columns(table_of([{}] * 3, VECTORS))
    half = 0.5**0.5
    assert column(found, "suite.order") == [2, 3, 1]
    assert column(found, "suite.novelty") == pytest.approx([1 - half / 2, 1 - half / 2, 1 - half], abs=1e-6)
    assert column(found, "suite.redundancy") == pytest.approx([half] * 3, abs=1e-6)
    assert column(found, "plate.id") == [None] * 3


def test_a_plate_raises_redundancy_to_one_and_lowers_novelty():
    found = suite_columns(table_of([{}] * 3, VECTORS), {"a00": "p", "a01": "p"})
    assert column(found, "suite.redundancy") == pytest.approx([1, 1, 0.5**0.5], abs=1e-6)
    assert column(found, "suite.novelty")[0] < 1 - 0.5**0.5 / 2
    assert column(found, "plate.id") == ["p", "p", None]


def test_a_lone_asset_is_first_and_compared_with_nobody_and_one_without_embedding_is_only_counted():
    found = suite_columns(table_of([{}, {}], [[1, 0], None]))
    assert column(found, "suite.order") == [1, None]
    assert column(found, "suite.novelty") == column(found, "suite.redundancy") == [None, None]
    assert column(found, "suite.size") == [2, 2]


def test_a_title_too_large_to_be_compared_pair_by_pair_is_ranked_only():
    count = MAX_PAIRED + 1
    table = pa.table({
        "asset_id": [f"{number:05}" for number in range(count)],
        "title_id": ["t"] * count,
        "light.brightness": np.arange(count, dtype=np.float32),
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(np.ones(count, np.float32)), 1),
    })  # fmt: skip
    found = suite_columns(table)
    assert found["suite.order"].null_count == found["suite.novelty"].null_count == count
    assert column(found, "rank.brightness")[-1] == 1


@pytest.mark.parametrize("table", [
    table_of([{}, {}]),
    table_of([{}, {}], title_id=None).set_column(1, "title_id", pa.array([None, None], pa.string())),
    table_of([{}]).slice(0, 0),
])  # fmt: skip
def test_what_is_not_there_is_null_and_the_columns_stay(table):
    found = suite_columns(table)
    assert found.column_names == ["asset_id", *NAMES, "plate.id"]
    assert found.num_rows == table.num_rows
    assert all(found[name].null_count == table.num_rows for name in NAMES if name != "suite.size")


@st.composite
def suites(draw):
    count = draw(st.integers(1, 12))
    numbers = st.one_of(st.none(), st.floats(-5, 200, width=32))
    rows = [
        {"title_id": draw(st.sampled_from(["t1", "t2", None]))}
        | {field.column: draw(numbers) for field in RANKED.values()}
        for _ in range(count)
    ]
    vectors = [draw(st.one_of(st.none(), st.tuples(*[st.integers(1, 4)] * 3))) for _ in range(count)]
    vectors = [None if vector is None else unit([vector])[0] for vector in vectors]
    rows[0]["title_id"] = "t1"
    return table_of(rows, vectors)


@settings(max_examples=25, deadline=None)
@given(suites(), st.randoms(use_true_random=False))
def test_every_value_is_in_its_range_and_the_order_of_rows_decides_nothing(table, random):
    found = suite_columns(table)
    for name, field in NAMES.items():
        known = found[name].drop_null().to_numpy()
        assert found[name].type == (pa.int32() if field.dtype == "int32" else pa.float32())
        assert ((field.low <= known) & (known <= field.high)).all()
    mixed = list(range(table.num_rows))
    random.shuffle(mixed)
    again = suite_columns(table.take(mixed)).sort_by("asset_id")
    for name in ("suite.order", "suite.size", *(f"rank.{name}" for name in RANKED)):
        assert column(again, name) == column(found, name)
    for name in ("suite.novelty", "suite.redundancy"):
        assert column(again, name) == pytest.approx(column(found, name), abs=1e-6)


def test_inputs_are_fields_about_nobody_with_the_tolerance_that_the_contract_states():
    every, _ = stages.create(Settings())
    contract = stages.contract_of(every)
    fields = {field.name: field for field in contract.fields}
    assert {contract.privacy[name] for name in INPUTS if name in contract.privacy} == {"none"}
    for field in RANKED.values():
        noise = 0 if fields[field.column].dtype == "int32" else fields[field.column].tolerance
        assert field.noise == noise, field.column
        assert field.more in fields[field.column].higher or field.column == "face.lead_area"
