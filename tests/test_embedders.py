"""The two embedders: dlib with its real weights, facenet with random ones of the true architecture."""

from __future__ import annotations

import importlib.util
import sys
import threading
from dataclasses import replace
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import torch
from PIL import Image
from sightings import BOXES, EDGES, cropped, portrait, sighting

from artvision import weights
from artvision.cache import hash_file
from artvision.errors import UsageError, WeightsError
from artvision.recognition import facenet
from artvision.recognition.dlib_embedder import cut_out
from artvision.recognition.embedder import MAKES, Sighting, get_make, library_versions, load, scores
from artvision.weights import State, inspect, read_manifest, require

pytestmark = pytest.mark.usefixtures("one_thread")

CLASSES = 8631  # people of VGGFace2's training set, whom the published file can name


def smaller(share):
    return lambda pixels: np.asarray(Image.fromarray(pixels).reduce(round(1 / share)))


CHANGES = {
    "half size": smaller(1 / 2),
    "darker": lambda pixels: (pixels * 0.5).astype(np.uint8),
    "grey": lambda pixels: np.repeat(pixels.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
}


@pytest.fixture(scope="module")
def dlib():
    return load(get_make("dlib"), "cpu")


def published_state():
    """Random weights under the names and shapes of the published file."""
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(0)
    return InceptionResnetV1(pretrained=None, classify=True, num_classes=CLASSES).state_dict()


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """A manifest entry whose file lies in a cache folder, as `models fetch` leaves it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARTVISION_CACHE", str(tmp_path_factory.mktemp("facenet")))
        model = read_manifest()["facenet-vggface2"]
        path = model.folder / model.files[0].name
        path.parent.mkdir(parents=True)
        torch.save(published_state(), path)
        model = replace(model, files=(replace(model.files[0], sha256=hash_file(path)),))
        patch.setattr(facenet, "get_model", lambda name: {model.id: model}[name])
        yield model


@pytest.fixture(scope="module")
def face_net(fetched):
    return load(get_make("facenet"), "cpu")


@pytest.fixture(params=["dlib", "facenet"])
def either(request):
    return request.getfixturevalue({"dlib": "dlib", "facenet": "face_net"}[request.param])


def test_makes_are_what_the_manifest_says():
    models = read_manifest()
    for name, make in MAKES.items():
        assert (make.name, make.width) == (name, models[make.model].dims)
        assert models[make.model].kind == "recognition"
        assert 0 < make.margin < make.threshold < 1
        assert make.source
        assert make.measured
    with pytest.raises(UsageError, match="did you mean facenet"):
        get_make("facnet")


def test_scores_in_closed_form():
    one = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32)
    other = np.array([[1, 0], [-1, 0], [3, 4]], dtype=np.float32)
    root = np.sqrt(0.5)
    np.testing.assert_allclose(scores(one, other)[0], [1, 0, 0], atol=1e-7)
    np.testing.assert_allclose(scores(one, one[:2]), [[1, 1 - root], [1 - root, 1], [0.5, 0.5]], atol=1e-7)
    assert scores(one[:0], other).shape == (0, 3)
    assert scores(one, other)[1:2, 2:].tobytes() == scores(one[1:2], other[2:]).tobytes()


def test_a_template_is_the_same_bytes_in_any_company(either):
    faces = [
        sighting("astronaut"),
        sighting("grace_hopper"),
        cropped("astronaut", 0),
        sighting("astronaut", box=EDGES[2]),
    ]
    faces += [sighting("grace_hopper", box=EDGES[0])]
    alone = [either.embed([face])[0].tobytes() for face in faces]
    assert len(set(alone)) == len(faces)
    for order in ([0, 1, 2, 3, 4], [4, 2, 0], [3, 1]):
        rows = either.embed([faces[index] for index in order])
        assert rows.dtype == np.float32
        assert rows.shape == (len(order), either.make.width)
        assert [row.tobytes() for row in rows] == [alone[index] for index in order]
    assert either.embed([]).shape == (0, either.make.width)


def test_a_template_is_the_same_bytes_in_threads(either):
    faces = [sighting("astronaut"), sighting("grace_hopper")]
    expected, found = either.embed(faces).tobytes(), []
    threads = [threading.Thread(target=lambda: found.append(either.embed(faces).tobytes())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


@pytest.mark.parametrize("box", EDGES)
def test_any_box_has_a_finite_template_and_pixels_stay_as_they_were(either, box):
    face = sighting("astronaut", lambda pixels: pixels.copy(), box)
    face.pixels.setflags(write=False)
    rows = either.embed([face])
    assert np.isfinite(rows).all()
    assert 0.9 < np.linalg.norm(rows) < 2


@pytest.mark.parametrize("name", BOXES)
def test_dlib_knows_a_person_again_and_another_not(dlib, name):
    make, other = dlib.make, next(one for one in BOXES if one != name)
    changed = [sighting(name, change) for change in CHANGES.values()] + [cropped(name, 0.3), cropped(name, 0)]
    likeness = scores(dlib.embed([sighting(name), sighting(other), cropped(other, 0)]), dlib.embed(changed))
    assert (likeness[0] >= make.threshold).all()
    assert (likeness[1:] < make.threshold).all()
    assert (likeness[0] - likeness[1:].max(axis=0) > make.margin).all()


@pytest.mark.parametrize("name", BOXES)
def test_dlib_makes_of_a_region_what_it_makes_of_the_whole_picture(dlib, name):
    """Against dlib on the full frame: a face well inside it has the same chip, byte for byte."""
    import dlib as library

    pixels, (x0, y0, x1, y1) = portrait(name), BOXES[name]
    height, width = pixels.shape[:2]
    box = library.rectangle(round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height))
    points = dlib._predictor(pixels, box)
    expected = library.get_face_chip(pixels, points, size=150, padding=0.25)
    assert np.array_equal(dlib._chip(sighting(name)), expected)
    template = dlib._network.compute_face_descriptor(expected)
    assert np.array_equal(dlib.embed([sighting(name)])[0], np.array(template, dtype=np.float32))


def test_beyond_the_frame_the_border_is_drawn_out():
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    region, (left, top, right, bottom) = cut_out(Sighting(pixels, (0, 0.5, 0.5, 1), ()))
    assert (right - left, bottom - top) == (3, 2)
    assert np.array_equal(region[top:bottom, left:right], pixels[2:4, 0:3])
    assert (region[: top - 2, left] == pixels[0, 0]).all()
    assert (region[bottom:, left] == pixels[3, 0]).all()
    assert (region[top, :left] == pixels[2, 0]).all()


def test_dlibs_files_are_checked_and_their_package_is_not_imported(dlib):
    assert inspect(read_manifest()["dlib-resnet-v1"]) is State.BUNDLED
    assert "face_recognition_models" not in sys.modules


def absent(name):
    raise PackageNotFoundError(name)


def test_without_dlib_the_way_to_it_is_named(monkeypatch):
    monkeypatch.setattr("artvision.recognition.embedder.version", absent)
    for step in (library_versions, lambda make: load(make, "cpu")):
        with pytest.raises(UsageError, match=r"pip install 'artvision\[actors\]'"):
            step(get_make("dlib"))


def test_without_dlibs_weights_the_way_to_them_is_named(monkeypatch):
    honest, package = importlib.util.find_spec, "face_recognition_models"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else honest(name))
    with pytest.raises(WeightsError, match=r"pip install 'artvision\[actors\]'"):
        load(get_make("dlib"), "cpu")


def test_altered_dlib_weights_name_the_package(monkeypatch):
    model = read_manifest()["dlib-resnet-v1"]
    wrong = replace(model, files=(model.files[0], replace(model.files[1], sha256="0" * 64)))
    with pytest.raises(
        WeightsError, match=r"were altered.*--force-reinstall --no-deps face-recognition-models==0\.3\.0"
    ):
        require(wrong)


@pytest.mark.parametrize("box", EDGES[:4])
@pytest.mark.parametrize("name", BOXES)
def test_facenets_crop_is_the_librarys(name, box):
    from facenet_pytorch import extract_face, fixed_image_standardization

    pixels = portrait(name)
    height, width = pixels.shape[:2]
    edges = np.array(box) * [width, height, width, height]
    expected = fixed_image_standardization(extract_face(Image.fromarray(pixels), edges, image_size=160, margin=0))
    assert np.array_equal(facenet.crop(sighting(name, box=box)), expected.numpy())


@pytest.mark.parametrize("box", EDGES[3:])
def test_facenets_crop_of_next_to_nothing_is_a_pixel(box):
    pixels = np.full((100, 90, 3), 255, dtype=np.uint8)
    assert (facenet.crop(Sighting(pixels, box, ())) == np.float32(127.5 / 128)).all()


def test_facenets_template_is_the_librarys(face_net, fetched):
    from facenet_pytorch import InceptionResnetV1

    network = InceptionResnetV1(pretrained=None, classify=True, num_classes=CLASSES).eval()
    network.load_state_dict(torch.load(require(fetched)[0], weights_only=True))
    network.classify = False
    faces = [sighting("astronaut"), sighting("grace_hopper"), cropped("astronaut", 0)]
    with torch.inference_mode():
        expected = network(torch.from_numpy(np.stack([facenet.crop(face) for face in faces]))).numpy()
    np.testing.assert_allclose(face_net.embed(faces), expected, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(face_net.embed(faces), axis=1), 1, atol=1e-6)


def test_facenet_passes_have_one_size_and_no_random_number_is_drawn(face_net, fetched, monkeypatch):
    before = torch.get_rng_state()
    again, sizes = load(get_make("facenet"), "cpu"), set()
    assert torch.equal(before, torch.get_rng_state())
    honest = again._network
    monkeypatch.setattr(again, "_network", lambda batch: sizes.add(len(batch)) or honest(batch))
    faces = [sighting("astronaut")] * 5
    assert again.embed(faces).tobytes() == face_net.embed(faces).tobytes()
    assert sizes == {facenet.MICRO_BATCH["cpu"]}


def without(state, name):
    return {key: value for key, value in state.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: without(state, "last_bn.running_var"), "Missing key.*last_bn.running_var"),
        (lambda state: state | {"head.weight": torch.zeros(1)}, "Unexpected key.*head.weight"),
        (lambda state: state | {"last_linear.weight": torch.zeros(128, 1792)}, "size mismatch for last_linear.weight"),
        (lambda state: [state["logits.bias"]], "AttributeError|TypeError"),
    ],
)
def test_facenet_weights_of_another_network_are_refused(tmp_path, fetched, change, message):
    torch.save(change(torch.load(require(fetched)[0], weights_only=True)), tmp_path / "w.pt")
    with pytest.raises(
        WeightsError, match=rf"(?s)w\.pt cannot be loaded: .*({message}).*artvision models fetch"
    ) as caught:
        facenet._load(tmp_path / "w.pt", fetched)
    assert "\n" not in str(caught.value)


def test_pickled_code_in_facenet_weights_is_not_run(tmp_path, fetched):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"logits.bias": Evil()}, tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        facenet._load(tmp_path / "w.pt", fetched)
    assert not (tmp_path / "ran").exists()


def test_facenet_weights_are_fetched_by_their_command_and_checked(tmp_path, monkeypatch, fetched):
    broken = replace(fetched, files=(replace(fetched.files[0], sha256="0" * 64),))
    monkeypatch.setattr(facenet, "get_model", lambda name: broken)
    with pytest.raises(WeightsError, match=r"were altered.*`artvision models fetch facenet-vggface2 --non-commercial`"):
        load(get_make("facenet"), "cpu")
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path))
    monkeypatch.setattr(facenet, "get_model", weights.get_model)
    with pytest.raises(WeightsError, match=r"are missing.*`artvision models fetch facenet-vggface2 --non-commercial`"):
        load(get_make("facenet"), "cpu")


def test_broken_facenet_weights_are_caught_at_start(tmp_path, monkeypatch, fetched):
    state = torch.load(require(fetched)[0], weights_only=True)
    state["last_linear.weight"][0, 0] = float("nan")
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path))
    path = fetched.folder / fetched.files[0].name
    path.parent.mkdir(parents=True)
    torch.save(state, path)
    model = replace(fetched, files=(replace(fetched.files[0], sha256=hash_file(path)),))
    monkeypatch.setattr(facenet, "get_model", lambda name: model)
    with pytest.raises(WeightsError, match="facenet-vggface2 gives no finite embedding"):
        load(get_make("facenet"), "cpu")
