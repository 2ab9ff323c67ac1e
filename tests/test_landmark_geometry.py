"""The maths of landmarks in closed form: cuts and the way back, head pose, openings, gaze."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.image import Picture
from artvision.landmarks import PLAIN, ROOM, SHUT
from artvision.landmarks.figure import transposed_convolution
from artvision.landmarks.gaze import DEPTH, OFF, RADIUS, RISE, Gaze, both, gaze
from artvision.landmarks.head import CANONICAL, RIGID, Head, rotation
from artvision.landmarks.opening import eye_openness, mouth_openness, nearer_eye
from artvision.landmarks.reading import EYES, FaceReader, within
from artvision.landmarks.square import Square

angles = st.floats(-1.2, 1.2)


def turn(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Rotation in the picture's axes (x right, y down, z away): nods, then turns, then tilts in the picture."""
    y, p, r = np.radians([yaw, pitch, roll])
    nod = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    side = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    tilt = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return tilt @ side @ nod


def mesh(yaw: float = 0, pitch: float = 0, roll: float = 0, size: float = 9, at=(300.0, 200.0, 0.0)) -> np.ndarray:
    """A mesh whose rigid points are the canonical head, turned; the other points lie anywhere."""
    points = np.random.default_rng(0).uniform(-90, 90, (468, 3))
    points[list(RIGID)] = CANONICAL @ turn(yaw, pitch, roll).T * size
    return points + at


@pytest.mark.parametrize("yaw", [-50, 0, 35])
@pytest.mark.parametrize("pitch", [-30, 0, 20])
@pytest.mark.parametrize("size", [0.4, 30])
def test_a_turned_head_is_read_back(yaw, pitch, size):
    head = Head.of(mesh(yaw, pitch, 0, size))
    assert (head.yaw, head.pitch) == pytest.approx((yaw, pitch), abs=1e-6)


@pytest.mark.parametrize("roll", [-100, -20, 0, 45])
def test_a_tilted_head_is_read_back(roll):
    head = Head.of(mesh(0, 0, roll))
    assert head.roll == pytest.approx(roll, abs=1e-6)
    assert (head.yaw, head.pitch) == pytest.approx((0, 0), abs=1e-6)


def test_the_turn_of_a_mirrored_shape_is_still_a_turn():
    turn_ = rotation(CANONICAL * [-1, 1, 1] + [0, 0.3, 0], CANONICAL)
    assert np.linalg.det(turn_) == pytest.approx(1)


def test_noise_of_the_points_hardly_turns_the_head():
    noisy = mesh(20, 10, -5) + np.random.default_rng(1).normal(0, 1, (468, 3))  # a ninth of a centimetre
    head = Head.of(noisy)
    assert (head.yaw, head.pitch, head.roll) == pytest.approx((20, 10, -5), abs=2)


def test_a_mirrored_head_turns_the_other_way():
    mirrored = mesh(30, 12) * [-1, 1, 1]
    swapped = mirrored.copy()
    for left, right in ((33, 263), (54, 284), (67, 297), (117, 346), (127, 356), (129, 358), (133, 362), (143, 372)):
        swapped[[left, right]] = mirrored[[right, left]]
    head = Head.of(swapped)
    assert (head.yaw, head.pitch) == pytest.approx((-30, 12), abs=1e-6)


@given(
    st.floats(40, 160),
    st.floats(30, 110),
    st.floats(20, 90),
    angles,
    st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
)
def test_a_point_of_the_cut_leads_back_to_where_it_was(x, y, side, angle, place):
    square = Square(x, y, side, angle)
    cos, sin = math.cos(angle), math.sin(angle)
    there = np.array([x, y]) + np.array([[cos, -sin], [sin, cos]]) @ (np.array(place) * side)
    back = square.back(np.array([[(place[0] + 0.5) * 64, (place[1] + 0.5) * 64, 3.0]]), 64)
    assert back[0] == pytest.approx([*there, 3.0 * side / 64])


@pytest.mark.parametrize("angle", [-0.9, 0.0, 0.3])
@pytest.mark.parametrize("side", [60.0, 240.0])
@pytest.mark.parametrize("at", [(160.0, 110.0), (20.0, 190.0)])
def test_a_spot_is_cut_where_the_square_says(angle, side, at):
    y, x = np.mgrid[0:220, 0:320] + 0.5
    spot = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * (side / 24) ** 2))
    pixels = np.repeat((spot * 255).astype(np.uint8)[..., None], 3, 2)
    square = Square(at[0] + side / 10, at[1] - side / 8, side, angle)
    cut = square.cut(pixels, 96)[..., 0].astype(float)
    v, u = np.mgrid[0:96, 0:96] + 0.5
    found = np.array([[(cut * u).sum(), (cut * v).sum()]]) / cut.sum()
    assert square.back(found, 96)[0] == pytest.approx(at, abs=side / 90)


