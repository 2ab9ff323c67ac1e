"""Forgetting an actor reaches the index: no row names them, and no file still has the name."""

import shutil

import pytest
from index_runs import Crowd, Look, catalogue
from people_runs import PEOPLE, TODAY, gallery_of

from artvision import stages
from artvision.errors import RunError
from artvision.index import make, writing
from artvision.index.store import open_index
from artvision.pipeline import extract
from artvision.privacy import report
from artvision.recognition import forgetting
from artvision.recognition.register import known_runs, note_run
from artvision.settings import Settings

WHO = "Annabel Featherstonehaugh"  # long enough to be found as bytes


@pytest.fixture(autouse=True)
def _small_stages(monkeypatch):
    class Named(Crowd):
        who = WHO

    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look, Named]))


@pytest.fixture
def made(tmp_path):
    """(gallery, index, run): an index whose run lies elsewhere, known to the gallery that recognised people in it."""
    ann = [person for person in PEOPLE if person.actor_id == "ann"]
    gallery = gallery_of(tmp_path / "g.gallery", ann)
    art = catalogue(tmp_path / "art", {"a": [1, 2, 3], "b": [5]})
    extract(art, tmp_path / "run", Settings(actors=str(gallery)))
    note_run(gallery, tmp_path / "run")
    make.make_index(tmp_path / "i", run=tmp_path / "run")
    return gallery, tmp_path / "i", tmp_path / "run"


def names_in(index):
    found = open_index(index).table(["asset_id", "actors"]).to_pylist()
    return {face["name"] for row in found for face in row["actors"] or ()}


def files_with(folder, text):
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def forget(gallery):
    folders = forgetting.runs_of(gallery, ())
    _, who = forgetting.begin(gallery, "ann")
    return [forgetting.take_back(folder, who) for folder in folders]


def test_an_index_is_noted_beside_the_gallery_after_its_run(made):
    gallery, index, run = made
    assert known_runs(gallery) == [run.resolve(), index.resolve()]
    assert forgetting.runs_of(gallery, [index]) == [run.resolve(), index.resolve()]


def test_forgetting_leaves_no_row_and_no_byte(made):
    gallery, index, _ = made
    assert names_in(index) == {WHO}
    assert files_with(index, WHO)
    traces = forget(gallery)
    assert [(trace.rows, trace.problem) for trace in traces] == [(3, ""), (3, "")]
    assert names_in(index) == set()
    assert files_with(index, WHO) == []
    assert open_index(index).info["rows"] == 4
    assert open_index(index).nearest(None, where=f"array_has(actor_names, '{WHO}')").num_rows == 0


def test_where_the_run_is_gone_the_rows_go(made):
    gallery, index, run = made
    shutil.rmtree(run)
    traces = forget(gallery)
    assert "is not there" in traces[0].problem
    assert (traces[1].rows, traces[1].problem) == (3, "")
    assert names_in(index) == set()
    assert files_with(index, WHO) == []
    assert open_index(index).info["rows"] == 1


def test_what_a_killed_first_index_left_goes_too(made, tmp_path, monkeypatch):
    gallery, _, run = made
    monkeypatch.setattr(writing.Draft, "commit", _killed)
    with pytest.raises(KeyboardInterrupt):
        make.make_index(tmp_path / "half", run=run)
    assert files_with(tmp_path / "half", WHO)
    monkeypatch.undo()
    assert [trace.problem for trace in forget(gallery)] == ["", "", ""]
    assert files_with(tmp_path / "half", WHO) == []


def _killed(*_, **__):
    raise KeyboardInterrupt


def test_a_damaged_run_costs_the_rows_and_forgets(made):
    gallery, index, run = made
    _, who = forgetting.begin(gallery, "ann")
    for part in run.glob("part-*"):
        part.write_bytes(b"xx")
    assert forgetting.take_back(index, who).problem == ""
    assert names_in(index) == set()


def test_an_index_is_noted_from_any_folder(made, tmp_path, monkeypatch):
    gallery, _, _ = made
    monkeypatch.chdir(tmp_path)
    extract(tmp_path / "art" / "catalog.csv", tmp_path / "near", Settings(actors="g.gallery"))
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    make.make_index(tmp_path / "j", run=tmp_path / "near")
    assert (tmp_path / "j").resolve() in known_runs(gallery)


def test_an_index_whose_run_still_names_them_is_a_problem(made, monkeypatch):
    gallery, index, _ = made
    _, who = forgetting.begin(gallery, "ann")
    trace = forgetting.take_back(index, who)
    assert "still name them, as its run does" in trace.problem


def test_an_index_that_is_being_written_is_a_problem(made, monkeypatch):
    gallery, _, _ = made

    def busy(*_, **__):
        raise RunError("busy")

    from artvision.index import following

    monkeypatch.setattr(following, "alone_in", busy)
    assert "busy" in forget(gallery)[1].problem


def test_biometric_columns_never_reach_the_index(made):
    _, index, _ = made
    assert "actor_vectors" not in open_index(index).columns


def test_the_privacy_report_of_an_index_is_its_runs(made):
    _, index, run = made
    found = report(index, TODAY)
    assert found.place == str(run.resolve())
    assert found.remarks[0] == f"{index} is an index of this run; it names {WHO}"
    assert found.people[0].rows == 3
    shutil.rmtree(run)
    with pytest.raises(RunError, match=f"it names {WHO}"):
        report(index, TODAY)
