"""The title slot: planted boxes are found, faces and reserved areas never covered, contrast is its closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import busy, half_tone, planted

from artvision.framing.box import WHOLE, Box, touching
from artvision.framing.canvas import Frame
from artvision.framing.contrast import attainable, contrast_ratio, luminance
from artvision.framing.crop import best_crop
from artvision.framing.fit import View
from artvision.framing.room import Room, Window, with_margin, worth
from artvision.framing.slot import find_slot
from artvision.image import Picture
from artvision.pixels.color import to_lightness

NEAR = 0.015  # of a side: how far a found edge may lie from the planted one; 0.02 is asked for
NOBODY = np.empty((0, 4))


def view(pixels, faces=()):
    rows = [dict(zip(("x0", "y0", "x1", "y1"), face, strict=True)) for face in faces]
    return View.of(Picture(pixels, pixels.shape[1], pixels.shape[0]), rows)


def slot(pixels, faces=(), crop=WHOLE, **frame):
    return view(pixels, faces).slot(Frame(1.0, **frame), crop)


@st.composite
def plants(draw):
    """Box, picture size, seed: on a picture of some aspect a box that holds a title with a little to spare."""
    width, height = draw(st.sampled_from([(1920, 1080), (1000, 1500), (900, 900), (1600, 1200), (1400, 600)]))
    wide, high = draw(st.floats(0.48, 0.9)), draw(st.floats(0.18, 0.7))
    left, top = draw(st.floats(0, 1 - wide)), draw(st.floats(0, 1 - high))
    return Box(left, top, left + wide, top + high), (width, height), draw(st.integers(0, 2**16))


@settings(max_examples=60, deadline=None)
@given(plants(), st.sampled_from([0.0, 3.0, 8.0]))
def test_a_planted_box_is_found_within_two_percent_of_the_sides(plant, noise):
    box, size, seed = plant
    found = slot(planted(*size, box, seed, noise))
    assert found.box == pytest.approx(box, abs=NEAR)
    assert found.emptiness > 0.95


@settings(max_examples=40, deadline=None)
@given(st.floats(0.55, 0.9), st.floats(0.15, 0.6), st.floats(0, 1), st.floats(0, 1), st.integers(0, 999))
def test_a_box_planted_in_a_crop_is_found_within_two_percent_of_its_sides(wide, high, x, y, seed):
    crop = Box(0.3, 0.0, 0.675, 1.0)  # 2:3 of a 16:9 picture
    inner = Box(x * (1 - wide), y * (1 - high), x * (1 - wide) + wide, y * (1 - high) + high)
    found = slot(planted(1920, 1080, inner.placed(crop), seed), crop=crop, slot=(0.5, 0.1))
    for one, other, side in zip(found.box, inner.placed(crop), (crop.width, crop.height) * 2, strict=True):
        assert one == pytest.approx(other, abs=0.02 * side)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(0, 0.9)] * 2, *[st.floats(0.02, 0.5)] * 2), max_size=6),
    st.sampled_from([None, Box(0, 0, 0.3, 0.3), Box(0.5, 0.6, 1, 1)]),
    st.sampled_from([WHOLE, Box(0.1, 0.2, 0.95, 0.9)]),
    st.integers(0, 99),
    st.booleans(),
)
def test_a_slot_covers_no_face_no_badge_and_no_unsafe_band(faces, badge, safe, seed, bare):
    faces = [(x, y, min(1.0, x + w), min(1.0, y + h)) for x, y, w, h in faces]
    pixels = (
        np.full((300, 400, 3), 120, np.uint8) if bare else busy(400, 300, np.random.default_rng(seed)).astype(np.uint8)
    )
    found = slot(pixels, faces, safe=safe, badge=badge, slot=(0.3, 0.1))
    if found is None:
        assert not has_room(view(pixels, faces).room.shape, faces, badge, safe, (0.3, 0.1))
        return
    taken = [*with_margin(np.array(faces, float).reshape(-1, 4)), *([badge] if badge else [])]
    assert not touching(np.array(taken).reshape(-1, 4), found.box).any()
    assert min(np.subtract(found.box[:2], safe[:2])) >= -1e-6
    assert max(np.subtract(found.box[2:], safe[2:])) <= 1e-6
    assert found.box.width >= 0.3 - 1e-6
    assert found.box.height >= 0.1 - 1e-6


def has_room(shape, faces, badge, safe, least):
    """Whether a box of at least the least size covers no pixel of a face with its margin, of badge or band."""
    free = Room(np.zeros(shape, np.float32), np.array(faces, float).reshape(-1, 4))
    region = free.within(safe)
    taken = np.diff(np.diff(free.sums, axis=0), axis=1) > 1
    if badge:
        window = free.around(badge)
        taken[window.top : window.bottom, window.left : window.right] = True
    size = int(np.ceil(least[1] * shape[0])), int(np.ceil(least[0] * shape[1]))
    boxes = np.lib.stride_tricks.sliding_window_view(
        taken[region.top : region.bottom, region.left : region.right], size
    )
    return bool((~boxes.any(axis=(2, 3))).any())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**16), st.sampled_from([(640, 360), (400, 600)]))
def test_there_is_a_slot_wherever_there_is_room(seed, size):
    chance = np.random.default_rng(seed)
    faces = [(x, y, min(1, x + w), min(1, y + h)) for x, y, w, h in chance.random((4, 4)) * (0.9, 0.9, 0.4, 0.5)]
    shown = view(np.full((*size[::-1], 3), 120, np.uint8), faces)
    found = shown.slot(Frame(1.0, slot=(0.3, 0.2)), WHOLE)
    assert (found is not None) == has_room(shown.room.shape, faces, None, WHOLE, (0.3, 0.2))


@pytest.mark.parametrize("size", [(1600, 900), (1500, 1000), (1000, 1501), (777, 1333)])
@pytest.mark.parametrize("aspect", [2 / 3, 1.0, 16 / 9, 10 / 3])
@pytest.mark.parametrize("least", [(1.0, 0.1), (0.1, 1.0)])
def test_a_title_as_wide_or_high_as_its_canvas_has_room_although_no_edge_lies_on_a_pixel(size, aspect, least):
    shown = view(np.full((size[1], size[0], 3), 120, np.uint8))
    frame = Frame(aspect, slot=least)
    assert shown.slot(frame, best_crop(frame, shown.scene)).emptiness == 1


def test_of_all_least_boxes_the_one_with_least_in_it_is_taken_where_nothing_else_is_free():
    gradient = np.full((256, 256), 1e7, np.float32)
    gradient[3:13, 5:245] = 8
    gradient[4:12, 101:133] = 4
    least = find_slot(Room(gradient, NOBODY), Window(0, 0, 256, 256), (30, 8))
    assert 3 <= least.top < least.bottom <= 13
    assert 100 <= least.left < least.right <= 134  # an edge takes the pixel beside it
    taken = Window(0, 90, 256, 140)
    beside = find_slot(Room(gradient, NOBODY), Window(0, 0, 256, 256), (30, 8), taken)
    assert beside.right <= 90 or beside.left >= 140
    upright = Window(90, 0, 140, 256)
    below = find_slot(Room(np.ascontiguousarray(gradient.T), NOBODY), Window(0, 0, 256, 256), (8, 30), upright)
    assert below.bottom <= 90 or below.top >= 140


def test_the_view_of_a_picture_is_made_once_for_the_faces_that_are_known_of_it():
    shown = Picture(np.zeros((40, 60, 3), np.uint8), 60, 40)
    face = {"x0": 0.1, "y0": 0.1, "x1": 0.2, "y1": 0.2}
    assert View.of(shown, [face]) is View.of(shown, [dict(face)])
    assert len({id(View.of(shown, faces)) for faces in ([face], [face | {"x1": 0.3}], [], None)}) == 4


@settings(max_examples=40, deadline=None)
@given(plants())
def test_a_mirrored_picture_has_its_slot_mirrored_so_that_no_direction_of_reading_counts(plant):
    box, size, seed = plant
    pixels = planted(*size, box, seed)
    assert turn(slot(pixels[:, ::-1]).box) == pytest.approx(slot(pixels).box, abs=NEAR)


def turn(box):
    """The box in the mirrored picture."""
    x0, y0, x1, y1 = box
    return Box(1 - x1, y0, 1 - x0, y1)


def test_of_two_equal_slots_the_left_is_taken():
    pixels = busy(640, 360, np.random.default_rng(4)).astype(np.uint8)
    pixels[100:200, 40:240] = pixels[100:200, 400:600] = 120
    found = slot(pixels, slot=(0.25, 0.2))
    assert found.box == pytest.approx(Box(40 / 640, 100 / 360, 240 / 640, 200 / 360), abs=NEAR)


def test_a_bare_picture_is_all_room():
    found = slot(np.full((360, 640, 3), 40, np.uint8))
    assert found.box == WHOLE
    assert found.emptiness == 1


def test_faces_all_over_leave_no_room():
    assert slot(np.full((360, 640, 3), 40, np.uint8), [(0.2, 0.2, 0.8, 0.8)]) is None


def test_where_something_is_drawn_everywhere_the_slot_is_the_calmest_place():
    pixels = busy(640, 360, np.random.default_rng(3))
    pixels[200:260, 100:400] = 128 + (pixels[200:260, 100:400] - 128) / 3
    found = slot(pixels.astype(np.uint8))
    assert found.emptiness < 0.5
    assert (found.box.y0, found.box.y1) == pytest.approx((200 / 360, 260 / 360), abs=0.03)


@pytest.mark.parametrize("drawn", [0.0, 0.3, 0.5, 1.0])
def test_emptiness_is_the_share_in_which_nothing_is_drawn(drawn):
    pixels = np.full((360, 640, 3), 90, np.uint8)
    pixels[:, : round(drawn * 640)] = busy(640, 360, np.random.default_rng(1))[:, : round(drawn * 640)]
    assert slot(pixels, slot=(1.0, 1.0)).emptiness == pytest.approx(1 - drawn, abs=0.03)


def barred(top, bottom, tone=0, left=0):
    """A picture with something in it, between bands of that many of 360 rows."""
    pixels = planted(640, 360, Box(0.2, 0.5, 0.8, 0.8), 1)
    pixels[:top], pixels[360 - bottom :], pixels[:, :left] = tone, tone, tone
    return pixels


def test_a_title_is_not_set_into_black_bars():
    found = slot(barred(90, 90))
    assert 0.25 <= found.box.y0 < found.box.y1 <= 0.75 + 1e-6
    assert found.box == pytest.approx(Box(0.2, 0.5, 0.8, 0.75), abs=NEAR)


def test_a_title_is_not_set_into_bars_on_all_four_sides():
    pixels = np.zeros((360, 640, 3), np.uint8)
    pixels[60:300, 100:540] = planted(440, 240, Box(0.2, 0.2, 0.8, 0.8), 1)
    assert slot(pixels).box == pytest.approx(
        Box(0.2, 0.2, 0.8, 0.8).placed(Box(100 / 640, 1 / 6, 540 / 640, 5 / 6)), abs=NEAR
    )


@pytest.mark.parametrize(("bands", "where"), [((140, 0), 0), ((0, 140), 1), ((140, 90, 255), 0), ((140, 90, 60), 0)])
def test_one_band_alone_or_light_ones_belong_to_the_design(bands, where):
    found = slot(barred(*bands))
    assert (found.box.y0, found.box.y1)[where] == where
    assert found.box.width == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (5, 4000)])
def test_the_smallest_and_narrowest_pictures_have_a_slot(shape):
    assert slot(np.full((*shape, 3), 99, np.uint8)).box == WHOLE


def test_a_slot_may_be_as_large_as_its_region_and_no_larger():
    room = Room(np.zeros((40, 50), np.float32), NOBODY)
    region = Window(3, 5, 36, 48)
    assert find_slot(room, region, (43, 33)) == region
    assert find_slot(room, region, (44, 33)) is None
    assert find_slot(room, region, (43, 34)) is None
    assert find_slot(room, Window(3, 5, 3, 48), (0, 0)) is None


def test_a_gap_that_is_a_little_too_narrow_gives_way_to_room_that_is_drawn_on():
    gradient = np.zeros((100, 100), np.float32)
    gradient[:, 29:60], gradient[:, 60:] = 1e6, 5  # a face between the gap and the room
    found = find_slot(Room(gradient, NOBODY), Window(0, 0, 100, 100), (30, 20))
    assert found.left >= 60


def test_a_cell_is_worth_one_bare_nothing_at_the_limit_and_a_face_outweighs_all():
    assert worth(np.array([0.0, 2.0, 4.0, 50.0, 1e3])).tolist() == [1, 0, -3, -24, -1e6]


@pytest.mark.parametrize(("one", "other", "ratio"), [
    (0.0, 1.0, 21.0), (1.0, 0.0, 21.0), (0.5, 0.5, 1.0), (0.2126, 0.0, 5.252), (0.7152, 1.0, 1.05 / 0.7652),
])  # fmt: skip
def test_the_contrast_ratio_is_wcags(one, other, ratio):
    assert contrast_ratio(one, other) == pytest.approx(ratio)


@pytest.mark.parametrize("grey", [0, 1, 10, 11, 64, 119, 188, 255])
def test_luminance_of_a_lightness_is_wcags_of_the_colour(grey):
    share = grey / 255
    linear = share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4
    lightness = float(to_lightness(np.full((1, 1, 3), grey, np.uint8))[0, 0])
    assert luminance(lightness) == pytest.approx(linear, abs=1e-5)


@pytest.mark.parametrize(("share", "behind_white", "behind_black"), [
    (0.5, 200, 30),  # both tones count: white stands on the light one, black on the dark one
    (0.95, 30, 30),  # a twentieth of light is left out
    (0.05, 200, 200),
])  # fmt: skip
def test_attainable_contrast_is_its_closed_form(share, behind_white, behind_black):
    white, black = attainable(to_lightness(half_tone(30, 200, share)))
    linear = {grey: ((grey / 255 + 0.055) / 1.055) ** 2.4 for grey in (30, 200)}
    assert white == pytest.approx(1.05 / (linear[behind_white] + 0.05), rel=1e-4)
    assert black == pytest.approx((linear[behind_black] + 0.05) / 0.05, rel=1e-4)


@pytest.mark.parametrize(("grey", "ink"), [(20, "white"), (110, "white"), (125, "black"), (240, "black")])
def test_the_better_ink_is_black_from_the_grey_where_both_are_equal(grey, ink):
    assert slot(np.full((360, 640, 3), grey, np.uint8)).ink == ink
