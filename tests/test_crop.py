"""The best crop is exact: no position does better; what survives follows from intervals alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artvision.framing.box import WHOLE, Box, inside, touching
from artvision.framing.canvas import Frame
from artvision.framing.crop import best_crop, largest
from artvision.framing.fit import survival
from artvision.framing.scene import Scene

NOBODY = np.empty((0, 4))
shares = st.floats(0, 1, width=32)


@st.composite
def boxes(draw, most=4):
    """Up to `most` boxes of some area within the picture."""
    rows = draw(st.lists(st.tuples(shares, shares, shares, shares), max_size=most))
    made = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in rows]
    return np.array([row for row in made if row[2] - row[0] > 0.01 < row[3] - row[1]], float).reshape(-1, 4)


@st.composite
def frames(draw):
    low, high = draw(st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)))
    left, right = draw(st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)))
    badge = draw(st.sampled_from([None, Box(0, 0, 0.3, 0.2), Box(0.6, 0.7, 1, 1)]))
    return Frame(draw(st.floats(0.3, 3)), Box(left, low, 1 - right, 1 - high), badge)


def a_mass(seed, cells=8):
    mass = np.random.default_rng(seed).random((cells, cells)) ** 6
    return mass / mass.sum()


def score(frame, scene, crop):
    safe = frame.safe.placed(crop)
    clear = inside(scene.faces, safe)
    if frame.badge:
        clear &= ~touching(scene.faces, frame.badge.placed(crop))
    kept = parts(scene.faces, crop) + inside(scene.faces, crop) / 2 + clear / 2
    return (scene.kept(safe) or 0.0) + float(kept @ scene.weights)


def parts(faces, crop):
    """Share of each face's area in the crop."""
    low, high = np.maximum(faces[:, :2], crop[:2]), np.minimum(faces[:, 2:], crop[2:])
    return (np.clip(high - low, 0, None) / (faces[:, 2:] - faces[:, :2])).prod(axis=1)


def positions(frame, scene, steps=400):
    """The largest crop at very many places."""
    width, height = largest(frame.aspect, scene.aspect)
    for start in np.linspace(0, 1, steps):
        x, y = start * (1 - width), start * (1 - height)
        yield Box(x, y, x + width, y + height)


@settings(max_examples=60, deadline=None)
@given(frames(), boxes(), st.integers(0, 999), st.floats(0.4, 2.5))
def test_no_position_does_better_than_the_best_crop(frame, faces, seed, aspect):
    scene = Scene(aspect, a_mass(seed), faces)
    crop = best_crop(frame, scene)
    best = score(frame, scene, crop)
    assert best >= max(score(frame, scene, other) for other in positions(frame, scene)) - 1e-6


@settings(max_examples=60, deadline=None)
@given(frames(), boxes(), st.floats(0.4, 2.5))
def test_a_crop_has_the_canvas_aspect_and_lies_in_the_picture(frame, faces, aspect):
    crop = best_crop(frame, Scene(aspect, None, faces))
    assert min(crop) >= 0
    assert max(crop) <= 1
    assert crop.width * aspect / crop.height == pytest.approx(frame.aspect)
    assert max(crop.width, crop.height) == 1


@pytest.mark.parametrize(("aspect", "wanted"), [(16 / 9, Box(0.25, 0, 0.75, 1)), (0.5, Box(0, 0.21875, 1, 0.78125))])
def test_of_equal_crops_the_middle_one_is_taken(aspect, wanted):
    frame = Frame(8 / 9)
    assert best_crop(frame, Scene(aspect, None, NOBODY)) == pytest.approx(wanted)
    assert best_crop(frame, Scene(aspect, np.full((64, 64), 1 / 64**2), NOBODY)) == pytest.approx(wanted)


def turned(boxes):
    """(N, 4): the boxes in the mirrored picture."""
    return np.column_stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]])


@settings(max_examples=60, deadline=None)
@given(frames(), boxes(), st.integers(0, 999), st.floats(0.4, 2.5))
def test_a_mirrored_picture_has_its_crop_mirrored_so_that_no_direction_of_reading_counts(frame, faces, seed, aspect):
    mass = a_mass(seed)
    other = replace(frame, safe=Box(*turned(np.array([frame.safe]))[0]))
    if frame.badge:
        other = replace(other, badge=Box(*turned(np.array([frame.badge]))[0]))
    crop = best_crop(frame, Scene(aspect, mass, faces))
    mirrored = best_crop(other, Scene(aspect, mass[:, ::-1], turned(faces)))
    assert turned(np.array([mirrored]))[0] == pytest.approx(np.array(crop), abs=1e-6)


@pytest.mark.parametrize(("aspect", "wanted"), [(2.0, Box(0, 0, 0.5, 1)), (0.5, Box(0, 0, 1, 0.5))])
def test_of_two_equal_crops_as_far_from_the_middle_the_left_or_upper_one_is_taken(aspect, wanted):
    mass = np.zeros((8, 8))
    mass[0, 0] = mass[7, 7] = 0.5
    assert best_crop(Frame(1.0), Scene(aspect, mass, NOBODY)) == pytest.approx(wanted)


