"""PSI, KS, shares, Holm, design effect: closed forms, and false alarms counted over many samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.contracts import statistics

pairs = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=2, max_size=10)
counts = st.lists(st.integers(0, 500), min_size=2, max_size=10).filter(lambda found: sum(found) > 0)


@given(pairs)
def test_psi_is_symmetric_and_never_negative(found):
    a, b = np.array(found).T
    assert statistics.psi(a, b) == pytest.approx(statistics.psi(b, a))
    assert statistics.psi(a, b) >= 0


@given(counts)
def test_psi_of_equal_histograms_is_nothing_and_an_empty_bin_is_finite(found):
    a = np.array(found)
    assert statistics.psi(a, a) == 0
    assert np.isfinite(statistics.psi(a, a[::-1]))


def test_psi_in_closed_form():
    a, b = np.array([99_999, 99_999]), np.array([149_999, 49_999])
    assert statistics.psi(a, b) == pytest.approx(0.25 * np.log(1.5) - 0.25 * np.log(0.5), abs=1e-4)


def test_a_normal_shifted_by_half_a_deviation_reaches_both_default_limits():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 200_000), rng.normal(0.5, 1, 200_000)
    inner = statistics.edges(a, 10)
    found = statistics.psi(*(np.bincount(np.searchsorted(inner, one)) for one in (a, b)))
    assert found == pytest.approx(0.25, abs=0.02)
    assert statistics.ks(a, b) == pytest.approx(0.2, abs=0.01)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=300))
def test_edges_are_strictly_increasing_and_no_more_than_two_a_quantile(values):
    inner = statistics.edges(np.array(values), 10)
    assert (np.diff(inner) > 0).all()
    assert 1 <= len(inner) <= 18


def test_a_value_that_many_rows_share_has_a_bin_for_itself():
    values = np.concatenate([np.zeros(60), np.linspace(0.1, 1, 40)])
    inner = statistics.edges(values, 10)
    below, at, above = (int(np.searchsorted(inner, one)) for one in (-0.1, 0.0, 0.05))
    assert below < at < above


@pytest.mark.parametrize("draw", [
    lambda rng, size: rng.normal(size=size),
    lambda rng, size: rng.lognormal(size=size),
    lambda rng, size: np.where(rng.random(size) < 0.6, 0, rng.random(size)),
], ids=["normal", "lognormal", "mostly 0"])  # fmt: skip
@pytest.mark.parametrize("sizes", [(50, 50), (150, 600), (600, 150)])
def test_psi_beyond_its_p_value_is_as_rare_as_it_says(draw, sizes):
    rng, hits = np.random.default_rng(1), 0
    for _ in range(400):
        a, b = (draw(rng, size) for size in sizes)
        inner = statistics.edges(a, statistics.bins_for(min(sizes)))
        found = [np.bincount(np.searchsorted(inner, one), minlength=len(inner) + 1) for one in (a, b)]
        used = int((sum(found) > 0).sum())
        hits += statistics.psi_p_value(statistics.psi(*found), used, sizes) <= 0.05
    assert hits <= 33  # 20 are expected; three standard deviations are 13


def test_holm_in_closed_form():
    assert statistics.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert statistics.holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(values):
    found = statistics.holm(values)
    assert all(after >= before for before, after in zip(values, found, strict=True))
    order = np.argsort(values, kind="stable")
    assert (np.diff(np.array(found)[order]) >= 0).all()


def test_two_shares_in_closed_form():
    assert statistics.proportions_p_value((0.5, 0.6), (100, 100)) == pytest.approx(0.1556, abs=1e-3)
    assert statistics.proportions_p_value((0, 0), (100, 100)) == 1
    assert statistics.proportions_p_value((1, 1), (100, 100)) == 1


def test_rows_without_titles_or_with_one_each_are_independent():
    codes = np.arange(60) % 3
    assert statistics.design_effect(codes, np.full(60, -1)) == 1
    assert statistics.design_effect(codes, np.arange(60)) == 1
    assert statistics.design_effect(codes, np.zeros(60, np.int64)) == 1


def test_titles_of_ten_equal_pictures_are_worth_a_row_each():
    codes = np.repeat(np.arange(40) % 4, 10)
    assert statistics.design_effect(codes, np.repeat(np.arange(40), 10)) == pytest.approx(10)


def test_titles_of_unlike_pictures_cost_little():
    codes = np.random.default_rng(2).integers(0, 4, 400)
    assert statistics.design_effect(codes, np.repeat(np.arange(40), 10)) < 1.5
