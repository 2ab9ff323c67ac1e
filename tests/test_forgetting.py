"""Forgetting: what leaves the gallery and the runs, what is computed again, and what the search finds."""

import base64
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from colour_people import actor, gallery_of, paint, stand_in
from filelock import FileLock
from typer.testing import CliRunner

from artvision import pipeline
from artvision.cache import cache_dir
from artvision.cli import app
from artvision.errors import GalleryError
from artvision.gallery import read_gallery
from artvision.recognition.forgetting import Who, take_back
from artvision.recognition.register import known_runs
from artvision.recognition.residue import search
from artvision.run import read_run
from artvision.settings import Settings
from artvision.writing.staging import open_staging

RED = Who("red", frozenset({"red"}), frozenset({"blue"}))
OLIVE = Who("olive", frozenset({"olive"}))


@pytest.fixture(autouse=True)
def _colours(monkeypatch):
    stand_in(monkeypatch)


@pytest.fixture
def gallery(tmp_path):
    return gallery_of(tmp_path / "place" / "cast.gallery", actor("Red"), actor("Blue"))


@pytest.fixture
def images(tmp_path):
    for number, people in enumerate([["Red"], ["Blue"], ["Blue", "Red"], []]):
        paint(tmp_path / "images" / f"{number}.png", *people, noise=number)
    return tmp_path / "images"


def extract(source, out, gallery, jsonl=False, **settings):
    return pipeline.extract(source, out, Settings(actors=str(gallery), **settings), jsonl=jsonl)


def rows(run):
    return {row["asset_id"]: {k: v for k, v in row.items() if k != "run_id"} for row in run.table().to_pylist()}


def forget(*arguments):
    return CliRunner().invoke(app, ["actors", "forget", *map(str, arguments)])


