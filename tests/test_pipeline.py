"""The whole path on small made pictures and two small stages: what a run promises."""

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from fakes import FakeStage, LateStage
from pictures import HOSTILE
from pictures import write as write_made
from PIL import Image

from artvision import pipeline, stages
from artvision.errors import FailuresError, RunError, SourceError, UsageError
from artvision.run import read_run
from artvision.settings import Settings
from artvision.sources import read_sources
from artvision.writing import commit as commit_module
from artvision.writing import staging


@pytest.fixture(autouse=True)
def _fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateStage, FakeStage]))


@pytest.fixture
def folder(tmp_path):
    """Seven different noise pictures."""
    target = tmp_path / "images"
    target.mkdir()
    for number in range(7):
        paint(target / f"{number}.png", seed=number)
    return target


def paint(path, seed, size=(90, 60)):
    rng = np.random.default_rng(seed)
    Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)).save(path)


def mixed(target):
    """A new folder with twelve pictures, one that is broken, one in which the fake stage fails."""
    target.mkdir()
    for number in range(12):
        paint(target / f"{number}.png", seed=number)
    (target / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    Image.new("RGB", (90, 60), "gray").save(target / "flat.png")
    return target


def rows(run):
    """asset_id -> row without what differs between two executions."""
    return {
        row["asset_id"]: {name: value for name, value in row.items() if name != "run_id"}
        for row in run.table().to_pylist()
    }


def entries(run):
    return {row["asset_id"]: row for row in run.ledger().to_pylist()}


def extract(*paths, out, **options):
    settings = Settings(**options.pop("settings", {}))
    return pipeline.extract(paths, out, settings, **options)


def test_every_input_has_an_outcome(folder, tmp_path):
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    (folder / "notes.txt").write_text("not a picture")
    summary = extract(folder, out=tmp_path / "run")
    assert (summary.attempted, summary.ok, summary.failed, summary.skipped) == (9, 7, 1, 1)
    assert summary.attempted == summary.ok + summary.failed + summary.skipped
    assert len(rows(summary.run)) == 7
    assert summary.run.ledger().num_rows == 9
    assert "broken.jpg" in entries(summary.run)["broken.jpg"]["message"]
    assert summary.run.info["counts"] == summary.counts


def test_a_bad_neighbour_moves_no_number(folder, tmp_path):
    clean = rows(extract(folder, out=tmp_path / "clean").run)
    (folder / "3a.jpg").write_bytes(b"")
    (folder / "0a.png").mkdir()
    assert rows(extract(folder, out=tmp_path / "dirty").run) == clean


@pytest.mark.parametrize("name", HOSTILE)
def test_each_kind_of_bad_file_is_one_failed_input(folder, tmp_path, name):
    clean = rows(extract(folder, out=tmp_path / "clean").run)
    write_made(folder, [name])
    summary = extract(folder, out=tmp_path / "dirty", settings={"max_megapixels": 100})
    failed = entries(summary.run)[name]
    assert (summary.failed, failed["status"], failed["reason"], failed["has_row"]) == (
        1,
        "failed",
        HOSTILE[name][1],
        False,
    )
    assert failed["message"].startswith(str(folder / name))
    assert "\n" not in failed["message"]
    assert rows(summary.run) == clean


def test_a_file_that_vanishes_midway_is_one_failed_input(folder, tmp_path, monkeypatch):
    clean = rows(extract(folder, out=tmp_path / "clean").run)
    paint(folder / "3a.png", seed=3)

    def listed_then_deleted(*arguments, **options):
        found = read_sources(*arguments, **options)
        (folder / "3a.png").unlink()
        return found

    monkeypatch.setattr(pipeline, "read_sources", listed_then_deleted)
    summary = extract(folder, out=tmp_path / "dirty")
    assert entries(summary.run)["3a.png"]["reason"] == "missing"
    assert rows(summary.run) == clean


@pytest.mark.parametrize("batch", ["1", "3", "16"])
@pytest.mark.parametrize("workers", [1, 3])
def test_rows_do_not_depend_on_batches_or_workers(folder, tmp_path, batch, workers):
    reference = rows(extract(folder, out=tmp_path / "a").run)
    assert (
        rows(extract(folder, out=tmp_path / "b", settings={"batch_size": batch, "workers": workers}).run) == reference
    )


def test_running_again_does_nothing(folder, tmp_path):
    first = extract(folder, out=tmp_path / "run")
    before = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "run").iterdir()}
    second = extract(folder, out=tmp_path / "run")
    after = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "run").iterdir()}
    assert (second.computed, second.reused, second.ok) == (0, 7, 7)
    assert {name: stamp for name, stamp in after.items() if name != ".lock"} == {
        n: s for n, s in before.items() if n != ".lock"
    }
    assert second.run.run_id == first.run.run_id


