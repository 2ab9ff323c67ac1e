"""What scores are worth against labels: the figures in closed form, and what must hold for any labels."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import f1_score, roc_auc_score

from artvision.calibration.figures import (
    COVERAGES,
    Ranking,
    aucs,
    band,
    best_threshold,
    brier,
    calibration_error,
    concordance,
    coverage_risk,
    doubt,
    ranking,
    reliability,
)
from artvision.calibration.folds import deal

CASES = st.integers(0, 2**32 - 1)


def drawn(seed, count=60, levels=9):
    """(scores with ties, truth) with both classes."""
    random = np.random.default_rng(seed)
    truth = random.random(count) < 0.4
    truth[:2] = True, False
    return (random.integers(1, levels, count) + truth) / (levels + 1), truth


def test_auc_in_closed_form():
    scores, truth = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert aucs(scores, truth, np.ones((1, 4)))[0] == 0.75
    assert aucs(np.ones(4), truth, np.ones((1, 4)))[0] == 0.5
    assert np.isnan(aucs(scores, np.zeros(4, bool), np.ones((1, 4)))[0])


@settings(max_examples=50, deadline=None)
@given(CASES)
def test_weighted_auc_is_scikit_learns(seed):
    scores, truth = drawn(seed)
    weights = np.random.default_rng(seed).integers(1, 4, (3, len(scores))).astype(float)
    expected = [roc_auc_score(truth, scores, sample_weight=row) for row in weights]
    assert aucs(scores, truth, weights) == pytest.approx(expected)


def test_pictures_of_one_title_are_no_separate_witnesses():
    scores, truth = drawn(1, 40)
    alone = ranking(scores, truth, np.arange(40))
    copies = ranking(np.repeat(scores, 30), np.repeat(truth, 30), np.repeat(np.arange(40), 30))
    thirty = ranking(np.repeat(scores, 30), np.repeat(truth, 30), np.arange(1200))
    assert (copies.low, copies.high) == pytest.approx((alone.low, alone.high))
    assert thirty.high - thirty.low < (copies.high - copies.low) / 3


def test_an_interval_holds_its_figure_and_repeats():
    scores, truth = drawn(2)
    found = ranking(scores, truth, np.arange(60))
    assert found.low < found.auc < found.high
    assert found == ranking(scores, truth, np.arange(60))


def test_the_standard_error_is_that_of_hanley_and_mcneil():
    random = np.random.default_rng(0)
    truth = np.arange(400) < 150
    scores = random.normal(0, 1, 400) + truth
    found = ranking(scores, truth, np.arange(400))
    auc, yes, no = found.auc, 150, 250
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = (auc * (1 - auc) + (yes - 1) * (one - auc**2) + (no - 1) * (two - auc**2)) / (yes * no)
    assert found.error == pytest.approx(np.sqrt(spread), rel=0.1)


def test_a_p_value_is_that_of_mann_and_whitney_where_both_hold():
    random = np.random.default_rng(3)
    truth = np.arange(300) < 100
    for shift in (0.0, 0.1, 0.2):
        scores = random.normal(0, 1, 300) + shift * truth
        expected = mannwhitneyu(scores[truth], scores[~truth], alternative="greater").pvalue
        assert ranking(scores, truth, np.arange(300)).p_value == pytest.approx(min(1, expected), abs=0.02, rel=0.3)


def test_a_high_auc_of_few_pictures_is_not_surer_than_mann_and_whitney_allow():
    """On the scale of the AUC itself the standard error vanishes towards 1, and p with it."""
    truth = np.arange(30) < 15
    for seed in range(5):
        scores = np.random.default_rng(seed).normal(0, 1, 30) + 1.6 * truth
        exact = mannwhitneyu(scores[truth], scores[~truth], alternative="greater", method="exact").pvalue
        assert exact / 3 < ranking(scores, truth, np.arange(30)).p_value < 0.05


@pytest.mark.parametrize(("found", "p_value"), [
    (Ranking(1.0, 1.0, 1.0, 0.0), 0.0), (Ranking(0.5, 0.5, 0.5, 0.0), 1.0), (Ranking(0.0, 0.0, 0.0, 0.0), 1.0),
    (Ranking(float("nan"), float("nan"), float("nan"), float("nan")), 1.0),
])  # fmt: skip
def test_p_values_at_the_ends(found, p_value):
    assert found.p_value == p_value


def test_a_bootstrap_does_not_depend_on_how_much_of_it_is_in_memory(monkeypatch):
    scores, truth = drawn(4)
    whole = ranking(scores, truth, np.arange(60))
    monkeypatch.setattr("artvision.calibration.figures.ROOM", 60 * 7)
    assert ranking(scores, truth, np.arange(60)) == whole


def test_a_rank_correlation_knows_order_alone():
    answers = np.linspace(0, 1, 30)
    assert concordance(answers, answers**3, np.arange(30)).auc == pytest.approx(1)
    assert concordance(answers, -answers, np.arange(30)).high == pytest.approx(-1)


@pytest.mark.parametrize(("chances", "truth", "error"), [
    ([0.5] * 4, [1, 1, 0, 0], 0.0), ([0.5] * 4, [0] * 4, 0.5), ([0.0, 1.0], [0, 1], 0.0),
    ([0.9, 0.9, 0.2], [1, 0, 0], 1.0 / 3),
])  # fmt: skip
def test_calibration_error_in_closed_form(chances, truth, error):
    assert calibration_error(np.array(chances), np.array(truth, bool)) == pytest.approx(error)


@settings(max_examples=50, deadline=None)
@given(CASES, st.sampled_from([0.01, 0.9]))
def test_calibration_error_is_the_mean_over_tenths_of_the_pictures(seed, scale):
    random = np.random.default_rng(seed)
    chances = np.sort(random.random(200) * scale)
    truth = random.random(200) < chances
    tenths = [abs((chances[at : at + 20] - truth[at : at + 20]).mean()) for at in range(0, 200, 20)]
    assert calibration_error(chances, truth) == pytest.approx(np.mean(tenths))


@pytest.mark.parametrize("lone", [0.1, 0.9])
def test_a_step_of_many_pictures_is_no_cover_for_its_neighbour(lone):
    """Ten at 0.5 of which six hold, one beside them that does not: the errors must not cancel."""
    chances, truth = np.r_[[0.5] * 10, lone], np.r_[[True] * 6, [False] * 5]
    assert calibration_error(chances, truth) == pytest.approx((1 + lone) / 11)
    assert {round(chance, 6): (round(share, 6), count) for chance, share, count in reliability(chances, truth)} == {
        0.5: (0.6, 10), lone: (0.0, 1)}  # fmt: skip


def test_a_rare_tag_does_not_hide_in_one_bin():
    """All below 0.1, where bins of one width would see no error at all: the mean is right, each half is not."""
    chances, truth = np.repeat([0.01, 0.09], 500), np.r_[np.arange(500) < 45, np.arange(500) < 5]
    assert calibration_error(chances, truth) == pytest.approx(0.08)


@settings(max_examples=50, deadline=None)
@given(CASES)
def test_the_threshold_is_that_of_the_highest_f1(seed):
    chances, truth = drawn(seed)
    found = best_threshold(chances, truth)
    assert found not in chances
    best = max(f1_score(truth, chances >= level) for level in chances)
    assert f1_score(truth, chances >= found) == pytest.approx(best)


@settings(max_examples=50, deadline=None)
@given(CASES, st.floats(0.05, 1))
def test_a_wanted_precision_is_had_with_the_most_recall(seed, precision):
    chances, truth = drawn(seed)
    found = best_threshold(chances, truth, precision)
    had = {level: truth[chances >= level].mean() for level in chances}
    good = [level for level, share in had.items() if share >= precision]
    reached = truth[chances >= found].mean()
    assert reached == pytest.approx(had[min(good)] if good else max(had.values()))
    assert not good or (chances >= found).sum() == (chances >= min(good)).sum()


@given(st.floats(0.01, 0.99), st.lists(st.floats(0.01, 0.99), min_size=2))
def test_doubt_falls_away_from_the_threshold_on_both_sides(threshold, chances):
    ordered = np.sort(chances)
    doubts = doubt(ordered, threshold)
    below = ordered < threshold
    assert (np.diff(doubts[below]) >= 0).all()
    assert (np.diff(doubts[~below]) <= 0).all()
    assert doubt(np.array([threshold]), threshold)[0] == pytest.approx(1)


@settings(max_examples=50, deadline=None)
@given(CASES, st.floats(0.05, 1))
def test_a_band_lies_around_its_threshold_and_leaves_at_least_the_coverage(seed, coverage):
    chances, truth = drawn(seed)
    threshold = best_threshold(chances, truth)
    low, high = band(chances, threshold, coverage)
    assert low <= threshold <= high
    answered = ~((low < chances) & (chances < high))
    assert answered.sum() >= ceil(coverage * len(chances))


def test_a_band_leaves_a_surer_picture_an_answer_on_a_side_where_none_had_one():
    """Nine pictures above the threshold are surer than the one below it: one further below is as sure as they."""
    chances = np.r_[0.4, np.linspace(0.9, 0.98, 9)]
    low, high = band(chances, 0.5, 0.9)
    assert doubt(np.array([low]), 0.5)[0] == pytest.approx(doubt(np.array([high]), 0.5)[0])
    assert (low, high) == pytest.approx((0.1, 0.9))


@settings(max_examples=50, deadline=None)
@given(CASES)
def test_the_risk_never_rises_as_the_coverage_falls(seed):
    chances, truth = drawn(seed)
    curve = coverage_risk(chances, truth, np.full(len(chances), 0.43))
    assert [share for share, _ in curve] == list(COVERAGES)
    risks = [risk for _, risk in curve]
    assert risks == sorted(risks, reverse=True)


@settings(max_examples=50, deadline=None)
@given(CASES, st.integers(1, 12))
def test_the_risk_is_the_least_mean_cost_of_so_many_answers_or_more(seed, count):
    random = np.random.default_rng(seed)
    chances, truth = random.uniform(0.05, 0.95, count), random.random(count) < 0.5
    surest = np.argsort(doubt(chances, 0.4))
    costs = np.where(chances >= 0.4, ~truth / 0.6, truth / 0.4)[surest]
    for share, risk in coverage_risk(chances, truth, np.full(count, 0.4)):
        assert risk == pytest.approx(min(costs[:most].mean() for most in range(ceil(share * count), count + 1)))


def test_the_risk_of_answering_all_is_the_mean_cost():
    chances, truth = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False])
    (_, risk), *_ = coverage_risk(chances, truth, np.full(4, 0.5))
    assert risk == pytest.approx((2 + 2) / 4)


def test_brier_in_closed_form():
    assert brier(np.array([0.5, 1.0]), np.array([True, True])) == 0.125


@given(st.integers(5, 60), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_a_title_is_never_on_both_sides_of_a_split(titles, folds, seed):
    assume(titles >= folds)
    names = [f"t{at}" for at in range(titles)]
    own = np.random.default_rng(seed).integers(0, titles, 200)
    dealt = deal(names, own, folds, 3)
    for repeat in dealt:
        for title in np.unique(own):
            assert len(set(repeat[own == title].tolist())) == 1
    assert dealt.max() < folds


def test_titles_are_dealt_by_name_and_not_by_place():
    names = [f"t{at}" for at in range(30)]
    order = np.random.default_rng(0).permutation(30)
    straight = deal(names, np.arange(30), 5, 2)
    turned = deal([names[at] for at in order], np.arange(30), 5, 2)
    assert (turned == straight[:, order]).all()
    assert (straight[0] != straight[1]).any()
    assert np.bincount(straight[0]).tolist() == [6] * 5