def test_beyond_the_picture_all_is_black():
    cut = Square(0, 50, 80, 0.0).cut(np.full((100, 120, 3), 200, np.uint8), 64)
    assert (cut[:, :31] == 0).all()
    assert (cut[:, 33:] == 200).all()
    assert (Square(-500, 50, 80, 0.2).cut(np.full((100, 120, 3), 200, np.uint8), 64) == 0).all()


def test_the_square_over_a_head_is_level_with_its_eyes():
    box = np.array([[10.0, 20.0], [50.0, 80.0]])
    square = Square.about(box, (np.array([20.0, 40.0]), np.array([40.0, 60.0])), 1.5)
    assert (square.x, square.y, square.side) == (30, 50, 90)
    assert square.angle == pytest.approx(math.pi / 4)


def contour(opening: float) -> np.ndarray:
    """Lids that are an ellipse of width 2 and height 2 × opening; 0 and 8 its corners."""
    lower = np.linspace(math.pi, 0, 9)
    upper = np.linspace(math.pi, 0, 9)[1:8]
    x, y = np.cos([*lower, *upper]), np.sin([*lower, *(-upper)])
    return np.stack([x, y * opening], 1)


@pytest.mark.parametrize("opening", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_an_eye_is_as_open_as_its_lids_are_apart(opening, angle):
    turned = contour(opening) @ np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * 30
    assert eye_openness(turned) == pytest.approx(opening * math.sin(math.pi * 3 / 8), rel=1e-6)


def test_a_mouth_is_as_open_as_its_lips_are_apart():
    points = np.zeros((468, 3))
    points[78], points[308] = (-2, 0, 0), (2, 0, 1)
    for above, below in ((81, 178), (13, 14), (311, 402)):
        points[above], points[below] = (0, -0.5, 0), (0, 0.5, 0)
    assert mouth_openness(points) == pytest.approx(0.25)
    assert mouth_openness(np.zeros((468, 3))) == 0


@pytest.mark.parametrize(("yaw", "share"), [(0, 0.5), (15, 0.75), (30, 1), (80, 1), (-30, 0), (-15, 0.25)])
def test_the_nearer_eye_counts_more(yaw, share):
    assert nearer_eye(yaw) == pytest.approx(share)


def eye(head: np.ndarray, look: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners (2, 3) and iris (2,) of an eye of width 1 in a head turned by `head`, that looks along `look`."""
    corners = np.array([[-0.5, 0, 0], [0.5, 0, 0]]) @ head.T
    ball = head @ [0, -RISE, DEPTH]
    return corners, (ball + RADIUS * look)[:2]


@pytest.mark.parametrize("yaw", [-35, 0, 20])
@pytest.mark.parametrize("pitch", [-15, 0, 10])
@pytest.mark.parametrize(("across", "up"), [(0, 0), (20, 0), (-25, 10), (0, -15)])
def test_a_look_is_read_back_however_the_head_is_turned(yaw, pitch, across, up):
    head = turn(yaw, pitch, 0)
    a, u = np.radians([across, up])
    look = np.array([math.sin(a), -math.sin(u), -math.sqrt(1 - math.sin(a) ** 2 - math.sin(u) ** 2)])
    found = gaze(*eye(head, look), Head(head))
    assert (found.yaw, found.pitch) == pytest.approx((across, up), abs=1e-6)
    off = math.degrees(math.acos(-look[2]))
    assert found.to_camera == pytest.approx(max(0, 1 - off / OFF), abs=1e-6)


def test_an_eye_without_width_looks_ahead():
    assert gaze(np.zeros((2, 3)), np.ones(2), Head(np.eye(3))) == Gaze(0, 0)


def test_two_eyes_look_between_their_looks():
    assert both(Gaze(0.2, 0), Gaze(0.4, 0.1), 0.25) == pytest.approx(Gaze(0.35, 0.075))


class FixedNetwork:
    """Gives the same outputs whatever it sees: the whole contour at one height above and below the eye's middle."""

    def __init__(self, opening: float) -> None:
        lids = contour(opening) * 20 + 32
        self.outputs = [np.pad(lids, ((0, 55), (0, 1))).ravel(), np.array([32.0, 32.0, 0.0] * 5)]

    def __call__(self, pixels: np.ndarray) -> list[np.ndarray]:
        return self.outputs


def eyes_of(left_at, right_at, opening=0.4):
    """What is read of eyes 20 pixels wide, with their middles there, in a picture of 200 × 100."""
    points = mesh()
    for middle, (start, end) in zip((left_at, right_at), EYES, strict=True):
        points[start], points[end] = (middle[0] - 10, middle[1], 0), (middle[0] + 10, middle[1], 0)
    reader = FaceReader(FixedNetwork(opening), FixedNetwork(opening))
    return reader.eyes(np.zeros((100, 200, 3), np.uint8), points, Head(np.eye(3)))


def test_eyes_in_the_frame_are_read_and_those_beyond_it_are_not_guessed():
    opened, look = eyes_of((60, 50), (120, 50))
    assert opened == pytest.approx(0.4 * math.sin(math.pi * 3 / 8))
    assert look is not None
    assert eyes_of((60, -5), (120, -5)) == (None, None)
    assert eyes_of((5, 50), (120, 50))[0] == pytest.approx(opened)  # one eye is enough


def test_eyes_that_are_shut_look_nowhere():
    opened, look = eyes_of((60, 50), (120, 50), opening=0.05)
    assert opened < SHUT
    assert look is None


class MirrorNetwork(FixedNetwork):
    """Keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__(0.4)
        self.shown: list[np.ndarray] = []

    def __call__(self, pixels: np.ndarray) -> list[np.ndarray]:
        self.shown.append(np.array(pixels))
        return self.outputs


def test_the_network_of_the_left_eye_is_shown_the_right_one_mirrored():
    iris, half = MirrorNetwork(), np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    points = mesh()
    for middle, (start, end) in zip((60, 140), EYES, strict=True):
        points[start], points[end] = (middle - 10, 50, 0), (middle + 10, 50, 0)
    FaceReader(iris, iris).eyes(np.concatenate([half, half[:, ::-1]], 1), points, Head(np.eye(3)))
    left, right = (seen.astype(int) for seen in iris.shown)
    assert np.abs(left - right).mean() < 3 < np.abs(left - right[:, ::-1]).mean()


class MeshNetwork:
    """Sees each point of the mesh at the same place of the cut, whatever it shows."""

    def __init__(self, points: np.ndarray, logit: float = PLAIN) -> None:
        self.outputs = [points.ravel(), np.array([logit])]

    def __call__(self, pixels: np.ndarray) -> list[np.ndarray]:
        return self.outputs


def cluster() -> np.ndarray:
    """Points of a mesh in the upper left part of a cut of 192."""
    return np.random.default_rng(0).uniform(20, 90, (468, 3))


def row(y0: float = 0.2, y1: float = 0.8) -> dict[str, object]:
    return {"x0": 0.3, "y0": y0, "x1": 0.7, "y1": y1, "points": [0.4, 0.4, 0.6, 0.4] + [0.5] * 6}


def test_the_mesh_is_cut_out_a_second_time_by_the_first():
    points, pixels = cluster(), np.zeros((200, 200, 3), np.uint8)
    box = np.array([[60.0, 40.0], [140.0, 160.0]])
    first = Square.about(box, (np.array([80.0, 80.0]), np.array([120.0, 80.0])), ROOM).back(points, 192)
    second = Square.about(first, (first[33, :2], first[263, :2]), ROOM).back(points, 192)
    found, logit = FaceReader(MeshNetwork(points), FixedNetwork(0.4)).points(pixels, row())
    assert found == pytest.approx(second)
    assert logit == PLAIN


@pytest.mark.parametrize(("logit", "visible"), [(-3, 0), (0, 0), (PLAIN / 2, 0.5), (2 * PLAIN, 1)])
def test_a_face_is_as_visible_as_the_network_is_sure(logit, visible):
    reader = FaceReader(MeshNetwork(cluster(), logit), FixedNetwork(0.4))
    assert reader.look(Picture(np.zeros((200, 200, 3), np.uint8), 200, 200), row()).visible == visible


def test_a_mouth_beyond_the_frame_is_not_guessed():
    points = cluster()
    reader = FaceReader(MeshNetwork(points), FixedNetwork(0.4))
    picture = Picture(np.zeros((200, 200, 3), np.uint8), 200, 200)
    assert reader.look(picture, row()).mouth_open == pytest.approx(
        mouth_openness(reader.points(picture.pixels, row())[0])
    )
    assert reader.look(picture, row(-0.9, -0.3)).mouth_open is None


@pytest.mark.parametrize(("point", "inside"), [((0, 0), True), ((200, 100), True), ((-1, 5), False), ((9, 101), False)])
def test_a_point_is_within_the_picture_or_not(point, inside):
    assert within(np.zeros((100, 200, 3), np.uint8), np.array([point, (5, 5)], float)) is inside


def test_a_head_seen_from_behind_is_turned_no_further_than_a_profile():
    assert Head.of(mesh(150)).yaw == 90
    assert Head.of(mesh(-150)).yaw == -90


def test_each_cell_of_a_transposed_convolution_becomes_a_window():
    random = np.random.default_rng(2)
    features, kernel = random.normal(size=(3, 4, 5)), random.normal(size=(2, 2, 5))
    found = transposed_convolution(features, kernel, np.array([0.5]))
    assert found.shape == (6, 8)
    for y, x in np.ndindex(6, 8):
        assert found[y, x] == pytest.approx(features[y // 2, x // 2] @ kernel[y % 2, x % 2] + 0.5)
