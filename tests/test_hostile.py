"""A corpus of hostile pictures: no crash, no hang, no memory beyond the cap's promise, an outcome for every file."""

import json
import subprocess
import sys
from pathlib import Path

import hostile
import hostile_others
import hostile_tiff
import numpy as np
import pytest
from pictures import look

from artvision.errors import DecodeError
from artvision.image import BYTES_PER_PIXEL, MAX_PAGES, MAX_SCANS
from artvision.run import read_run

CAP = 20_000_000  # pixels: the smallest cap there is
SECONDS = 60.0  # for one file, on a machine that is busy with other things; the slowest takes a few
REASONS = {"picture", "empty", "format", "truncated", "corrupt", "too_many_pixels", "too_many_scans"}
SMALL = {"rounds": 1, "every": 7}
WHOLE = {"rounds": 35, "every": 1}

linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A folder with some 200 of them."""
    return written(tmp_path_factory.mktemp("hostile"), SMALL, 150)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A folder with all of them: more than 2,000."""
    return written(tmp_path_factory.mktemp("hostile"), WHOLE, 2000)


def written(folder, size, least):
    assert len(hostile.write(folder, **size)) >= least
    return folder


def decoded(folder):
    """name -> what became of a file that was decoded beside all others in one process, and what it took."""
    command = [sys.executable, str(Path(__file__).with_name("decode_each.py")), str(folder), str(CAP)]
    root = Path(__file__).parent.parent
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    )  # fmt: skip
    found = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, (list(found)[-1:], done.stderr[-2000:])
    return found


def check_decoding(folder):
    found = decoded(folder)
    assert set(found) == {path.name for path in folder.iterdir()}
    assert {name: line["outcome"] for name, line in found.items() if line["outcome"] not in REASONS} == {}
    assert {name: line["seconds"] for name, line in found.items() if line["seconds"] > SECONDS} == {}
    allowed = BYTES_PER_PIXEL * CAP + (64 << 20)
    assert {name: line for name, line in found.items() if line["rise"] > allowed + 4 * line["bytes"]} == {}


def check_run(folder, out, stages):
    options = ["--stages", stages, "--model", "starter", "--max-megapixels", "20", "--max-failures", "100%", "--json"]
    command = [sys.executable, "-m", "artvision", "extract", str(folder), "-o", str(out), *options]
    done = subprocess.run(command, capture_output=True, check=False)
    errors = done.stderr.decode(errors="replace")
    assert (done.returncode, "Traceback" in errors) == (0, False), errors[-2000:]
    counts = json.loads(done.stdout)
    assert counts["attempted"] == counts["ok"] + counts["failed"] + counts["skipped"] == len(list(folder.iterdir()))
    assert {entry["reason"] for entry in counts["failures"]} <= REASONS
    table = read_run(out).table(["vector"])
    assert table.num_rows == counts["ok"]
    assert np.isfinite(table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)).all()


@linux
def test_some_hostile_files_neither_crash_nor_hang_nor_fill_the_memory(few):
    check_decoding(few)


def test_a_run_over_some_hostile_files_has_an_outcome_for_each(few, tmp_path):
    check_run(few, tmp_path / "run", "light,composition")


@linux
@pytest.mark.soak
def test_no_hostile_file_crashes_hangs_or_fills_the_memory(many):
    check_decoding(many)


@pytest.mark.soak
def test_a_run_over_all_hostile_files_has_an_outcome_for_each(many, tmp_path):
    check_run(many, tmp_path / "run", "all")


def test_the_corpus_is_the_same_every_time():
    seed = hostile.seeds()["small.png"]
    first, again = ([hostile.mutated(seed, number) for number in range(12)] for _ in range(2))
    assert first == again
    assert len({hostile.mutated(seed, number) for number in range(60)}) > 50


def test_scans_without_end_are_refused_unread():
    assert look(hostile_others.scans(64, MAX_SCANS - 20)).width == 64
    with pytest.raises(DecodeError, match="scans") as caught:
        look(hostile_others.scans(64, MAX_SCANS))
    assert caught.value.reason == "too_many_scans"


def test_what_looks_like_a_scan_in_another_segment_is_allowed():
    comment = hostile_others.segment(0xFE, b"\xff\xda" * MAX_SCANS)
    with pytest.raises(DecodeError, match="scans"):
        look(hostile_others.with_segments(comment, comment))
    assert look(hostile_others.with_segments(hostile_others.segment(0xFE, b"\xff\xda" * 30))).width == 64


MORE = f"more than {MAX_PAGES}"


@pytest.mark.parametrize(
    ("chain", "pages"), [(1, "2"), (MAX_PAGES - 1, str(MAX_PAGES)), (MAX_PAGES, MORE), (5 * MAX_PAGES, MORE)]
)
def test_pages_are_counted_up_to_a_limit(chain, pages):
    assert look(hostile_tiff.many_directories(chain)).notes == (f"first of {pages} pages",)


@pytest.mark.parametrize("name", hostile_tiff.EXIF)
def test_broken_exif_costs_no_pixel(name):
    data = hostile_others.with_segments(hostile_others.segment(0xE1, hostile_tiff.EXIF[name]()))
    assert sorted(look(data).pixels.shape) == [3, 48, 64]
