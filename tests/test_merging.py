"""Shards and runs joined: the same rows as one undivided run, and nothing that contradicts itself."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from colour_people import actor, gallery_of, stand_in
from colour_people import paint as paint_people
from fakes import FakeStage, LateStage
from test_pipeline import Killed, entries, killer, mixed, paint, rows
from typer.testing import CliRunner

from artvision import pipeline, stages
from artvision.cli import app
from artvision.errors import RunError, UsageError
from artvision.export.make import write_export
from artvision.ledger import Outcome
from artvision.merging import rows as merged_rows
from artvision.merging.make import merge
from artvision.run import read_run
from artvision.settings import Settings
from artvision.sharding import Shard
from artvision.writing.staging import open_staging

OF = 3


@pytest.fixture(autouse=True)
def _fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateStage, FakeStage]))


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures, one that is broken, one in which a stage fails, and two files that are none."""
    target = mixed(tmp_path / "images")
    (target / "notes.txt").write_text("not a picture")
    (target / ".hidden").write_text("")
    return target


def extract(*paths, out, shard="1/1", settings=None, **options):
    return pipeline.extract(paths, out, Settings(**settings or {}), shard=Shard.parse(shard), **options)


def shards(folder, out, of=OF, **options):
    """The run folders of all shards."""
    names = [out / f"shard-{number}" for number in range(1, of + 1)]
    for number, name in enumerate(names, 1):
        extract(folder, out=name, shard=f"{number}/{of}", **options)
    return names


def told(run):
    return {name: run.info["counts"][name] for name in ("attempted", "ok", "failed", "skipped")}


def ledger(run):
    """asset_id -> entry without what differs between two executions."""
    return {name: {**entry, "run_id": None} for name, entry in entries(run).items()}


@pytest.mark.parametrize("of", [1, 2, 5, 40])
def test_merged_shards_are_the_undivided_run(folder, tmp_path, of):
    whole = extract(folder, out=tmp_path / "whole").run
    merged = merge(shards(folder, tmp_path, of), tmp_path / "run").run
    assert rows(merged) == rows(whole)
    assert ledger(merged) == ledger(whole)
    assert told(merged) == told(whole) == {"attempted": 16, "ok": 12, "failed": 2, "skipped": 2}
    assert merged.info["rows"] == merged.table().num_rows == 13
    assert (merged.info["fingerprint"], merged.contract) == (whole.info["fingerprint"], whole.contract)
    assert "shard" not in merged.info


def test_shards_account_for_every_input_once(folder, tmp_path):
    whole = told(extract(folder, out=tmp_path / "whole").run)
    parts = [told(read_run(name)) for name in shards(folder, tmp_path)]
    assert {name: sum(part[name] for part in parts) for name in whole} == whole


def test_a_merged_run_is_extended_without_computing_anything(folder, tmp_path):
    merge(shards(folder, tmp_path), tmp_path / "run")
    again = extract(folder, out=tmp_path / "run")
    assert (again.computed, again.reused, again.attempted) == (0, 14, 16)
    paint(folder / "new.png", seed=99)
    assert extract(folder, out=tmp_path / "run").computed == 1


def test_a_shard_that_is_empty_is_a_run_without_rows(tmp_path):
    paint(tmp_path / "0.png", seed=0)
    found = [extract(tmp_path / "0.png", out=tmp_path / f"s{number}", shard=f"{number}/2") for number in (1, 2)]
    assert sorted(summary.attempted for summary in found) == [0, 1]
    for summary in found:
        summary.enforce("0")
    assert merge([summary.run.folder for summary in found], tmp_path / "run").run.info["rows"] == 1


def test_the_shard_stands_in_the_run_and_not_in_its_fingerprint(folder, tmp_path):
    one, two, _ = (read_run(name) for name in shards(folder, tmp_path))
    assert one.info["fingerprint"] == two.info["fingerprint"]
    assert (one.info["shard"]["numbers"], one.info["shard"]["of"], one.info["shard"]["inputs"]) == ([1], OF, 14)
    assert one.info["shard"]["inputs_sha256"] == two.info["shard"]["inputs_sha256"]


def test_a_missing_shard_is_named_unless_a_part_is_wanted(folder, tmp_path):
    one, two, three = shards(folder, tmp_path)
    with pytest.raises(RunError, match=r"^shard 2/3 is missing; name every shard, or --partial"):
        merge([one, three], tmp_path / "run")
    with pytest.raises(RunError, match=r"^shards 1/3, 3/3 are missing"):
        merge([two], tmp_path / "run")
    part = merge([one, three], tmp_path / "part", partial=True).run
    assert part.info["shard"]["numbers"] == [1, 3]
    completed = merge([part.folder, two], tmp_path / "run").run
    assert rows(completed) == rows(extract(folder, out=tmp_path / "whole").run)
    assert "shard" not in completed.info


