"""The privacy report: all that is stored about whom, from hand-made galleries and runs; nothing biometric is shown."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from people_runs import AFTER, LONG, PEOPLE, TODAY, actor, face, gallery_of, make_run, vector
from typer.testing import CliRunner

from artvision import stages
from artvision.cli import app
from artvision.contract import Column, Privacy
from artvision.errors import GalleryError, RunError, UsageError
from artvision.privacy import report
from artvision.recognition.register import note_run
from artvision.settings import Settings


@pytest.fixture
def gallery(tmp_path):
    return gallery_of(tmp_path / "cast.gallery")


def run(*words):
    return CliRunner().invoke(app, ["privacy", "report", *map(str, words)])


def test_a_gallery_has_a_row_a_person(gallery):
    found = report(gallery, TODAY)
    rows = [
        (one.actor_id, one.templates, len(one.portraits), one.scope, one.expires, one.unused) for one in found.people
    ]
    assert rows == [
        ("ann", 2, 2, ("t1", "t2"), AFTER, ""),
        ("bob", 3, 3, (), None, ""),
        ("cy", 1, 1, (), None, "no rights basis"),
        ("old", 1, 1, (), TODAY - timedelta(days=1), "expired 2030-05-31"),
    ]
    assert (found.mode, found.embedder, found.width, found.bytes) == ("0600", "dlib", 4, gallery.stat().st_size)


def test_entries_without_a_last_day_and_unused_ones_are_pointed_out(gallery):
    told = list(report(gallery, TODAY).remarks)
    assert [text for text in told if "no last day" in text] == [
        "no last day is set for Bob Žižek: enrol again with the day on which the right ends"
    ]
    assert any(text.startswith("Cy: no rights basis") and "actors forget cy" in text for text in told)
    assert any(text.startswith("Dora: expired 2030-05-31") for text in told)
    assert len(told) == 3


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_gallery_that_others_can_read_copies_and_left_overs_are_pointed_out(gallery):
    gallery.chmod(0o640)
    for name in (".cast.gallery.tmp", ".cast.gallery.lock", "cast.gallery.runs", "cast.gallery.bak", "other.gallery"):
        (gallery.parent / name).write_bytes(b"")
    found = report(gallery, TODAY)
    assert found.mode == "0640"
    assert any("chmod 600" in text for text in found.remarks)
    assert [text.split()[:3] for text in found.remarks if text.startswith(str(gallery.parent))] == [
        [str(gallery.parent / ".cast.gallery.tmp"), "is", "left"],
        [str(gallery.parent / "cast.gallery.bak"), "looks", "like"],
    ]


def test_a_link_to_the_gallery_is_not_taken_for_its_copy(gallery, tmp_path):
    link = tmp_path / "elsewhere" / "link.gallery"
    link.parent.mkdir()
    link.symlink_to(gallery)
    assert not [line for line in report(link, TODAY).remarks if "looks like a copy" in line]


def test_known_runs_are_listed_with_what_became_of_them(gallery, tmp_path):
    for name in ("there", "gone", "broken"):
        note_run(gallery, tmp_path / name)
    make_run(tmp_path / "there")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    assert report(gallery, TODAY).runs == {
        str(tmp_path / "there"): "there",
        str(tmp_path / "gone"): "gone",
        str(tmp_path / "broken"): "unreadable",
    }


def test_a_run_counts_rows_and_faces_by_person(gallery, tmp_path):
    folder = make_run(tmp_path / "run", gallery=gallery)
    found = report(folder, TODAY)
    assert [(one.actor_id, one.name, one.rows, one.faces, one.vectors) for one in found.people] == [
        ("ann", "Ann Lee", 2, 3, 0),
        ("bob", "Bob Žižek", 1, 1, 0),
    ]
    assert (found.rows, found.unknown_faces, found.face_vectors) == (5, 3, 0)
    assert [(one.basis, one.scope, one.expires, one.standing) for one in found.people] == [
        ("contract", ("t1", "t2"), AFTER, "may be recognised"),
        (LONG, (), None, "may be recognised"),
    ]
    assert found.columns == {"actors": "person"}
    assert found.files == ("part-00000.parquet", "part-00001.parquet", "part-00000.jsonl")
    assert any("Bob Žižek" in text and "no last day" in text for text in found.remarks)


def test_the_stricter_class_counts_where_file_and_contract_differ(tmp_path):
    folder = make_run(tmp_path / "run")
    contract = {"fields": [], "columns": [{"name": "actors", "privacy": "biometric"}]}
    (folder / "contract.json").write_text(json.dumps(contract))
    assert report(folder, TODAY).columns == {"actors": "biometric"}
    (folder / "contract.json").write_text(json.dumps({"fields": [], "columns": []}))
    assert report(folder, TODAY).columns == {"actors": "person"}


def test_stored_face_vectors_are_counted_and_said_to_be_biometric(gallery, tmp_path):
    vectors = [[vector(0, "ann")], [vector(1, "ann"), vector(2, "bob")], [], None, []]
    found = report(make_run(tmp_path / "run", gallery=gallery, vectors=vectors), TODAY)
    assert {one.actor_id: one.vectors for one in found.people} == {"ann": 2, "bob": 1}
    assert (found.face_vectors, found.nameless_vectors) == (3, 0)
    assert found.columns == {"actors": "person", "actor_vectors": "biometric"}
    assert any("biometric" in text for text in found.remarks)


def test_a_vector_of_an_unrecognised_face_would_be_found_out(gallery, tmp_path):
    vectors = [[vector(0, "ann"), vector(1, None)], [], [], [], []]
    found = report(make_run(tmp_path / "run", gallery=gallery, vectors=vectors), TODAY)
    assert (found.face_vectors, found.nameless_vectors) == (2, 1)
    assert any("not recognised: delete the run" in text for text in found.remarks)
    assert {one.actor_id for one in found.people} == {"ann", "bob"}


@pytest.mark.parametrize(("change", "standing", "remark"), [
    (lambda path: path.unlink(), "gallery not readable", "there is no such gallery"),
    (lambda path: path.write_bytes(b"junk"), "gallery not readable", "cannot be read as a gallery"),
    (lambda path: gallery_of(path, gallery_id="g2"),
     "gallery not readable", "is another gallery now"),
    (lambda path: gallery_of(path, PEOPLE[1:]),
     "no longer in the gallery", "2 rows name Ann Lee: no longer in the gallery"),
    (lambda path: gallery_of(path, (actor("ann", "Ann Lee", 1, basis=""), *PEOPLE[1:])),
     "no rights basis", "2 rows name Ann Lee: no rights basis"),
])  # fmt: skip
def test_what_became_of_the_gallery_is_said(gallery, tmp_path, change, standing, remark):
    folder = make_run(tmp_path / "run", gallery=gallery)
    change(gallery)
    found = report(folder, TODAY)
    ann = next(one for one in found.people if one.actor_id == "ann")
    assert ann.standing == standing
    assert any(remark in text for text in (found.gallery, *found.remarks))
    assert not any("no last day" in text and "Ann" in text for text in found.remarks)


def test_a_run_that_recognised_nobody_says_so(tmp_path):
    found = report(make_run(tmp_path / "run", [[face(0)], None, []]), TODAY)
    assert (found.people, found.unknown_faces, found.remarks) == ((), 1, ())
    assert found.gallery.startswith("none")


def test_a_run_of_another_make_without_the_columns_is_reported_too(tmp_path):
    folder = make_run(tmp_path / "run")
    for part in folder.glob("*.parquet"):
        pq.write_table(pq.read_table(part).select(["asset_id"]), part)
    found = report(folder, TODAY)
    assert (found.rows, found.people, found.columns) == (5, (), {})


def test_a_run_is_known_however_its_folder_is_written(gallery, tmp_path, monkeypatch):
    note_run(gallery, make_run(tmp_path / "run", gallery=gallery))
    monkeypatch.chdir(tmp_path)
    for place in (Path("run"), Path("../") / tmp_path.name / "run", tmp_path / "run"):
        assert not any("does not know" in text for text in report(place, TODAY).remarks)


def test_what_a_run_holds_besides_is_pointed_out(gallery, tmp_path):
    folder = make_run(
        tmp_path / "run", gallery=gallery, cast=[None, [], ["Ann Lee", "X"], None, None], staging=True
    )  # fmt: skip
    told = report(folder, TODAY).remarks
    assert all(any(part in text for text in told) for part in ("unfinished work", "column cast", "does not know"))
    note_run(gallery, folder)
    assert not any("does not know" in text for text in report(folder, TODAY).remarks)
    empty = make_run(tmp_path / "other", gallery=gallery, cast=[None, [], None, None, None])
    assert not any("column cast" in text for text in report(empty, TODAY).remarks)


def test_what_is_no_gallery_and_no_run_is_refused(tmp_path):
    (tmp_path / "note.txt").write_text("x")
    folder = make_run(tmp_path / "run")
    (folder / "part-00001.parquet").write_bytes(b"PAR1")
    for place, error in [
        (tmp_path / "absent", UsageError),
        (tmp_path / "note.txt", GalleryError),
        (tmp_path, RunError),
        (folder, RunError),
    ]:
        with pytest.raises(error) as caught:
            report(place, TODAY)
        assert str(place) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_json_is_pure_and_complete(gallery, tmp_path):
    folder = make_run(tmp_path / "run", gallery=gallery)
    of_gallery, of_run = run(gallery, "--json"), run(folder, "--json")
    assert (of_gallery.exit_code, of_run.exit_code) == (0, 0)
    person = json.loads(of_gallery.stdout)["people"][0]
    assert (person["actor_id"], person["basis"], person["expires"]) == ("ann", "contract", "2030-06-02")
    assert json.loads(of_run.stdout)["people"][1]["name"] == "Bob Žižek"
    assert of_gallery.stderr == of_run.stderr == ""


@pytest.mark.parametrize("vectors", [None, [[vector(0, "ann")], [], [], [], []]])
def test_tables_fit_80_columns_and_say_everything(gallery, tmp_path, vectors):
    note_run(gallery, tmp_path / "run")
    folder = make_run(tmp_path / "run", gallery=gallery, vectors=vectors, cast=[["A"]] * 5)
    for place in (gallery, folder):
        shown = run(place).stdout
        assert max(map(len, shown.splitlines())) <= 80
        words = " ".join(shown.split())
        assert all(part in words for part in ("Ann Lee", "Bob Žižek", "contract", "t1, t2", "not set", "2030-06-02"))
        assert "To note" in words
        joined = "".join(shown.split())
        assert "".join(LONG.split())[:20] in joined


def test_no_number_of_a_template_is_shown(gallery, tmp_path):
    folder = make_run(tmp_path / "run", gallery=gallery, vectors=[[vector(0, "ann")], [], [], [], []])
    secret = [f"{number:.4g}"[:5] for one in PEOPLE for number in one.templates.ravel()]
    for words in ([gallery], [gallery, "--json"]):
        assert not any(number in run(*words).stdout for number in secret)
    assert "0.25" not in run(folder, "--json").stdout


def test_errors_have_their_exit_codes(tmp_path):
    (tmp_path / "note.txt").write_text("x")
    for place, code in [(tmp_path / "absent", 2), (tmp_path / "note.txt", 2), (tmp_path, 5)]:
        result = run(place)
        assert result.exit_code == code
        assert result.stderr.startswith("error: ")
        assert result.stdout == ""


def test_the_page_on_privacy_names_every_column_about_people():
    page = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text(encoding="utf-8")
    every = [stage(Settings(actors="x", keep_face_vectors=True)) for stage in stages.discover()]
    about = [one for stage in every for one in (*stage.fields(), *stage.columns()) if one.privacy != Privacy.NONE]
    named = {one.name if isinstance(one, Column) else f"{one.group}.*": one.privacy.value for one in about}
    assert named.keys() >= {"faces", "actors", "actor_vectors", "actor.*"}
    for name, kind in named.items():
        row = next((line for line in page.splitlines() if line.startswith("| run") and f"`{name}`" in line), "")
        assert kind in row.split("|")[3], name
