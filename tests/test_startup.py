"""What a run imports: start-up is part of the work, and the model libraries are most of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pictures import encode, photo

TORCH = {"torch", "torchvision", "open_clip", "facenet_pytorch", "timm", "onnx", "onnxscript"}
FILMS = {"av", "scenedetect", "imagehash", "cv2"}
MODELS = TORCH | {"onnxruntime", "scipy", "pandas"}
SCRIPT = """
import json, sys
from artvision.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    for seed in range(3):
        (folder / "art").mkdir(exist_ok=True)
        (folder / "art" / f"{seed}.png").write_bytes(encode(photo(seed=seed)))
    return folder


def imported(folder, out: str, *flags: str) -> set[str]:
    """Packages that `artvision extract` has imported by the time it ends."""
    call = [sys.executable, "-c", SCRIPT, "extract", str(folder / "art"), "-o", str(folder / out), *flags]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_run_imports_torch_once_in_the_life_of_a_cache(folder):
    imported(folder, "first")
    assert "onnxruntime" in (later := imported(folder, "second"))
    assert not later & (TORCH | FILMS)


def test_a_run_with_nothing_new_imports_no_model_library(folder):
    imported(folder, "again")
    assert not imported(folder, "again") & MODELS


def test_what_was_fitted_is_applied_without_what_fitted_it(folder):
    from labelled_runs import scores, unit_rows, write_labels, write_run

    from artvision.calibration.make import calibrate
    from artvision.heads.training import Wish, train
    from artvision.settings import Settings

    settings, rows = Settings(stages="clip", model="starter"), unit_rows(300, 192)
    run = write_run(folder / "labelled", settings, rows)
    names, war = [f"a{at:04}" for at in range(300)], scores(settings, rows)["genre.war"]
    seen = {"genre.war": (war > 0.5).astype(int).tolist(), "picked": (rows[:, 0] > 0).astype(int).tolist()}
    labels = [write_labels(folder / f"{name}.csv", "asset_id", names, {name: seen[name]}) for name in seen]
    evidence = calibrate(labels[0], run)
    assert evidence.document["tags"]["genre.war"]["offered"]
    evidence.write(folder / "evidence.json")
    train(labels[1], run, Wish("picked"))[0].write(folder / "picked.json")
    flags = ("--evidence", str(folder / "evidence.json"), "--heads", str(folder / "picked.json"))
    imported(folder, "fitted", *flags)
    assert not imported(folder, "fitted again", *flags) & (TORCH | {"sklearn"})
