"""From pictures of people to entries of a gallery: which portraits are fit, and which entries look wrong.

In most tests a face is a bright textured block on black, and its owner's likeness is the block's colour.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy.ndimage import find_objects, label

from artvision.detection import geometry
from artvision.detection.focus import FACE_PIXELS, face_sharpness
from artvision.detection.geometry import Face
from artvision.errors import DecodeError, GalleryError, UsageError, WeightsError
from artvision.gallery import Decision, Gallery
from artvision.image import FACE_SIDE, Picture
from artvision.recognition import enrolment
from artvision.recognition.binding import new_gallery, weights_of
from artvision.recognition.embedder import MAKES, Make, Sighting, load, scores
from artvision.recognition.enrolment import MIN_FACE, MIN_SHARPNESS, enrol, fault
from artvision.recognition.likeness import SLACK, displaced
from artvision.recognition.looking import BYSTANDER, Looked, Looker
from artvision.recognition.people import Person

MAKE = Make("colours", "starter", 3, 0.95, 0.02, "tests", "tests", ())
PATH = Path("cast.gallery")
RED, GREEN, BLUE = (200, 90, 90), (90, 200, 90), (90, 90, 200)
REDDISH, PALE = (190, 95, 95), (200, 120, 110)


class Blocks:
    """Finds the blocks that are not black, in pictures no larger than a run would search."""

    def look(self, path):
        try:
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
        except OSError as error:
            raise DecodeError("corrupt", f"{path}: not readable ({type(error).__name__})") from None
        return seen(pixels, hashlib.sha256(path.read_bytes()).hexdigest())


def seen(pixels, sha256="0" * 64):
    height, width = pixels.shape[:2]
    blocks = find_objects(label(pixels.max(axis=2) > 40)[0])
    faces = [face((x.start / width, y.start / height, x.stop / width, y.stop / height), pixels) for y, x in blocks]
    return Looked(sha256, Picture(pixels, width, height), tuple(sorted(faces, key=lambda item: -item.prominence)))


def face(box, pixels):
    height, width = pixels.shape[:2]
    inside = np.array(box) * [width, height, width, height]
    large = (inside[2:] - inside[:2]).min() >= FACE_PIXELS
    sharpness = face_sharpness(pixels, inside.tolist()) if large else None
    return Face(box, 1.0, ((0.5, 0.5),) * 5, 0.0, 0.0, sharpness, geometry.prominence(box, width / height))


class Colours:
    """A face's template is the mean colour inside its box."""

    make = MAKE

    def embed(self, faces: Sequence[Sighting]):
        return np.array([self._one(item) for item in faces], np.float32).reshape(-1, 3)

    @staticmethod
    def _one(item):
        height, width = item.pixels.shape[:2]
        x0, y0, x1, y1 = (np.array(item.box) * [width, height, width, height]).round().astype(int)
        return item.pixels[y0:y1, x0:x1].reshape(-1, 3).mean(axis=0) / 255


def drawn(*blocks, size=300, blur=0.0):
    """Pixels with a block for each (colour, side in pixels, x, y); the texture is that of noise, and is its own."""
    pixels = np.zeros((size, size, 3), np.uint8)
    for colour, side, x, y in blocks:
        rng = np.random.default_rng(side * 7 + x)
        pixels[y : y + side, x : x + side] = np.array(colour) + rng.integers(-40, 41, (side, side, 1))
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(blur))) if blur else pixels


def portrait(folder, name, colour, **more):
    """A picture file with one block; another `at` is another picture of the same person."""
    file = folder / f"{name}.png"
    Image.fromarray(drawn((colour, 120, more.pop("at", 60), 60), **more)).save(file)
    return file


def person(name, *images, **more):
    return Person(name.lower(), name, images, f"people.csv:{len(name)}", **{"added": date(2026, 4, 1), **more})


def enrolled(people, gallery=None, **more):
    return enrol(people, Blocks(), Colours(), gallery or new_gallery(MAKE), PATH, **more)


@pytest.fixture
def uma(tmp_path):
    return person("Uma", portrait(tmp_path, "u1", RED), portrait(tmp_path, "u2", RED, at=100), basis="contract")


