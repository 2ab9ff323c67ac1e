"""Drift of a field: a shift trips, a resample does not; policies; what is left out and why."""

import numpy as np
import pyarrow as pa
import pytest
from contract_runs import contract, field, write_run

from artvision.contracts.comparing import compare_places
from artvision.contracts.drift import Sample, Standing, judged, measure
from artvision.contracts.policy import Limits, Policy, read_policy
from artvision.errors import UsageError

NUMBER = {"dtype": "float32"}
LABEL = {"dtype": "category"}


def sample(values, titles=None, kind=None):
    column = pa.chunked_array([pa.array(values, kind or pa.float32())])
    return Sample(column, np.full(len(values), -1) if titles is None else titles, {})


def compared(pairs, limits=None, *, described=None, same=False, alpha=0.01):
    """name -> standing of each (A, B)."""
    drifts = [measure(name, described or NUMBER, a, b, limits or Limits()) for name, (a, b) in pairs.items()]
    return {drift.field: drift.standing for drift in judged(drifts, alpha, same_pictures=same)}


@pytest.mark.parametrize(("rows", "by_limits_alone"), [(60, 15), (150, 4), (500, 0)])
def test_a_resample_does_not_trip_where_limits_alone_would(rows, by_limits_alone):
    rng, tripped, beyond = np.random.default_rng(3), 0, 0
    for _ in range(20):
        pairs = {f"a.f{number}": [sample(rng.gamma(2, size=rows)) for _ in "ab"] for number in range(12)}
        found = [*compared(pairs).values()]
        tripped += Standing.TRIPPED in found
        beyond += Standing.NOISE in found
    assert tripped <= 1  # of 20 at a chance of 0.01 each
    assert beyond >= by_limits_alone


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("rows", "shift"), [(60, 1.5), (150, 1.0), (1000, 0.75)])
def test_a_shifted_distribution_trips_among_twenty_that_are_not(seed, rows, shift):
    rng = np.random.default_rng(seed)
    pairs = {f"a.f{number}": [sample(rng.normal(size=rows)) for _ in "ab"] for number in range(20)}
    pairs["a.shifted"] = [sample(rng.normal(size=rows)), sample(rng.normal(shift, size=rows))]
    assert compared(pairs)["a.shifted"] is Standing.TRIPPED


def test_a_wider_distribution_of_the_same_mean_trips():
    rng = np.random.default_rng(4)
    found = compared({"a.one": [sample(rng.normal(0, 1, 600)), sample(rng.normal(0, 2.5, 600))]})
    assert found == {"a.one": Standing.TRIPPED}


def test_other_titles_are_no_drift_though_their_many_pictures_resemble_one_another():
    rng, naive, judged_by_titles = np.random.default_rng(5), 0, 0
    for _ in range(20):
        sides = [(rng.normal(size=15).repeat(30) + rng.normal(0, 0.1, 450)) for _ in "ab"]
        naive += compared({"a.one": [sample(one) for one in sides]})["a.one"] is Standing.TRIPPED
        titled = [sample(one, np.arange(15).repeat(30)) for one in sides]
        judged_by_titles += compared({"a.one": titled})["a.one"] is Standing.TRIPPED
    assert naive >= 15
    assert judged_by_titles <= 1


@pytest.mark.parametrize(("kind", "dtype", "values"), [
    (pa.string(), "category", ("close", "long")), (pa.bool_(), "bool", (True, False)), (pa.int32(), "int32", (0, 3)),
])  # fmt: skip
def test_labels_flags_and_counts_drift(kind, dtype, values):
    a, b = [values[0]] * 150 + [values[1]] * 50, [values[0]] * 50 + [values[1]] * 150
    described = {"dtype": dtype}
    assert compared({"a.one": [sample(a, kind=kind), sample(b, kind=kind)]}, described=described) == {
        "a.one": "tripped"
    }
    assert compared({"a.one": [sample(a, kind=kind), sample(a, kind=kind)]}, described=described) == {"a.one": "steady"}


def test_missing_rows_trip_by_themselves_and_say_why():
    a, b = [0.5] * 200, [0.5] * 150 + [None] * 50
    assert compared({"a.one": [sample(a), sample(b)]}) == {"a.one": Standing.TRIPPED}
    assert compared({"a.one": [sample(a), sample([0.5] * 196 + [None] * 4)]}) == {"a.one": Standing.STEADY}


