"""The stage `actors`, and what it asks of a run: who is named, on what, and what is stored of whom."""

import datetime as dt
import json
from importlib.metadata import PackageNotFoundError

import numpy as np
import pyarrow as pa
import pytest
from colour_people import PEOPLE, actor, face, gallery_of, paint, stand_in, template

from artvision import pipeline
from artvision.cache import cache_dir
from artvision.contract import Missing
from artvision.errors import GalleryError, UsageError
from artvision.gallery import read_gallery, write_gallery
from artvision.image import Picture
from artvision.recognition.binding import new_gallery
from artvision.recognition.embedder import get_make
from artvision.recognition.found import prominence
from artvision.recognition.matching import Roster, billing, identify
from artvision.recognition.register import known_runs
from artvision.recognition.residue import search
from artvision.settings import Settings
from artvision.stages import actors as actors_module
from artvision.stages.actors import Actors
from artvision.stages.base import Result

TODAY = dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def embedder(monkeypatch):
    """Colours instead of people; returns the embedder that every run of the test uses."""
    monkeypatch.setattr(actors_module, "today", lambda: TODAY)
    return stand_in(monkeypatch)


@pytest.fixture
def gallery(tmp_path):
    return gallery_of(tmp_path / "cast.gallery", actor("Red"), actor("Green"), actor("Blue"))


def catalogue(tmp_path, rows):
    """A catalogue of (picture, title, cast) rows."""
    path = tmp_path / "catalog.csv"
    lines = [f"{image},{title},{'|'.join(cast)}" for image, title, cast in rows]
    path.write_text("\n".join(["image,title_id,cast", *lines]) + "\n", encoding="utf-8")
    return path


def extract(source, out, gallery=None, **settings):
    chosen = Settings(**settings, **({"actors": str(gallery)} if gallery else {}))
    return pipeline.extract(source, out, chosen)


def rows(run):
    return {row["asset_id"]: row for row in run.table().to_pylist()}


def named(row):
    return [item["name"] for item in row["actors"]]


def states(row):
    return {item["field"]: item["state"] for item in row["missing"]}


def test_who_is_on_the_picture_by_prominence(tmp_path, gallery):
    image = paint(tmp_path / "images" / "a.png", "Blue", (200, 200, 200), "Red")
    row = rows(extract(image.parent, tmp_path / "run", gallery).run)["a.png"]
    blue, red, stranger = row["actors"]
    assert [item["name"] for item in (blue, red, stranger)] == ["Blue", "Red", "unknown"]
    assert [item["rank"] for item in (blue, red, stranger)] == [1, 2, None]
    assert [item["face"] for item in (blue, red, stranger)] == [0, 2, 1]
    assert stranger["actor_id"] is None
    assert blue["prominence"] > red["prominence"] > 0
    assert blue["score"] > 0.9
    assert blue["margin"] >= 0.05
    assert row["actor.known_count"] == 2
    assert row["actor.lead_score"] == pytest.approx(blue["score"])
    assert row["actor.lead_prominence"] == pytest.approx(blue["prominence"])
    assert states(row)["actor.lead_billing"] == "not_applicable"


def test_nobody_is_recognised_unasked(tmp_path, gallery, embedder):
    paint(tmp_path / "images" / "a.png", "Red")
    run = extract(tmp_path / "images", tmp_path / "run").run
    row = rows(run)["a.png"]
    assert row["status.actors"] == "not_run"
    assert row["actors"] is None
    assert states(row)["actor.known_count"] == "not_run"
    assert embedder.seen == 0
    assert known_runs(gallery) == []


CAST = [
    # cast of the catalogue, closed, names found, billing of the lead
    (["Red", "Blue"], True, ["Red"], 1),
    (["Blue", "Somebody Else", "RÉD"], True, ["Red"], 3),
    (["Blue"], True, ["unknown"], None),
    (["Blue"], False, ["Red"], None),
    (["Nobody Enrolled"], True, [], None),
    ([], True, ["Red"], None),
]


@pytest.mark.parametrize(("cast", "closed", "expected", "place"), CAST)
def test_the_cast_closes_the_set(tmp_path, gallery, cast, closed, expected, place):
    image = paint(tmp_path / "a.png", "Red")
    source = catalogue(tmp_path, [(image, "t1", cast)])
    (row,) = rows(extract(source, tmp_path / "run", gallery, closed_set=closed).run).values()
    assert named(row) == expected
    assert row["actor.lead_billing"] == place