def test_only_new_and_changed_inputs_are_computed(folder, tmp_path):
    first = extract(folder, out=tmp_path / "run")
    old = {row["asset_id"]: row["run_id"] for row in first.run.table().to_pylist()}
    paint(folder / "2.png", seed=99)
    paint(folder / "new.png", seed=100)
    second = extract(folder, out=tmp_path / "run")
    new = {row["asset_id"]: row["run_id"] for row in second.run.table().to_pylist()}
    assert (second.computed, second.reused) == (2, 6)
    assert {name for name in new if new[name] != old.get(name)} == {"2.png", "new.png"}
    assert len(new) == second.run.info["rows"] == 8
    assert rows(second.run) == rows(extract(folder, out=tmp_path / "fresh").run)


def test_an_addition_leaves_the_earlier_part_alone(folder, tmp_path):
    first = extract(folder, out=tmp_path / "run")
    paint(folder / "new.png", seed=100)
    second = extract(folder, out=tmp_path / "run")
    assert second.run.info["parts"][:-1] == first.run.info["parts"]


def test_a_touched_file_is_hashed_and_not_computed(folder, tmp_path):
    first = extract(folder, out=tmp_path / "run")
    (folder / "2.png").touch()
    second = extract(folder, out=tmp_path / "run")
    assert (second.computed, second.reused) == (0, 7)
    assert rows(second.run) == rows(first.run)
    assert {row["run_id"] for row in second.run.ledger().to_pylist()} == {first.run.run_id}


def test_a_run_with_nothing_new_sets_no_stage_up(folder, tmp_path, monkeypatch):
    extract(folder, out=tmp_path / "run")
    for path in folder.iterdir():
        path.touch()
    monkeypatch.setattr(FakeStage, "setup", lambda *_: (_ for _ in ()).throw(AssertionError("loaded")))
    assert extract(folder, out=tmp_path / "run").reused == 7


def test_failed_inputs_wait_for_retry(folder, tmp_path):
    (folder / "x.png").write_bytes(b"junk")
    extract(folder, out=tmp_path / "run")
    assert extract(folder, out=tmp_path / "run").computed == 0
    assert extract(folder, out=tmp_path / "run", retry_failed=True).computed == 1
    paint(folder / "x.png", seed=5)
    mended = extract(folder, out=tmp_path / "run")
    assert (mended.computed, mended.failed, mended.ok) == (1, 0, 8)


def test_earlier_inputs_are_kept_until_pruned(folder, tmp_path):
    extract(folder, out=tmp_path / "run")
    kept = extract(folder / "1.png", out=tmp_path / "run")
    assert (kept.attempted, kept.kept, kept.run.info["rows"]) == (1, 6, 7)
    pruned = extract(folder / "1.png", out=tmp_path / "run", prune=True)
    assert set(rows(pruned.run)) == set(entries(pruned.run)) == {"1.png"}


def test_another_setting_is_refused_with_the_difference(folder, tmp_path):
    extract(folder, out=tmp_path / "run")
    with pytest.raises(RunError, match=r"decode\.background: #808080 -> #000000") as caught:
        extract(folder, out=tmp_path / "run", settings={"background": "#000000"})
    assert caught.value.exit_code == 5
    fresh = extract(folder, out=tmp_path / "run", settings={"background": "#000000"}, overwrite=True)
    assert fresh.computed == 7


def test_a_setting_that_moves_no_number_is_welcome(folder, tmp_path):
    extract(folder, out=tmp_path / "run")
    assert (
        extract(
            folder, out=tmp_path / "run", settings={"workers": 1, "batch_size": "2", "stages": "late,fake"}
        ).computed
        == 0
    )


def test_a_failing_stage_keeps_the_row_and_its_neighbours(folder, tmp_path):
    Image.new("RGB", (90, 60), "gray").save(folder / "flat.png")
    summary = extract(folder, out=tmp_path / "run")
    row = rows(summary.run)["flat.png"]
    assert (row["status.fake"], row["status.late"], row["late.double"]) == ("ok", "failed", None)
    assert row["missing"] == [{"field": "late.double", "state": "failed"}]
    assert entries(summary.run)["flat.png"]["status"] == "failed"
    assert "ArithmeticError: flat picture" in entries(summary.run)["flat.png"]["message"]
    assert (summary.ok, summary.failed) == (7, 1)