def test_the_very_same_pictures_leave_nothing_to_chance():
    rng = np.random.default_rng(6)
    values = rng.normal(size=60)
    pair = {"a.one": [sample(values), sample(values + 0.7)]}
    many = {f"a.f{number}": [sample(values), sample(values + 0.02)] for number in range(300)}
    assert compared(pair | many, same=True)["a.one"] is Standing.TRIPPED
    assert compared(pair | many, same=False)["a.one"] is Standing.NOISE
    assert compared({"a.one": [sample(values), sample(values + 0.02)]}, same=True)["a.one"] is not Standing.TRIPPED


def test_few_rows_are_not_judged():
    few = [sample([float(number) for number in range(20)]), sample([9.0] * 20)]
    assert compared({"a.one": few}) == {"a.one": Standing.FEW}
    assert compared({"a.one": few}, Limits(min_rows=10)) == {"a.one": Standing.TRIPPED}


def two_runs(folder, b=None, **more):
    described = contract(field("light.one"), field("light.two"), field("tag.one"))
    rng = np.random.default_rng(7)
    values = {name: rng.random(200).tolist() for name in ("light.one", "light.two", "tag.one")}
    write_run(folder / "a", described, values)
    other = {name: rng.random(200).tolist() for name in values} | (b or {})
    write_run(folder / "b", described, other, **more)
    return folder / "a", folder / "b"


def tripped(places, policy=None):
    return [drift.field for drift in compare_places(*places, policy or Policy()).tripped]


def policy(folder, text):
    (folder / "drift.toml").write_text(text, encoding="utf-8")
    return read_policy(folder / "drift.toml")


def test_runs_in_parts_are_compared_and_states_are_told(tmp_path):
    places = two_runs(tmp_path, {"light.one": [0.9] * 120 + [None] * 80}, states={"light.one": "abstained"}, parts=3)
    found = compare_places(*places, Policy())
    assert [drift.field for drift in found.tripped] == ["light.one"]
    assert found.tripped[0].states == ({}, {"abstained": 0.4})


def test_a_field_that_is_missing_everywhere_trips(tmp_path):
    assert tripped(two_runs(tmp_path, {"tag.one": [None] * 200})) == ["tag.one"]


def test_a_policy_has_limits_for_some_fields_and_the_last_pattern_wins(tmp_path):
    moved = {"light.one": [0.9] * 200, "light.two": [0.9] * 200, "tag.one": [0.9] * 200}
    places = two_runs(tmp_path, moved)
    loose = policy(tmp_path, '[fields."light.*"]\npsi = 99\nks = 1\n[fields."*.two"]\nignore = true\n')
    assert tripped(places, loose) == ["tag.one"]
    found = compare_places(*places, policy(tmp_path, 'psi = 99\nks = 1\n[fields."nothing.*"]\npsi = 1'))
    assert found.tripped == []
    assert found.notices == ["the policy's fields 'nothing.*' match no field"]


@pytest.mark.parametrize(("text", "said"), [
    ("psl = 1", "no 'psl'; did you mean psi"),
    ("min_row = 1", "did you mean min_rows"),
    ('[fields."a.*"]\nalpha = 0.5', "there is no 'alpha'"),
    ("psi = true", "psi = True must be a number from 0"),
    ("psi = -1", "must be a number from 0"),
    ("min_rows = 1.5", "must be a number from 0"),
    ("ignore = 1", "must be true or false"),
    ("alpha = 0", "between 0 and 1"),
    ('allow = "huge"', "none of none, patch, minor, major"),
    ("fields = 1", "a table of their own"),
    ("psi = ", "is not TOML"),
])  # fmt: skip
def test_a_policy_that_cannot_be_meant_is_refused_with_the_way_out(tmp_path, text, said):
    with pytest.raises(UsageError, match=r"drift\.toml") as caught:
        policy(tmp_path, text)
    assert said in str(caught.value)


def test_an_empty_policy_is_the_default(tmp_path):
    assert policy(tmp_path, "") == Policy()


def test_rows_under_another_unit_or_type_are_not_compared(tmp_path):
    before, after = contract(field(), field("a.two")), contract(field(unit="L*"), field("a.two"))
    values = {"a.one": [0.1] * 100, "a.two": [0.2] * 100}
    places = write_run(tmp_path / "a", before, values), write_run(tmp_path / "b", after, values)
    assert [drift.field for drift in compare_places(*places, Policy()).drifts] == ["a.two"]


def test_a_renamed_field_is_compared_with_what_it_was(tmp_path):
    before, after = contract(field(meaning="same")), contract(field("a.uno", meaning="same"))
    a = write_run(tmp_path / "a", before, {"a.one": np.linspace(0, 1, 200).tolist()})
    b = write_run(tmp_path / "b", after, {"a.uno": [0.9] * 200})
    assert tripped((a, b)) == ["a.one"]
