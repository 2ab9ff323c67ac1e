"""High range becomes 8 bits: standard values of the curves, greys stay grey, order is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.film.tones import HLG, PQ, WHITE, from_pq, to_pq, to_srgb

RAMP = np.repeat(np.linspace(0, 65535, 256).astype(np.uint16), 3).reshape(1, 256, 3)


@pytest.mark.parametrize(("light", "code"), [(0, 0), (100, 0.5081), (203, 0.5807), (1000, 0.7518), (10000, 1)])
def test_pq_has_the_values_of_the_recommendation(light, code):
    assert float(to_pq(np.array(float(light)))) == pytest.approx(code, abs=1e-4)


@given(st.floats(0, 1))
def test_the_inverse_of_pq_is_its_inverse(code):
    assert float(to_pq(from_pq(np.array(code)))) == pytest.approx(code, abs=1e-6)


@pytest.mark.parametrize("curve", [PQ, HLG, 1])
@pytest.mark.parametrize("wide", [True, False])
def test_greys_stay_grey_and_in_order(curve, wide):
    found = to_srgb(RAMP, curve, wide=wide).astype(int)
    assert np.ptp(found, axis=2).max() <= 1
    assert (np.diff(found[0, :, 1]) >= 0).all()
    assert (found.min(), found.max()) == (0, 255)


def test_what_is_below_the_roll_off_keeps_its_light():
    light = 40.0
    code = np.full((1, 1, 3), round(float(to_pq(np.array(light))) * 65535), np.uint16)
    expected = 255 * (1.055 * (light / WHITE) ** (1 / 2.4) - 0.055)
    assert to_srgb(code, PQ, wide=False)[0, 0, 0] == pytest.approx(expected, abs=1)


def test_hlg_shows_what_its_reference_display_does():
    """40 cd/m² of grey on a display of 1000: system gamma 1.2, and the square root below a twelfth (BT.2100-2)."""
    scene = (40 / 1000) ** (1 / 1.2)
    code = np.full((1, 1, 3), round((3 * scene) ** 0.5 * 65535), np.uint16)
    expected = 255 * (1.055 * (40 / WHITE) ** (1 / 2.4) - 0.055)
    assert to_srgb(code, HLG, wide=False)[0, 0, 0] == pytest.approx(expected, abs=1)


def test_a_film_of_a_plain_range_is_taken_as_it_is():
    assert np.abs(to_srgb(RAMP, 1, wide=False).astype(int) - np.rint(RAMP / 257)).max() <= 1


def test_a_colour_of_the_wide_gamut_is_turned_and_not_merely_relabelled():
    red = np.array([[[65535, 0, 0]]], np.uint16) // 2
    wide, narrow = (to_srgb(red, 1, wide=both)[0, 0] for both in (True, False))
    assert wide[0] > narrow[0]
    assert wide[1] == wide[2] == 0
