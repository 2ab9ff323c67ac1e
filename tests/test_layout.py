"""The stage `layout`: states, tolerances, independence, the command and its drawing."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from fakes import FakeStage
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from planted import planted
from skimage import data
from test_pixels_stages import ART, HOSTILE, grace_hopper
from typer.testing import CliRunner

from artvision import stages
from artvision.cli import app
from artvision.contract import Missing
from artvision.framing.box import Box
from artvision.framing.canvas_file import parse, read_canvases
from artvision.framing.sheet import draw_sheet
from artvision.framing.small import contrast_kept, face_widths, tile_size
from artvision.image import Picture
from artvision.isolation import run_stage
from artvision.pixels.color import to_lightness
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.base import FAILED, Result
from artvision.stages.layout import Layout

LAYOUT = Layout(Settings())
FIELDS = {field.name: field for field in LAYOUT.fields()}
KNOWN = read_canvases().canvases
FACES = [(0.1, 0.2, 0.3, 0.6), (0.7, 0.3, 0.8, 0.5)]


def picture(pixels):
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def faces(boxes=()):
    return Result({}, {"faces": [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes]})


def text(boxes=(), height=Missing.NOT_APPLICABLE):
    rows = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes]
    return Result({"text.largest_height": height}, {"text_regions": rows})


def fitted(pixels, boxes=(), words=None):
    upstream = {"faces": [faces(boxes)]} | ({} if words is None else {"text": [words]})
    return LAYOUT.run([picture(pixels)], upstream)[0]


def within(found):
    check(LAYOUT.fields(), found)
    assert [row["canvas"] for row in found.columns["canvases"]] == [canvas.id for canvas in KNOWN]
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


@pytest.mark.parametrize("name", ART)
@pytest.mark.parametrize("boxes", [(), FACES], ids=["nobody", "two faces"])
def test_two_resolutions_of_one_picture_agree_within_the_stated_tolerance(name, boxes):
    first, *others = (fitted(art(name, side), boxes).values for side in (2000, 1280, 800))
    apart = {}
    for other in others:
        for field, value in first.items():
            if isinstance(value, Missing | str) or isinstance(other[field], Missing | str):
                same = value == other[field]
            else:
                same = abs(value - other[field]) <= FIELDS[field].tolerance
            if not same:
                apart[field] = (value, other[field])
    assert not apart


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
    assert {row["lead_whole"] for row in found.columns["canvases"]} == {None}


def test_a_picture_of_one_tone_has_no_salient_mass_and_no_contrast_to_lose():
    values = fitted(HOSTILE["black"]).values
    assert values["layout.slot_area"] == values["layout.slot_emptiness"] == 1
    for name in ("crop.saliency_16_9", "crop.saliency_2_3", "small.contrast"):
        assert values[name] is Missing.NOT_APPLICABLE


def test_where_faces_leave_no_room_the_slot_is_not_applicable_and_its_area_zero():
    found = fitted(data.coffee(), [(0.1, 0.1, 0.9, 0.9)])
    assert found.values["layout.slot_area"] == 0
    assert found.values["layout.slot_x"] is found.values["layout.slot_ink"] is Missing.NOT_APPLICABLE
    assert all(row["slot"] is None for row in found.columns["canvases"] if row["canvas"].startswith("roku"))


@pytest.mark.parametrize(("words", "state"), [
    (None, Missing.NOT_RUN), (FAILED, Missing.FAILED), (text(), Missing.NOT_APPLICABLE),
])  # fmt: skip
def test_the_height_of_text_says_why_it_is_missing(words, state):
    found = fitted(data.coffee(), FACES, words)
    assert found.values["small.text_height"] is state
    assert all(
        (row["text_whole"] is None) == (state is not Missing.NOT_APPLICABLE) for row in found.columns["canvases"]
    )


def test_text_is_measured_in_pixels_of_a_small_tile_and_cut_like_a_face():
    found = fitted(data.coffee(), (), text([(0.0, 0.4, 1.0, 0.6)], 0.2))  # 600 × 400
    assert found.values["small.text_height"] == pytest.approx(0.2 * 80)
    rows = {row["canvas"]: row for row in found.columns["canvases"]}
    assert (rows["roku-poster"]["text_whole"], rows["roku-poster"]["text_cut"]) == (0, 1)
    assert rows["roku-key-art"]["text_whole"] == 1


def test_text_changes_no_crop_and_no_slot():
    without, with_text = fitted(data.coffee(), FACES), fitted(data.coffee(), FACES, text([(0, 0, 1, 1)], 0.5))
    changed = {name for name, value in without.values.items() if value != with_text.values[name]}
    assert changed == {"small.text_height"}
    for one, other in zip(without.columns["canvases"], with_text.columns["canvases"], strict=True):
        assert {name for name in one if one[name] != other[name]} == {"text_whole", "text_cut", "text_clear"}


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


def test_fine_patterns_vanish_small_and_coarse_ones_stay():
    fine = (np.indices((512, 512)).sum(axis=0) // 2 % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    coarse = (np.indices((512, 512)).sum(axis=0) // 128 % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    assert contrast_kept(fine, to_lightness(fine)) < 0.1
    assert contrast_kept(coarse, to_lightness(coarse)) > 0.9
    assert contrast_kept(fine * 0, to_lightness(fine * 0)) is None
    assert face_widths(np.empty((0, 4)), 120).size == 0


def test_a_slot_stands_where_the_box_was_planted():
    box = Box(0.2, 0.55, 0.9, 0.9)
    values = fitted(planted(1600, 900, box, 5)).values
    assert [values[f"layout.slot_{key}"] for key in "xy"] == pytest.approx([0.2, 0.55], abs=0.02)
    assert [values[f"layout.slot_{key}"] for key in "wh"] == pytest.approx([0.7, 0.35], abs=0.04)


def test_canvases_of_ones_own_stand_in_the_column_and_in_the_fingerprint(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('version = "1"\n[canvases.tile]\nname = "Tile"\nservice = "Ours"\naspect = "4:1"\n')
    own = Layout(Settings(canvases=str(file)))
    (row,) = own.run([picture(data.coffee())], {"faces": [faces()]})[0].columns["canvases"]
    assert (row["canvas"], row["x0"], row["x1"]) == ("tile", 0, 1)
    assert row["y1"] - row["y0"] == pytest.approx(1.5 / 4)
    assert own.fingerprint() == {"canvases": parse(file.read_text(), "").sha256} != LAYOUT.fingerprint()


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


def run(*words):
    return CliRunner().invoke(app, ["canvases", *map(str, words)])


@pytest.fixture
def portrait(tmp_path):
    Image.fromarray(grace_hopper()).save(tmp_path / "portrait.png")
    return tmp_path / "portrait.png"


def test_the_command_lists_canvases_and_who_says_so():
    listed = run()
    assert listed.exit_code == 0
    assert all(canvas.id in listed.stdout for canvas in KNOWN)
    described = json.loads(run("--json").stdout)
    assert {"canvas", "aspect", "unsafe", "badge", "title", "slot", "source", "checked", "ours"} <= set(described[0])
    assert described[0]["unsafe"]["top"] == 0.1481


def test_the_command_fits_a_picture_and_draws_it(portrait, tmp_path):
    shown = run(portrait, "--out", tmp_path / "sheet.png")
    assert shown.exit_code == 0, shown.output
    assert "1 whole" in shown.stdout
    assert "white" in shown.stdout or "black" in shown.stdout
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1000
    rows = json.loads(run(portrait, "--json").stdout)
    assert [row["canvas"] for row in rows] == [canvas.id for canvas in KNOWN]
    assert [row["canvas"] for row in rows if not row["lead_whole"]] == ["max-wide"]


@pytest.mark.parametrize(("words", "code", "message"), [
    (["--out", "sheet.png"], 2, "--out draws a picture: name one"),
    (["gone.png"], 3, "no such file"),
    (["--canvases", "gone.toml"], 2, "--canvases gone.toml cannot be read"),
])  # fmt: skip
def test_a_wrong_call_is_one_line(words, code, message):
    found = run(*words)
    assert (found.exit_code, found.stdout) == (code, "")
    assert message in found.stderr
    assert "Traceback" not in found.output


def test_a_fit_without_its_stage_is_refused(portrait):
    found = run(portrait, "--stages", "light")
    assert found.exit_code == 2
    assert "add faces,layout" in found.stderr


def test_a_sheet_that_cannot_be_written_is_named(portrait, tmp_path):
    found = run(portrait, "--out", tmp_path / "no" / "sheet.png")
    assert found.exit_code == 1
    assert "cannot write" in found.stderr


def test_a_drawing_shows_slot_and_reserved_areas():
    pixels = np.full((900, 1600, 3), 128, np.uint8)
    row = fitted(pixels, FACES).columns["canvases"][0]
    seen = np.asarray(draw_sheet(pixels, [], [(KNOWN[0], row)])).reshape(-1, 3)
    assert (seen == (40, 220, 120)).all(axis=1).any()  # the slot's outline
    assert ((seen[:, 0] > 150) & (seen[:, 1] < 110)).any()  # the unsafe band