def test_stages_that_were_not_asked_for_are_not_run(folder, tmp_path):
    row = next(iter(rows(extract(folder, out=tmp_path / "run", settings={"stages": "fake"}).run).values()))
    assert (row["status.fake"], row["status.late"]) == ("ok", "not_run")


@pytest.mark.parametrize(("wanted", "text"), [("late", "needs fake"), ("fke", r"no stage 'fke'; did you mean fake\?")])
def test_a_wrong_choice_of_stages_is_explained(folder, tmp_path, wanted, text):
    with pytest.raises(UsageError, match=text):
        extract(folder, out=tmp_path / "run", settings={"stages": wanted})


def catalogue(folder, title="One", extra="x", name="catalog.csv"):
    lines = ["image,title_id,title,studio,mask,cast"] + [
        f"{n}.png,t{n % 2},{title},{extra},m,Ann|Bob" for n in range(7)
    ]
    (folder / name).write_text("\n".join(lines))
    return folder / name


def test_catalogue_cells_are_carried(folder, tmp_path):
    run = extract(catalogue(folder), out=tmp_path / "run").run
    row = rows(run)["3.png"]
    assert (row["title_id"], row["title"], row["studio"], row["catalog.mask"], row["cast"]) == (
        "t1",
        "One",
        "x",
        "m",
        ["Ann", "Bob"],
    )


def test_a_changed_catalogue_cell_is_rewritten_and_not_computed(folder, tmp_path):
    extract(catalogue(folder), out=tmp_path / "run")
    again = extract(catalogue(folder, title="Two"), out=tmp_path / "run")
    assert again.computed == 0
    assert {row["title"] for row in rows(again.run).values()} == {"Two"}
    assert rows(again.run) == rows(extract(catalogue(folder, title="Two"), out=tmp_path / "fresh").run)


def test_a_new_catalogue_column_reaches_all_parts(folder, tmp_path):
    extract(*sorted(folder.glob("*.png")), out=tmp_path / "run")
    run = extract(catalogue(folder), out=tmp_path / "run").run
    assert {pq.read_schema(part).names.count("studio") for part in run.parts} == {1}


@pytest.mark.parametrize(("limit", "raises"), [("0", True), ("1", False), ("12%", True), ("13%", False)])
def test_max_failures_decides(folder, tmp_path, limit, raises):
    (folder / "x.png").write_bytes(b"junk")
    summary = extract(folder, out=tmp_path / "run")
    if raises:
        with pytest.raises(FailuresError, match="1 of 8"):
            summary.enforce(limit)
    else:
        summary.enforce(limit)


def test_nothing_usable_is_an_error_whatever_the_allowance(tmp_path):
    (tmp_path / "only.png").write_bytes(b"junk")
    with pytest.raises(FailuresError, match="none of 1"):
        extract(tmp_path / "only.png", out=tmp_path / "run").enforce("100%")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError):
        extract(tmp_path / "empty", out=tmp_path / "run2")


def test_json_lines_hold_the_same_rows(folder, tmp_path):
    run = extract(folder, out=tmp_path / "run", jsonl=True).run
    lines = [json.loads(line) for name in run.info["extras"] for line in run.file(name).read_text().splitlines()]
    assert {line["asset_id"]: line["vector"] for line in lines} == {
        row["asset_id"]: row["vector"] for row in run.table().to_pylist()
    }


def test_two_writers_do_not_share_a_folder(folder, tmp_path):
    with staging.open_staging(tmp_path / "run", {}), pytest.raises(RunError, match="being written by another"):
        extract(folder, out=tmp_path / "run")


def test_somebody_elses_parquet_is_not_touched(folder, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "part-0.parquet").write_bytes(b"mine")
    with pytest.raises(RunError, match="belongs to no run"):
        extract(folder, out=tmp_path / "run")


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def killer(monkeypatch, at):
    """Die before the `at`-th operation that changes the disk; returns the counter."""
    count = {"done": 0}

    def guard(original):
        def wrapped(*args, **kwargs):
            count["done"] += 1
            if count["done"] == at:
                raise Killed
            return original(*args, **kwargs)

        return wrapped

    monkeypatch.setattr(staging.pq, "write_table", guard(staging.pq.write_table))
    for name in ("replace", "rename", "write_text"):
        monkeypatch.setattr(Path, name, guard(getattr(Path, name)))
    for name in ("unlink", "rmdir"):  # what Path.unlink and shutil.rmtree come down to
        monkeypatch.setattr(os, name, guard(getattr(os, name)))
    return count