def test_an_extract_of_everything_completes_a_shard(folder, tmp_path):
    one, *_ = shards(folder, tmp_path)
    own = read_run(one).info["rows"]
    whole = extract(folder, out=one)
    assert (whole.reused >= own, "shard" in whole.run.info) == (True, False)
    assert whole.run.info["rows"] == 13


@pytest.mark.parametrize(("there", "asked", "text"), [
    ("1/1", "1/3", "holds a whole run, not shard 1/3"),
    ("1/3", "2/3", "holds shard 1/3, not shard 2/3"),
    ("1/3", "1/2", "holds shard 1/3, not shard 1/2"),
])  # fmt: skip
def test_a_folder_holds_one_shard(folder, tmp_path, there, asked, text):
    extract(folder, out=tmp_path / "run", shard=there)
    before = rows(read_run(tmp_path / "run"))
    with pytest.raises(RunError, match=text):
        extract(folder, out=tmp_path / "run", shard=asked, prune=True)
    assert rows(read_run(tmp_path / "run")) == before
    assert not (tmp_path / "run" / ".staging").exists()
    assert extract(folder, out=tmp_path / "run", shard=asked, overwrite=True).run.info.get("shard")


def test_pruning_a_shard_drops_what_left_the_inputs(folder, tmp_path):
    shards(folder, tmp_path)
    (folder / "3.png").unlink()
    names = shards(folder, tmp_path, prune=True)
    assert "3.png" not in entries(merge(names, tmp_path / "run").run)


def test_shards_of_different_inputs_are_refused(folder, tmp_path):
    one, two, three = shards(folder, tmp_path)
    paint(folder / "new.png", seed=99)
    extract(folder, out=three, shard="3/3")
    with pytest.raises(RunError, match=r"but of other inputs \(14 and 15 pictures\)"):
        merge([one, two, three], tmp_path / "run")
    for number, name in enumerate((one, two), 1):  # nothing to compute, or the new picture: either way they agree now
        extract(folder, out=name, shard=f"{number}/3")
    assert rows(merge([one, two, three], tmp_path / "run").run) == rows(extract(folder, out=tmp_path / "whole").run)


def test_shards_of_different_divisions_are_refused(folder, tmp_path):
    extract(folder, out=tmp_path / "a", shard="1/2")
    extract(folder, out=tmp_path / "b", shard="2/3")
    with pytest.raises(RunError, match=r"a is shard 1/2, .*b is shard 2/3: parts of different divisions"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "run", partial=True)


def test_runs_made_differently_are_refused_with_what_differs(folder, tmp_path):
    extract(folder, out=tmp_path / "a", shard="1/2")
    extract(folder, out=tmp_path / "b", shard="2/2", settings={"background": "#000000"})
    with pytest.raises(RunError, match=r"made differently.*\n +decode\.background: #808080 -> #000000"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "run")
    assert not (tmp_path / "run").exists()


def catalogue(folder, lines, name="catalog.csv"):
    (folder / name).write_text("\n".join(lines))
    return folder / name


def test_one_picture_in_several_runs_stands_once(folder, tmp_path):
    whole = extract(folder, out=tmp_path / "whole").run
    extract(folder, out=tmp_path / "again")
    merged = merge([tmp_path / "whole", tmp_path / "again", *shards(folder, tmp_path)], tmp_path / "run")
    assert (rows(merged.run), told(merged.run)) == (rows(whole), told(whole))
    assert merged.doubled == 32
    assert sorted(merged.run.table()["asset_id"].to_pylist()) == sorted(rows(whole))


