"""Small pieces: isolation of failures, fingerprints, devices, log lines, patched tables."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fakes import FakeStage, LateStage
from hypothesis import given
from hypothesis import strategies as st

from artvision import console as console_module
from artvision.console import Console, Course
from artvision.device import choose_device
from artvision.errors import UsageError
from artvision.fingerprint import differences, told
from artvision.image import Picture
from artvision.isolation import run_stage
from artvision.ledger import skipped_entry
from artvision.run import Run
from artvision.settings import Settings
from artvision.sources import Skipped
from artvision.stages.base import FAILED, Result
from artvision.summary import Summary
from artvision.writing.commit import conform, patch

FAKE, LATE = FakeStage(Settings()), LateStage(Settings())


def picture(flat):
    pixels = (
        np.full((40, 60, 3), 7, np.uint8) if flat else np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    )
    return Picture(pixels, 60, 40)


@given(st.lists(st.booleans(), max_size=12))
def test_exactly_the_culprits_fail(flats):
    pictures = [picture(flat) for flat in flats]
    found = {"fake": run_stage(FAKE, pictures, {})}
    late = run_stage(LATE, pictures, found)
    assert [isinstance(item, Result) for item in late] == [not flat for flat in flats]


def test_a_stage_behind_a_failed_one_says_so():
    found = run_stage(LATE, [picture(False)], {"fake": [ValueError("broke")]})
    assert "needs fake, which failed" in str(found[0])


class Soft(LateStage):
    needs = ()
    after = ("fake",)

    def run(self, batch, upstream):
        return [Result({"late.double": float("fake" in upstream)})] * len(batch)


def test_a_stage_is_given_what_it_goes_after_where_that_ran():
    pictures = [picture(False)] * 2
    with_it = run_stage(Soft(Settings()), pictures, {"fake": run_stage(FAKE, pictures, {}), "other": []})
    assert [item.values["late.double"] for item in with_it] == [1, 1]
    assert [item.values["late.double"] for item in run_stage(Soft(Settings()), pictures, {})] == [0, 0]


def test_a_stage_goes_on_where_one_that_it_goes_after_failed_and_is_told_so():
    heard = []

    class Listening(Soft):
        def run(self, batch, upstream):
            heard.extend(upstream["fake"])
            return super().run(batch, upstream)

    (found,) = run_stage(Listening(Settings()), [picture(False)], {"fake": [ValueError("broke")]})
    assert isinstance(found, Result)
    assert heard == [FAILED]


def test_a_stage_that_loses_a_picture_is_found_out():
    class Short(FakeStage):
        def run(self, batch, upstream):
            return super().run(batch, upstream)[:-1]

    assert all(isinstance(item, ValueError) for item in run_stage(Short(Settings()), [picture(False)] * 2, {}))


@pytest.mark.parametrize(("old", "new", "lines"), [
    ({"a": 1}, {"a": 1}, []),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, ["a.b: 1 -> 3"]),
    ({"a": 1}, {"b": [1]}, ["a: 1 -> absent", "b: absent -> [1]"]),
    ({"a": {}}, {"a": {"b": None}}, ["a: {} -> absent", "a.b: absent -> None"]),
])  # fmt: skip
def test_differences_name_the_leaves(old, new, lines):
    assert differences(old, new) == lines


def test_a_stage_that_one_lacks_is_told_by_its_name():
    old = {"process": 1, "stages": {"light": {"version": "1"}, "faces": {"version": "3"}}}
    new = {"process": 2, "stages": {"light": {"version": "2"}, "text": {"version": "1", "search": {"floor": 0.5}}}}
    assert told(old, new) == [
        "stages that it lacks: text",
        "stages that were not asked for now: faces",
        "process: 1 -> 2",
        "stages.light.version: 1 -> 2",
    ]


@pytest.mark.parametrize("wanted", ["cuda:99", "cuda:x", "gpu", "CPU", ""])
def test_a_device_that_is_not_there_is_refused(wanted):
    with pytest.raises(UsageError, match="--device"):
        choose_device(wanted)


def test_a_device_comes_with_its_reason():
    assert choose_device("cpu").reason == "asked for"
    assert choose_device("auto").reason


def test_a_log_line_comes_now_and_then(monkeypatch):
    clock = iter([0.0, 10.0, 31.0, 32.0, 62.0])
    monkeypatch.setattr(console_module.time, "monotonic", lambda: next(clock))
    course = Course("extract", 10)
    assert [course.step() for _ in range(4)] == [
        None,
        "extract 2/10  0.1 images/s  124 s left",
        None,
        "extract 4/10  0.1 images/s  93 s left",
    ]


def test_a_log_line_counts_in_its_unit(monkeypatch):
    clock = iter([0.0, 50.0])
    monkeypatch.setattr(console_module.time, "monotonic", lambda: next(clock))
    assert Course("plates", 300, "pairs").step(100) == "plates 100/300  2.0 pairs/s  100 s left"


def test_a_log_line_says_how_much_faster_a_film_goes_by(monkeypatch):
    clock = iter([0.0, 50.0])
    monkeypatch.setattr(console_module.time, "monotonic", lambda: next(clock))
    assert Course("a.mp4", 300, "s").step(100) == "a.mp4 100/300  2.0× realtime  100 s left"


def test_nothing_is_counted_where_there_is_no_total(monkeypatch):
    clock = iter([0.0, 500.0])
    monkeypatch.setattr(console_module.time, "monotonic", lambda: next(clock))
    assert Course("", 0).step() is None


def test_what_has_not_moved_for_long_has_no_rate_to_tell(monkeypatch):
    clock = iter([0.0, 50.0])
    monkeypatch.setattr(console_module.time, "monotonic", lambda: next(clock))
    assert Course("a.mp4", 300, "s").step(0) is None


def test_conform_adds_nulls_and_casts():
    schema = pa.schema([("new", pa.string()), ("a", pa.string())])
    assert conform(pa.table({"a": [1, 2], "gone": [1, 2]}), schema).to_pydict() == {
        "new": [None, None],
        "a": ["1", "2"],
    }


def test_patch_touches_only_the_rows_it_names():
    table = pa.table({"asset_id": ["x", "y"], "title": ["old", "old"], "fake.mean": [1.0, 2.0]})
    patched = patch(table, {"y": {"title": "new", "unknown": 1}})
    assert patched.to_pydict() == {"asset_id": ["x", "y"], "title": ["old", "new"], "fake.mean": [1.0, 2.0]}


def test_checksums_are_told_by_their_first_digits():
    assert differences({"a": "0" * 64}, {"a": "1" * 64}) == ["a: 000000000000… -> 111111111111…"]


def test_an_id_stays_in_one_piece_while_other_columns_fold(capsys):
    name = "compiler/a-long-name-of-artwork.webp"
    console = Console()
    console.out.width = 60
    console.table("", ["asset", "title"], [[name, "A title that takes more room than there is beside it"]])
    assert name in capsys.readouterr().out


def test_what_was_skipped_is_told_with_its_reasons():
    entries = [
        skipped_entry(Skipped(f"{number}.txt", reason)) for number, reason in enumerate(["hidden", "hidden", "odd"])
    ]
    counts = {"attempted": 3, "ok": 0, "failed": 0, "skipped": 3, "computed": 0, "reused": 0, "kept": 0}
    said = []
    run = Run(Path("r"), {})
    Summary(run, "c", **counts, seconds=1, steps={}, failures=(), left_out=tuple(entries)).tell(said.append)
    assert said[1] == "skipped: 2 × hidden, 1 × odd; `artvision report r` has all"


@pytest.mark.parametrize("width", [70, 80, 100])
def test_a_table_folds_and_cuts_nothing(monkeypatch, capsys, width):
    monkeypatch.setenv("COLUMNS", str(width))
    words = ["title of some length", "medium close up", "formal wear 0.79"]
    rows = [["10", f"compiler/key_art_{number}.jpg", *words] for number in range(3)]
    Console().table("", ["#", "asset", "title", "shot", "tag"], rows, fixed=["#"])
    told = capsys.readouterr().out
    assert all(f"compiler/key_art_{number}.jpg" in told for number in range(3))
    assert all(told.split().count(word) >= 3 for cell in words for word in cell.split())
    assert max(map(len, told.splitlines())) <= width
