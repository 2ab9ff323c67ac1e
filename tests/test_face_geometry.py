"""Head geometry in closed form: a head of known shape is turned, projected and read back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from artvision.detection import geometry
from artvision.detection.boxes import BLOCK, crowded, moved, squared, suppress
from artvision.detection.focus import FACE_PIXELS, face_sharpness
from artvision.detection.geometry import NOSE_DEPTH, Face

HEAD = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.5, NOSE_DEPTH], [-0.4, 1, 0.1], [0.4, 1, 0.1]])  # y down, z out


def projected(yaw: float = 0, roll: float = 0, size: float = 40, at: tuple[float, float] = (100, 80)) -> np.ndarray:
    """The head's five points (5, 2) in pixels, turned by `yaw` about the vertical, then by `roll` in the picture."""
    t, r = math.radians(yaw), math.radians(roll)
    x = HEAD[:, 0] * math.cos(t) + HEAD[:, 2] * math.sin(t)
    flat = np.stack([x, HEAD[:, 1]], 1)
    turn = np.array([[math.cos(r), -math.sin(r)], [math.sin(r), math.cos(r)]])
    return flat @ turn.T * size + at


def face(x: float, y: float = 0.5, *, yaw: float | None = 0, height: float = 0.3, width: float = 0.1) -> Face:
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return Face(box, 0.99, ((0.5, 0.5),) * 5, yaw, 0.0, 1.0, 0.1)


@pytest.mark.parametrize("yaw", [-60, -30, -5, 0, 5, 30, 60])
@pytest.mark.parametrize("roll", [-40, 0, 25])
@pytest.mark.parametrize("size", [3, 200])
def test_a_turned_head_is_read_back(yaw, roll, size):
    points = projected(yaw, roll, size)
    assert geometry.yaw(points) == pytest.approx(yaw, abs=1e-6)
    assert geometry.roll(points) == pytest.approx(roll, abs=1e-6)


@pytest.mark.parametrize("yaw", [-50, 10, 45])
def test_a_mirrored_head_turns_the_other_way(yaw):
    points = projected(yaw, 12)
    mirrored = (points * [-1, 1] + [300, 0])[[1, 0, 2, 4, 3]]
    assert geometry.yaw(mirrored) == pytest.approx(-yaw)
    assert geometry.roll(mirrored) == pytest.approx(-12)


def test_eyes_in_one_point_have_no_pose():
    points = np.ones((5, 2))
    assert geometry.yaw(points) == 0
    assert geometry.roll(points) == 0


@pytest.mark.parametrize(
    ("height", "label"),
    [
        (1.0, "extreme_close_up"),
        (0.92, "extreme_close_up"),
        (0.9199, "close_up"),
        (0.6, "close_up"),
        (0.5, "medium_close_up"),
        (0.3, "medium"),
        (0.2, "medium_long"),
        (0.1, "long"),
        (0.0849, "extreme_long"),
        (0.0, "extreme_long"),
    ],
)
def test_shot_scale_follows_the_table(height, label):
    assert geometry.shot_scale(height) == label


def test_shot_scales_fall():
    cuts = [smallest for _, smallest in geometry.SHOT_SCALES]
    assert cuts == sorted(cuts, reverse=True)
    assert cuts[-1] == 0


@pytest.mark.parametrize(("count", "label"), [(1, "one"), (2, "two"), (3, "three"), (4, "group"), (40, "group")])
def test_people(count, label):
    assert geometry.people(count) == label


@pytest.mark.parametrize(("yaw", "score"), [(0, 1), (22.5, 0.5), (-22.5, 0.5), (45, 0), (-80, 0)])
def test_facing_camera(yaw, score):
    assert geometry.facing_camera(yaw) == pytest.approx(score)


def test_prominence_in_closed_form():
    whole, half = (0, 0, 1, 1), (0.25, 0.25, 0.75, 0.75)
    assert geometry.prominence(whole, 1.7) == pytest.approx(1)
    assert geometry.prominence(half, 0.7) == pytest.approx(0.25)
    corner = geometry.prominence((0.999, 0.999, 1, 1), 2.0)
    assert corner == pytest.approx(1e-6 * math.exp(-2), rel=0.01)


@pytest.mark.parametrize("aspect", [0.5, 1, 16 / 9])
def test_prominence_is_the_same_on_all_four_sides(aspect):
    mirrored = [(0.1, 0.2, 0.3, 0.5), (0.7, 0.2, 0.9, 0.5), (0.1, 0.5, 0.3, 0.8), (0.7, 0.5, 0.9, 0.8)]
    values = [geometry.prominence(box, aspect) for box in mirrored]
    assert values == pytest.approx([values[0]] * 4)


