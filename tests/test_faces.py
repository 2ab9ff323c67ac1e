"""The stage: what it says of pictures with nobody, somebody and several, at any size and beside any neighbour."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from sightings import portrait

from artvision.contract import Kind, Missing, Privacy
from artvision.detection import reading
from artvision.detection.geometry import SHOT_SCALES, Face
from artvision.image import FACE_SIDE, Picture, resize
from artvision.settings import Settings
from artvision.stages import contract_of
from artvision.stages.faces import Faces, _result

pytestmark = pytest.mark.usefixtures("one_thread")

LEAD = [
    name
    for name in (field.name for field in Faces(Settings()).fields())
    if name not in ("face.count", "face.total_area")
]


@pytest.fixture(scope="module")
def stage():
    faces = Faces(Settings())
    faces.setup("cpu")
    yield faces
    faces.close()


@cache
def collage(*placed: tuple[str, int, int, int], size: tuple[int, int] = (1280, 720)) -> np.ndarray:
    """Portraits (name, long side, x, y) on a soft background."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    ground = np.stack([60 + x / 20, 70 + y / 20, 110 + (x + y) / 40], 2).astype(np.uint8)
    canvas = Image.fromarray(ground)
    for name, side, left, top in placed:
        canvas.paste(Image.fromarray(resize(portrait(name), side)), (left, top))
    return np.array(canvas)


TWO = collage(("astronaut", 560, 40, 80), ("hopper", 600, 700, 60))
FIVE = collage(*(("astronaut", 230, 30 + 240 * index, 60 + 100 * index) for index in range(5)))


def picture(pixels: np.ndarray, long_side: int | None = None) -> Picture:
    pixels = resize(pixels, long_side) if long_side else pixels
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def look(stage, pixels, long_side=None):
    return stage.run([picture(pixels, long_side)], {})[0]


def test_faces_that_cover_one_another_cover_no_more_than_the_picture():
    large = Face((0.0, 0.0, 1.0, 0.8), 0.99, ((0.5, 0.5),) * 5, 0.0, 0.0, 1.0, 0.5)
    assert _result([large]).values["face.total_area"] == pytest.approx(0.8)
    assert _result([large] * 2).values["face.total_area"] == 1


def test_nobody_is_a_result(stage):
    result = look(stage, np.full((300, 500, 3), 90, np.uint8))
    assert result.values["face.count"] == 0
    assert result.values["face.total_area"] == 0
    assert result.columns["faces"] == []
    assert {name: result.values[name] for name in LEAD} == dict.fromkeys(LEAD, Missing.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("pixels", "count", "people"),
    [
        (portrait("astronaut"), 1, "one"),
        (portrait("hopper"), 1, "one"),
        (TWO, 2, "two"),
        (FIVE, 5, "group"),
    ],
)
def test_people_are_counted(stage, pixels, count, people):
    result = look(stage, pixels)
    assert result.values["face.count"] == len(result.columns["faces"]) == count
    assert result.values["shot.people"] == people


def test_every_field_is_filled_within_its_range(stage):
    for result in stage.run([picture(pixels) for pixels in (portrait("hopper"), TWO, FIVE)], {}):
        assert list(result.values) == [field.name for field in stage.fields()]
        for field in stage.fields():
            value = result.values[field.name]
            if isinstance(value, Missing):
                assert field.name in ("face.facing_each_other", "face.lead_sharpness")
            elif field.labels:
                assert value in field.labels
            else:
                assert field.low <= value <= field.high
    assert all(field.kind is Kind.DETECTED and field.source and field.unit for field in stage.fields())


def test_astronaut_is_where_she_is(stage):
    values = look(stage, portrait("astronaut")).values
    assert values["face.lead_x"] == pytest.approx(0.44, abs=0.02)
    assert values["face.lead_y"] == pytest.approx(0.22, abs=0.02)
    assert values["face.lead_height"] == pytest.approx(0.22, abs=0.03)
    assert values["shot.scale"] == "medium_long"
    assert values["face.lead_score"] > 0.99
    assert abs(values["face.lead_yaw"]) < 20


def test_faces_fit_their_column(stage):
    result = look(stage, FIVE)
    column = stage.columns()[0]
    rows = pa.array([result.columns["faces"]], column.arrow).to_pylist()[0]
    assert column.privacy is Privacy.PERSON
    assert [row["prominence"] for row in rows] == sorted((row["prominence"] for row in rows), reverse=True)
    for row in rows:
        assert 0 <= row["x0"] < row["x1"] <= 1
        assert 0 <= row["y0"] < row["y1"] <= 1
        assert len(row["points"]) == 10
        left_eye, right_eye, nose = row["points"][0], row["points"][2], row["points"][4]
        assert row["x0"] < left_eye < nose < right_eye < row["x1"]
    assert contract_of([stage]).blocks["shot"][1] == len(SHOT_SCALES) + 4


