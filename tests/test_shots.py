"""How shots are staged: grouping, gaps, a turned camera, and the head that names the framing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from artvision.contract import Missing
from artvision.image import Picture
from artvision.settings import Settings
from artvision.shots.camera import AGREE, CLEAR, dutch
from artvision.shots.grouping import CROWD, FAR, gap, grouping
from artvision.shots.head import heads
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
        (15.0, 0.5, [14.0, -60.0, 16.0], 15.0),  # one who lies among two who stand
    ],
)
def test_a_camera_is_turned_where_edges_and_people_are(tilt, axes, rolls, turn):
    assert dutch(tilt, axes, rolls) == turn


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
    """What the stage says of a picture on which `faces` were found."""
    values = {field.name: Missing.NOT_APPLICABLE for field in Faces(Settings()).fields()} | {"face.count": len(faces)}
    upstream = {
        "faces": [Result(values, {"faces": list(faces)})],
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


def test_the_framing_abstains_where_no_label_is_likely(monkeypatch):
    picture, both = Picture(room(0), 900, 900), heads()
    best = max(look(picture)[f"framing.{label}"] for label in both["framing"].labels)
    for floor, told in ((best + 0.01, False), (best - 0.01, True)):
        changed = both | {"framing": replace(both["framing"], floor=floor)}
        monkeypatch.setattr("artvision.stages.shots.heads", lambda changed=changed: changed)
        assert isinstance(look(picture)["framing.label"], Missing) is not told