def test_where_nobody_may_be_named_no_face_is_embedded(tmp_path, gallery, embedder):
    image = paint(tmp_path / "a.png", "Red", "Green", "Blue")
    source = catalogue(tmp_path, [(image, "t1", ["Nobody Enrolled"])])
    (row,) = rows(extract(source, tmp_path / "run", gallery).run).values()
    assert embedder.seen == 0
    assert set(states(row).values()) >= {"not_applicable"}
    assert row["actor.known_count"] is None


@pytest.mark.parametrize(
    ("changes", "title", "expected"),
    [
        ({}, "t1", ["Red"]),
        ({"basis": ""}, "t1", []),
        ({"expires": TODAY}, "t1", ["Red"]),
        ({"expires": TODAY - dt.timedelta(1)}, "t1", []),
        ({"scope": ("t1", "t2")}, "t1", ["Red"]),
        ({"scope": ("t2",)}, "t1", []),
    ],
)
def test_rights_decide_who_is_a_candidate(tmp_path, changes, title, expected):
    path = gallery_of(tmp_path / "one.gallery", actor("Red", **changes))
    source = catalogue(tmp_path, [(paint(tmp_path / "a.png", "Red"), title, [])])
    (row,) = rows(extract(source, tmp_path / "run", path).run).values()
    assert named(row) == expected


def test_an_asset_of_no_title_is_outside_every_scope(tmp_path):
    path = gallery_of(tmp_path / "one.gallery", actor("Red", scope=("t1",)), actor("Blue"))
    image = paint(tmp_path / "images" / "a.png", "Red", "Blue")
    row = rows(extract(image.parent, tmp_path / "run", path).run)["a.png"]
    assert named(row) == ["Blue", "unknown"]


@pytest.mark.parametrize(
    ("people", "count", "state"),
    [
        (["Red"], 1, None),
        ([], 0, "not_applicable"),
        ([(200, 200, 200)], 0, "abstained"),
    ],
)
def test_why_there_is_no_lead(tmp_path, gallery, people, count, state):
    image = paint(tmp_path / "images" / "a.png", *people)
    row = rows(extract(image.parent, tmp_path / "run", gallery).run)["a.png"]
    assert row["actor.known_count"] == count
    assert states(row).get("actor.lead_score") == state


def test_on_an_illustration_nobody_is_looked_for(gallery, embedder):
    stage = Actors(Settings(actors=str(gallery)))
    stage.setup("cpu")
    picture = Picture(np.zeros((40, 40, 3), np.uint8), 40, 40)
    (found,) = stage.run([picture], {"faces": [Result({}, {"faces": None})]})
    assert found.columns["actors"] == []
    assert set(found.values.values()) == {Missing.NOT_APPLICABLE}
    assert embedder.seen == 0


def test_two_candidates_as_near_as_each_other_are_unknown(tmp_path):
    twins = actor("Red"), actor("Blue", templates=actor("Red").templates)
    path = gallery_of(tmp_path / "twins.gallery", *twins)
    image = paint(tmp_path / "images" / "a.png", "Red")
    row = rows(extract(image.parent, tmp_path / "run", path).run)["a.png"]
    assert named(row) == ["unknown"]
    assert row["actors"][0]["score"] > 0.9
    assert row["actors"][0]["margin"] == 0


def test_faces_too_small_are_not_tried(tmp_path, gallery, embedder, monkeypatch):
    monkeypatch.setattr(actors_module, "MIN_FACE", 61)
    image = paint(tmp_path / "images" / "a.png", "Red")
    row = rows(extract(image.parent, tmp_path / "run", gallery).run)["a.png"]
    assert (row["actors"], row["actor.known_count"], embedder.seen) == ([], 0, 0)


def test_turning_recognition_on_changes_person_columns_only(tmp_path, gallery):
    for number, people in enumerate([["Red"], [], ["Blue", None, (9, 9, 9)]]):
        paint(tmp_path / "images" / f"{number}.png", *people, noise=number)
    off = extract(tmp_path / "images", tmp_path / "off").run
    on = extract(tmp_path / "images", tmp_path / "on", gallery).run
    before, after = off.table(), on.table()
    assert before.schema.names == after.schema.names
    changed = {name for name in before.schema.names if not before[name].equals(after[name])} - {"run_id"}
    person = {field.name for field in after.schema if field.metadata[b"privacy"] == b"person"}
    assert "actors" in changed
    assert changed <= person


