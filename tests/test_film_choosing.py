"""The choice among candidates: what is usable, what is best, what is shown twice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.film.candidates import Candidate
from artvision.film.choosing import ALIKE, chosen
from artvision.film.shots import Shot

PLAIN = Candidate(
    Fraction(1), focus=5.0, clipped=0.0, contrast=20.0, dark=0.0, bars=0.0, hash=0, motion=1.0, stillness=0.5
)
OTHER = (1 << ALIKE + 1) - 1  # differs from 0 by one bit too many


def at(time, **changes):
    return replace(PLAIN, time=Fraction(time), **changes)


def shots(*ends):
    starts = [0, *ends]
    return [Shot(number, Fraction(a), Fraction(b)) for number, (a, b) in enumerate(zip(starts, ends, strict=False), 1)]


def times(candidates, ends=(4,), each=1, most=0):
    return [float(pick.candidate.time) for pick in chosen(candidates, shots(*ends), each, most)]


@pytest.mark.parametrize("spoilt", [{"focus": 4.0}, {"clipped": 0.2}])
def test_the_sharper_and_the_less_clipped_frame_is_chosen(spoilt):
    assert times([at(1, **spoilt), at(2)]) == [2.0]
    assert times([at(1), at(2, **spoilt)]) == [1.0]


def test_the_calmer_frame_is_chosen():
    assert times([at(1), at("1.5", stillness=0.2), at(2, stillness=0.9), at("2.5", stillness=0.9)]) == [2.0]


def test_a_frame_at_a_cut_gives_way():
    assert times([at(0), at(2), at("3.99")]) == [2.0]


def test_motion_counts_to_either_side_but_not_across_a_cut():
    found = [at(1), at(2, motion=9.0, stillness=0.1), at(5, motion=90.0, stillness=0.0, hash=OTHER)]
    picks = chosen(found, shots(4, 8), 1, 0)
    assert [(pick.candidate.motion, pick.candidate.stillness) for pick in picks] == [(9.0, 0.1), (None, None)]


@pytest.mark.parametrize("spoilt", [{"dark": 0.95}, {"contrast": 1.0}])
def test_black_and_flat_frames_are_never_chosen(spoilt):
    assert times([at(1, **spoilt), at(2, **spoilt)]) == []
    assert times([at(1, **spoilt, focus=99.0), at(2)]) == [2.0]


def test_what_is_damaged_gives_way_to_whatever_is_whole():
    assert times([at(1, spoilt=True, focus=99.0), at(2)]) == [2.0]
    assert times([at(1, spoilt=True), at(5)], ends=(4, 8)) == [5.0]
    assert times([at(1, spoilt=True)]) == [1.0]


def test_letterbox_is_what_bars_take_everywhere():
    boxed = {"bars": 0.6, "dark": 0.85}
    assert times([at(1, **boxed), at(2, **boxed)]) != []
    assert times([at(1, **boxed), at(5, bars=0.1)], ends=(4, 8)) == [5.0]


def test_nearly_the_same_picture_is_kept_once_and_counted():
    picks = chosen([at(1), at(5, hash=3, focus=2.0), at(9, hash=OTHER)], shots(4, 8, 12), 1, 0)
    assert [(float(pick.candidate.time), pick.duplicates) for pick in picks] == [(1.0, 1), (9.0, 0)]


def test_several_of_a_shot_differ():
    same, new = [at(1), at(2), at(3)], [at(1), at(2, hash=OTHER), at(3)]
    assert len(times(same, each=3)) == 1
    assert times(new, each=3)[-1] <= 3.0
    assert len(times(new, each=3)) == 2


def test_a_limit_is_spread_over_the_film():
    found = [at(number, hash=hash((number, "x")) & (1 << 64) - 1) for number in range(40)]
    everything = times(found, ends=tuple(range(1, 41)))
    some = times(found, ends=tuple(range(1, 41)), most=4)
    assert len(some) == 4
    assert set(some) <= set(everything)
    assert some[0] < 10
    assert some[-1] > 30


@given(st.lists(st.integers(0, 1 << 20), min_size=1, max_size=30), st.integers(1, 3), st.integers(0, 8))
def test_no_two_stills_look_alike_and_none_is_too_many(hashes, each, most):
    found = [at(number, hash=value) for number, value in enumerate(hashes)]
    own = shots(*range(5, len(found) + 6, 5))
    picks = chosen(found, own, each, most)
    assert picks
    assert not most or len(picks) <= most
    assert all(sum(pick.shot is shot for pick in picks) <= each for shot in own)
    values = [pick.candidate.hash for pick in picks]
    assert all((a ^ b).bit_count() > ALIKE for n, a in enumerate(values) for b in values[:n])
    assert picks == sorted(picks, key=lambda pick: pick.candidate.time)
