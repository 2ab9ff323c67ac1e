"""Slow checks of what an index promises, on real processes; `make soak`."""

import random
import signal
import subprocess
import sys
import time

import pytest
from test_soak import STAGES, make

from artvision import open_index

pytestmark = pytest.mark.soak


def catalogue(images, path, numbers):
    lines = [f"{images}/{number:05d}.jpg,title{number // 8},x{path.stem}" for number in numbers]
    path.write_text("\n".join(["image,title_id,campaign", *lines]) + "\n")
    return path


def command(catalog, out):
    return [sys.executable, "-m", "artvision", "index", "--catalog", str(catalog), "-o", str(out), *STAGES]


def rows(out):
    found = open_index(out).table().drop_columns(["run_id", "path"]).to_pylist()
    return sorted(map(repr, sorted(found, key=lambda row: row["asset_id"])))


def test_kill_9_leaves_the_previous_state_or_the_new_one(tmp_path):
    images = make(tmp_path / "images", 240)
    one = catalogue(images, tmp_path / "one.csv", range(200))
    two = catalogue(images, tmp_path / "two.csv", range(40, 240))
    for catalog in (one, two):
        subprocess.run(command(catalog, tmp_path / f"calm-{catalog.stem}"), check=True, capture_output=True)
    before, after = rows(tmp_path / "calm-one"), rows(tmp_path / "calm-two")
    subprocess.run(command(one, tmp_path / "index"), check=True, capture_output=True)
    moments, killed = random.Random(5), 0
    for _ in range(20):
        with subprocess.Popen(
            command(two, tmp_path / "index"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(moments.uniform(2.0, 14.0))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        assert rows(tmp_path / "index") in (before, after)
    subprocess.run(command(two, tmp_path / "index"), check=True, capture_output=True)
    assert killed > 3
    assert rows(tmp_path / "index") == after
