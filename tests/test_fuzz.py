"""Coverage-guided fuzzing of the decode path, where atheris is installed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "fuzz.py"
MINUTES = 10.0

pytestmark = pytest.mark.soak


@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris: pip install atheris (CPython on Linux)")
def test_ten_minutes_of_fuzzing_find_nothing(tmp_path):
    command = [sys.executable, str(SCRIPT), "--minutes", str(MINUTES), "--corpus", str(tmp_path / "corpus")]
    done = subprocess.run([*command, "--findings", str(tmp_path / "findings")], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:].decode(errors="replace")
    assert list((tmp_path / "findings").iterdir()) == []
