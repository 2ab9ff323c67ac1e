"""The second look: faces that fill the frame are found, nothing else is, and no neighbour changes a byte."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import skimage.data
from PIL import Image
from sightings import portrait

from artvision.detection import FILLING, SECOND_SCORE, SMALLEST
from artvision.detection.filling import copy_side, look_again
from artvision.detection.mtcnn import Detections, Detector
from artvision.detection.reading import find_faces, search_side
from artvision.image import FACE_SIDE, Picture, resize

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def detector():
    return Detector()


FACES = {"astronaut": (178, 59, 268, 176), "hopper": (169, 119, 350, 338)}  # boxes in pixels, seen by eye


def crop(name: str, fill: float, aspect: float) -> tuple[Picture, np.ndarray]:
    """A window of width / height `aspect` about a face `fill` times as high as its short side, and its corners."""
    x0, y0, x1, y1 = FACES[name]
    short = (y1 - y0) / fill
    half = np.array([max(1, aspect), max(1, 1 / aspect)]) * short / 2
    left, top, right, bottom = np.round([(x0 + x1) / 2, (y0 + y1) / 2] * 2 + np.array([*-half, *half])).astype(int)
    pixels = np.ascontiguousarray(portrait(name)[top:bottom, left:right])
    return Picture(pixels, pixels.shape[1], pixels.shape[0]), np.array([left, top, right, bottom])


def ordinary(detector, batch):
    searched = [picture.at(search_side(picture)) for picture in batch]
    return searched, detector.detect(searched)


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("aspect", [0.7, 1, 1.78])
@pytest.mark.parametrize("fill", [1, 1.3, 1.5, 1.8])
def test_tight_crops_have_their_face(detector, name, fill, aspect):
    picture, (left, top, right, bottom) = crop(name, fill, aspect)
    (face,) = find_faces(detector, [picture])[0]
    assert face.score >= SECOND_SCORE
    expected = (np.array(FACES[name]) - [left, top, left, top]) / ([right - left, bottom - top] * 2)
    assert face.box == pytest.approx(expected.clip(0, 1), abs=0.18 * fill / min(aspect, 1 / aspect) ** 0.5)
    assert abs(face.yaw) < 10


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("aspect", [0.7, 1, 1.78])
def test_the_first_look_alone_misses_them(detector, name, aspect):
    searched, found = ordinary(detector, [crop(name, 1.8, aspect)[0]])
    assert not len(found[0].boxes)
    (whole,) = look_again(detector, [crop(name, 1.8, aspect)[0]], searched, found)
    assert (whole.boxes.dtype, whole.scores.dtype, whole.points.dtype) == (np.float32,) * 3
    assert (whole.boxes.shape, whole.scores.shape, whole.points.shape) == ((1, 4), (1,), (1, 5, 2))


def ground(name: str) -> np.ndarray:
    y, x = np.mgrid[0:300, 0:400]
    grey = {
        "noise": np.random.default_rng(7).integers(0, 256, (300, 400)),
        "soft noise": resize(np.random.default_rng(7).integers(0, 256, (9, 12, 3), dtype=np.uint8), 400)[..., 0],
        "gradient": x * 255 // 399,
        "circle": 255 * np.clip(1 - np.hypot(x - 200, y - 150) / 200, 0, 1),
        "fine board": 255 * ((x // 4 + y // 4) % 2),
        "coarse board": 255 * ((x // 100 + y // 100) % 2),
        "black": x * 0,
        "bars": 255 * (x // 40 % 2),
    }[name]
    return np.repeat(grey.astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize(
    "name", ["noise", "soft noise", "gradient", "circle", "fine board", "coarse board", "black", "bars"]
)
def test_patterns_gain_no_face(detector, name):
    for pixels in (ground(name), ground(name)[:, :180].copy(), 255 - ground(name)):
        picture = Picture(pixels, pixels.shape[1], pixels.shape[0])
        searched, found = ordinary(detector, [picture])
        assert look_again(detector, [picture], searched, found)[0] is found[0]


@pytest.mark.parametrize("pixels", [skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket()])
def test_photographs_of_nobody_gain_no_face(detector, pixels):
    assert find_faces(detector, [Picture(pixels, pixels.shape[1], pixels.shape[0])]) == [[]]


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (12, 12), (8, 300), (1, 3000)])
def test_strips_and_specks_are_looked_at_too(detector, shape):
    assert find_faces(detector, [Picture(np.full((*shape, 3), 99, np.uint8), shape[1], shape[0])]) == [[]]


@pytest.mark.parametrize(
    ("size", "side"), [((1920, 1080), 114), ((600, 900), 96), ((64, 64), 64), ((10, 10), 40), ((3000, 30), FACE_SIDE)]
)
def test_the_copy_has_one_short_side(size, side):
    assert copy_side(Picture(np.zeros((1, 1, 3), np.uint8), *size)) == side


class Told:
    """A detector that says what it was told to and remembers what it was asked."""

    def __init__(self, *answers: Detections) -> None:
        self.answers = answers
        self.asked: list[tuple[tuple[int, ...], int]] = []

    def detect(self, pictures, *, smallest=SMALLEST):
        self.asked += [(picture.shape, smallest) for picture in pictures]
        return list(self.answers[: len(pictures)])


def detections(*faces: tuple[float, float, float, float, float]) -> Detections:
    """Faces of x0, y0, x1, y1 and score, all points in the corner."""
    rows = np.array(faces, np.float32).reshape(-1, 5)
    return Detections(rows[:, :4], rows[:, 4], np.repeat(rows[:, None, :2], 5, 1))


SQUARE = Picture(np.zeros((640, 640, 3), np.uint8), 640, 640)
LARGE = (38 + 4, 38 + 4, 38 + 60, 38 + 60)  # in the framed copy: 40 to 600 of the picture


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], (*LARGE, 0.96), [0.96]),
        ([], (*LARGE, 0.94), []),
        ([], (38, 38, 38 + 64, 38 + 25, 0.99), []),  # not high enough
        ([(200, 200, 280, 300, 0.91)], (*LARGE, 0.99), [0.99]),  # a mistaken one inside
        ([(200, 200, 280, 300, 0.999)], (*LARGE, 0.99), [0.999]),
        ([(0, 0, 80, 100, 0.91)], (*LARGE, 0.99), [0.99, 0.91]),  # a neighbour, partly hidden
        ([(300, 300, 500, 557, 0.95)], (*LARGE, 0.99), [0.95]),  # high enough: not asked again
        ([(0, 0, 80, 100, 0.91)], (*LARGE, 0.94), [0.91]),
    ],
)
def test_finds_of_both_looks_are_joined(first, second, expected):
    told = Told(detections(second))
    found = detections(*first)
    (whole,) = look_again(told, [SQUARE], [SQUARE.pixels], [found])
    assert whole.scores.tolist() == pytest.approx(expected)
    assert len(told.asked) == (0 if expected == [0.95] else 1)
    if expected[0:1] == [second[4]]:
        assert whole.boxes[0].tolist() == [40, 40, 600, 600]
        assert whole.points[0].tolist() == [[40, 40]] * 5


def test_the_copy_is_framed_and_only_large_faces_are_sought():
    wide = Picture(np.zeros((400, 800, 3), np.uint8), 800, 400)
    told = Told(detections((38 + 32, 38, 38 + 96, 38 + 64, 0.99)))
    searched = np.zeros((200, 400, 3), np.uint8)
    (whole,) = look_again(told, [wide], [searched], [detections()])
    assert told.asked == [((64 + 76, 128 + 76, 3), int(FILLING * 64))]
    assert whole.boxes.tolist() == [[100, 0, 300, 200]]


def test_neighbours_order_and_threads_change_no_byte(detector):
    def fresh():
        tight = [crop(name, 1.8, aspect)[0] for name in FACES for aspect in (1, 1.78)]
        return [*tight, crop("hopper", 1, 1)[0], Picture(ground("gradient"), 400, 300)]

    alone = [find_faces(detector, [picture])[0] for picture in fresh()]
    assert [len(faces) for faces in alone] == [1, 1, 1, 1, 1, 0]
    assert find_faces(detector, fresh()) == alone
    assert find_faces(detector, fresh()[::-1]) == alone[::-1]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda picture: find_faces(detector, [picture])[0], fresh())) == alone


def test_a_landmark_beyond_the_frame_gives_no_yaw(detector):
    pixels = portrait("hopper")[119:230, 169:350].copy()  # forehead to the bridge of the nose
    (face,) = find_faces(detector, [Picture(pixels, pixels.shape[1], pixels.shape[0])])[0]
    assert face.yaw is None
    assert all(0 <= coordinate <= 1 for point in face.points for coordinate in point)


def test_tight_crops_of_people_have_their_face(detector, shared):
    for path in sorted((shared / "people" / "cast").glob("*/*5.png")):
        with Image.open(path) as image:
            pixels = np.array(image.convert("RGB"))
        (face,) = find_faces(detector, [Picture(pixels, pixels.shape[1], pixels.shape[0])])[0]
        assert face.height > 0.7, path.name