def changed(folder):
    """Something of everything: a new, a changed and a broken picture."""
    paint(folder / "2.png", seed=99)
    paint(folder / "new.png", seed=100)
    (folder / "x.png").write_bytes(b"junk")


def test_killed_at_any_moment_nothing_is_lost_or_doubled(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("artvision.writing.writer.ROWS_PER_CHUNK", 2)
    small = {"batch_size": "2", "workers": 1}
    before = rows(extract(folder, out=tmp_path / "base", settings=small).run)
    changed(folder)
    after = rows(extract(folder, out=tmp_path / "fresh", settings=small).run)
    for at in range(1, 200):
        out = tmp_path / f"run{at}"
        shutil.copytree(tmp_path / "base", out)
        with monkeypatch.context() as patched:
            killer(patched, at)
            try:
                extract(folder, out=out, settings=small)
                break
            except Killed:
                pass
        assert rows(read_run(out)) in (before, after)
        assert rows(extract(folder, out=out, settings=small).run) == after
        assert sorted(file.name for file in out.glob("part-*")) == sorted(read_run(out).info["parts"])
        assert not (out / ".staging").exists()
        shutil.rmtree(out)
    assert at > 20


def test_a_killed_run_repeats_only_what_was_open(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("artvision.writing.writer.ROWS_PER_CHUNK", 2)
    with monkeypatch.context() as patched:
        patched.setattr(commit_module, "write_text", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            extract(folder, out=tmp_path / "run", settings={"batch_size": "2"})
    resumed = extract(folder, out=tmp_path / "run", settings={"batch_size": "2"})
    assert (resumed.computed, resumed.reused) == (0, 7)


def test_a_full_disk_keeps_the_last_run(folder, tmp_path, monkeypatch):
    before = rows(extract(folder, out=tmp_path / "run").run)
    changed(folder)
    with monkeypatch.context() as patched:
        patched.setattr(
            staging.pq,
            "write_table",
            lambda *_, **__: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")),
        )
        with pytest.raises(RunError, match="No space left on device"):
            extract(folder, out=tmp_path / "run")
    assert rows(read_run(tmp_path / "run")) == before
    assert extract(folder, out=tmp_path / "run").ok == 8


BLACK = {"background": "#000000"}


def killed_overwrite(folder, out, monkeypatch, at):
    """A run, and beside it an --overwrite with another background that was killed."""
    before = rows(extract(folder, out=out).run)
    with monkeypatch.context() as patched:
        killer(patched, at)
        with pytest.raises(Killed):
            extract(folder, out=out, settings=BLACK, overwrite=True)
    return before


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_an_overwritten_run_stays_until_the_new_one_is_complete(folder, tmp_path, monkeypatch, at):
    before = killed_overwrite(folder, tmp_path / "run", monkeypatch, at)
    assert rows(read_run(tmp_path / "run")) == before
    with pytest.raises(RunError, match="made differently"):
        extract(folder, out=tmp_path / "run", settings=BLACK)
    done = extract(folder, out=tmp_path / "run", settings=BLACK, overwrite=True)
    assert done.run.info["settings"]["background"] == "#000000"
    assert len(rows(done.run)) == 7


def test_an_abandoned_overwrite_does_not_stand_in_the_way(folder, tmp_path, monkeypatch):
    before = killed_overwrite(folder, tmp_path / "run", monkeypatch, 5)
    again = extract(folder, out=tmp_path / "run")
    assert (again.computed, rows(again.run)) == (0, before)


def test_an_interrupted_overwrite_with_the_same_settings_loses_no_earlier_row(folder, tmp_path, monkeypatch):
    before = rows(extract(folder, out=tmp_path / "run").run)
    with monkeypatch.context() as patched:
        killer(patched, 3)
        with pytest.raises(Killed):
            extract(folder, out=tmp_path / "run", overwrite=True)
    assert rows(extract(folder / "1.png", out=tmp_path / "run").run) == before


@pytest.mark.parametrize("content", ["garbage", "[]", '{"run_format": 99}'])
def test_a_run_that_cannot_be_read_can_be_replaced(folder, tmp_path, content):
    extract(folder, out=tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text(content)
    with pytest.raises(RunError, match="--overwrite"):
        extract(folder, out=tmp_path / "run")
    assert len(rows(extract(folder, out=tmp_path / "run", overwrite=True).run)) == 7
    assert len(list((tmp_path / "run").glob("part-*.parquet"))) == 1


def two_folders(tmp_path):
    for number, name in enumerate(("A", "B")):
        (tmp_path / name).mkdir()
        paint(tmp_path / name / "poster.png", seed=number)
    return tmp_path / "A", tmp_path / "B"


def test_two_folders_with_one_file_name_keep_both_rows(tmp_path):
    one, two = two_folders(tmp_path)
    extract(one, out=tmp_path / "run")
    run = extract(two, out=tmp_path / "run").run
    assert {row["path"] for row in rows(run).values()} == {str(one / "poster.png"), str(two / "poster.png")}
    assert extract(two, out=tmp_path / "run").computed == 0
    assert extract(one, two, out=tmp_path / "run").computed == 0


def test_an_id_does_not_change_with_the_other_inputs_of_a_call(tmp_path):
    one, two = two_folders(tmp_path)
    extract(one, two, out=tmp_path / "run")
    again = extract(one, out=tmp_path / "run")
    assert (again.computed, again.run.info["rows"]) == (0, 2)


def test_a_moved_folder_keeps_its_ids(tmp_path):
    one, _ = two_folders(tmp_path)
    extract(one, out=tmp_path / "run")
    one.rename(tmp_path / "moved")
    again = extract(tmp_path / "moved", out=tmp_path / "run")
    assert (again.computed, again.run.info["rows"]) == (0, 1)
    assert rows(again.run)["poster.png"]["path"] == str(tmp_path / "moved" / "poster.png")


def lines(folder, *cells):
    path = folder / "catalog.jsonl"
    path.write_text("".join(json.dumps({"image": "0.png", "title_id": "t"} | extra) + "\n" for extra in cells))
    return path


def test_a_second_title_of_a_picture_adds_a_row(folder, tmp_path):
    extract(lines(folder, {}), out=tmp_path / "run")
    run = extract(lines(folder, {}, {"title_id": "u"}), out=tmp_path / "run").run
    assert sorted(row["title_id"] for row in rows(run).values()) == ["t", "u"]


def test_a_picture_that_gets_a_title_keeps_its_row(folder, tmp_path):
    extract(folder / "0.png", out=tmp_path / "run")
    run = extract(lines(folder, {}), out=tmp_path / "run").run
    assert [row["title_id"] for row in rows(run).values()] == ["t"]


ODD = [
    {"n": []},
    {"n": ["a"]},
    {"n": {}},
    {"n": {"a": 1}},
    {"n": 2**70},
    {"n": 1},
    {"n": 1.5},
    {"n": "x"},
    {"n": True},
    {},
]


@pytest.mark.parametrize("second", ODD)
@pytest.mark.parametrize("first", ODD)
def test_catalogue_cells_of_any_type_can_follow_one_another(folder, tmp_path, first, second):
    extract(lines(folder, first), out=tmp_path / "run", settings={"stages": "fake"})
    run = extract(lines(folder, second), out=tmp_path / "run", settings={"stages": "fake"}).run
    value = rows(run)["0.png"].get("n")
    expected = second.get("n")
    as_text = expected if isinstance(expected, str) else json.dumps(expected)
    assert value in (expected, as_text, expected or None)


def test_a_cell_that_the_catalogue_dropped_is_emptied(folder, tmp_path):
    extract(lines(folder, {"note": "old", "k": 1}), out=tmp_path / "run")
    assert rows(extract(lines(folder, {"k": 2}), out=tmp_path / "run").run)["0.png"]["note"] is None


def test_names_that_no_file_can_have_fail_alone(folder, tmp_path):
    (folder / "loop.png").symlink_to(folder / "loop.png")
    summary = extract(folder, lines(folder, {"image": "a\0.png"}), out=tmp_path / "run")
    assert (summary.ok, summary.failed) == (7, 2)


def test_a_run_of_failures_still_has_its_columns(tmp_path):
    (tmp_path / "x.png").write_bytes(b"junk")
    run = extract(tmp_path / "x.png", out=tmp_path / "run").run
    assert run.table().num_rows == 0
    assert "fake.mean" in run.table().column_names


def test_earlier_failures_are_told_as_waiting(folder, tmp_path):
    (folder / "x.png").write_bytes(b"junk")
    assert not extract(folder, out=tmp_path / "run").waiting
    assert [entry.asset_id for entry in extract(folder, out=tmp_path / "run").waiting] == ["x.png"]
