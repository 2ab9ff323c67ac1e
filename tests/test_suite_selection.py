"""Order, repeats and diversity: closed forms, and what must hold for any suite."""

from itertools import combinations
from math import cos, e, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from suite_rows import unit

from artvision.suite.diversity import diversity
from artvision.suite.selection import ALIKE, greedy_order, repeats
from artvision.suite.similarity import similarities

QUICK = settings(max_examples=50, deadline=None)  # a loaded machine is no failure
COORDINATES = st.integers(-3, 3)  # few values, so that ties and duplicates are common


@st.composite
def embeddings(draw, largest=8):
    shape = draw(st.integers(1, largest)), draw(st.integers(1, 4))
    vectors = draw(arrays(np.float64, shape, elements=COORDINATES))
    vectors[~vectors.any(axis=1)] = 1.0
    return unit(vectors)


def reached(alike, chosen):
    return alike[list(chosen)].max(axis=0).sum()


def plain_greedy(alike):
    """The definition, without a heap."""
    chosen, covered = [], np.zeros(len(alike))
    while len(chosen) < len(alike):
        gains = np.round(np.maximum(alike - covered, 0).sum(axis=1), 9)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        covered = np.maximum(covered, alike[chosen[-1]])
    return chosen


@QUICK
@given(embeddings())
def test_similarities_are_symmetric_shares_with_one_on_the_diagonal(vectors):
    alike = similarities(vectors)
    assert np.array_equal(alike, alike.T)
    assert np.all(np.diag(alike) == 1)
    assert alike.min() >= 0
    assert alike.max() <= 1


def test_pictures_of_one_plate_are_the_same_picture_and_no_plate_is_no_group():
    alike = similarities(np.eye(4, dtype=np.float32), ["p", None, "p", None])
    assert np.array_equal(alike, [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]])


@QUICK
@given(embeddings())
def test_gains_never_rise_and_the_whole_order_reaches_everything(vectors):
    alike = similarities(vectors)
    picks = greedy_order(alike)
    gains = [pick.gain for pick in picks]
    assert gains == sorted(gains, reverse=True)
    assert min(gains) >= 0
    assert sorted(pick.index for pick in picks) == list(range(len(alike)))
    assert sum(gains) == pytest.approx(len(alike), abs=1e-6)
    assert [pick.reached for pick in picks] == sorted(pick.reached for pick in picks)
    assert picks[-1].reached == pytest.approx(1, abs=1e-7)


@QUICK
@given(embeddings(), st.integers(0, 9))
def test_the_heap_gives_what_the_definition_gives_and_fewer_are_a_beginning(vectors, k):
    alike = similarities(vectors)
    assert [pick.index for pick in greedy_order(alike)] == plain_greedy(alike)
    assert greedy_order(alike, k) == greedy_order(alike)[:k]


@QUICK
@given(embeddings(), st.integers(1, 4))
def test_greedy_reaches_its_guaranteed_share_of_the_best(vectors, k):
    alike = similarities(vectors)
    k = min(k, len(alike))
    best = max(reached(alike, chosen) for chosen in combinations(range(len(alike)), k))
    assert reached(alike, [pick.index for pick in greedy_order(alike, k)]) >= (1 - 1 / e) * best - 1e-6


def test_the_largest_group_is_shown_first_then_the_other_then_repetitions():
    picks = greedy_order(similarities(unit([[0, 1], [1, 0], [1, 0], [1, 0.0]])))
    assert [pick.index for pick in picks] == [1, 0, 2, 3]
    assert [pick.gain for pick in picks] == pytest.approx([3, 1, 0, 0])
    assert [pick.reached for pick in picks] == pytest.approx([0.75, 1, 1, 1])


def at_angles(*degrees):
    return np.array([[np.cos(np.deg2rad(d)), np.sin(np.deg2rad(d))] for d in degrees], np.float32)


def test_a_repeat_is_laid_to_the_most_alike_that_repeats_none():
    alike = similarities(at_angles(0, 15, 30, 80))  # neighbours at 15° reach ALIKE, 30° apart does not
    assert cos(radians(15)) > ALIKE > cos(radians(30))
    assert [(one.index, one.of) for one in repeats(alike, [0, 1, 2, 3])] == [(1, 0)]
    assert [(one.index, one.of) for one in repeats(alike, [0, 2, 1, 3])] == [(1, 0)]
    assert [(one.index, one.of) for one in repeats(alike, [1, 0, 2, 3])] == [(0, 1), (2, 1)]
    assert repeats(alike, [1, 0], threshold=0.99) == []


def test_of_two_equally_alike_a_repeat_is_laid_to_the_earlier():
    alike = np.array([[1, 0.5, 0.96], [0.5, 1, 0.96], [0.96, 0.96, 1]])
    assert [one.of for one in repeats(alike, [1, 0, 2])] == [1]
    assert [one.of for one in repeats(alike, [0, 1, 2])] == [0]


def test_a_repeat_says_whether_the_plate_is_the_same():
    plates = ["p", None, "p", None]
    alike = similarities(unit([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0.1]]), plates)
    found = repeats(alike, range(4), plates)
    assert [(one.index, one.of, one.same_plate) for one in found] == [(2, 0, True), (3, 1, False)]
    assert found[0].similarity == 1


@pytest.mark.parametrize(("vectors", "expected"), [
    ([[1, 0]], 0.0),
    ([[1, 0], [1, 0], [2, 0]], 0.0),
    (np.eye(2), 1 / 2),
    (np.eye(5), 4 / 5),
    ([[1, 0], [-1, 0]], 1.0),
    (at_angles(0, 60), 1 - cos(radians(30)) ** 2),
    (at_angles(0, 20, 60), 1 - cos(radians(30)) ** 2),  # what lies between the two extremes adds nothing
])  # fmt: skip
def test_diversity_in_closed_form(vectors, expected):
    assert diversity(unit(vectors)) == pytest.approx(expected, abs=1e-6)


@QUICK
@given(embeddings(), st.data())
def test_a_duplicate_leaves_diversity_and_another_picture_never_lowers_it(vectors, data):
    before = diversity(vectors)
    assert 0 <= before <= 1
    again = data.draw(st.integers(0, len(vectors) - 1))
    assert diversity(np.concatenate([vectors, vectors[[again]]])) == pytest.approx(before, abs=1e-6)
    assert diversity(vectors[:-1]) <= before + 1e-6


@QUICK
@given(embeddings(largest=4))
def test_no_mix_of_the_pictures_is_more_diverse_than_the_index_says(vectors):
    mixes = np.random.default_rng(1).dirichlet(np.full(len(vectors), 0.4), 200)
    means = mixes @ vectors.astype(np.float64)
    assert (1 - (means * means).sum(axis=1)).max() <= diversity(vectors) + 1e-6