def test_one_id_for_two_pictures_is_refused(folder, tmp_path):
    extract(folder / "1.png", out=tmp_path / "a")
    paint(folder / "1.png", seed=77)
    extract(folder / "1.png", out=tmp_path / "b")
    with pytest.raises(RunError, match=r"'1\.png' stands in .*a and .*b, with another picture in each"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_one_id_with_other_catalogue_cells_is_refused(folder, tmp_path):
    for run, title in (("a", "One"), ("b", "Two")):
        extract(catalogue(folder, ["image,title_id,title", f"1.png,t1,{title}"]), out=tmp_path / run)
    with pytest.raises(RunError, match="with other catalogue cells in each"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "run")


@pytest.mark.parametrize("order", [("bad", "good"), ("good", "bad")])
def test_a_row_stands_where_another_run_failed(folder, tmp_path, order):
    (folder / "x.png").write_bytes(b"junk")
    extract(folder / "x.png", out=tmp_path / "bad")
    paint(folder / "x.png", seed=5)
    good = extract(folder / "x.png", out=tmp_path / "good").run
    merged = merge([tmp_path / name for name in order], tmp_path / "run").run
    assert rows(merged) == rows(good)
    assert entries(merged)["x.png"]["status"] == Outcome.OK


def test_carried_columns_have_one_type_in_all_shards(folder, tmp_path):
    cells = [{"image": f"{n}.png", "title_id": "t", "budget": n if n % 2 else n + 0.5} for n in range(12)]
    cells[4]["rare"] = 1
    lines = [json.dumps(cell) for cell in cells]
    table = catalogue(folder, lines, "catalog.jsonl")
    whole = extract(table, out=tmp_path / "whole").run
    merged = merge(shards(table, tmp_path), tmp_path / "run").run
    assert rows(merged) == rows(whole)
    assert merged.schema.equals(whole.schema)
    before = merged.info["run_id"]
    assert extract(table, out=tmp_path / "run").run.info["run_id"] == before


def test_carried_columns_of_unlike_runs_are_joined(folder, tmp_path):
    extract(catalogue(folder, ['{"image": "1.png", "title_id": "t", "year": 1999}'], "a.jsonl"), out=tmp_path / "a")
    extract(catalogue(folder, ['{"image": "2.png", "title_id": "t", "year": "new", "who": "me"}'], "b.jsonl"),
            out=tmp_path / "b")  # fmt: skip
    merged = merge([tmp_path / "a", tmp_path / "b"], tmp_path / "run").run
    found = {name: (row["year"], row["who"]) for name, row in rows(merged).items()}
    assert found == {"1.png": ("1999", None), "2.png": ("new", "me")}
    again = extract(folder / "a.jsonl", folder / "b.jsonl", out=tmp_path / "run")
    assert again.computed == 0


def test_rows_pass_piece_by_piece_into_parts(folder, tmp_path, monkeypatch):
    whole = extract(folder, out=tmp_path / "whole").run
    monkeypatch.setattr(merged_rows, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr("artvision.writing.commit.ROWS_PER_PART", 4)
    merged = merge(shards(folder, tmp_path), tmp_path / "run", jsonl=True).run
    assert rows(merged) == rows(whole)
    assert len(merged.parts) == len(merged.info["extras"]) > 2
    assert max(pq.read_metadata(part).num_rows for part in merged.parts) <= 5


def test_a_run_that_is_there_is_replaced_only_when_asked(folder, tmp_path):
    names = shards(folder, tmp_path)
    paint(tmp_path / "other.png", seed=1)
    before = rows(extract(tmp_path / "other.png", out=tmp_path / "run").run)
    with pytest.raises(RunError, match="holds a run already"):
        merge(names, tmp_path / "run")
    assert rows(read_run(tmp_path / "run")) == before
    assert not (tmp_path / "run" / ".staging").exists()
    assert "other.png" not in rows(merge(names, tmp_path / "run", overwrite=True).run)
    assert sorted(file.name for file in (tmp_path / "run").glob("part-*")) == read_run(tmp_path / "run").info["parts"]


def test_unfinished_work_is_not_thrown_away(folder, tmp_path, monkeypatch):
    names = shards(folder, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(pipeline.Writer, "finish", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            extract(folder, out=tmp_path / "run")
    with pytest.raises(RunError, match="holds an unfinished run"):
        merge(names, tmp_path / "run")
    assert extract(folder, out=tmp_path / "run").computed == 0


def test_killed_at_any_moment_there_is_the_old_run_or_the_new_one(folder, tmp_path, monkeypatch):
    names = shards(folder, tmp_path)
    after = rows(extract(folder, out=tmp_path / "whole").run)
    paint(tmp_path / "other.png", seed=1)
    before = rows(extract(tmp_path / "other.png", out=tmp_path / "base").run)
    for at in range(1, 100):
        out = tmp_path / f"run{at}"
        shutil.copytree(tmp_path / "base", out)
        with monkeypatch.context() as patched:
            killer(patched, at)
            try:
                merge(names, out, overwrite=True)
                break
            except Killed:
                pass
        assert rows(read_run(out)) in (before, after)
        assert rows(merge(names, out, overwrite=True).run) == after
        assert sorted(file.name for file in out.glob("part-*")) == sorted(read_run(out).info["parts"])
        assert not (out / ".staging").exists()
        shutil.rmtree(out)
    assert at > 10


def test_a_run_that_is_being_written_is_not_merged(folder, tmp_path):
    one, *others = shards(folder, tmp_path)
    with open_staging(one, read_run(one).info["fingerprint"]), pytest.raises(RunError, match="being written"):
        merge([one, *others], tmp_path / "run")


def test_runs_that_cannot_be_written_to_are_merged_without_a_lock(folder, tmp_path, monkeypatch):
    names = shards(folder, tmp_path)
    for name in names:
        (name / ".lock").unlink()
    monkeypatch.setattr("artvision.merging.make.access", lambda *_: False)
    assert merge(names, tmp_path / "run").run.info["rows"] == 13
    assert not any((name / ".lock").exists() for name in names)


def test_the_output_is_none_of_the_inputs(folder, tmp_path):
    one, *others = shards(folder, tmp_path)
    with pytest.raises(UsageError, match="is one of the runs to merge"):
        merge([one, *others], tmp_path / "images" / ".." / one.name)


def test_nothing_to_merge_is_said(tmp_path):
    with pytest.raises(UsageError, match="no run to merge"):
        merge([], tmp_path / "run")


def test_a_run_named_twice_counts_once(folder, tmp_path):
    run = extract(folder, out=tmp_path / "a").run
    merged = merge([tmp_path / "a", tmp_path / "a" / "."], tmp_path / "run")
    assert (merged.doubled, rows(merged.run)) == (0, rows(run))


@pytest.mark.parametrize("broken", ["nothing", "no folder"])
def test_what_is_no_run_is_named(folder, tmp_path, broken):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(RunError, match=f"{broken} holds no finished run"):
        merge([tmp_path / broken], tmp_path / "run")
    assert list((tmp_path / "nothing").iterdir()) == []


def test_a_gallery_is_told_of_the_merged_run(folder, tmp_path):
    from artvision.recognition.register import known_runs

    names = shards(folder, tmp_path)
    gallery = tmp_path / "cast.gallery"
    gallery.touch()
    for name in names:
        info = json.loads((name / "run.json").read_text())
        info["settings"]["actors"] = str(gallery)
        (name / "run.json").write_text(json.dumps(info))
    merge(names, tmp_path / "run")
    assert known_runs(gallery) == [(tmp_path / "run").resolve()]


def test_somebody_is_forgotten_from_the_merged_run_too(tmp_path, monkeypatch):
    stand_in(monkeypatch)
    gallery = gallery_of(tmp_path / "place" / "cast.gallery", actor("Red"), actor("Blue"))
    for number, people in enumerate([["Red"], ["Blue"], ["Blue", "Red"], []]):
        paint_people(tmp_path / "images" / f"{number}.png", *people, noise=number)
    merge(shards(tmp_path / "images", tmp_path, settings={"actors": str(gallery)}), tmp_path / "run")
    assert named(tmp_path / "run") == {"Red", "Blue"}
    forgotten = CliRunner().invoke(app, ["actors", "forget", "Red", "-g", str(gallery)])
    assert forgotten.exit_code == 0, forgotten.output
    assert named(tmp_path / "run") == {"Blue"}


def named(folder):
    return {face["name"] for row in rows(read_run(folder)).values() for face in row["actors"] or ()}


def test_a_merged_run_is_exported(folder, tmp_path):
    merged = merge(shards(folder, tmp_path), tmp_path / "run").run
    write_export(tmp_path / "run", tmp_path / "out", "numpy")
    assert sorted(np.load(tmp_path / "out" / "asset_id.npy")) == sorted(rows(merged))


def test_the_command_line_shards_and_merges(folder, tmp_path):
    def run(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    for number in (1, 2):
        assert run("extract", folder, "--shard", f"{number}/2", "-o", tmp_path / f"s{number}").exit_code == 3
    refused = run("merge", tmp_path / "s1", "-o", tmp_path / "run")
    assert (refused.exit_code, "error: shard 2/2 is missing" in refused.stderr) == (5, True)
    part = run("merge", tmp_path / "s1", "-o", tmp_path / "part", "--partial")
    assert (part.exit_code, "note: only shard 1/2" in part.stderr) == (0, True)
    done = run("merge", tmp_path / "s1", tmp_path / "s2", "-o", tmp_path / "run", "--json")
    document = json.loads(done.stdout)
    assert (document["attempted"], document["rows"], document["shard"]) == (16, 13, None)
    assert [origin["shard"]["numbers"] for origin in document["merged"]] == [[1], [2]]
    assert "attempted 16 = ok 12 + failed 2 + skipped 2" in done.stderr
    assert run("extract", folder, "--shard", "3/2", "-o", tmp_path / "x").exit_code == 2
    assert run("merge", tmp_path / "s1", "-o", tmp_path / "y", "--format", "xml").exit_code == 2
