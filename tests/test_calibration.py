"""Calibration: the wanted false-match rate is kept, and what the pairs cannot carry is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pairs import made

from artvision.errors import UsageError
from artvision.gallery import Decision
from artvision.recognition.calibration import calibrate

DECISION = Decision(threshold=0.7, margin=0.03, source="the maker's")

RATES = st.floats(0.001, 0.999)
MANY = st.lists(st.floats(0, 1) | st.integers(0, 8).map(lambda score: score / 10), min_size=1, max_size=60)


@settings(max_examples=200)
@given(MANY, RATES)
def test_the_rate_at_the_threshold_is_never_above_the_wanted_one(impostor, rate):
    try:
        found = calibrate(made([], impostor), rate, DECISION)
    except UsageError:
        assert 1 / len(impostor) > rate or max(impostor) == 1
        return
    matched = sum(score >= found.threshold for score in impostor)
    assert matched / len(impostor) == found.measured_rate <= rate
    lower = max((score for score in impostor if score < found.threshold), default=0)
    assert sum(score >= lower for score in impostor) / len(impostor) > rate  # one step lower would be too many


@given(MANY, MANY, RATES, RATES)
def test_a_higher_rate_never_gives_a_higher_threshold(impostor, genuine, one, other):
    try:
        strict, loose = (calibrate(made(genuine, impostor), rate, DECISION) for rate in sorted((one, other)))
    except UsageError:
        return
    assert loose.threshold <= strict.threshold


@pytest.mark.parametrize(("impostor", "genuine", "rate", "threshold"), [
    ([0.1, 0.2, 0.3, 0.4, 0.5], [0.9], 0.2, 0.45),  # one of five may match: between 0.4 and 0.5
    ([0.5, 0.1, 0.4, 0.2, 0.3], [0.9], 0.39, 0.45),  # two fifths would be too many
    ([0.5, 0.1, 0.4, 0.2, 0.3], [0.9], 0.4, 0.35),
    ([0.1, 0.2, 0.5, 0.5, 0.5], [0.9, 0.3], 0.5, 0.7),  # three tie: above them, halfway to the next genuine score
    ([0.1, 0.2, 0.5, 0.5, 0.5], [], 0.5, 0.75),  # or to 1
])  # fmt: skip
def test_the_threshold_is_midway_between_neighbours(impostor, genuine, rate, threshold):
    found = calibrate(made(genuine, impostor), rate, DECISION)
    assert found.threshold == pytest.approx(threshold, abs=1e-15)


@pytest.mark.parametrize("low", [0.3, np.nextafter(0.3, 1)])
def test_of_two_neighbouring_numbers_the_threshold_is_the_higher(low):
    high = np.nextafter(low, 1)  # halfway rounds to the even one of the two
    assert calibrate(made([0.9], [low, high]), 0.5, DECISION).threshold == high


def test_a_calibrated_decision_says_what_it_rests_on():
    found = calibrate(made([0.55, 0.8, 0.9, 0.95], np.linspace(0, 0.6, 200)), 0.01, DECISION)
    assert (found.margin, found.wanted_rate, found.measured_rate, found.impostors) == (0.03, 0.01, 0.01, 200)
    assert found.data_sha256 == "0" * 64
    assert all(part in found.source for part in ("204 pairs", "0.01", "2 of 200", "75.0% of 4 pairs", "95 %"))
    assert "is not known" in calibrate(made([], np.linspace(0, 0.6, 200)), 0.01, DECISION).source


@pytest.mark.parametrize(("genuine", "impostor", "rate", "says"), [
    ([0.9], [0.1] * 700, 0.001, r"700 pairs of two people cannot show a rate below 0\.0043 .*at least 3000 .*0\.0043"),
    ([0.9], [0.1] * 5, 0.001, r"5 pairs .*: give at least 3000 of them$"),
    ([0.9], [], 0.01, "no usable pair of two people"),
    ([0.9], [0.1] * 10, 0.0, "not between 0 and 1"),
    ([0.9], [0.1] * 10, 1.0, "not between 0 and 1"),
    ([0.9], [0.1] * 10, float("nan"), "not between 0 and 1"),
    ([0.1] * 20, [0.9] * 20, 0.1, "are the labels swapped"),
    ([1.0], [1.0] * 10, 0.1, "has a score of 1"),
    ([0.2, 0.3], [*[0.1] * 8, 0.8, 0.8], 0.1, "no pair of one person would be recognised"),
])  # fmt: skip
def test_what_the_pairs_cannot_carry_is_refused_with_the_way_out(genuine, impostor, rate, says):
    with pytest.raises(UsageError, match=says):
        calibrate(made(genuine, impostor), rate, DECISION)


@pytest.mark.parametrize("count", [2, 3, 7, 49, 700])
def test_one_over_the_number_of_pairs_is_the_lowest_rate(count):
    found = made([0.9], np.linspace(0, 0.5, count))
    assert calibrate(found, 1 / count, DECISION).measured_rate == 1 / count
    with pytest.raises(UsageError, match="cannot show a rate below"):
        calibrate(found, np.nextafter(1 / count, 0), DECISION)