def test_the_lead_is_large_and_central(stage):
    values = look(stage, collage(("hopper", 200, 540, 260), ("hopper", 520, 860, 150), ("hopper", 170, 20, 20))).values
    assert values["face.count"] == 3
    assert values["face.lead_x"] > 0.7  # six times the area outweighs the place
    values = look(stage, collage(("hopper", 400, 480, 160), ("hopper", 420, 10, 10))).values
    assert values["face.lead_x"] == pytest.approx(0.5, abs=0.1)  # of two alike the central one leads


def test_mirrored_art_has_mirrored_numbers(stage):
    art = portrait("astronaut")
    plain, mirrored = look(stage, art).values, look(stage, art[:, ::-1].copy()).values
    assert mirrored["face.lead_x"] == pytest.approx(1 - plain["face.lead_x"], abs=0.02)
    assert mirrored["face.lead_y"] == pytest.approx(plain["face.lead_y"], abs=0.02)
    assert mirrored["face.lead_yaw"] == pytest.approx(-plain["face.lead_yaw"], abs=10)
    assert mirrored["face.lead_roll"] == pytest.approx(-plain["face.lead_roll"], abs=5)


@pytest.mark.parametrize("turn", [-15, 15])
def test_roll_follows_a_turned_picture(stage, turn):
    upright = look(stage, portrait("hopper")).values["face.lead_roll"]
    turned = np.array(Image.fromarray(portrait("hopper")).rotate(-turn, Image.Resampling.BICUBIC))
    assert look(stage, turned).values["face.lead_roll"] == pytest.approx(upright + turn, abs=4)


@pytest.mark.parametrize("pixels", [portrait("astronaut"), portrait("hopper"), TWO], ids=["astronaut", "hopper", "two"])
@pytest.mark.parametrize("long_side", [240, 360, 800, 1600])
def test_two_resolutions_of_the_same_art_agree(stage, pixels, long_side):
    reference, other = (look(stage, pixels, side).values for side in (FACE_SIDE, long_side))
    for field in stage.fields():
        one, two = reference[field.name], other[field.name]
        if isinstance(two, Missing) and not isinstance(one, Missing):
            assert two is Missing.ABSTAINED
            assert long_side <= 360
        elif isinstance(one, Missing | str):
            assert one == two, field.name
        else:
            assert abs(one - two) <= field.tolerance, field.name
    assert reference["face.count"] == other["face.count"]


def test_a_face_of_few_pixels_gives_no_yaw_and_no_sharpness(stage):
    values = look(stage, portrait("astronaut"), 60).values
    assert values["face.count"] == 1
    for name in ("face.lead_yaw", "face.lead_sharpness", "face.facing_camera"):
        assert values[name] is Missing.ABSTAINED
    assert isinstance(values["face.lead_height"], float)


def test_blur_is_seen_in_the_face(stage):
    soft = resize(resize(portrait("hopper"), 100), 600)
    sharp = look(stage, portrait("hopper")).values["face.lead_sharpness"]
    assert look(stage, soft).values["face.lead_sharpness"] < sharp - 0.25


@pytest.mark.parametrize(
    ("size", "side"),
    [
        ((4000, 2000), 960),
        ((960, 540), 960),
        ((300, 500), 960),
        ((100, 150), 600),
    ],
)
def test_small_pictures_are_enlarged_within_reason(size, side):
    width, height = size
    assert reading.search_side(Picture(np.zeros((1, 1, 3), np.uint8), width, height)) == side


def test_neighbours_order_and_threads_change_no_byte(stage):
    def fresh() -> list[Picture]:
        nobody = np.zeros((200, 300, 3), np.uint8)
        return [picture(pixels, 130) for pixels in (TWO, FIVE, portrait("hopper"), nobody, TWO[:, ::-1].copy())]

    alone = [stage.run([one], {})[0] for one in fresh()]
    assert [result.values["face.count"] for result in alone][0::4] == [2, 2]
    assert stage.run(fresh(), {}) == alone
    assert stage.run(fresh()[::-1], {}) == alone[::-1]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda one: stage.run([one], {})[0], fresh() * 2)) == alone * 2


def test_describing_needs_no_torch():
    code = (
        "import sys; from artvision.settings import Settings; from artvision.stages.faces import Faces; "
        "stage = Faces(Settings()); stage.fields(); stage.columns(); stage.fingerprint(); "
        "raise SystemExit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_fingerprint_names_the_weights(stage, monkeypatch):
    before = stage.fingerprint()
    assert set(before["weights"]) == {"pnet", "rnet", "onet"}
    assert {"upscale", "filling", "second"} <= set(before["search"])
    monkeypatch.setitem(stage.fingerprint.__globals__["SEARCH"], "upscale", 1)
    assert stage.fingerprint() != before


def test_running_before_setup_is_refused():
    with pytest.raises(RuntimeError, match="setup"):
        Faces(Settings()).run([], {})


@pytest.mark.parametrize(("path", "least"), [("bbt2.jpg", 3), ("bbt4.jpg", 5), ("longoria-cooper.jpg", 2)])
def test_groups_are_groups(stage, shared, path, least):
    with Image.open(shared / "people" / "groups" / path) as image:
        assert look(stage, np.array(image.convert("RGB"))).values["face.count"] >= least
