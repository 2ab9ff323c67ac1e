"""The stage `landmarks` with networks that always answer alike: which faces are looked at, what is not told of them."""

from __future__ import annotations

import numpy as np
import pytest
from test_landmark_geometry import FixedNetwork, MeshNetwork, cluster, row

from artvision.contract import Missing
from artvision.image import Picture
from artvision.landmarks import FACES, PLAIN, SMALLEST, WIDEST
from artvision.landmarks.reading import FaceReader
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.base import Result
from artvision.stages.landmarks import Landmarks

SIDE = 200
SMALL = {**row(), "x1": 0.3 + (SMALLEST - 1) / SIDE}


class Figures:
    """Says of every picture that a quarter of it is people."""

    def share(self, pixels):
        return 0.25


def told(*faces, logit=PLAIN, opening=0.4, points=None):
    """What the stage says of a picture with these rows of `faces`."""
    stage = Landmarks(Settings())
    mesh = MeshNetwork(cluster() if points is None else points, logit)
    stage._faces, stage._figures = FaceReader(mesh, FixedNetwork(opening)), Figures()
    picture = Picture(np.zeros((SIDE, SIDE, 3), np.uint8), SIDE, SIDE)
    (result,) = stage.run([picture], {"faces": [Result({}, {"faces": list(faces)})]})
    return check(stage.fields(), result)


def of_lead(result):
    return {name.partition(".")[2]: value for name, value in result.values.items() if name.startswith("landmark.")}


def test_a_face_that_the_mesh_network_does_not_see_is_not_described():
    result = told(row(), logit=-1.0)
    lead = of_lead(result)
    assert lead.pop("visible") == 0
    assert set(lead.values()) == {Missing.ABSTAINED}
    assert result.columns["face_landmarks"] == []


def test_of_a_lead_face_too_small_nothing_is_told_and_of_the_second_all():
    result = told(SMALL, row())
    assert set(of_lead(result).values()) == {Missing.ABSTAINED}
    assert [found["face"] for found in result.columns["face_landmarks"]] == [1]


def test_without_a_face_nothing_applies_but_the_share_of_people():
    result = told()
    assert set(of_lead(result).values()) == {Missing.NOT_APPLICABLE}
    assert result.values["person.share"] == 0.25


@pytest.mark.parametrize("count", [1, FACES, FACES + 3])
def test_the_leading_faces_of_a_crowd_are_looked_at(count):
    rows = told(*[row()] * count).columns["face_landmarks"]
    assert [found["face"] for found in rows] == list(range(min(count, FACES)))


def test_what_no_face_can_do_is_put_on_the_end_of_its_range():
    points = cluster()
    points[78] = points[308] + [0.1, 0, 0]  # corners of a mouth that all but touch
    lead = of_lead(told(row(), opening=2.0, points=points))
    assert lead["mouth_open"] == WIDEST
    assert lead["eyes_open"] == 1


def test_shut_eyes_look_nowhere_and_all_else_is_told():
    lead = of_lead(told(row(), opening=0.02))
    assert {name for name, value in lead.items() if isinstance(value, Missing)} == {
        "gaze_yaw",
        "gaze_pitch",
        "to_camera",
    }
