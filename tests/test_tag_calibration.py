"""Curves from scores to probabilities, and which tags are offered: synthetic scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artvision.calibration.fitting import METHODS, floor_of, temperature
from artvision.calibration.folds import deal
from artvision.calibration.gating import ALPHA, Rules, Tag, gates
from artvision.calibration.measuring import measure, out_of_fold, shared_temperatures, simplest
from artvision.clip.curve import Line, Steps, Temperature, curve_of, log_odds
from artvision.clip.evidence import Decision
from artvision.errors import UsageError
from artvision.logistic import sigmoid

RULES = Rules()


def tag(chances, scores, seed=0, titles=None):
    """A tag whose truth is drawn with the given chances."""
    truth = np.random.default_rng(seed).random(len(scores)) < chances
    own = np.arange(len(scores)) if titles is None else titles
    names = [f"t{at}" for at in range(int(own.max()) + 1)]
    return Tag("genre.war", scores, truth, own, deal(names, own, RULES.folds, RULES.repeats))


def planted(slope=0.4, shift=-1.0, count=1500, seed=1):
    """Overconfident, shifted scores."""
    logits = np.random.default_rng(seed).normal(0, 3, count)
    return tag(sigmoid(slope * logits + shift), sigmoid(logits), seed)


def rarer(count=1500):
    """Scores whose chances bend as no line does: level up to the middle, then steep."""
    scores = np.random.default_rng(5).random(count)
    return tag(np.where(scores < 0.7, 0.05, 0.9), scores)


def random_tag(count=1500):
    return tag(np.full(count, 0.3), np.random.default_rng(3).random(count), seed=4)


def measured(one, rules=RULES):
    gate = gates([one], rules)[one.name]
    return measure(one, gate, rules, shared_temperatures([one], rules), temperature([one.scores], [one.truth]))


def test_a_random_tag_is_withheld_with_its_reason():
    entry = measured(random_tag())
    assert not entry["offered"]
    assert "AUC" in entry["why"]
    assert entry["low"] < 0.55


def coins(count, positives=15, negatives=15, seed=0):
    """Tags with as few labels as may be and scores that say nothing."""
    random, truth = np.random.default_rng(seed), np.arange(positives + negatives) < positives
    names, titles = [f"t{at}" for at in range(len(truth))], np.arange(len(truth))
    folds = deal(names, titles, RULES.folds, 1)
    return [Tag(f"genre.x{at}", random.random(len(truth)), truth, titles, folds) for at in range(count)]


def test_of_hundreds_of_random_tags_with_few_labels_none_is_offered():
    found = gates(coins(300), RULES)
    assert all(gate.why for gate in found.values())
    lucky = [gate for gate in found.values() if gate.ranking.low > 0.5 + RULES.margin]
    assert lucky, "one of three hundred reaches the margin by chance"
    assert all("of so many tags one may reach its AUC by chance" in gate.why for gate in lucky)


def test_p_values_are_as_often_small_as_they_say():
    values = np.array([gate.ranking.p_value for gate in gates(coins(200, 20, 40), RULES).values()])
    for level in (0.5, 0.1, 0.025):
        assert (values < level).mean() <= level + 2 * np.sqrt(level * (1 - level) / len(values))
    assert (values < 0.5).mean() > 0.4


def test_a_tag_is_judged_harder_the_more_tags_there_are():
    tags = coins(300)
    lucky = min(tags, key=lambda tag: gates([tag], RULES)[tag.name].p_value)
    alone, beside = gates([lucky], RULES)[lucky.name], gates(tags, RULES)[lucky.name]
    assert alone.p_value == alone.ranking.p_value < ALPHA < beside.p_value
    assert beside.p_value == pytest.approx(min(1, 300 * alone.p_value))
    assert (alone.why, beside.why[:15]) == ("", "of so many tags")


def test_tags_with_too_few_labels_make_no_other_tag_harder():
    one, few = planted(count=300), coins(50, positives=14)
    assert gates([one, *few], RULES)[one.name].p_value == gates([one], RULES)[one.name].p_value


def test_a_tag_that_points_the_wrong_way_is_withheld():
    right = planted()
    assert measured(right)["offered"]
    assert not measured(Tag("x", 1 - right.scores, right.truth, right.titles, right.folds))["offered"]


@pytest.mark.parametrize("one", [planted(), rarer(), planted(slope=1.0, shift=0.0), planted(slope=0.2, shift=0.0)])
def test_calibration_error_falls_or_was_none(one):
    entry = measured(one)
    assert entry["ece"] < max(entry["ece_before"], 0.04)
    assert entry["brier"] < entry["brier_before"] + 0.002


@pytest.mark.parametrize(("one", "method"), [
    (planted(slope=0.2, shift=0.0, count=6000), "temperature"), (planted(), "logistic"), (rarer(), "isotonic"),
])  # fmt: skip
def test_the_method_is_the_one_that_suits_the_scores(one, method):
    assert measured(one)["method"] == method


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_scores_that_are_all_one_are_withheld_and_calibrated_to_the_frequency(level):
    one = tag(np.full(200, 0.3), np.full(200, level))
    entry = measured(one)
    assert (entry["auc"], entry["p_value"], entry["offered"]) == (0.5, 1.0, False)
    assert curve_of(entry["curve"])(np.array([level]))[0] == pytest.approx(one.truth.mean(), abs=0.02)


def test_a_tag_of_one_picture_has_figures_or_none_and_no_curve():
    at = np.zeros(1, int)
    one = Tag("x", np.array([0.7]), np.array([True]), at, deal(["t"], at, 5, 4))
    entry = measure(one, gates([one], RULES)["x"], RULES, np.ones((4, 5)), 1.0)
    assert (entry["auc"], entry["low"], entry["p_value"]) == (None, None, 1.0)
    assert (entry["why"], "curve" in entry) == ("1 positive, 15 are needed", False)


def test_more_freedom_must_pay():
    assert simplest({"a": 0.5, "b": 0.4995, "c": 0.4985}) == "c"
    assert simplest({"a": 0.5, "b": 0.4995, "c": 0.4991}) == "a"
    assert simplest({"a": 0.5, "b": 0.4, "c": 0.4}) == "b"


def test_the_margin_decides():
    entry = measured(planted())
    assert measured(planted(), Rules(margin=entry["low"] - 0.5 - 0.001))["offered"]
    assert not measured(planted(), Rules(margin=entry["low"] - 0.5 + 0.001))["offered"]


@pytest.mark.parametrize(
    ("positives", "titles", "reason"), [(14, 300, "14 positives"), (40, 4, "positives in 4 titles")]
)
def test_few_positives_or_few_titles_of_them_are_not_enough(positives, titles, reason):
    truth = np.arange(300) < positives
    own = np.where(truth, np.arange(300) % titles, np.arange(300))
    names = [f"t{at}" for at in range(300)]
    entry = measured(Tag("x", np.linspace(1, 0, 300), truth, own, deal(names, own, 5, 4)))
    assert entry["why"].startswith(reason)
    assert "curve" not in entry


def test_figures_are_out_of_fold():
    """Labels of a title are all alike and random: whoever judged by titles it has seen would find an order."""
    random = np.random.default_rng(0)
    own = np.repeat(np.arange(60), 20)
    scores = np.repeat(random.random(60), 20) + random.random(1200) * 1e-3
    one = Tag(
        "x", scores / 2, np.repeat(random.random(60) < 0.5, 20), own, deal([f"t{at}" for at in range(60)], own, 5, 4)
    )
    entry = measured(one)
    assert entry["log_loss"]["isotonic"] > 0.69
    assert not entry["offered"]


def test_precision_and_recall_are_what_a_new_half_shows():
    entry, other = measured(planted(count=3000)), planted(count=3000, seed=99)
    curve = curve_of(entry["curve"])
    called = curve(other.scores) >= entry["threshold"]
    assert entry["precision"] == pytest.approx(other.truth[called].mean(), abs=0.05)
    assert entry["recall"] == pytest.approx(called[other.truth].mean(), abs=0.08)


def test_the_coverage_risk_curve_falls_and_describes_a_new_half():
    entry, other = measured(planted(count=3000)), planted(count=3000, seed=99)
    risks = [risk for _, risk in entry["coverage_risk"]]
    assert risks == sorted(risks, reverse=True)
    assert risks[-1] < 0.8 * risks[0]
    chances, cut = curve_of(entry["curve"])(other.scores), entry["threshold"]
    cost = np.where(chances >= cut, ~other.truth / (1 - cut), other.truth / cut).mean()
    assert risks[0] == pytest.approx(cost, abs=0.06)


@pytest.mark.parametrize("coverage", [0.5, 0.9, 1.0])
def test_a_tag_answers_the_share_of_pictures_that_was_asked_for(coverage):
    one = planted()
    entry = measured(one, Rules(coverage=coverage))
    decision = Decision(curve_of(entry["curve"]), entry["threshold"], tuple(entry["band"]))
    answers = [decision.chance(float(score)) for score in one.scores]
    share = np.mean([answer is not None for answer in answers])
    assert coverage <= share + 1e-3
    assert share < coverage + 0.1


def test_a_wanted_precision_raises_the_threshold_and_costs_recall():
    one = planted(count=3000)
    plain, strict = measured(one), measured(one, Rules(precision=0.8))
    assert strict["threshold"] > plain["threshold"]
    assert strict["recall"] < plain["recall"]
    assert strict["precision"] == pytest.approx(0.8, abs=0.05)


def test_the_temperature_is_the_planted_one_and_one_for_all_tags():
    logits = np.random.default_rng(0).normal(0, 2, 6000)
    truths = [np.random.default_rng(seed).random(6000) < sigmoid(logits / 2.5) for seed in (1, 2)]
    found = temperature([sigmoid(logits)] * 2, truths)
    assert found == pytest.approx(2.5, rel=0.05)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_curve_rises_and_is_never_surer_than_its_labels(method, seed):
    random = np.random.default_rng(seed)
    scores = random.random(80)
    curve = METHODS[method](scores, random.random(80) < scores, 1.5)
    grid = np.linspace(0, 1, 301)
    found = curve(grid)
    assert (np.diff(found) >= 0).all()
    assert found.min() >= floor_of(80)
    assert found.max() <= 1 - floor_of(80)
    logits = random.normal(0, 4, 200)
    moved = curve(sigmoid(logits + 0.2)) - curve(sigmoid(logits))
    assert moved.max() <= curve.moved_by(0.2) + 0.02  # it is searched on a grid
    assert curve_of(curve.describe()) == curve


def test_one_lucky_picture_is_no_certainty():
    scores = np.linspace(0.01, 0.99, 100)
    truth = np.arange(100) == 99
    assert METHODS["isotonic"](scores, truth, 1.0)(np.array([0.99]))[0] < 0.4


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_labels_that_are_all_alike_still_make_a_curve(method, alike):
    curve = METHODS[method](np.linspace(0.1, 0.9, 20), np.full(20, alike), 1.0)
    assert np.isfinite(curve(np.array([0.0, 0.5, 1.0]))).all()


def test_curves_in_closed_form():
    scores = np.array([0.2, 0.5, 0.9])
    assert Temperature(1e-9, 0.5)(scores) == pytest.approx(sigmoid(log_odds(scores) / 2))
    assert Line(1e-9, 1.0, -1.0)(np.array([0.5]))[0] == pytest.approx(1 / (1 + np.e))
    steps = Steps(1e-9, (-1.0, 1.0), (0.2, 0.6))
    assert steps(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.2, 0.4, 0.6])


@pytest.mark.parametrize("content", [
    {"method": "isotonic", "floor": 0.1, "logits": [1, 0], "chances": [0, 1]},
    {"method": "isotonic", "floor": 0.1, "logits": [], "chances": []},
    {"method": "isotonic", "floor": 0.1, "logits": [1, 2], "chances": [0]},
    {"method": "logistic", "floor": 0.7, "slope": 1, "shift": 0},
    {"method": "oracle", "floor": 0.1, "slope": 1, "shift": 0},
    {"method": "logistic", "floor": 0.1},
])  # fmt: skip
def test_a_curve_that_makes_no_sense_is_refused(content):
    with pytest.raises((ValueError, KeyError)):
        curve_of(content)


def test_a_decision_abstains_inside_its_band_alone():
    decision = Decision(Temperature(1e-9, 1.0), 0.5, (0.4, 0.6))
    assert [decision.chance(score) is None for score in (0.3, 0.45, 0.55, 0.7)] == [False, True, True, False]
    assert Decision(Temperature(1e-9, 1.0), 0.5, (0.5, 0.5)).chance(0.5) == pytest.approx(0.5)


@pytest.mark.parametrize("changes", [
    {"margin": 0.5001}, {"margin": -0.1}, {"least": 1}, {"folds": 1}, {"repeats": 0}, {"coverage": 0},
    {"coverage": 1.1}, {"precision": -0.1}, {"precision": 1.1},
])  # fmt: skip
def test_rules_that_make_no_sense_are_refused(changes):
    with pytest.raises(UsageError, match=f"--{next(iter(changes))}"):
        Rules(**changes)


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_a_score_that_points_the_wrong_way_makes_a_level_curve(method):
    scores = np.linspace(0.1, 0.9, 200)
    truth = np.random.default_rng(0).random(200) > scores
    found = METHODS[method](scores, truth, 1.0)(scores)
    assert np.ptp(found) < 0.05
    assert found.mean() == pytest.approx(truth.mean(), abs=0.03)


def test_the_temperature_of_a_fold_does_not_know_it():
    """The first fold alone is turned round: whoever looked at it would be less sure."""
    one = planted(slope=0.5, shift=0.0, count=400)
    turned = Tag(one.name, one.scores, np.where(one.folds[0] == 0, ~one.truth, one.truth), one.titles, one.folds)
    before, after = shared_temperatures([one], RULES), shared_temperatures([turned], RULES)
    assert after[0, 0] == before[0, 0]
    assert (after[0, 1:] > before[0, 1:]).all()


def test_the_threshold_of_a_fold_does_not_know_it():
    one = planted(count=400)
    turned = Tag(one.name, one.scores, np.where(one.folds[0] == 0, ~one.truth, one.truth), one.titles, one.folds)
    temperatures = np.ones((RULES.repeats, RULES.folds))
    before, after = (out_of_fold(tag, METHODS["temperature"], temperatures) for tag in (one, turned))
    own = one.folds[0] == 0
    assert (after.thresholds[0, own] == before.thresholds[0, own]).all()
    assert (after.thresholds[0, ~own] != before.thresholds[0, ~own]).any()


def test_no_fit_sees_the_fold_that_it_judges():
    seen = []

    def spy(scores, truth, temperature):
        seen.append(set(scores.tolist()))
        return Temperature(0.001, 1 / temperature)

    one = planted(count=100)
    out_of_fold(one, spy, np.ones((RULES.repeats, RULES.folds)))
    folds = [set(one.scores[dealt != fold].tolist()) for dealt in one.folds for fold in range(RULES.folds)]
    assert seen == folds