@pytest.fixture
def john(tmp_path):
    return person("John", portrait(tmp_path, "j1", GREEN), portrait(tmp_path, "j2", GREEN, at=100))


def test_an_entry_has_a_template_a_portrait_and_what_the_person_was_given_with(uma, john):
    told = replace(uma, aliases=("U.",), scope=("tt1",), expires=date(2027, 4, 30))
    found = enrolled([told, john])
    actor = found.gallery.actors[0]
    assert found.enrolled == found.gallery.actors
    assert [actor.name for actor in found.enrolled] == ["Uma", "John"]
    for name in ("actor_id", "name", "aliases", "basis", "scope", "added", "expires"):
        assert getattr(actor, name) == getattr(told, name)
    assert [(item.path, item.sha256) for item in actor.portraits] == [
        (str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in uma.images
    ]
    assert actor.templates.shape == (2, 3)
    assert actor.templates.dtype == np.float32
    assert np.allclose(actor.templates, np.array(RED) / 255, atol=0.01)
    assert (found.rejected, found.left_out, found.warnings) == ((), (), ())


def write_two(folder):
    Image.fromarray(drawn((RED, 120, 10, 60), (GREEN, 60, 200, 60))).save(folder / "x.png")


def write_none(folder):
    Image.fromarray(drawn()).save(folder / "x.png")


UNFIT = {
    "missing": (lambda folder: None, "not readable (FileNotFoundError)"),
    "no picture": (lambda folder: (folder / "x.png").write_text("<html>"), "not readable (UnidentifiedImageError)"),
    "no face": (write_none, "no face found in it"),
    "two faces": (write_two, "2 faces in it; crop it to the person's own"),
    "blurred": (lambda folder: portrait(folder, "x", RED, blur=9), "the face is too blurred (sharpness "),
}


@pytest.mark.parametrize(("write", "reason"), UNFIT.values(), ids=UNFIT)
def test_an_unfit_portrait_costs_its_person_that_portrait_and_nobody_else_anything(tmp_path, uma, john, write, reason):
    write(tmp_path)
    unfit = tmp_path / "x.png"
    found = enrolled([replace(uma, images=(uma.images[0], unfit, uma.images[1])), john])
    (rejected,) = found.rejected
    assert (rejected.path, rejected.person.name) == (unfit, "Uma")
    assert rejected.reason.startswith(reason)
    assert "\n" not in rejected.reason
    assert str(unfit) not in rejected.reason
    assert [len(actor.templates) for actor in found.enrolled] == [2, 2]


def test_one_picture_counts_once_for_a_person_whatever_it_is_called(tmp_path, uma):
    (tmp_path / "copy.png").write_bytes(uma.images[0].read_bytes())
    found = enrolled([replace(uma, images=(*uma.images, tmp_path / "copy.png", uma.images[1]))])
    assert [item.reason for item in found.rejected] == [f"the same picture as {path}" for path in uma.images]
    assert [item.path for item in found.enrolled[0].portraits] == [str(path) for path in uma.images]


FAULTS = [
    (drawn((RED, 120, 60, 60), (GREEN, 24, 200, 60)), ""),
    (drawn((RED, 120, 60, 60), (GREEN, 36, 200, 60)), "2 faces in it; crop it to the person's own"),
    (
        drawn((RED, 100, 0, 60), (GREEN, 100, 110, 60), (BLUE, 50, 220, 60)),
        "3 faces in it; crop it to the person's own",
    ),
    (drawn((RED, 38, 60, 60)), f"the face is too small (38 pixels, {MIN_FACE} are needed)"),
    (drawn((RED, 42, 60, 60), blur=1), ""),  # nobody knows how sharp so small a face is
]


@pytest.mark.parametrize(("pixels", "reason"), FAULTS)
def test_what_is_wrong_with_a_portrait(pixels, reason):
    assert (BYSTANDER, MIN_FACE) == (0.25, 40)
    assert fault(seen(pixels)) == reason


def test_a_face_that_is_narrow_in_a_wide_picture_is_measured_in_pixels():
    wide = seen(np.zeros((100, 400, 3), np.uint8))
    box = (0.0, 0.0, 0.09, 0.9)
    narrow = replace(wide, faces=(face(box, wide.picture.pixels),))
    assert fault(narrow).startswith("the face is too small (36 pixels")


@pytest.mark.parametrize(("sharpness", "fit"), [(MIN_SHARPNESS - 0.01, False), (MIN_SHARPNESS, True), (None, True)])
def test_a_blurred_face_is_told_by_its_sharpness(sharpness, fit):
    looked = seen(drawn((RED, 120, 60, 60)))
    assert (not fault(replace(looked, faces=(replace(looked.faces[0], sharpness=sharpness),)))) is fit


def test_who_has_no_fit_portrait_is_left_out_and_keeps_the_old_entry(tmp_path, uma, john):
    before = enrolled([uma, john]).gallery
    gone = replace(uma, name="Uma Again", images=(tmp_path / "gone.png",))
    found = enrolled([gone, person("Sam"), person("Blue", portrait(tmp_path, "b", BLUE))], before)
    assert [item.name for item in found.left_out] == ["Uma Again", "Sam"]
    assert [item.path.name for item in found.rejected] == ["gone.png", "people.csv:3"]
    assert found.rejected[1].reason == "no picture in it"
    assert [actor.name for actor in found.enrolled] == ["Blue"]
    assert [actor.name for actor in found.gallery.actors] == ["Uma", "John", "Blue"]
    assert found.gallery.actors[0] is before.actors[0]


def test_who_is_enrolled_again_is_replaced_and_the_rest_stay(tmp_path, uma, john):
    before = enrolled([uma, john]).gallery
    found = enrolled([replace(uma, images=(portrait(tmp_path, "new", RED, at=33),), basis="new")], before)
    assert [(actor.name, actor.basis, len(actor.templates)) for actor in found.gallery.actors] == [
        ("Uma", "new", 1),
        ("John", "", 2),
    ]
    assert found.gallery.actors[1] is before.actors[1]
    assert found.gallery.gallery_id == before.gallery_id
    assert len(before.actors[0].templates) == 2


REPLACED = [
    ((GREEN,), True),
    ((GREEN, (90, 195, 95)), True),
    ((REDDISH,), False),
    ((GREEN, RED), False),  # one portrait in common is the same person; that the other is not is told of anyway
]


@pytest.mark.parametrize(("colours", "told"), REPLACED)
def test_who_replaces_somebody_else_is_told_of(tmp_path, uma, john, colours, told):
    before = enrolled([uma, john]).gallery
    images = [portrait(tmp_path, f"n{at}", colour, at=20 * at) for at, colour in enumerate(colours)]
    found = enrolled([replace(uma, name="Uma B", images=tuple(images))], before)
    lines = [line for line in found.warnings if "replaces the entry" in line]
    assert len(lines) == told
    for line in lines:
        assert line.startswith(f"Uma B (uma) replaces the entry of Uma, enrolled from {uma.images[0]}, and looks like")
        assert "somebody else" in line
        assert "give one of them an id" in line


@pytest.mark.parametrize(("below", "told"), [(0.9 * SLACK, False), (1.1 * SLACK, True)])
def test_a_replacement_may_score_as_low_as_two_portraits_of_one_entry(uma, below, told):
    before = enrolled([uma]).gallery
    fresh = replace(before.actors[0], templates=before.actors[0].templates[:1] + np.float32([0.4, 0, 0]))
    score = scores(fresh.templates, before.actors[0].templates).max()
    bound = replace(before, decision=replace(before.decision, threshold=float(score) + below))
    assert bool(displaced(bound, [fresh])) is told


def test_an_entry_without_templates_is_nobody_to_be_taken_for(uma):
    (actor,) = enrolled([uma]).enrolled
    bare = replace(actor, templates=actor.templates[:0], portraits=())
    assert displaced(new_gallery(MAKE).with_actors([bare]), [actor]) == []


class Unasked:
    make = MAKE

    def look(self, path):
        raise AssertionError("looked before it was known whether the gallery fits")

    embed = look


OTHERS = {
    "embedder": (Gallery("dlib", (), 128, Decision(0.7, 0.02, "tests")), "holds templates of dlib, not of colours"),
    "weights": (replace(new_gallery(MAKE), weights=("ff" * 32,)), "holds templates of other weights of colours"),
}


@pytest.mark.parametrize(("gallery", "message"), OTHERS.values(), ids=OTHERS)
def test_a_gallery_of_another_make_is_refused_before_a_picture_is_opened(uma, gallery, message):
    with pytest.raises(GalleryError, match=message) as error:
        enrol([uma], Unasked(), Unasked(), gallery, PATH)
    assert "artvision actors enroll" in str(error.value)
    assert str(PATH) in str(error.value)


def test_two_names_that_look_like_one_person_are_both_named(tmp_path, uma):
    twin = person("Twin", portrait(tmp_path, "t1", BLUE), portrait(tmp_path, "t2", REDDISH))
    split, alike = enrolled([uma, twin]).warnings
    assert split.startswith("Twin (twin) looks like 2 people")
    assert alike.startswith("Uma (uma) and Twin (twin) look like one person: ")
    assert str(twin.images[1]) in alike
    assert str(twin.images[0]) not in alike
    assert "score 0.9" in alike


def test_those_who_were_there_before_are_compared_with_but_not_told_of_again(tmp_path, uma, john):
    reddish = person("Reddish", portrait(tmp_path, "r", REDDISH))
    two = person("Two", portrait(tmp_path, "b1", BLUE), portrait(tmp_path, "b2", (200, 200, 40)))
    before = enrolled([uma, reddish, two]).gallery
    assert not enrolled([john], before).warnings
    (again,) = enrolled([reddish], before).warnings
    assert "Reddish (reddish)" in again
    assert "Uma (uma)" in again


ONE_OR_TWO = [
    ((RED, RED, REDDISH), None),
    ((RED, REDDISH, PALE), None),  # held together by the one between
    ((RED, GREEN), [1]),
    ((RED, GREEN, RED), [1]),
    ((RED, RED, GREEN, GREEN, GREEN), [0, 1]),
    ((RED, GREEN, BLUE, BLUE), [0, 1]),
]


@pytest.mark.parametrize(("colours", "odd"), ONE_OR_TWO)
def test_one_name_that_looks_like_several_people_names_the_odd_portraits(tmp_path, colours, odd):
    images = [portrait(tmp_path, f"p{at}", colour, at=20 * at) for at, colour in enumerate(colours)]
    warnings = enrolled([person("Somebody", *images)]).warnings
    if odd is None:
        assert not warnings
    else:
        (warning,) = warnings
        assert f"looks like {len({*colours})} people" in warning
        assert [at for at, image in enumerate(images) if str(image) in warning] == odd


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_neither_workers_nor_chunks_change_a_byte_or_the_order(tmp_path, uma, john, monkeypatch, workers):
    (tmp_path / "bad.png").write_text("no picture")
    many = [portrait(tmp_path, f"m{at}", BLUE, at=2 * at) for at in range(20)]
    people = [uma, person("Many", tmp_path / "bad.png", *many), john]
    monkeypatch.setattr(enrolment, "CHUNK", 1)
    expected = enrolled(people, workers=1)
    monkeypatch.undo()
    told: list[Path] = []
    found = enrolled(people, workers=workers, looked_at=told.append)
    assert told == [image for item in people for image in item.images]
    assert [actor.templates.tobytes() for actor in found.enrolled] == [a.templates.tobytes() for a in expected.enrolled]
    assert [vars(item) for item in found.rejected] == [vars(item) for item in expected.rejected]
    assert found.warnings == expected.warnings


def test_nobody_to_enrol_is_no_error(uma):
    found = enrolled([])
    assert (found.enrolled, found.warnings, found.gallery.actors) == ((), (), ())


def test_no_outcome_shows_a_template_when_printed(uma):
    assert "array" not in repr(enrolled([uma]))


@pytest.fixture(scope="module")
def looker():
    return Looker()


@pytest.fixture(scope="module")
def hopper():
    from matplotlib.cbook import get_sample_data

    with get_sample_data("grace_hopper.jpg") as file:
        return Image.open(file).convert("RGB")


@pytest.fixture(scope="module")
def astronaut():
    from skimage.data import astronaut

    return Image.fromarray(astronaut())


def test_a_look_gives_the_bytes_checksum_and_a_sighting_for_each_face(tmp_path, looker, hopper, astronaut):
    both = Image.new("RGB", (1500, 700))
    both.paste(hopper.resize((600, 700)), (0, 0))
    both.paste(astronaut.resize((400, 400)), (1000, 200))
    file = tmp_path / "both.png"
    both.save(file)
    looked = looker.look(file)
    assert looked.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert max(looked.picture.pixels.shape) == FACE_SIDE
    assert len(looked.faces) == 2
    assert looked.faces[0].prominence > looked.faces[1].prominence
    assert [(item.box, item.points) for item in looked.sightings] == [(item.box, item.points) for item in looked.faces]
    assert all(item.pixels is looked.picture.pixels for item in looked.sightings)
    assert fault(looked).startswith("2 faces")


def test_a_look_is_that_of_a_run(tmp_path, looker, hopper):
    from artvision.detection.cascade import Cascade
    from artvision.detection.reading import find_faces
    from artvision.image import decode

    file = tmp_path / "hopper.png"
    hopper.save(file)
    grey = (128, 128, 128)
    data = file.read_bytes()
    picture = decode(data, name="x", long_side=FACE_SIDE, short_side=0, max_pixels=10**9, background=grey)
    assert looker.look(file).faces == tuple(find_faces(Cascade(), [picture])[0])


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_file_that_is_no_picture_is_a_decode_error(tmp_path, looker, content):
    file = tmp_path / "x.png"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DecodeError, match=r"x\.png"):
        looker.look(file)


