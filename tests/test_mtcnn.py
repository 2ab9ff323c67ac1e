"""The detector against facenet-pytorch's own on the same pixels, and its parts against torch."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
import skimage.data
import torch
import torch.nn.functional as F  # noqa: N812
from PIL import Image

from artvision.detection import FACTOR, SMALLEST, THRESHOLDS, WEIGHTS, weights
from artvision.detection.boxes import crowded
from artvision.detection.cascade import Cascade
from artvision.detection.found import levels
from artvision.detection.mtcnn import CHUNK, Detector
from artvision.detection.networks import pool
from artvision.detection.pooling import AreaTable
from artvision.errors import WeightsError
from artvision.image import resize

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module", params=[Detector, Cascade])
def detector(request):
    return request.param()


@pytest.fixture(scope="module")
def oracle():
    facenet = pytest.importorskip("facenet_pytorch")
    return facenet.MTCNN(keep_all=True, min_face_size=SMALLEST, thresholds=list(THRESHOLDS), factor=FACTOR)


def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


def hopper() -> np.ndarray:
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        return np.array(image.convert("RGB"))


def collage() -> np.ndarray:
    """Five faces of different sizes, one of them cut by the frame, over a busy photograph."""
    canvas = Image.fromarray(resize(skimage.data.coffee(), 720))
    for side, x, y in ((300, 20, 60), (150, 330, 20), (80, 500, 30), (60, 620, 300)):
        canvas.paste(Image.fromarray(resize(astronaut(), side)), (x, y))
    canvas.paste(Image.fromarray(resize(hopper(), 260)), (380, 260))
    return np.array(canvas)


MADE = {
    "astronaut": lambda: resize(astronaut(), 640),
    "hopper": lambda: resize(hopper(), 480),
    "collage": collage,
    "cut by the frame": lambda: hopper()[90:420, 150:400],
    "nobody": lambda: resize(skimage.data.coffee(), 480),
    "wide strip": lambda: resize(hopper(), 320)[20:180],
    "tiny": lambda: resize(astronaut(), 90),
}


def agree(detector, oracle, pixels):
    """Same faces as facenet-pytorch: boxes at IoU >= 0.95, landmarks within a pixel, scores within 0.001."""
    found = detector.detect([pixels])[0]
    boxes, scores, points = oracle.detect(pixels, landmarks=True)
    if boxes is None:
        assert len(found.boxes) == 0
        return 0
    assert len(found.boxes) == len(boxes)
    for box, score, marks in zip(boxes.astype(np.float32), scores, points.astype(np.float32), strict=True):
        match = np.flatnonzero(crowded(box[None], found.boxes, 0.95)[0])
        assert len(match) == 1
        assert found.scores[match[0]] == pytest.approx(score, abs=1e-3)
        assert found.points[match[0]] == pytest.approx(marks, abs=1)
    return len(boxes)


@pytest.mark.parametrize("name", MADE)
def test_same_faces_as_facenet_pytorch(detector, oracle, name):
    count = agree(detector, oracle, MADE[name]())
    assert count == {"nobody": 0}.get(name, count)
    assert count >= {"collage": 4, "astronaut": 1, "hopper": 1, "cut by the frame": 1}.get(name, 0)


@pytest.mark.parametrize("path", ["groups/bbt3.jpg", "groups/longoria-cooper.jpg", "portraits/clapton-1.jpg"])
def test_same_faces_on_real_stills(detector, oracle, shared, path):
    with Image.open(shared / "people" / path) as image:
        assert agree(detector, oracle, resize(np.array(image.convert("RGB")), 640)) >= 1


def test_the_crowd_next_door_changes_no_byte(detector):
    pictures = [make() for make in MADE.values()]
    alone = [detector.detect([picture])[0] for picture in pictures]
    with ThreadPoolExecutor(2) as threads:
        turned = list(threads.map(lambda picture: detector.detect([picture, pictures[0]])[0], pictures))
    for results in (detector.detect(pictures), detector.detect(pictures[::-1])[::-1], turned):
        for one, other in zip(alone, results, strict=True):
            for name in ("boxes", "scores", "points"):
                assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_stacked_pictures_find_the_same_faces():
    detector, stacked = Detector(), Detector(together=True)
    mirrored = collage()[:, ::-1].copy()
    pictures = [collage(), mirrored, hopper(), np.zeros_like(mirrored)]
    for one, other in zip(detector.detect(pictures), stacked.detect(pictures), strict=True):
        assert one.boxes == pytest.approx(other.boxes, abs=0.05)
        assert one.scores == pytest.approx(other.scores, abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (11, 11), (12, 12), (19, 21), (40, 7)])
@pytest.mark.parametrize("value", [0, 255])
def test_nothing_in_it_is_a_result(detector, shape, value):
    found = detector.detect([np.full((*shape, 3), value, np.uint8)])[0]
    assert (found.boxes.shape, found.scores.shape, found.points.shape) == ((0, 4), (0,), (0, 5, 2))


def test_no_picture_is_no_result(detector):
    assert detector.detect([]) == []


def test_levels_start_at_the_smallest_face_and_end_with_one_window():
    found = levels(540, 960, 20)
    assert found[0] == pytest.approx(0.6)
    assert np.diff(np.log(found)) == pytest.approx(np.log(FACTOR))
    assert 540 * found[-1] >= 12 > 540 * found[-1] * FACTOR
    assert levels(19, 900, 20) == []


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("size", [(24, 40), (59, 80), (7, 11), (60, 90), (1, 1), (75, 100)])
def test_levels_are_area_averages(size):
    pictures = torch.from_numpy(noise(2, 60, 90, 3))
    expected = F.interpolate(pictures.permute(0, 3, 1, 2).double(), size=size, mode="area")
    assert AreaTable(pictures).level(*size) == pytest.approx((expected - 127.5) / 128, abs=1e-6)


@pytest.mark.parametrize("value", [0, 255])
def test_the_largest_cells_do_not_overflow(value):
    pictures = torch.full((1, 960, 960, 3), value, dtype=torch.uint8)
    assert AreaTable(pictures).level(12, 12) == pytest.approx(np.full((1, 3, 12, 12), (value - 127.5) / 128), abs=1e-6)


def test_a_picture_too_large_for_the_table_is_refused():
    with pytest.raises(ValueError, match="2400 × 1600"):
        AreaTable(torch.zeros((1, 1600, 2400, 3), dtype=torch.uint8))


def test_crops_are_area_averages_of_the_right_picture():
    pictures = torch.from_numpy(noise(3, 50, 70, 3))
    boxes = torch.tensor([[0, 0, 70, 50], [3, 4, 40, 9], [69, 49, 70, 50], [10, 0, 34, 24]])
    owner = torch.tensor([2, 0, 1, 2])
    crops = AreaTable(pictures).crops(boxes, owner, 24)
    for crop, (x0, y0, x1, y1), index in zip(crops, boxes.tolist(), owner.tolist(), strict=True):
        cut = pictures[index, y0:y1, x0:x1].permute(2, 0, 1).double()[None]
        assert crop == pytest.approx((F.interpolate(cut, size=(24, 24), mode="area")[0] - 127.5) / 128, abs=1e-6)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("shape", [(4, 5), (9, 9), (22, 21), (10, 3)])
def test_pool_is_torchs(size, shape):
    x = torch.randn(2, 3, *shape).contiguous(memory_format=torch.channels_last)
    assert torch.equal(pool(x, size), F.max_pool2d(x, size, 2, ceil_mode=True))


def test_a_busy_picture_passes_in_chunks(detector, monkeypatch):
    pixels = collage()
    whole = detector.detect([pixels])[0]
    for module in ("mtcnn", "cascade"):
        monkeypatch.setattr(f"artvision.detection.{module}.CHUNK", CHUNK // 8)
    assert detector.detect([pixels])[0].boxes == pytest.approx(whole.boxes, abs=0.01)


@pytest.mark.parametrize("damage", ["missing", "altered", "truncated"])
def test_weights_are_checked_before_they_are_read(tmp_path: Path, damage):
    for name in WEIGHTS:
        shutil.copy(weights.folder() / f"{name}.pt", tmp_path)
    broken = tmp_path / "rnet.pt"
    content = bytearray(broken.read_bytes())
    content[len(content) // 2] ^= 1
    {
        "missing": broken.unlink,
        "altered": lambda: broken.write_bytes(content),
        "truncated": lambda: broken.write_bytes(content[:100]),
    }[damage]()
    with pytest.raises(WeightsError, match=r"rnet\.pt.*pip install .*facenet-pytorch==2\.5\.3"):
        Detector(source=tmp_path)


def test_without_the_package_the_command_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="pip install"):
        weights.folder()
