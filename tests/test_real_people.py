"""Enrolment to report on real people, kept outside the repository: what was promised of recognition must hold."""

from datetime import date
from pathlib import Path

import pytest

from artvision import pipeline
from artvision.gallery import write_gallery
from artvision.recognition.binding import new_gallery
from artvision.recognition.embedder import get_make, load
from artvision.recognition.enrolment import enrol
from artvision.recognition.looking import Looker
from artvision.recognition.people import Person
from artvision.settings import Settings

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def run(shared, tmp_path_factory):
    """Rows by path: eight actors enrolled from three portraits each, then their other two, group stills and others."""
    pytest.importorskip("dlib")
    folder = tmp_path_factory.mktemp("people")
    cast = {place.name: sorted(place.iterdir()) for place in sorted((shared / "people" / "cast").iterdir())}
    people = [
        Person(name, name, tuple(images[:3]), name, basis="test", expires=date(2100, 1, 1))
        for name, images in cast.items()
    ]
    gallery, make = folder / "cast.gallery", get_make("dlib")
    found = enrol(people, Looker(), load(make, "cpu"), new_gallery(make), gallery)
    assert not found.rejected
    assert not found.warnings
    write_gallery(found.gallery, gallery)
    probes = [image for images in cast.values() for image in images[3:]]
    others = sorted((shared / "people" / "groups").glob("*.jpg")) + sorted((shared / "people" / "portraits").glob("*"))
    settings = Settings(stages="faces,actors", actors=str(gallery))
    table = pipeline.extract([*probes, *others], folder / "run", settings).run.table()
    return {Path(row["path"]): row for row in table.to_pylist()}


def names(row):
    return [actor["name"] for actor in row["actors"]]


def test_portraits_that_were_not_enrolled_are_named(run):
    probes = {path: row for path, row in run.items() if path.parent.parent.name == "cast"}
    right = [names(row) == [path.parent.name] for path, row in probes.items()]
    assert len(right) == 16
    assert sum(right) >= 0.95 * len(right)


def test_group_stills_name_many_and_nobody_twice(run):
    groups = [names(row) for path, row in run.items() if path.name.startswith("bbt")]
    known = [[name for name in own if name != "unknown"] for own in groups]
    assert sum(map(len, known)) >= 20
    assert all(len(set(own)) == len(own) for own in known)


def test_strangers_stay_unknown(run):
    strangers = [row for path, row in run.items() if path.parent.name == "portraits" or "longoria" in path.name]
    faces = [name for row in strangers for name in names(row)]
    assert faces.count("unknown") >= 0.9 * len(faces)  # one portrait is mistaken: docs/benchmarks.md