def test_rows_that_named_them_are_as_if_the_stage_had_not_run(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    before, contract, schema = rows(run), run.contract, run.table().schema
    traces = take_back(run.folder, RED)
    after = rows(read_run(run.folder))
    assert traces.rows == 2
    for name, row in after.items():
        if name in ("1.png", "3.png"):
            assert row == before[name]
            continue
        assert row["status.actors"] == "not_run"
        assert row["actors"] is None
        assert row["actor.known_count"] is None
        gone = {item["field"] for item in row["missing"] if item["state"] == "not_run"}
        assert gone == {field["name"] for field in contract["fields"] if field["group"] == "actor"}
        block = next(item for item in contract["vector"]["blocks"] if item["group"] == "actor")
        inside = slice(block["offset"], block["offset"] + block["width"])
        assert row["mask"][inside] == [False] * block["width"]
        assert row["vector"][inside] == [0, 0, 0, 10_000]
        outside = [value for at, value in enumerate(row["vector"]) if not inside.start <= at < inside.stop]
        was = [value for at, value in enumerate(before[name]["vector"]) if not inside.start <= at < inside.stop]
        assert outside == was
        assert row["fake.mean"] == before[name]["fake.mean"]
    assert read_run(run.folder).table().schema.equals(schema, check_metadata=True)


def test_the_next_extract_computes_what_was_taken_back(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    result = forget("Red", "-g", gallery)
    assert result.exit_code == 0, result.output
    summary = extract(images, tmp_path / "run", gallery)
    assert summary.computed == 4  # without a cast everybody was a candidate everywhere
    fresh = extract(images, tmp_path / "fresh", gallery).run
    assert rows(read_run(run.folder)) == rows(fresh)
    assert [item["name"] for item in rows(fresh)["2.png"]["actors"]] == ["Blue", "unknown"]


def test_marked_rows_alone_are_computed_again_where_candidates_stay(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    before = rows(run)
    take_back(run.folder, RED)
    assert extract(images, tmp_path / "run", gallery).computed == 2
    assert rows(read_run(run.folder)) == before


def test_nothing_of_them_is_left_in_gallery_runs_and_cache(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery, jsonl=True, keep_face_vectors=True).run
    stored = [item for row in rows(run).values() for item in row["actor_vectors"] if item["actor_id"] == "red"]
    templates = [*actor("Red").templates, *(np.array(item["vector"], np.float32) for item in stored)]
    assert search([gallery], templates).found
    result = forget("Red", "-g", gallery)
    assert result.exit_code == 0, result.output
    assert "2 rows taken back" in result.output
    assert "nothing left" in result.output
    assert search([gallery.parent, run.folder, cache_dir()], templates).found == ()
    assert [entry.name for entry in read_gallery(gallery).actors] == ["Blue"]
    for file in run.folder.glob("*.jsonl"):
        assert "Red" not in file.read_text(encoding="utf-8")
    assert "Red" not in json.dumps(read_run(run.folder).table(["actors", "actor_vectors"]).to_pylist())


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (lambda row: row.tobytes(), "float32"),
        (lambda row: row.astype(np.float16).tobytes(), "float16"),
        (lambda row: row.astype(np.float64).tobytes(), "float64"),
        (lambda row: row.astype(">f4").tobytes(), "big-endian"),
        (lambda row: base64.b64encode(row.tobytes()), "base64"),
        (lambda row: row.tobytes().hex().encode(), "hexadecimal"),
        (lambda row: row.tobytes()[:100], "float32"),
        (lambda row: row.tobytes()[-70:], "float32"),
    ],
)
def test_a_copy_in_the_cache_is_found(gallery, form, words):
    hidden = cache_dir() / "somebody's" / "copy.bin"
    hidden.parent.mkdir(parents=True, exist_ok=True)
    hidden.write_bytes(b"prefix" * 7 + form(actor("Red").templates[1]) + b"suffix")
    try:
        result = forget("Red", "-g", gallery)
    finally:
        hidden.unlink()
    assert result.exit_code == 6
    assert "copy.bin" in result.output
    assert words in result.output


def test_what_a_killed_writer_left_beside_the_gallery_goes(gallery):
    partial = gallery.with_name(f".{gallery.name}.tmp")
    partial.write_bytes(gallery.read_bytes())
    assert forget("Red", "-g", gallery).exit_code == 0
    assert not partial.exists()


@pytest.mark.parametrize("name", ["Red", "RED", "rouge", "red"])
def test_a_run_that_is_being_written_is_named_and_done_later(images, tmp_path, name):
    gallery = gallery_of(tmp_path / "place" / "cast.gallery", actor("Red", aliases=("Rouge",)), actor("Blue"))
    run = extract(images, tmp_path / "run", gallery).run
    with FileLock(run.folder / ".lock"):
        result = forget(name, "-g", gallery)
    assert result.exit_code == 6
    assert "being written" in result.output
    assert [len(entry.templates) for entry in read_gallery(gallery).actors] == [0, 2]
    assert search([gallery.parent], actor("Red").templates).found == ()
    again = forget(name, "-g", gallery)
    assert again.exit_code == 0, again.output
    assert rows(read_run(run.folder))["0.png"]["actors"] is None
    assert [entry.name for entry in read_gallery(gallery).actors] == ["Blue"]


def test_somebody_being_forgotten_is_matched_no_more(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    with FileLock(run.folder / ".lock"):
        forget("Red", "-g", gallery)
    held = rows(extract(images, tmp_path / "other", gallery).run)
    assert [item["name"] for item in held["2.png"]["actors"]] == ["Blue", "unknown"]
    listed = CliRunner().invoke(app, ["actors", "list", "-g", str(gallery)])
    assert "being" in listed.output


def test_a_run_that_began_before_names_nobody_who_was_forgotten_meanwhile(images, gallery, tmp_path, monkeypatch):
    honest = pipeline.read_sources

    def slow(*arguments, **options):
        assert forget("Red", "-g", gallery).exit_code == 0
        return honest(*arguments, **options)

    monkeypatch.setattr(pipeline, "read_sources", slow)
    found = rows(extract(images, tmp_path / "run", gallery).run)
    assert "Red" not in json.dumps([row["actors"] for row in found.values()])


def test_a_gallery_that_became_another_one_stops_the_run(images, gallery, tmp_path, monkeypatch):
    honest = pipeline.read_sources

    def slow(*arguments, **options):
        gallery_of(gallery, actor("Red"))
        return honest(*arguments, **options)

    monkeypatch.setattr(pipeline, "read_sources", slow)
    with pytest.raises(GalleryError, match="was changed while the run began"):
        extract(images, tmp_path / "run", gallery)


@pytest.mark.parametrize(
    ("file", "text"),
    [("contract.json", "{"), ("contract.json", "{}"), ("run.json", "{"), ("run.json", '{"run_format": 1}')],
)
def test_one_damaged_run_does_not_keep_the_others(images, gallery, tmp_path, file, text):
    bad, good = (extract(images, tmp_path / name, gallery).run for name in ("bad", "good"))
    (bad.folder / file).write_text(text)
    result = forget("Red", "-g", gallery)
    assert result.exit_code == 6
    assert str(bad.folder) in result.output
    assert rows(read_run(good.folder))["0.png"]["actors"] is None


def test_a_run_that_was_moved_is_not_passed_over(images, gallery, tmp_path):
    extract(images, tmp_path / "run", gallery)
    (tmp_path / "run").rename(tmp_path / "moved")
    result = forget("Red", "-g", gallery)
    assert result.exit_code == 6
    assert "is not there" in result.output
    again = forget("Red", "-g", gallery, "--deleted", tmp_path / "run", "--run", tmp_path / "moved")
    assert again.exit_code == 0, again.output
    assert rows(read_run(tmp_path / "moved"))["0.png"]["actors"] is None


def test_a_named_run_that_is_none_stops_before_anything_is_removed(gallery, tmp_path):
    before = gallery.read_bytes()
    for place in (tmp_path / "typo", tmp_path):
        result = forget("Red", "-g", gallery, "--run", place)
        assert result.exit_code == 2
        assert "there is no run" in result.output
    assert gallery.read_bytes() == before


@pytest.mark.parametrize("name", ["cast[1].gallery", "cast**.gallery", "link"])
def test_copies_beside_the_gallery_are_found_whatever_its_name(tmp_path, name):
    gallery = gallery_of(tmp_path / "real" / ("cast.gallery" if name == "link" else name), actor("Red"))
    copy = gallery.with_name(gallery.name + ".bak")
    copy.write_bytes(gallery.read_bytes())
    if name == "link":
        (tmp_path / "link").symlink_to(gallery)
    result = forget("Red", "-g", tmp_path / "link" if name == "link" else gallery)
    assert result.exit_code == 6
    assert copy.name in result.output.replace("\n", "")


@pytest.mark.parametrize("jsonl", [False, True])
def test_face_vectors_in_a_run_are_found(images, gallery, tmp_path, jsonl):
    run = extract(images, tmp_path / "run", gallery, jsonl=jsonl, keep_face_vectors=True).run
    stored = [item["vector"] for row in rows(run).values() for item in row["actor_vectors"]]
    forms = {item.form for item in search([run.folder], [np.array(stored[0], np.float32)]).found}
    assert forms == {"a row of actor_vectors"} | ({"decimal numbers"} if jsonl else set())


def test_what_a_killed_writer_left_in_a_run_goes(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    work = run.folder / ".staging"
    (work / "commit.tmp").mkdir(parents=True)
    left = [work / "chunk-000000.parquet.tmp", work / "commit.tmp" / "part-00009.parquet", run.folder / "x.json.tmp"]
    for file in left:
        file.write_bytes(run.parts[0].read_bytes())
    assert forget("Red", "-g", gallery).exit_code == 0
    assert not any(file.exists() for file in left)


@pytest.mark.parametrize("name", ["a\u2028b", "a\nb", "ö ü"])
def test_runs_of_any_name_are_found_again(images, gallery, tmp_path, name):
    extract(images, tmp_path / name, gallery)
    assert known_runs(gallery) == [(tmp_path / name).resolve()]
    assert forget("Red", "-g", gallery).exit_code == 0
    assert rows(read_run(tmp_path / name))["0.png"]["actors"] is None


def test_a_damaged_list_of_runs_is_one_line_and_nothing_is_removed(images, gallery, tmp_path):
    register = gallery.with_name(f"{gallery.name}.runs")
    before = gallery.read_bytes()
    for content in (b"\xff\n", b"[1]\n{"):
        register.write_bytes(content)
        result = forget("Red", "-g", gallery)
        assert result.exit_code == 2
        assert "cannot be read" in result.output
        assert gallery.read_bytes() == before
        with pytest.raises(GalleryError, match="list of runs"):
            extract(images, tmp_path / "run", gallery)


def test_forgetting_unknown_takes_nothing_back(images, gallery, tmp_path):
    paint(images / "4.png", (200, 200, 200), noise=9)
    run = extract(images, tmp_path / "run", gallery).run
    assert forget("unknown", "-g", gallery).exit_code == 2
    assert rows(read_run(run.folder)) == rows(run)


def test_a_person_under_an_earlier_id_is_forgotten_too(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    gallery_of(gallery, actor("Red", actor_id="nm1"), actor("Blue"))
    assert forget("nm1", "-g", gallery).exit_code == 0
    assert rows(read_run(run.folder))["0.png"]["actors"] is None


def test_a_gallery_that_is_not_there_leaves_no_trace(tmp_path):
    result = forget("Red", "-g", tmp_path / "no" / "such.gallery")
    assert result.exit_code == 2
    assert not (tmp_path / "no").exists()


def test_unfinished_work_that_names_them_is_dropped(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    table = run.table()
    for folder in (tmp_path / "run", tmp_path / "first"):
        with open_staging(folder, run.info["fingerprint"]) as staging:
            staging.add(table, [])
        traces = take_back(folder, RED)
        assert (traces.rows, traces.problem) == (2, "")
        assert not list(folder.rglob("chunk-*"))
    assert rows(read_run(tmp_path / "run"))["0.png"]["actors"] is None


def test_a_folder_without_them_is_left_as_it_is(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    stamp = [(file, file.stat().st_mtime_ns) for file in sorted(run.folder.iterdir())]
    assert take_back(run.folder, OLIVE).rows == 0
    assert [(file, file.stat().st_mtime_ns) for file in sorted(run.folder.iterdir())] == stamp
    assert take_back(tmp_path / "images", RED).rows == 0


def test_a_run_that_cannot_be_read_is_a_problem_and_no_error(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    run.parts[0].write_bytes(b"no parquet")
    result = forget("Red", "-g", gallery)
    assert result.exit_code == 6
    assert str(run.folder) in result.output
    assert [len(entry.templates) for entry in read_gallery(gallery).actors] == [0, 2]


def test_a_run_made_elsewhere_is_named(images, gallery, tmp_path):
    run = extract(images, tmp_path / "run", gallery).run
    gallery.with_name(f"{gallery.name}.runs").unlink()
    result = forget("Red", "-g", gallery, "--run", run.folder, "--json")
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.stdout)["runs"]
    assert told == {"run": str(run.folder), "rows": 2, "problem": None}


@pytest.mark.parametrize(
    ("name", "words"),
    [("Redd", "did you mean Red"), ("Zoltan", "know no 'Zoltan'"), ("Twin", "name one by its id")],
)
def test_names_that_mean_nobody_or_several(tmp_path, name, words):
    twins = actor("Blue", actor_id="b1", name="Twin"), actor("Green", actor_id="b2", name="Twin")
    path = gallery_of(tmp_path / "some.gallery", actor("Red"), *twins)
    before = path.read_bytes()
    result = forget(name, "-g", path)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert path.read_bytes() == before


def test_runs_without_recognition_are_passed_over(images, gallery, tmp_path):
    plain = pipeline.extract(images, tmp_path / "plain", Settings()).run
    assert take_back(plain.folder, RED) == take_back(plain.folder, OLIVE)
    pq.write_table(pa.table({"asset_id": ["a"]}), tmp_path / "plain" / "part-00000.parquet")
    assert take_back(plain.folder, RED).rows == 0
