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


def imported(folder, out: str) -> set[str]:
    """Packages that `artvision extract` has imported by the time it ends."""
    call = [sys.executable, "-c", SCRIPT, "extract", str(folder / "art"), "-o", str(folder / out)]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_run_imports_torch_once_in_the_life_of_a_cache(folder):
    imported(folder, "first")
    assert "onnxruntime" in (later := imported(folder, "second"))
    assert not later & (TORCH | FILMS)


def test_a_run_with_nothing_new_imports_no_model_library(folder):
    imported(folder, "again")
    assert not imported(folder, "again") & MODELS
