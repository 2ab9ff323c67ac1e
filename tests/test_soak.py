"""Slow checks of what a run promises, on real processes; `make soak`."""

import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from artvision import read_run

pytestmark = pytest.mark.soak
STAGES = ["--stages", "light,composition", "--model", "starter"]


def make(folder, count):
    folder.mkdir()
    for number in range(count):
        rng = np.random.default_rng(number)
        coarse = Image.fromarray(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8))
        coarse.resize((480, 270), Image.Resampling.BICUBIC).save(folder / f"{number:05d}.jpg")
    return folder


def command(images, out):
    return [sys.executable, "-m", "artvision", "extract", str(images), "-o", str(out), "--json", *STAGES]


def rows(out):
    """asset_id -> the whole row, but for the execution that computed it."""
    table = read_run(out).table().drop_columns(["run_id"])
    return {row["asset_id"]: row for row in table.to_pylist()}


def test_kill_9_at_twenty_moments_changes_nothing(tmp_path, monkeypatch):
    images = make(tmp_path / "images", 1500)
    subprocess.run(command(images, tmp_path / "calm"), check=True, capture_output=True)
    moments, killed = random.Random(3), 0
    for _ in range(20):
        with subprocess.Popen(
            command(images, tmp_path / "run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(moments.uniform(1.0, 6.0))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    subprocess.run(command(images, tmp_path / "run"), check=True, capture_output=True)
    assert killed > 3
    assert rows(tmp_path / "run") == rows(tmp_path / "calm")
    assert len(read_run(tmp_path / "run").table(["asset_id"])) == 1500


def test_memory_follows_the_window_and_not_the_folder(tmp_path):
    code = ("import resource, sys; from artvision import Settings, extract\n"
            "extract([sys.argv[1]], sys.argv[2], Settings(stages='light,composition', model='starter'))\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")  # fmt: skip
    peaks = []
    for count in (500, 10_000):
        images = make(tmp_path / str(count), count)
        arguments = [sys.executable, "-c", code, str(images), str(tmp_path / f"run{count}")]
        peaks.append(int(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] <= 1.3 * peaks[0], peaks
