"""How shots are staged: grouping, gaps, a turned camera, and the head that names the framing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sightings import portrait

from artvision import stages
from artvision.contract import Missing
from artvision.errors import DefinitionError, UsageError
from artvision.image import Picture, resize
from artvision.pixels.pyramid import Pyramid
from artvision.settings import Settings
from artvision.shots.camera import AGREE, CLEAR, both_turned, dutch
from artvision.shots.evidence import EVIDENCE
from artvision.shots.grouping import CROWD, FAR, gap, grouping
from artvision.shots.head import heads, read_heads
from artvision.shots.shoulder import SURE, beside
from artvision.stages.base import Result
from artvision.stages.composition import Composition
from artvision.stages.faces import Faces
from artvision.stages.light import Light
from artvision.stages.shots import Shots

FIELDS = {field.name: field for field in Shots(Settings()).fields()}


def face(x, y, width=0.1, height=0.2, roll=0.0):
    return {"x0": x - width / 2, "x1": x + width / 2, "y0": y - height / 2, "y1": y + height / 2, "roll": roll}


@pytest.mark.parametrize(
    ("count", "label"),
    [
        (0, "none"),
        (1, "one"),
        (2, "two"),
        (3, "three"),
        (4, "group"),
        (CROWD - 1, "group"),
        (CROWD, "crowd"),
        (90, "crowd"),
    ],
)
def test_people_are_grouped_by_their_number(count, label):
    assert grouping(count) == label


@pytest.mark.parametrize(
    ("one", "other", "aspect", "space"),
    [
        (face(0.3, 0.5), face(0.7, 0.5), 1.0, 0.3 / 0.2),
        (face(0.3, 0.5), face(0.7, 0.5), 2.0, 0.6 / 0.2),  # a wide picture: the same share is more pixels
        (face(0.3, 0.5), face(0.4, 0.5), 1.0, 0.0),  # cheek to cheek
        (face(0.3, 0.5), face(0.35, 0.55), 1.0, 0.0),  # one over the other
        (face(0.5, 0.2), face(0.5, 0.8), 1.7, 0.4 / 0.2),  # one above the other
        (face(0.3, 0.2), face(0.7, 0.8), 1.0, math.hypot(0.3, 0.4) / 0.2),
        (face(0.05, 0.5, 0.01, 0.01), face(0.95, 0.5, 0.01, 0.01), 1.0, FAR),
    ],
)
def test_the_gap_is_in_face_heights(one, other, aspect, space):
    assert gap([one, other], aspect) == gap([other, one], aspect) == pytest.approx(space)


def test_one_face_has_no_gap_and_a_third_none_either():
    assert gap([face(0.5, 0.5)], 1.0) is None
    assert gap([face(0.3, 0.5), face(0.7, 0.5), face(0.5, 0.5)], 1.0) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("tilt", "axes", "rolls", "turn"),
    [
        (9.0, CLEAR, [], 9.0),
        (9.0, CLEAR - 0.01, [], None),  # edges run everywhere
        (None, 0.9, [8.0], None),
        (-15.0, 0.5, [-14.0], -15.0),  # people are turned with the room
        (15.0, 0.5, [15.0 - AGREE - 0.1], None),  # a slope behind people who stand upright
        (15.0, 0.5, [-60.0, 14.0, 16.0], 15.0),  # one who lies among two who stand
    ],
)
def test_a_camera_is_turned_where_edges_and_people_are(tilt, axes, rolls, turn):
    assert dutch(tilt, axes, rolls, quarter(room(tilt or 0))) == turn


def quarter(pixels):
    return Pyramid.of(resize(pixels, 512)).quarter


def facade(slope):
    """Upright edges, and a few that would be level ones sloping by `slope` degrees, as a wall has them from aside."""
    y, x = np.mgrid[0:900, 0:900] / 900
    wall = 60 + 60 * (x * 7 % 1 > 0.5) + 100 * ((y - x * math.tan(math.radians(slope))) * 6 % 1 > 0.5)
    return np.repeat(wall.astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize("degrees", [6, 15, 30])
def test_a_wall_from_aside_is_no_turned_camera(degrees):
    tilted = Picture(room(degrees), 900, 900)
    assert both_turned(quarter(tilted.pixels), degrees)
    assert not both_turned(quarter(facade(degrees)), degrees)
    assert not both_turned(quarter(facade(degrees).transpose(1, 0, 2)), -degrees)
    assert dutch(degrees, 0.5, [], quarter(facade(degrees))) is None
    assert dutch(4.0, 0.5, [], quarter(facade(4))) == 4.0  # as good as level


def stripes(*families):
    """L* of square waves of these (turns in degrees, heights), summed, (128, 128)."""
    y, x = np.mgrid[0:128, 0:128] / 128
    turns = [(math.radians(degrees), height) for degrees, height in families]
    waves = (height * ((x * math.cos(turn) + y * math.sin(turn)) * 8 % 1 > 0.5) for turn, height in turns)
    return sum(waves).astype(np.float32)


@pytest.mark.parametrize(
    ("families", "turned"),
    [
        (((15, 60), (105, 60)), True),
        (((15, 60), (105, 26)), False),  # one axis alone, and of the other less than chance
        (((15, 60), (105, 70), (0, 10)), True),
        (((15, 60), (105, 70), (0, 60)), False),  # more stands upright than is turned
    ],
)
def test_a_camera_turns_both_axes_and_leaves_little_upright(families, turned):
    assert both_turned(stripes(*families), 15.0) is turned


def room(degrees, side=900):
    """A wall of windows, turned clockwise by `degrees`; no border turns with it."""
    y, x = np.mgrid[0 : 2 * side, 0 : 2 * side] / side
    wall = 90 + 100 * ((x * 9 % 1 > 0.45) & (y * 6 % 1 > 0.35)) + 20 * x
    turned = Image.fromarray(wall.astype(np.uint8)).rotate(-degrees, Image.Resampling.BICUBIC)
    half = side // 2
    return np.repeat(np.asarray(turned)[side - half : side + half, side - half : side + half, None], 3, 2)


@pytest.mark.parametrize("degrees", [-30, -12, -3, 0, 5, 20, 38])
def test_a_picture_turned_by_known_degrees_says_so_within_one(degrees):
    picture = Picture(room(degrees), 900, 900)
    assert look(picture)["staging.dutch"] == pytest.approx(degrees, abs=1)


def look(picture, faces=()):
    """What the stage says of a picture on which `faces` were found; None where they are overlooked."""
    values = {field.name: Missing.NOT_APPLICABLE for field in Faces(Settings()).fields()}
    if faces is not None:
        values["face.count"] = len(faces)
    upstream = {
        "faces": [Result(values, {"faces": faces})],
        "light": Light(Settings()).run([picture], {}),
        "composition": Composition(Settings()).run([picture], {}),
    }
    return Shots(Settings()).run([picture], upstream)[0].values


def test_a_picture_without_anybody_has_every_field():
    found = look(Picture(room(0), 900, 900))
    assert set(found) == set(FIELDS)
    assert found["staging.grouping"] == "none"
    assert found["staging.gap"] is Missing.NOT_APPLICABLE
    shares = [found[f"framing.{label}"] for label in heads()["framing"].labels]
    assert sum(shares) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares)


FRAMING = [name for name in FIELDS if name.startswith("framing.")]


def test_a_drawing_whose_faces_are_overlooked_is_not_framed():
    found = look(Picture(room(0), 900, 900), None)
    assert {found[name] for name in FRAMING} == {Missing.ABSTAINED}
    assert found["staging.grouping"] is found["staging.over_shoulder"] is Missing.NOT_APPLICABLE


@pytest.mark.parametrize("spread", [0, 2, 40])
def test_a_blank_picture_shows_nothing_that_could_be_framed(spread):
    pixels = np.random.default_rng(0).integers(128 - spread, 129 + spread, (90, 160, 1), np.uint8).repeat(3, 2)
    states = {isinstance(look(Picture(pixels, 160, 90))[name], Missing) for name in FRAMING if name != "framing.label"}
    assert states == {spread < 10}
    sighted = look(Picture(pixels, 160, 90), [face(0.5, 0.5) | {"score": 0.99}])
    assert isinstance(sighted["framing.medium"], float)


def test_the_framing_abstains_where_no_label_is_likely(monkeypatch):
    picture, both = Picture(room(0), 900, 900), heads()
    best = max(look(picture)[f"framing.{label}"] for label in both["framing"].labels)
    for floor, told in ((best + 0.01, False), (best - 0.01, True)):
        changed = both | {"framing": replace(both["framing"], floor=floor)}
        monkeypatch.setattr("artvision.stages.shots.heads", lambda changed=changed: changed)
        assert isinstance(look(picture)["framing.label"], Missing) is not told


def shoulder_scene(left=False):
    """A face at the left (made rows), and a dark smooth mass at the lower right of a busy picture; or mirrored."""
    random = np.random.default_rng(3)
    pixels = random.integers(60, 200, (360, 640, 3), np.uint8)
    pixels[120:, 420:] = 15
    lead = face(0.3, 0.4, 0.15, 0.35) | {"score": 0.99}
    if left:
        return np.ascontiguousarray(pixels[:, ::-1]), [lead | {"x0": 1 - lead["x1"], "x1": 1 - lead["x0"]}]
    return pixels, [lead]


def test_a_mass_beside_the_face_is_darker_and_smoother_than_the_rest():
    pixels, faces = shoulder_scene()
    found = beside(Pyramid.of(pixels), faces)
    assert found["beside.room"] == pytest.approx(1 - 0.375)
    assert found["beside.light"] < -0.3
    assert found["beside.detail"] < -0.5
    assert found["beside.lower_light"] < 0
    assert (found["beside.faces"], found["beside.second"]) == (1, 0)


def test_a_mirrored_picture_has_the_same_beside():
    scenes = shoulder_scene(), shoulder_scene(left=True)
    plain, mirrored = (beside(Pyramid.of(pixels), faces) for pixels, faces in scenes)
    assert mirrored == pytest.approx(plain, abs=1e-3)


def test_a_doubtful_second_face_changes_nothing():
    pixels, faces = shoulder_scene()
    planes, second = Pyramid.of(pixels), face(0.8, 0.5, 0.1, 0.175)
    assert beside(planes, [*faces, second | {"score": SURE - 0.01}]) == beside(planes, faces)
    sure = beside(planes, [*faces, second | {"score": SURE}])
    assert (sure["beside.faces"], sure["beside.second"]) == (2, pytest.approx(math.log(0.5)))


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.97, 0.98, 1, 1), (0, 0, 0.02, 0.02), (0.4, 0.99, 0.6, 1)])
def test_a_face_anywhere_leaves_finite_numbers(box):
    pixels, _ = shoulder_scene()
    found = beside(Pyramid.of(pixels), [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) | {"score": 1.0}])
    assert np.isfinite(list(found.values())).all()


def test_without_a_face_nothing_lies_beside_it():
    assert beside(Pyramid.of(shoulder_scene()[0]), []) == {}


def test_the_lower_part_of_the_room_is_set_against_the_upper():
    pixels = np.full((360, 640, 3), 200, np.uint8)
    pixels[216:, 320:] = 20  # from 0.6 of the height down
    planes = Pyramid.of(pixels)
    apart = float(planes.lightness.min() - planes.lightness.max()) / 100
    assert beside(planes, shoulder_scene()[1])["beside.lower_light"] == pytest.approx(apart, abs=0.02)


FORMS = [
    ("nobody", "face.count", 0, 1.0),
    ("nobody", "face.count", 2, 0.0),
    ("faces", "beside.faces", 3.0, math.log(3)),
    ("face_height", "face.lead_height", 0.3, math.log(0.3)),
    ("face_height", "face.lead_height", 0.001, math.log(0.005)),  # no detector finds smaller ones
    ("face_height_squared", "face.lead_height", 0.3, math.log(0.3) ** 2),
    ("face_area", "face.total_area", 0.25, 0.5),
    ("face_beside", "face.lead_x", 0.2, 0.3),
    ("face_beside", "face.lead_x", 0.9, 0.4),
    ("face_y", "face.lead_y", 0.9, 0.9),
    ("face_score", "face.lead_score", 0.9, 0.9),
]


@pytest.mark.parametrize(("name", "column", "value", "form"), FORMS)
def test_evidence_has_the_form_in_which_it_was_fitted(name, column, value, form):
    assert EVIDENCE[name]({column: value}) == pytest.approx(form)
    assert EVIDENCE[name]({}) is EVIDENCE[name]({column: Missing.NOT_APPLICABLE}) is None


def test_all_other_evidence_is_the_column_of_its_name():
    columns = [field.name for stage in (Light, Composition) for field in stage(Settings()).fields()]
    columns += list(beside(Pyramid.of(shoulder_scene()[0]), shoulder_scene()[1]))
    values = {column: at + 0.5 for at, column in enumerate(columns)}
    plain = {
        column.replace(".", "_") if column.startswith("beside") else column.split(".")[1]: column for column in columns
    }
    for name in set(EVIDENCE) - {name for name, *_ in FORMS}:
        assert EVIDENCE[name](values) == values[plain[name]], name


COLUMNS = ["face.lead_height", "composition.clutter", "light.contrast", "beside.room"]


@given(st.dictionaries(st.sampled_from(COLUMNS), st.floats(0, 1)))
def test_probabilities_are_shares_of_one_whatever_is_known(values):
    for head in heads().values():
        shares = head.probabilities(values | {"face.count": 1})
        assert (shares >= 0).all()
        assert shares.sum() == pytest.approx(1)


def test_a_larger_face_is_a_closer_framing():
    head = heads()["framing"]
    shares = [head.probabilities({"face.count": 1, "face.lead_height": height}) for height in (0.08, 0.3, 0.7)]
    distance = [share @ np.arange(5) for share in shares]
    assert distance == sorted(distance, reverse=True)


def test_what_is_not_known_says_nothing():
    head = heads()["framing"]
    centre = dict(zip(head.names, head.centre, strict=True))
    column = {"face.count": 1, "composition.clutter": centre["clutter"], "light.contrast": centre["contrast"]}
    assert head.probabilities({"face.count": 1}) == pytest.approx(head.probabilities(column))
    missing = {"face.count": 1, "composition.clutter": Missing.ABSTAINED, "light.contrast": None}
    assert head.probabilities(missing) == pytest.approx(head.probabilities({"face.count": 1}))


def test_where_faces_cannot_be_told_nobody_is_not_the_same_as_unknown():
    head = heads()["framing"]
    unknown = head.probabilities({"face.count": Missing.NOT_APPLICABLE})
    assert unknown == pytest.approx(head.probabilities({}))
    assert unknown != pytest.approx(head.probabilities({"face.count": 0}), abs=0.01)


def test_no_single_column_decides_by_being_absurd():
    head = heads()["framing"]
    at = head.names.index("clutter")
    far, farther = (
        head.probabilities({"face.count": 1, "composition.clutter": head.centre[at] + times * head.spread[at]})
        for times in (4, 6)
    )
    assert far == pytest.approx(farther)


HEAD = """
[head.odd]
labels = ["a", "b"]
floor = 0.5
bias = [0.0, 0.5]
[head.odd.weights]
clutter = {{ centre = 1.0, spread = 2.0, weights = {weights} }}
"""


def test_a_head_is_a_softmax_of_standardised_evidence(tmp_path):
    (tmp_path / "heads.toml").write_text(HEAD.format(weights=[0.0, 3.0]))
    head = read_heads(tmp_path / "heads.toml")["odd"]
    odds = math.exp(0.5 + 3.0 * (2.0 - 1.0) / 2.0)
    told = head.probabilities({"face.count": 0, "composition.clutter": 2.0})
    assert told == pytest.approx([1 / (1 + odds), odds / (1 + odds)])


@pytest.mark.parametrize(
    "text",
    ["", "[head.odd]", "=", HEAD.format(weights=[0.0]), HEAD.format(weights=[0, 1]).replace("clutter", "nonsense")],
)
def test_a_broken_file_of_heads_is_named(tmp_path, text):
    (tmp_path / "heads.toml").write_text(text)
    with pytest.raises(DefinitionError, match=r"heads\.toml cannot be read: .*; reinstall artvision"):
        read_heads(tmp_path / "heads.toml")


def test_the_file_that_comes_with_artvision_fits_the_evidence():
    assert set(heads()) == {"framing", "over_shoulder"}
    for head in heads().values():
        assert set(head.names) <= set(EVIDENCE)
        assert (head.spread > 0).all()
        assert np.isfinite(head.weights).all()


@pytest.fixture(scope="module")
def faces():
    stage = Faces(Settings())
    stage.setup("cpu")
    yield stage
    stage.close()


def upstream_of(faces, pictures):
    """What the stages that `shots` needs say, with real faces."""
    return {stage.name: stage.run(pictures, {}) for stage in (faces, Light(Settings()), Composition(Settings()))}


def seen(faces, pixels, long_side):
    """Values of the stage at a resolution."""
    pixels = resize(pixels, long_side)
    picture = Picture(pixels, pixels.shape[1], pixels.shape[0])
    return Shots(Settings()).run([picture], upstream_of(faces, [picture]))[0].values


@pytest.mark.parametrize("art", ["astronaut", "coffee", "rocket"])
def test_two_resolutions_of_one_picture_agree_within_the_stated_tolerance(faces, art):
    pixels = portrait("astronaut") if art == "astronaut" else getattr(skimage.data, art)()
    first, *others = (seen(faces, pixels, side) for side in (1600, 960, 512))
    for other in others:
        for field, value in first.items():
            if isinstance(value, Missing | str):
                assert value == other[field], field
            else:
                assert abs(value - other[field]) <= FIELDS[field].tolerance, field


@pytest.mark.parametrize(
    ("name", "label", "far"),
    [("bbt1.jpg", "group", 3), ("bbt2.jpg", "three", 3), ("bbt5.jpg", "group", 3), ("longoria-cooper.jpg", "two", 1)],
)
def test_people_on_stills_are_grouped(faces, shared, name, label, far):
    pixels = np.asarray(Image.open(shared / "people" / "groups" / name).convert("RGB"))
    found = seen(faces, pixels, 960)
    assert found["staging.grouping"] == label
    assert found["staging.gap"] < far


def test_mirrored_art_is_staged_alike(faces):
    pixels = portrait("astronaut")
    plain, mirrored = (seen(faces, art, 960) for art in (pixels, np.ascontiguousarray(pixels[:, ::-1])))
    assert mirrored["framing.label"] == plain["framing.label"]
    assert mirrored["staging.over_shoulder"] == pytest.approx(plain["staging.over_shoulder"], abs=0.15)


def test_a_result_is_its_own_pictures_alone(faces):
    art = [portrait("astronaut"), skimage.data.coffee(), shoulder_scene()[0]]
    pictures = [Picture(pixels, pixels.shape[1], pixels.shape[0]) for pixels in art]
    shots, upstream = Shots(Settings()), upstream_of(faces, pictures)
    together = shots.run(pictures, upstream)
    for at, picture in enumerate(pictures):
        own = {name: [found[at]] for name, found in upstream.items()}
        assert shots.run([picture], own) == [together[at]]
    assert set(together[0].values) == set(FIELDS)
    for name, value in ((name, value) for result in together for name, value in result.values.items()):
        assert isinstance(value, Missing | str) or FIELDS[name].low <= value <= FIELDS[name].high


def test_without_its_upstream_one_line_says_what_to_add():
    with pytest.raises(UsageError, match="the stage shots needs light: add light to --stages"):
        stages.create(Settings(stages="faces,shots"))


def test_shots_run_unasked():
    assert "shots" in {stage.name for stage in stages.create(Settings(model="starter"))[1]}
