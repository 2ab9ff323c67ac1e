"""The stage `layout`: states, tolerances, independence; and how a stage hears of another that it runs after."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from fakes import FakeStage
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import planted
from skimage import data
from test_pixels_stages import ART, HOSTILE

from artvision import stages
from artvision.contract import Missing
from artvision.framing.box import Box
from artvision.framing.fit import View
from artvision.framing.room import worth
from artvision.framing.slot import cell_edges
from artvision.framing.small import contrast_kept, face_widths, tile_size
from artvision.image import Picture
from artvision.isolation import run_stage
from artvision.pixels.color import to_lightness
from artvision.pixels.grid import halve
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.base import FAILED, Result
from artvision.stages.layout import Layout

LAYOUT = Layout(Settings())
FIELDS = {field.name: field for field in LAYOUT.fields()}
FACES = [(0.1, 0.2, 0.3, 0.6), (0.7, 0.3, 0.8, 0.5)]


def picture(pixels):
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def faces(boxes=()):
    return Result({}, {"faces": [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes]})


def text(height=Missing.NOT_APPLICABLE):
    return Result({"text.largest_height": height}, {"text_regions": []})


def fitted(pixels, boxes=(), words=None):
    upstream = {"faces": [faces(boxes)]} | ({} if words is None else {"text": [words]})
    return LAYOUT.run([picture(pixels)], upstream)[0]


def within(found):
    check(LAYOUT.fields(), found)
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_have_values_in_range(name):
    within(fitted(HOSTILE[name]))
    within(fitted(HOSTILE[name], FACES))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32), st.lists(st.tuples(*[st.floats(-0.2, 1.2)] * 4)))
def test_any_picture_with_any_faces_has_values_in_range(height, width, seed, corners):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    assert within(fitted(pixels, boxes)) == within(fitted(pixels.copy(), boxes))


@cache
def art(name, side):
    return ART[name](side)


def apart(one, other):
    """Fields in which two pictures differ by more than the tolerance."""
    pairs = {name: (value, other[name]) for name, value in one.items()}
    words = {name for name, pair in pairs.items() if any(isinstance(value, Missing | str) for value in pair)}
    return {
        name: pair
        for name, pair in pairs.items()
        if (pair[0] != pair[1] if name in words else abs(pair[0] - pair[1]) > FIELDS[name].tolerance)
    }


@pytest.mark.parametrize("name", ART)
@pytest.mark.parametrize("boxes", [(), FACES], ids=["nobody", "two faces"])
def test_two_resolutions_of_one_picture_agree_within_the_stated_tolerance_or_their_slots_tie(name, boxes):
    shown = [art(name, side) for side in (2000, 1280, 800)]
    first, *others = (fitted(pixels, boxes).values for pixels in shown)
    for other, pixels in zip(others, shown[1:], strict=True):
        differing = apart(first, other)
        if not {f"layout.slot_{key}" for key in "xywh"} & set(differing):
            assert not differing
            continue
        assert all(field.startswith("layout.slot_") for field in differing)
        for here in (pixels, shown[0]):
            view = View.of(picture(here), faces(boxes).columns["faces"])
            assert abs(total_worth(view, place(first)) - total_worth(view, place(other))) < 0.1


def place(values):
    x, y, wide, high = (values[f"layout.slot_{key}"] for key in "xywh")
    return Box(x, y, x + wide, y + high)


def total_worth(view, box):
    """What the box is worth as a slot: 1 is a bare picture."""
    window = view.room.within(box)
    rows = cell_edges(window.top, window.height, max(1, window.height // 8))
    columns = cell_edges(window.left, window.width, max(1, window.width // 8))
    return worth(view.room.means(rows, columns)).sum() * rows.step * columns.step / np.prod(view.room.shape)


def test_a_result_is_its_own_pictures_alone():
    shown = [data.coffee(), HOSTILE["noise"], HOSTILE["black"], data.rocket(), HOSTILE["one row"]]
    own = [FACES, (), FACES[:1], (), ()]
    alone = [fitted(pixels, boxes) for pixels, boxes in zip(shown, own, strict=True)]
    upstream = [faces(boxes) for boxes in own]
    together = LAYOUT.run([picture(one) for one in shown], {"faces": upstream})
    backwards = LAYOUT.run([picture(one) for one in shown[::-1]], {"faces": upstream[::-1]})[::-1]
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(fitted, shown * 3, own * 3))
    assert alone == together == backwards
    assert threads == alone * 3


def test_a_picture_without_a_face_has_none_to_keep():
    found = fitted(data.coffee())
    assert found.values["small.faces"] == 0
    for name in ("crop.faces_16_9", "crop.faces_1_1", "crop.faces_2_3", "small.lead_width"):
        assert found.values[name] is Missing.NOT_APPLICABLE


def test_a_crop_keeps_the_share_of_the_faces_that_fits_its_shape():
    pixels = np.full((900, 1600, 3), 128, np.uint8)
    values = fitted(pixels, [(0.45, 0.2, 0.55, 0.5), (0.0, 0.2, 0.1, 0.4)]).values  # 0.55 of the width; areas 3 to 2
    assert values["crop.faces_16_9"] == values["crop.faces_1_1"] == pytest.approx(1)
    assert values["crop.faces_2_3"] == pytest.approx(0.6)


def test_the_lead_is_the_most_prominent_face_not_the_widest():
    values = fitted(np.full((900, 1600, 3), 128, np.uint8), [(0.4, 0.2, 0.6, 0.5), (0.0, 0.2, 0.3, 0.4)]).values
    assert values["small.lead_width"] == pytest.approx(0.2 * 120)


def test_a_crop_keeps_the_salient_mass_that_lies_in_it():
    pixels = np.full((900, 1600, 3), 128, np.uint8)
    pixels[400:500, 100:200] = pixels[400:500, 1400:1500] = 255  # further apart than a square is wide
    values = fitted(pixels).values
    assert values["crop.saliency_16_9"] == pytest.approx(1)
    assert values["crop.saliency_1_1"] == pytest.approx(0.5, abs=0.1)
    assert values["crop.saliency_2_3"] == pytest.approx(0.5, abs=0.1)


def test_a_picture_whose_faces_are_not_known_is_not_said_to_have_none():
    upstream = {"faces": [Result({}, {"faces": None})]}
    found = LAYOUT.run([picture(data.coffee())], upstream)[0].values
    assert found["small.faces"] is found["crop.faces_1_1"] is Missing.NOT_APPLICABLE
    assert found | {"small.faces": 0} == fitted(data.coffee()).values


def test_a_picture_of_one_tone_has_no_salient_mass_and_no_contrast_to_lose():
    values = fitted(HOSTILE["black"]).values
    assert values["layout.slot_area"] == values["layout.slot_emptiness"] == 1
    for name in ("crop.saliency_16_9", "crop.saliency_2_3", "small.contrast"):
        assert values[name] is Missing.NOT_APPLICABLE


def test_where_faces_leave_no_room_the_slot_is_not_applicable_and_its_area_zero():
    found = fitted(data.coffee(), [(0.1, 0.1, 0.9, 0.9)])
    assert found.values["layout.slot_area"] == 0
    assert found.values["layout.slot_x"] is found.values["layout.slot_ink"] is Missing.NOT_APPLICABLE


@pytest.mark.parametrize(("words", "state"), [
    (None, Missing.NOT_RUN), (FAILED, Missing.FAILED), (text(), Missing.NOT_APPLICABLE),
])  # fmt: skip
def test_the_height_of_text_says_why_it_is_missing(words, state):
    assert fitted(data.coffee(), FACES, words).values["small.text_height"] is state


def test_text_is_measured_in_pixels_of_a_small_tile_and_changes_nothing_else():
    without, found = fitted(data.coffee()), fitted(data.coffee(), (), text(0.2))  # 600 × 400
    assert found.values["small.text_height"] == pytest.approx(0.2 * 80)
    assert {name for name, value in without.values.items() if value != found.values[name]} == {"small.text_height"}


@pytest.mark.parametrize(("size", "wide", "count"), [
    ((1200, 800), 0.15, 1),  # 18 of 120 pixels
    ((1200, 800), 0.149, 0),
    ((800, 1200), 0.225, 1),  # 18 of 80
    ((800, 1200), 0.224, 0),
])  # fmt: skip
def test_a_face_counts_from_eighteen_pixels_across(size, wide, count):
    pixels = np.full((size[1], size[0], 3), 128, np.uint8)
    values = fitted(pixels, [(0, 0.2, wide, 0.4)]).values
    assert values["small.faces"] == count
    assert values["small.lead_width"] == pytest.approx(wide * tile_size(*size)[0])


def kept(pixels):
    light = to_lightness(pixels)
    return contrast_kept(light, halve(light))


def test_fine_patterns_vanish_small_and_coarse_ones_stay():
    fine = (np.indices((512, 512)).sum(axis=0) // 2 % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    coarse = (np.indices((512, 512)).sum(axis=0) // 128 % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    assert kept(fine) < 0.1
    assert kept(coarse) > 0.9
    assert kept(fine * 0) is None
    assert kept((coarse // 255 + 128).astype(np.uint8)) is None  # two greys beside one another: 0.2 L*
    assert kept((coarse // 64 + 128).astype(np.uint8)) > 0.9
    assert face_widths(np.empty((0, 4)), 120).size == 0


def test_a_slot_stands_where_the_box_was_planted():
    box = Box(0.2, 0.55, 0.9, 0.9)
    values = fitted(planted(1600, 900, box, 5)).values
    assert [values[f"layout.slot_{key}"] for key in "xy"] == pytest.approx([0.2, 0.55], abs=0.02)
    assert [values[f"layout.slot_{key}"] for key in "wh"] == pytest.approx([0.7, 0.35], abs=0.04)


class WordsStage(FakeStage):
    """Takes the place of `text`; fails for pictures of one colour."""

    name = "text"

    def run(self, batch, upstream):
        if any(picture.pixels.std() == 0 for picture in batch):
            raise ArithmeticError("flat picture")
        return super().run(batch, upstream)


class ListenerStage(FakeStage):
    """Says how many pictures it was told of, and for how many the other failed."""

    name = "listener"
    after = ("text",)
    heard: tuple = ()

    def run(self, batch, upstream):
        self.heard = [one is FAILED for one in upstream["text"]] if "text" in upstream else None
        return super().run(batch, upstream)


def test_a_stage_hears_what_it_runs_after_where_that_was_chosen():
    words, listener = WordsStage(Settings()), ListenerStage(Settings())
    assert [stage.name for stage in stages.run_order([listener, words])] == ["text", "listener"]
    assert [stage.name for stage in stages.run_order([listener])] == ["listener"]
    run_stage(listener, [picture(data.coffee())], {})
    assert listener.heard is None


def test_a_picture_for_which_the_other_failed_is_heard_of_as_failed():
    words, listener = WordsStage(Settings()), ListenerStage(Settings())
    shown = [picture(data.coffee()), picture(HOSTILE["black"])]
    found = run_stage(listener, shown, {"text": run_stage(words, shown, {})})
    assert listener.heard == [False, True]
    assert all(isinstance(one, Result) for one in found)
