"""The stage `landmarks` with its real networks, where they are installed, on two public-domain portraits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image
from sightings import portrait
from skimage.data import coffee

from artvision import Settings, extract, stages
from artvision.contract import Missing, Privacy
from artvision.errors import UsageError, WeightsError
from artvision.image import Picture, resize
from artvision.landmarks import MODEL, SMALLEST
from artvision.stages.faces import Faces
from artvision.stages.landmarks import Landmarks, shorter_side
from artvision.weights import State, get_model, inspect

FIELDS = {field.name: field for field in Landmarks(Settings()).fields()}
NAMES = [name for name in FIELDS if name.startswith("landmark.")]
ABSENT = [name for name in ("ai_edge_litert", "mediapipe") if find_spec(name) is None]
needs_networks = pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)} (extra people)")


@pytest.fixture(scope="module")
def both():
    """The stages `faces` and `landmarks`, ready."""
    pair = Faces(Settings()), Landmarks(Settings(stages="faces,landmarks"))
    for stage in pair:
        stage.setup("cpu")
    yield pair
    for stage in pair:
        stage.close()


def picture(pixels, long_side=None):
    pixels = resize(pixels, long_side) if long_side else np.ascontiguousarray(pixels)
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def look(both, pixels, long_side=None):
    faces, landmarks = both
    shown = picture(pixels, long_side)
    return landmarks.run([shown], {"faces": faces.run([shown], {})})[0]


@cache
def side_by_side():
    """Two portraits beside one another, and nobody below."""
    canvas = np.full((700, 1200, 3), 60, np.uint8)
    for name, left in (("astronaut", 20), ("grace_hopper", 640)):
        shown = resize(portrait(name), 540)
        canvas[20 : 20 + shown.shape[0], left : left + shown.shape[1]] = shown
    return canvas


@needs_networks
class TestWithNetworks:
    @pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
    def test_a_portrait_has_open_eyes_and_looks_this_way(self, both, name):
        found = look(both, portrait(name)).values
        assert found["landmark.visible"] > 0.6
        assert 0.15 < found["landmark.eyes_open"] < 0.5
        assert abs(found["landmark.pitch"]) < 25
        assert found["landmark.to_camera"] > 0.4

    def test_a_laughing_mouth_is_open_and_a_closed_one_is_not(self, both):
        assert look(both, portrait("astronaut")).values["landmark.mouth_open"] > 0.08
        assert look(both, portrait("grace_hopper")).values["landmark.mouth_open"] < 0.08

    @pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
    def test_mirrored_art_has_mirrored_numbers(self, both, name):
        plain, mirrored = (look(both, art).values for art in (portrait(name), portrait(name)[:, ::-1]))
        for field in ("yaw", "roll", "gaze_yaw"):
            assert mirrored[f"landmark.{field}"] == pytest.approx(-plain[f"landmark.{field}"], abs=6), field
        for field in ("pitch", "gaze_pitch"):
            assert mirrored[f"landmark.{field}"] == pytest.approx(plain[f"landmark.{field}"], abs=6), field
        for field in ("eyes_open", "mouth_open"):
            assert mirrored[f"landmark.{field}"] == pytest.approx(plain[f"landmark.{field}"], abs=0.05), field
        assert mirrored["person.share"] == pytest.approx(plain["person.share"], abs=0.02)

    @pytest.mark.parametrize("degrees", [-20, 20])
    def test_roll_follows_a_turned_picture_and_the_rest_stays(self, both, degrees):
        art = Image.fromarray(portrait("grace_hopper"))
        plain = look(both, portrait("grace_hopper")).values
        turned = look(both, np.asarray(art.rotate(-degrees, Image.Resampling.BICUBIC))).values
        assert turned["landmark.roll"] == pytest.approx(plain["landmark.roll"] + degrees, abs=4)
        assert turned["landmark.eyes_open"] == pytest.approx(plain["landmark.eyes_open"], abs=0.05)

    @pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
    @pytest.mark.parametrize("long_side", [480, 800, 1600])
    def test_two_resolutions_of_the_same_art_agree(self, both, name, long_side):
        first, other = (look(both, portrait(name), side).values for side in (960, long_side))
        for field, value in first.items():
            assert abs(value - other[field]) <= FIELDS[field].tolerance, field

    @pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
    @pytest.mark.parametrize("rows", [(0.1, 0.5), (0.5, 1.1)], ids=["eyes", "mouth"])
    def test_a_covered_face_is_less_visible(self, both, name, rows):
        faces, landmarks = both
        pixels = portrait(name).copy()
        found = faces.run([picture(pixels)], {})
        face = found[0].columns["faces"][0]
        height, width = pixels.shape[:2]
        y0, high = face["y0"] * height, (face["y1"] - face["y0"]) * height
        top, bottom = (int(y0 + share * high) for share in rows)
        left, right = int(face["x0"] * width), int(face["x1"] * width)
        plain = landmarks.run([picture(pixels)], {"faces": found})[0].values
        pixels[top:bottom, left:right] = resize(coffee(), right - left)[:1, :1]
        covered = landmarks.run([picture(pixels)], {"faces": found})[0].values
        assert plain["landmark.visible"] > 0.6
        assert covered["landmark.visible"] < plain["landmark.visible"] - 0.2

    def test_nobody_has_no_landmarks_and_no_figure(self, both):
        found = look(both, np.full((300, 500, 3), 90, np.uint8))
        assert {found.values[name] for name in NAMES} == {Missing.NOT_APPLICABLE}
        assert found.values["person.share"] < 0.1
        assert found.columns["face_landmarks"] == []

    def test_a_portrait_is_mostly_figure(self, both):
        assert 0.3 < look(both, portrait("grace_hopper")).values["person.share"] < 0.8

    def test_a_small_face_abstains(self, both):
        found = look(both, resize(portrait("astronaut"), 100))
        assert {found.values[name] for name in NAMES} == {Missing.ABSTAINED}
        assert SMALLEST > 100 * 0.2

    def test_ten_portraits_look_into_the_camera_with_open_eyes(self, both, shared):
        paths = sorted((shared / "people" / "portraits").iterdir())
        found = [look(both, np.asarray(Image.open(path).convert("RGB"))).values for path in paths]
        assert all(values["landmark.eyes_open"] > 0.2 for values in found)
        assert all(values["landmark.visible"] > 0.5 for values in found)
        assert sum(values["landmark.to_camera"] > 0.5 for values in found) >= 9

    def test_each_face_has_its_row(self, both):
        rows = look(both, side_by_side()).columns["face_landmarks"]
        assert sorted(row["face"] for row in rows) == [0, 1]
        assert set(rows[0]) == {"face"} | {name.split(".")[1] for name in NAMES}

    def test_neighbours_order_and_threads_change_no_byte(self, both):
        faces, landmarks = both
        art = [side_by_side(), portrait("astronaut"), np.full((90, 90, 3), 7, np.uint8), portrait("grace_hopper")]
        found = faces.run([picture(pixels) for pixels in art], {})

        def run(at):
            return landmarks.run([picture(art[i]) for i in at], {"faces": [found[i] for i in at]})

        alone = [run([at])[0] for at in range(4)]
        assert run([0, 1, 2, 3]) == alone
        assert run([3, 2, 1, 0]) == alone[::-1]
        with ThreadPoolExecutor(3) as threads:
            assert list(threads.map(lambda at: run([at])[0], [0, 1, 2, 3] * 2)) == alone * 2

    def test_a_run_writes_class_person(self, tmp_path):
        Image.fromarray(portrait("astronaut")).save(tmp_path / "a.png")
        run = extract(tmp_path / "a.png", tmp_path / "run", Settings(stages="faces,landmarks")).run
        schema = run.table().schema
        for name in (*NAMES, "face_landmarks", "status.landmarks"):
            assert schema.field(name).metadata[b"privacy"] == b"person", name

    def test_weights_are_in_the_package_and_altered_ones_are_refused(self, monkeypatch):
        assert inspect(get_model(MODEL), fresh=True) is State.BUNDLED
        monkeypatch.setattr("artvision.weights.known_hash", lambda path, fresh=False: "0" * 64)
        with pytest.raises(WeightsError, match="mediapipe were altered"):
            Landmarks(Settings(stages="faces,landmarks")).setup("cpu")

    def test_the_library_prints_nothing(self, both, capfd):
        look(both, portrait("astronaut"))
        assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("absent", "message"),
    [
        ("ai-edge-litert", r"needs ai-edge-litert: pip install 'artvision\[people\]'"),
        ("mediapipe", r"weights .*: pip install --force-reinstall --no-deps mediapipe==0\.10\.21"),
    ],
)
def test_what_is_not_installed_is_one_line_with_the_command(monkeypatch, absent, message):
    def found(name):
        if name == absent:
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr("artvision.stages.landmarks.version", found)
    with pytest.raises(UsageError, match=message):
        Landmarks(Settings(stages="faces,landmarks")).fingerprint()


def test_all_leaves_landmarks_out_and_naming_them_brings_them():
    def chosen(wanted):
        return {stage.name for stage in stages.create(Settings(stages=wanted, model="starter"))[1]}

    assert "landmarks" not in chosen("all")
    assert chosen("all,landmarks") == chosen("all") | {"landmarks"}


def test_everything_of_landmarks_is_of_class_person():
    stage = Landmarks(Settings())
    assert {item.privacy for item in (*stage.fields(), *stage.columns())} == {Privacy.PERSON}


@pytest.mark.parametrize(
    ("width", "height", "copy", "side"),
    [(960, 640, 960, 96), (1920, 1280, 960, 96), (1920, 1280, 1920, 96), (480, 320, 480, 48), (4000, 1000, 2048, 48)],
)
def test_a_face_is_as_large_as_at_the_side_that_is_searched_whatever_the_working_copy(width, height, copy, side):
    shown = Picture(np.zeros((height * copy // width, copy, 3), np.uint8), width, height)
    face = {"x0": 0.1, "x1": 0.1 + 96 / 960, "y0": 0.2, "y1": 0.4}
    assert shorter_side(shown, face) == pytest.approx(side)