def test_only_titles_of_the_cast_are_computed_again(tmp_path, gallery):
    source = catalogue(
        tmp_path,
        [
            (paint(tmp_path / "a.png", "Red"), "t1", ["Red"]),
            (paint(tmp_path / "b.png", "Olive", noise=1), "t2", ["Olive"]),
        ],
    )
    assert extract(source, tmp_path / "run", gallery).computed == 2
    assert extract(source, tmp_path / "run", gallery).computed == 0
    write_gallery(read_gallery(gallery).with_actors([actor("Olive")]), gallery)
    summary = extract(source, tmp_path / "run", gallery)
    assert summary.computed == 1
    fresh = extract(source, tmp_path / "fresh", gallery)
    assert [named(row) for row in rows(summary.run).values()] == [named(row) for row in rows(fresh.run).values()]


def test_a_cast_that_changes_is_looked_at_again(tmp_path, gallery):
    image = paint(tmp_path / "a.png", "Red")
    extract(catalogue(tmp_path, [(image, "t1", ["Blue"])]), tmp_path / "run", gallery)
    summary = extract(catalogue(tmp_path, [(image, "t1", ["Blue", "Red"])]), tmp_path / "run", gallery)
    (row,) = rows(summary.run).values()
    assert (summary.computed, named(row), row["actor.lead_billing"]) == (1, ["Red"], 2)


def test_the_day_an_entry_expires_its_rows_are_computed_again(tmp_path, monkeypatch):
    path = gallery_of(tmp_path / "one.gallery", actor("Red", expires=TODAY))
    paint(tmp_path / "images" / "a.png", "Red")
    assert named(rows(extract(tmp_path / "images", tmp_path / "run", path).run)["a.png"]) == ["Red"]
    monkeypatch.setattr(actors_module, "today", lambda: TODAY + dt.timedelta(1))
    assert rows(extract(tmp_path / "images", tmp_path / "run", path).run)["a.png"]["actors"] == []


def test_face_vectors_are_kept_only_when_asked_and_only_of_the_recognised(tmp_path, gallery):
    image = paint(tmp_path / "images" / "a.png", "Red", (200, 200, 200))
    plain = extract(image.parent, tmp_path / "plain", gallery).run
    kept = extract(image.parent, tmp_path / "kept", gallery, keep_face_vectors=True).run
    assert "actor_vectors" not in plain.columns
    (vector,) = rows(kept)["a.png"]["actor_vectors"]
    assert (vector["actor_id"], vector["face"]) == ("red", 0)
    assert np.allclose(vector["vector"], template(PEOPLE["Red"]))
    assert kept.table().schema.field("actor_vectors").metadata[b"privacy"] == b"biometric"
    assert rows(plain)["a.png"]["actors"] == rows(kept)["a.png"]["actors"]


def test_templates_of_faces_are_nowhere_on_disk(tmp_path, gallery):
    image = paint(tmp_path / "images" / "a.png", "Red", (200, 200, 200))
    run = extract(image.parent, tmp_path / "run", gallery).run
    faces = [template(PEOPLE["Red"]), template((200, 200, 200))]
    assert search([run.folder, cache_dir()], faces).found == ()
    assert search([gallery], [actor("Red").templates[0]]).found  # the search does find what is there
    text = json.dumps(run.table().drop_columns(["vector"]).to_pylist(), default=str)
    assert str(faces[1][0]) not in text


def test_rows_do_not_depend_on_batches_or_neighbours(tmp_path, gallery):
    people = [["Red"], [], ["Blue", "Green", (7, 9, 9)], [None, "Red"], ["Green"]]
    for number, own in enumerate(people):
        paint(tmp_path / "images" / f"{number}.png", *own, noise=number)
    runs = [extract(tmp_path / "images", tmp_path / size, gallery, batch_size=size).run for size in ("1", "2", "5")]
    tables = [run.table().drop_columns(["run_id"]) for run in runs]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_a_gallery_of_another_make_is_refused(tmp_path, gallery):
    paint(tmp_path / "images" / "a.png", "Red")
    held = read_gallery(gallery)
    write_gallery(type(held)(**vars(held) | {"weights": ("0" * 64,)}), gallery)
    with pytest.raises(GalleryError, match=r"other weights.*artvision actors enroll"):
        extract(tmp_path / "images", tmp_path / "run", gallery)