def test_a_crop_follows_the_salient_mass():
    mass = np.zeros((8, 8))
    mass[3, 7] = 1
    crop = best_crop(Frame(1.0), Scene(2.0, mass, NOBODY))
    assert crop == pytest.approx(Box(0.5, 0, 1, 1))


def test_a_face_is_kept_whole_although_more_mass_lies_elsewhere():
    mass = np.zeros((10, 10))
    mass[:, 0], mass[:, 9] = 0.06, 0.04
    face = np.array([[0.7, 0.2, 0.85, 0.6]])
    crop = best_crop(Frame(1.0), Scene(2.0, mass, face))
    assert inside(face, crop).all()


def test_a_crop_stops_where_the_badge_meets_the_face():
    mass = np.tile(np.arange(10.0, 0.0, -1.0), (10, 1))
    face = np.array([[0.38, 0.2, 0.43, 0.4]])
    crop = best_crop(Frame(1.0, WHOLE, Box(0.5, 0, 1, 1)), Scene(2.0, mass / mass.sum(), face))
    assert crop.x0 == pytest.approx(0.18)


def test_a_face_too_large_for_a_crop_is_shown_as_far_as_it_can_be():
    mass = np.zeros((10, 10))
    mass[2, :], mass[9, :] = 0.06, 0.04
    crop = best_crop(Frame(4.0), Scene(1.0, mass, np.array([[0.3, 0.1, 0.7, 0.6]])))
    assert (crop.y0, crop.y1) == pytest.approx((0.2, 0.45))  # half of the face, and of the places with it the fullest


def test_a_face_that_cannot_be_clear_of_a_band_is_still_whole():
    mass = np.zeros((10, 10))
    mass[:, 9] = 0.1
    banded = Frame(1.0, Box(0, 0.3, 1, 1))
    face = np.array([[0.0, 0.0, 0.2, 0.4]])
    assert inside(face, best_crop(banded, Scene(2.0, mass, face))).all()


def test_the_larger_of_two_faces_is_kept_where_only_one_can_be():
    faces = np.array([[0.0, 0.0, 0.2, 0.5], [0.85, 0.0, 1.0, 0.3]])
    assert best_crop(Frame(0.5), Scene(2.0, None, faces)).x0 == 0


def test_a_face_is_kept_out_of_an_unsafe_band_and_from_under_a_badge():
    face = np.array([[0.4, 0.4, 0.6, 0.6]])
    scene = Scene(0.5, None, face)  # a tall picture: the crop slides up and down
    banded = Frame(1.0, Box(0, 0.3, 1, 1))
    assert inside(face, banded.safe.placed(best_crop(banded, scene))).all()
    badged = Frame(1.0, WHOLE, Box(0, 0, 0.5, 0.5))
    assert not touching(face, badged.badge.placed(best_crop(badged, scene))).any()


@settings(max_examples=200, deadline=None)
@given(boxes(), shares, shares, shares, shares, st.floats(0, 0.5))
def test_survival_is_monotone_in_the_size_of_a_crop(faces, a, b, c, d, more):
    small = Box(min(a, c), min(b, d), max(a, c), max(b, d))
    large = Box(*(max(0, side - more) for side in small[:2]), *(min(1, side + more) for side in small[2:]))
    assert not (inside(faces, small) & ~inside(faces, large)).any()
    assert not (touching(faces, small) & ~touching(faces, large)).any()
    scene = Scene(1.0, a_mass(1), faces)
    assert scene.kept(small) <= scene.kept(large) + 1e-12


@pytest.mark.parametrize(("face", "fate"), [
    ((0.3, 0.3, 0.5, 0.5), (1, 0, 1)),  # within the safe area
    ((0.25, 0.3, 0.5, 0.5), (1, 0, 1)),  # an edge in common
    ((0.3, 0.0, 0.5, 0.2), (1, 0, 0)),  # whole, but in the band along the top
    ((0.6, 0.7, 0.7, 0.9), (1, 0, 0)),  # whole, but under the badge
    ((0.2, 0.3, 0.4, 0.5), (0, 1, 0)),  # cut
    ((0.0, 0.3, 0.25, 0.5), (0, 0, 0)),  # outside, though it touches the crop
])  # fmt: skip
def test_the_fate_of_a_face_is_arithmetic(face, fate):
    frame = Frame(1.0, Box(0, 0.1, 1, 1), Box(0.5, 0.5, 1, 1))
    assert survival(np.array([face]), Box(0.25, 0, 0.75, 1), frame) == fate


def test_mass_kept_is_exact_where_an_edge_cuts_a_cell():
    mass = np.zeros((4, 4))
    mass[1, 1], mass[2, 3] = 0.75, 0.25
    scene = Scene(1.0, mass, NOBODY)
    assert scene.kept(Box(0.25, 0, 0.375, 1)) == pytest.approx(0.375)
    assert scene.kept(WHOLE) == pytest.approx(1)
    assert Scene(1.0, None, NOBODY).kept(WHOLE) is None
