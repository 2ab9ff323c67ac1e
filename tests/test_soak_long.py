"""Long runs: memory that does not grow with the number of pictures, no slowing down, and a resume at any point."""

import json
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artvision import read_run

HERE = Path(__file__).parent
KEPT = 2000  # bytes that a run keeps of every picture until it ends: its ledger row, as Python objects


def make(folder, count):
    """So many different pictures of one kilobyte, a thousand a folder."""
    random = np.random.default_rng(0)
    for number in range(count):
        place = folder / f"{number // 1000:03}"
        if number % 1000 == 0:
            place.mkdir(parents=True)
        out = BytesIO()
        coarse = Image.fromarray(random.integers(0, 255, (6, 8, 3), dtype=np.uint8))
        coarse.resize((80, 60), Image.Resampling.BICUBIC).save(out, "JPEG")
        (place / f"{number:06}.jpg").write_bytes(out.getvalue())
    return folder


def command(images, out, stages, every):
    return [sys.executable, str(HERE / "long_run.py"), str(images), str(out), stages, str(every)]


def environment():
    return {"PYTHONPATH": f"{HERE.parent}:{HERE}", "OMP_NUM_THREADS": "1"}


def watched(*arguments):
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def killed_when(images, out, stages, sealed):
    """A run that is killed as soon as so many chunks are sealed."""
    with subprocess.Popen(command(images, out, stages, 10**9), stdout=subprocess.DEVNULL, env=environment()) as process:
        while process.poll() is None and len(list((out / ".staging").glob("chunk-*.ledger.parquet"))) < sealed:
            time.sleep(0.05)
        process.kill()


def rows(out):
    table = read_run(out).table(["asset_id", "vector"]).sort_by("asset_id")
    return table["asset_id"].to_pylist(), table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)


def check_memory(samples, pictures):
    """From a fifth of the run on (a first chunk is written by then), memory grows by a twentieth and the ledger."""
    first = next(sample for sample in samples if sample["done"] >= pictures / 5)
    late = [sample["rss"] for sample in samples if pictures / 2 <= sample["done"] < pictures]
    assert max(late) <= 1.05 * first["rss"] + KEPT * pictures, [round(sample["rss"] / 1e6) for sample in samples]


def check_pace(samples, pictures):
    """CPU seconds of the last tenth against those of the second; the first one has the loading."""
    at = {sample["done"]: sample["cpu"] for sample in samples}
    tenth = pictures // 10
    second, last = at[2 * tenth] - at[tenth], at[9 * tenth] - at[8 * tenth]
    assert last <= 1.3 * second, (second, last)


def test_memory_stays_and_a_killed_run_goes_on(tmp_path):
    """The short form, with small stages: what grows here is the run's own doing."""
    images, count = make(tmp_path / "images", 1500), 1500
    calm = watched(images, tmp_path / "calm", "fake", count // 10)
    assert calm["ok"] == count
    check_memory(calm["samples"], count)
    killed_when(images, tmp_path / "run", "fake", 3)
    resumed = watched(images, tmp_path / "run", "fake", count)
    assert resumed["reused"] > 0
    assert resumed["computed"] + resumed["reused"] == count
    for mine, reference in zip(rows(tmp_path / "run"), rows(tmp_path / "calm"), strict=True):
        assert np.array_equal(mine, reference)


@pytest.mark.soak
@pytest.mark.parametrize(("stages", "count"), [("light,composition", 100_000), ("all", 5_000)])
def test_a_hundred_thousand_pictures_neither_grow_nor_slow_down(tmp_path, stages, count):
    images = make(tmp_path / "images", count)
    watch = watched(images, tmp_path / "run", stages, count // 100)
    assert watch["ok"] == count
    check_memory(watch["samples"], count)
    check_pace(watch["samples"], count)


@pytest.mark.soak
def test_a_hundred_thousand_pictures_killed_and_resumed_are_the_same_rows(tmp_path):
    images, count = make(tmp_path / "images", 100_000), 100_000
    watched(images, tmp_path / "calm", "fake", count)
    for sealed in (1, 40, 41, 150, 389):
        killed_when(images, tmp_path / "run", "fake", sealed)
    assert watched(images, tmp_path / "run", "fake", count)["reused"] > count // 2
    for mine, reference in zip(rows(tmp_path / "run"), rows(tmp_path / "calm"), strict=True):
        assert np.array_equal(mine, reference)