def test_an_embedder_that_is_not_installed_stops_the_run_before_it_begins(tmp_path, gallery, monkeypatch):
    paint(tmp_path / "images" / "a.png", "Red")
    monkeypatch.setattr("artvision.recognition.embedder.version", not_installed)
    with pytest.raises(UsageError, match=r"pip install 'artvision\[actors\]'"):
        extract(tmp_path / "images", tmp_path / "run", gallery)
    assert not (tmp_path / "run").exists()


def not_installed(name):
    raise PackageNotFoundError(name)


def test_a_run_is_not_extended_with_another_gallery(tmp_path, gallery):
    paint(tmp_path / "images" / "a.png", "Red")
    extract(tmp_path / "images", tmp_path / "run", gallery)
    other = gallery_of(tmp_path / "other.gallery", actor("Red"))
    with pytest.raises(Exception, match=r"stages\.actors\.gallery"):
        extract(tmp_path / "images", tmp_path / "run", other)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"stages": "faces,actors"}, "needs a gallery"),
        ({"stages": "faces", "actors": "x.gallery"}, "add faces,actors to --stages"),
        ({"keep_face_vectors": True}, "name a gallery"),
        ({"actors": "nowhere.gallery"}, "there is no such gallery"),
    ],
)
def test_calls_that_make_no_sense(tmp_path, settings, words):
    paint(tmp_path / "images" / "a.png", "Red")
    with pytest.raises(UsageError, match=words):
        extract(tmp_path / "images", tmp_path / "run", **settings)


def test_runs_are_noted_beside_the_gallery_before_anything_is_written(tmp_path, gallery):
    paint(tmp_path / "images" / "a.png", "Red")
    for _ in range(2):
        extract(tmp_path / "images", tmp_path / "run", gallery)
    assert known_runs(gallery) == [(tmp_path / "run").resolve()]


def test_entries_that_may_not_be_used_are_told(tmp_path):
    path = gallery_of(tmp_path / "two.gallery", actor("Red"), actor("Blue", basis=""))
    (line,) = Actors(Settings(actors=str(path))).notices()
    assert "1 of 2" in line
    assert "artvision actors list" in line


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({}, 1.0),
        ({"sharpness": 0.25}, 0.5),
        ({"sharpness": None}, 1.0),
        ({"yaw": 45.0}, 0.5),
        ({"yaw": -90.0}, 0.5),
        ({"yaw": 22.5}, 0.75),
        ({"yaw": None}, 1.0),
        ({"sharpness": 0.25, "yaw": 90.0}, 0.25),
    ],
)
def test_prominence_is_area_centrality_sharpness_and_facing(changes, share):
    assert prominence(face(0, **changes)) == pytest.approx(0.05 * share)


def test_the_mean_over_templates_decides_and_ties_go_by_id():
    near, far = actor("Red"), actor("Blue")
    decision = new_gallery(get_make("dlib")).decision
    found = identify(template(PEOPLE["Red"]), [far, near], decision)
    assert found.actor is near
    assert identify(template(PEOPLE["Red"]), [near, far], decision) == found
    alone = identify(template(PEOPLE["Red"]), [near], decision)
    assert alone.margin is None
    assert alone.actor is near


def test_the_digest_follows_what_candidates_are_and_not_their_order(tmp_path, gallery):
    held = read_gallery(gallery)
    roster = Roster(held, TODAY)
    everybody = roster.candidates(None, ())
    assert roster.digest(everybody) == roster.digest(everybody[::-1])
    assert roster.digest(everybody) != roster.digest(everybody[1:])
    renamed = Roster(held.with_actors([actor("Red", aliases=("Rouge",))]), TODAY)
    assert renamed.digest(renamed.candidates(None, ())) != roster.digest(everybody)


def test_billing_is_the_first_place_under_any_name():
    assert billing(actor("Red", aliases=("Rouge", "Rot")), ["A", "rot", "Red"]) == 2
    assert billing(actor("Red"), ["A"]) is None


def test_the_column_survives_a_trip_through_arrow(tmp_path, gallery):
    paint(tmp_path / "images" / "a.png")
    run = extract(tmp_path / "images", tmp_path / "run", gallery).run
    assert pa.types.is_list(run.table().schema.field("actors").type)
    assert rows(run)["a.png"]["actors"] == []