@pytest.mark.parametrize(
    ("faces", "score"),
    [
        ([face(0.3, yaw=45), face(0.7, yaw=-45)], 1.0),
        ([face(0.7, yaw=-60), face(0.3, yaw=60)], 1.0),  # the order of the list says nothing
        ([face(0.3, yaw=-45), face(0.7, yaw=45)], 0.0),  # back to back
        ([face(0.3, yaw=45), face(0.7, yaw=45)], 0.0),  # one after the other
        ([face(0.3, yaw=22.5), face(0.7, yaw=-45)], 0.5),  # the weaker turn counts
        ([face(0.3, 0.2, yaw=45), face(0.7, 0.8, yaw=-45)], 0.0),  # one above the other
        ([face(0.3, 0.5, yaw=45), face(0.7, 0.65, yaw=-45)], 0.5),  # half of the height is shared
        ([face(0.2, yaw=0), face(0.5, yaw=45), face(0.8, yaw=-45)], 1.0),  # the best pair of three
        ([face(0.3, yaw=45), face(0.7, yaw=None)], None),
        ([face(0.3, yaw=45)], None),
        ([face(0.5)] * geometry.PAIRED + [face(0.3, yaw=45), face(0.7, yaw=-45)], 0.0),  # two of the crowd behind
    ],
)
def test_facing_each_other(faces, score):
    assert geometry.facing_each_other(faces) == (None if score is None else pytest.approx(score))


def test_face_measures():
    one = face(0.4, 0.6, height=0.2, width=0.1)
    assert (one.height, one.area) == pytest.approx((0.2, 0.02))
    assert one.centre == pytest.approx((0.4, 0.6))


def naive(boxes, scores, limit, of_smaller):
    kept = []
    for index in np.argsort(-scores, kind="stable"):
        if not any(crowded(boxes[[k]], boxes[[index]], limit, of_smaller=of_smaller)[0, 0] for k in kept):
            kept.append(int(index))
    return kept


@pytest.mark.parametrize(("count", "of_smaller"), [(0, False), (1, True), (90, False), (90, True), (BLOCK + 40, False)])
def test_suppression_is_greedy_whatever_the_block(count, of_smaller):
    random = np.random.default_rng(count)
    corner = random.uniform(0, 60, (count, 2))
    boxes = np.concatenate([corner, corner + random.uniform(5, 30, (count, 2))], 1).astype(np.float32)
    scores = random.integers(0, 20, count).astype(np.float32)  # with ties
    assert suppress(boxes, scores, 0.4, of_smaller=of_smaller).tolist() == naive(boxes, scores, 0.4, of_smaller)


@pytest.mark.parametrize(
    ("other", "shared", "of_smaller"),
    [
        ((0, 0, 10, 10), 1.0, False),
        ((5, 0, 15, 10), 1 / 3, False),
        ((10, 0, 20, 10), 0.0, False),
        ((20, 20, 30, 30), 0.0, False),
        ((0, 0, 5, 10), 0.5, False),
        ((0, 0, 4, 10), 1.0, True),
        ((5, 0, 15, 10), 6 / 11, True),
    ],
)
def test_overlap_in_closed_form(other, shared, of_smaller):
    boxes = np.array([(0, 0, 10, 10), other], np.float32)
    assert crowded(boxes[:1], boxes[1:], shared - 0.001, of_smaller=of_smaller)[0, 0]
    assert not crowded(boxes[:1], boxes[1:], shared + 0.001, of_smaller=of_smaller)[0, 0]


def test_box_moves():
    boxes = np.array([[10, 20, 30, 60]], np.float32)
    assert squared(boxes).tolist() == [[0, 20, 40, 60]]
    assert moved(boxes, np.array([[0.5, 0, -0.5, 0.25]], np.float32)).tolist() == [[20, 20, 20, 70]]
    assert moved(boxes, np.full((1, 4), 1, np.float32), grow=1).tolist() == [[31, 61, 51, 101]]
    assert boxes.tolist() == [[10, 20, 30, 60]]


def texture(size: int, contrast: float = 60) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size] / size
    wave = np.sin(2 * np.pi * 6 * x) + np.sin(2 * np.pi * 9 * y)
    return np.repeat(np.round(128 + contrast / 2 * wave).astype(np.uint8)[..., None], 3, 2)


def test_sharpness_ignores_resolution_and_contrast_but_not_blur():
    full = (0, 0, 384, 384)
    sharp = face_sharpness(texture(384), full)
    assert face_sharpness(texture(192), (0, 0, 192, 192)) == pytest.approx(sharp, abs=0.05)
    assert face_sharpness(texture(384, 30), full) == pytest.approx(sharp, rel=0.03)
    rows = np.cumsum(np.pad(texture(384).astype(float), ((32, 0), (0, 0), (0, 0)), "wrap"), 0)
    blurred = ((rows[32:] - rows[:-32]) / 32).astype(np.uint8)
    assert face_sharpness(blurred, full) < 0.8 * sharp
    assert face_sharpness(np.full((60, 60, 3), 9, np.uint8), (0, 0, 60, 60)) == 0


def test_sharpness_of_the_finest_board_is_the_bound():
    y, x = np.mgrid[0:FACE_PIXELS, 0:FACE_PIXELS]
    board = np.repeat((((x + y) % 2) * 200).astype(np.uint8)[..., None], 3, 2)
    assert face_sharpness(board, (0, 0, FACE_PIXELS, FACE_PIXELS)) == pytest.approx(8)