@pytest.fixture(scope="module")
def dlib():
    try:
        return load(MAKES["dlib"], "cpu")
    except (UsageError, WeightsError) as error:
        pytest.skip(f"dlib and its weights are not here: {error}")


def variants(image, folder, name):
    """Files that a person would say show the same: as it is, mirrored, darker, cropped to head and shoulders."""
    width, height = image.size
    made = {
        "plain": image,
        "mirrored": image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "darker": image.point(lambda value: value * 0.6),
        "cropped": image.crop((width // 5, 0, width * 4 // 5, height * 3 // 5)),
    }
    for kind, picture in made.items():
        picture.save(folder / f"{name}-{kind}.png")
    return [folder / f"{name}-{kind}.png" for kind in made]


def test_two_real_people_are_enrolled_and_told_apart(tmp_path, looker, dlib, hopper, astronaut):
    grace = variants(hopper, tmp_path, "grace")
    eileen = variants(astronaut, tmp_path, "eileen")
    blurred = tmp_path / "blurred.png"
    hopper.filter(ImageFilter.GaussianBlur(12)).save(blurred)
    tiny = tmp_path / "tiny.png"
    astronaut.resize((96, 96)).save(tiny)
    people = [person("Grace Hopper", *grace, blurred), person("Eileen Collins", *eileen, tiny)]
    found = enrol(people, looker, dlib, new_gallery(dlib.make), PATH)
    assert [len(actor.templates) for actor in found.enrolled] == [4, 4]
    assert [item.path for item in found.rejected] == [blurred, tiny]
    assert [item.reason.split(" (")[0] for item in found.rejected] == [
        "the face is too blurred",
        "the face is too small",
    ]
    assert found.warnings == ()
    assert found.gallery.weights == weights_of(MAKES["dlib"])

    mixed = enrol([person("Grace Hopper", *grace[:3], eileen[0])], looker, dlib, found.gallery, PATH)
    split, alike = sorted(mixed.warnings, key=lambda line: "look like one" in line)
    assert f"looks like 2 people; unlike the other portraits: {eileen[0]};" in split
    assert "look like one person" in alike
