"""A picture that hangs or crashes the decoder: it fails alone, and the run is what it would be without it."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fakes import FakeStage, LateStage
from pictures import encode, look, photo

from artvision import image, pipeline, stages, suspects
from artvision.errors import DecodeError
from artvision.guard import Decoding, Guard, after_a_death
from artvision.run import read_run
from artvision.settings import Settings
from artvision.suspects import Notes

DECODING = Decoding(64, 16, 10_000_000, (0, 0, 0))
PNG = encode(photo(40, 30))

CRASHING = """
import ctypes
from PIL.PngImagePlugin import PngImageFile
opened = PngImageFile._open
def _open(self):
    if b"CRASH" in self.fp.getvalue():
        ctypes.string_at(0)
    opened(self)
PngImageFile._open = _open
"""  # a decoder with a hole in it, in every process of the test: Python imports `sitecustomize` when it starts

RUN = """
import sys
sys.path.insert(0, {tests!r})
from fakes import FakeStage, LateStage
from artvision import stages
stages.discover = lambda: stages.arrange([LateStage, FakeStage])
from artvision.cli import main
sys.argv = ["artvision", "extract", {images!r}, "-o", {out!r}, "--workers", "1"]
main()
"""


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(encode(photo(90, 60, seed=number)))
    return folder


def rows(out):
    return {
        row["asset_id"]: {name: value for name, value in row.items() if name != "run_id"}
        for row in read_run(out).table().to_pylist()
    }


def reasons(out):
    return {row["asset_id"]: row["reason"] for row in read_run(out).ledger().to_pylist() if row["reason"]}


def run(images, out, site):
    code = RUN.format(tests=str(Path(__file__).parent), images=str(images), out=str(out))
    paths = os.pathsep.join([str(site), str(Path(pipeline.__file__).parent.parent)])
    own = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=own)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_picture_that_crashes_the_decoder_fails_alone_after_the_resume(images, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(CRASHING)
    assert run(images, tmp_path / "calm", tmp_path).returncode == 0
    (images / "3a.png").write_bytes(PNG + b"CRASH")
    assert run(images, tmp_path / "run", tmp_path).returncode == -signal.SIGSEGV
    resumed = run(images, tmp_path / "run", tmp_path)
    assert resumed.returncode == 3, resumed.stderr
    assert f"failed: {images / '3a.png'}: decoding it ended a process of its own (SIGSEGV)" in resumed.stderr
    assert reasons(tmp_path / "run") == {"3a.png": "crash"}
    assert rows(tmp_path / "run") == rows(tmp_path / "calm")
    assert not (tmp_path / "run" / ".staging").exists()


def test_a_picture_that_hangs_the_decoder_fails_alone(images, tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateStage, FakeStage]))
    pipeline.extract(images, tmp_path / "calm")
    (images / "3a.png").write_bytes(PNG)
    over, decode = threading.Event(), image.decode
    monkeypatch.setattr(
        image, "decode", lambda data, **about: over.wait() if data == PNG else decode(data, **about)
    )  # fmt: skip
    summary = pipeline.extract(images, tmp_path / "run", Settings(max_seconds=5, workers=2))
    over.set()
    assert (summary.ok, summary.failed) == (5, 1)
    assert "raise --max-seconds" in summary.failures[0].message
    assert reasons(tmp_path / "run") == {"3a.png": "timeout"}
    assert rows(tmp_path / "run") == rows(tmp_path / "calm")


def test_the_guard_changes_no_pixel_and_no_error():
    assert (
        Guard(5).decode(PNG, "x", DECODING).pixels.tobytes() == look(PNG, long_side=64, short_side=16).pixels.tobytes()
    )
    with pytest.raises(DecodeError, match="no bytes") as caught:
        Guard(5).decode(b"", "x", DECODING)
    assert caught.value.reason == "empty"


def test_a_note_stands_while_a_picture_is_decoded_and_goes_with_it(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(image, "decode", lambda data, **_: seen.append(suspects.noted(tmp_path)))
    guard = Guard(5, Notes(tmp_path))
    guard.decode(PNG, "/art/long name.png", DECODING)
    guard.decode(PNG, "/b", DECODING)
    assert seen == [{"/art/long name.png"}, {"/b"}]
    assert suspects.noted(tmp_path) == set()


def test_a_note_stays_while_a_picture_that_was_given_up_is_decoded(tmp_path, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(image, "decode", lambda data, **_: over.wait())
    with pytest.raises(DecodeError):
        Guard(0.05, Notes(tmp_path)).decode(PNG, "/slow", DECODING)
    assert suspects.noted(tmp_path) == {"/slow"}
    over.set()


def test_what_cannot_be_noted_is_decoded_all_the_same(tmp_path):
    assert Guard(5, Notes(tmp_path / "away")).decode(PNG, "x", DECODING).width == 40


def test_a_picture_that_was_there_when_the_plug_was_pulled_is_not_guilty(images, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "decoding-1-1").write_text(str(images / "1.png"))
    (work / "decoding-1-2").write_text("/not/among/these.png")
    (work / "decoding-1-3").touch()
    guard = after_a_death(work, {str(images / "1.png")}, DECODING, 60)
    assert guard.convicted == {}
    assert list(work.iterdir()) == []


def test_the_note_of_a_guilty_picture_outlives_another_death(tmp_path, monkeypatch):
    (tmp_path / "decoding-1-1").write_text("/a.png")
    monkeypatch.setattr(suspects, "convict", lambda paths, *_: dict.fromkeys(paths, "SIGSEGV"))
    for _ in range(2):
        assert after_a_death(tmp_path, {"/a.png"}, DECODING, 60).convicted == {"/a.png": "SIGSEGV"}


def test_a_trial_that_does_not_end_convicts(tmp_path, monkeypatch):
    def never(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", never)
    assert suspects.convict(["/a"], vars(DECODING), 2) == {"/a": "it was not done within 2 s"}


def test_where_no_second_process_can_be_had_nothing_is_proved(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert suspects.convict(["/a"], vars(DECODING), 2) == {}


def test_a_module_beside_the_artwork_takes_no_part_in_the_trial(tmp_path, monkeypatch):
    (tmp_path / "PIL.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    monkeypatch.chdir(tmp_path)
    assert suspects.convict([str(tmp_path / "a.png")], vars(DECODING), 60) == {}


def test_a_guard_travels_to_another_process(tmp_path):
    guard = pickle.loads(pickle.dumps(Guard(5, Notes(tmp_path), {"/a": "SIGSEGV"})))
    assert guard.notes.folder == tmp_path
    assert json.dumps(guard.convicted) == '{"/a": "SIGSEGV"}'
