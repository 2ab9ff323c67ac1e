"""Broken films: an outcome for each, and no decoder takes the run down, hangs it or fills the memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("av", reason="the extra `video` is not installed")
pytest.importorskip("scenedetect", reason="the extra `video` is not installed")

import hostile_films

CAP = 20_000_000  # pixels: the smallest cap there is
SECONDS = 60.0  # for one film, on a machine that is busy with other things; the slowest takes a few
REASONS = {"stills", "empty", "format", "no_video", "corrupt", "too_many_pixels", "unsupported", "missing"}
ENDS = {"crash", "timeout", "memory"}  # what a process of its own turns into a failed film


def looked(folder):
    """name -> what became of a film, all of them in one process, which has to live through them."""
    command = [sys.executable, str(Path(__file__).with_name("look_each.py")), str(folder), str(CAP)]
    root = Path(__file__).parent.parent
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    )
    found = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, (list(found)[-1:], done.stderr[-2000:])
    return found


def test_some_broken_films_neither_crash_nor_hang(tmp_path):
    paths = hostile_films.write(tmp_path / "films", 2)
    found = looked(tmp_path / "films")
    assert set(found) == {path.name for path in paths}
    assert {name: line for name, line in found.items() if line["outcome"] not in REASONS} == {}
    assert {name: line for name, line in found.items() if line["seconds"] > SECONDS} == {}
    assert "stills" in {line["outcome"] for line in found.values()}


@pytest.mark.soak
def test_a_run_over_many_broken_films_has_an_outcome_for_each(tmp_path):
    paths = hostile_films.write(tmp_path / "films", 10)
    options = ["--stages", "light,video", "--max-failures", "100%", "--max-seconds", "60", "--json"]
    command = [sys.executable, "-m", "artvision", "extract", str(tmp_path / "films"), "-o", str(tmp_path / "run")]
    done = subprocess.run([*command, *options], capture_output=True, check=False)
    errors = done.stderr.decode(errors="replace")
    assert (done.returncode, "Traceback" in errors) == (0, False), errors[-2000:]
    counts = json.loads(done.stdout)
    assert counts["attempted"] == counts["ok"] + counts["failed"] + counts["skipped"] >= len(paths)
    assert {entry["reason"] for entry in counts["failures"]} <= REASONS | ENDS
    assert {entry["message"].count("\n") for entry in counts["failures"]} <= {0}


def test_the_corpus_is_the_same_every_time():
    """But for the encoders, which may be others in another version of PyAV."""
    first, again = (dict(hostile_films.corpus(2)) for _ in range(2))
    assert first.keys() == again.keys()
    assert sum(first[name] == again[name] for name in first) > len(first) / 2
