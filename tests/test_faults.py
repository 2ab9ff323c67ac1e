"""Faults of disks, clocks and people, through the command line: one clear line, nothing lost, all well afterwards."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from fakes import FakeStage, LateStage
from pictures import encode, photo
from typer.testing import CliRunner

from artvision import pipeline, stages
from artvision.cli import app
from artvision.errors import RunError
from artvision.run import read_run
from artvision.writing import writer
from artvision.writing.staging import Staging, open_staging

SMALL = ("--batch-size", "2", "--workers", "1")


@pytest.fixture(autouse=True)
def _small_chunks_of_fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, LateStage]))
    monkeypatch.setattr(writer, "ROWS_PER_CHUNK", 2)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(6):
        paint(folder, number)
    return folder


@pytest.fixture
def calm(images, tmp_path):
    """The rows of an undisturbed run."""
    return rows(extract(images, tmp_path / "calm", code=0))


def paint(folder, number):
    (folder / f"{number}.png").write_bytes(encode(photo(90, 60, seed=number)))


def extract(images, out, *options, code, says=""):
    """Run the command; its last line must say what is expected. Returns the run folder."""
    result = CliRunner().invoke(app, ["extract", str(images), "-o", str(out), *SMALL, *options])
    assert result.exit_code == code, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit | None)
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == (code != 0)
    assert re.search(says, "".join(errors))
    return out


def rows(out):
    return {
        row["asset_id"]: {name: value for name, value in row.items() if name != "run_id"}
        for row in read_run(out).table().to_pylist()
    }


def killed(images, out, monkeypatch, after):
    """A run that dies when so many chunks are sealed."""
    add, sealed = Staging.add, []

    class Killed(BaseException):
        pass

    def counted(self, *chunk):
        if len(sealed) == after:
            raise Killed
        add(self, *chunk)
        sealed.append(chunk)

    with monkeypatch.context() as patched:
        patched.setattr(Staging, "add", counted)
        with pytest.raises(Killed):
            pipeline.extract(images, out, pipeline.Settings(batch_size="2", workers=1))


def garbage(path):
    path.write_bytes(b"garbage" * 10)


def half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path):
    """One byte of every 50 is another: what a failing disk does. The footer stays, so that checksums must find it."""
    content = bytearray(path.read_bytes())
    for at in range(4, len(content) // 2, 50):
        content[at] ^= 0xFF
    path.write_bytes(content)


GONE = Path.unlink
DAMAGES = [garbage, half, flipped, GONE]


@pytest.mark.parametrize("name", ["part-00000.parquet", "ledger.parquet"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_of_a_run_is_named_and_the_run_can_be_made_anew(images, calm, tmp_path, name, damage):
    out = extract(images, tmp_path / "run", code=0)
    kept = {file.name: file.read_bytes() for file in out.iterdir() if file.is_file() and file.name != ".lock"}
    paint(images, 1 if name.startswith("part") else 9)
    shutil.copy(images / "0.png", images / "1.png")  # a row of the part is superseded: it must be read
    damage(out / name)
    extract(images, out, code=5, says=rf"{name} is damaged or gone .*; bring it back from a copy.*--overwrite")
    assert [file for file in kept if file != name and (out / file).read_bytes() != kept[file]] == []
    (out / name).write_bytes(kept[name])
    mended = rows(extract(images, out, code=0))
    assert mended == rows(extract(images, tmp_path / "fresh", code=0))
    damage(read_run(out).parts[0] if name.startswith("part") else out / name)
    assert rows(extract(images, out, "--overwrite", code=0)) == mended


@pytest.mark.parametrize("content", ["garbage", "[]", '{"run_format": 99}', '{"run_format": 1}'])
def test_a_damaged_list_of_files_is_named_and_the_run_can_be_made_anew(images, calm, tmp_path, content):
    out = extract(images, tmp_path / "run", code=0)
    (out / "run.json").write_text(content)
    extract(images, out, code=5, says=r"run\.json .*--overwrite")
    assert rows(extract(images, out, "--overwrite", code=0)) == calm


@pytest.mark.parametrize("name", ["../calm/part-00000.parquet", "/etc/passwd"])
def test_a_run_reads_nothing_outside_its_folder(images, calm, tmp_path, name):
    out = extract(images, tmp_path / "run", code=0)
    (out / "run.json").write_text(json.dumps(read_run(out).info | {"parts": [name]}))
    extract(images, out, code=5, says="names a file outside the run")


def test_readers_name_a_damaged_contract(images, tmp_path):
    out = extract(images, tmp_path / "run", code=0)
    garbage(out / "contract.json")
    with pytest.raises(RunError, match=r"contract\.json is damaged or gone"):
        _ = read_run(out).contract


@pytest.mark.parametrize("name", ["chunk-000000.parquet", "chunk-000000.ledger.parquet"])
@pytest.mark.parametrize("damage", [garbage, half, flipped])
def test_damaged_work_is_named_and_computed_anew_without_it(images, calm, tmp_path, monkeypatch, name, damage):
    out = tmp_path / "run"
    killed(images, out, monkeypatch, after=2)
    damage(out / ".staging" / name)
    extract(images, out, code=5, says=r"chunk-000000.* is damaged or gone .*; remove .*chunk-000000\.\* and run")
    for file in (out / ".staging").glob("chunk-000000.*"):
        file.unlink()
    assert rows(extract(images, out, code=0)) == calm


def test_a_chunk_that_was_removed_frees_no_name_for_another(images, calm, tmp_path, monkeypatch):
    out = tmp_path / "run"
    killed(images, out, monkeypatch, after=2)
    for file in (out / ".staging").glob("chunk-000000.*"):
        file.unlink()
    killed(images, out, monkeypatch, after=1)
    assert len(list((out / ".staging").glob("chunk-*.ledger.parquet"))) == 2
    assert rows(extract(images, out, code=0)) == calm


@pytest.mark.parametrize("content", ["garbage", "[]", "{}", None])
def test_work_whose_make_is_unknown_is_computed_anew(images, calm, tmp_path, monkeypatch, content):
    out = tmp_path / "run"
    killed(images, out, monkeypatch, after=2)
    note = out / ".staging" / "fingerprint.json"
    note.unlink() if content is None else note.write_text(content)
    assert rows(extract(images, out, code=0)) == calm


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("name", ["chunk-000001.parquet", "chunk-000001.ledger.parquet"])
def test_a_full_disk_is_told_and_what_was_sealed_counts(images, calm, tmp_path, monkeypatch, name):
    out = tmp_path / "run"
    killed(images, out, monkeypatch, after=1)
    (out / ".staging" / f"{name}.tmp").symlink_to("/dev/full")  # writing there says that no space is left
    extract(images, out, code=5, says="No space left on device; sealed chunks are kept")
    (out / ".staging" / f"{name}.tmp").unlink(missing_ok=True)
    done = CliRunner().invoke(app, ["extract", str(images), "-o", str(out), *SMALL])
    assert (done.exit_code, "0 already there" in done.stderr) == (0, False)
    assert rows(out) == calm


def test_a_disk_that_refuses_larger_files_loses_nothing(images, tmp_path):
    """The limit on a file's size is the kernel's: what it stops is a real write, in the middle."""
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
    code += "from artvision.cli import main\nmain()"
    command = [sys.executable, "-c", code, "extract", str(images), "-o", str(tmp_path / "run"), "--stages", "light"]
    refused = subprocess.run([*command, "--model", "starter"], capture_output=True, text=True, check=False)
    assert refused.returncode == 5, refused.stderr
    assert re.search(r"error: cannot write .*File too large", refused.stderr)
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("place", ["file", "file/below", "read-only"])
def test_an_output_that_cannot_be_written_is_named(images, tmp_path, place, monkeypatch):
    (tmp_path / "file").write_text("mine")
    if place == "read-only":
        (tmp_path / place).mkdir(mode=0o500)
        if os.access(tmp_path / place, os.W_OK):
            pytest.skip("this user may write anywhere")
    extract(images, tmp_path / place, code=5, says=f"cannot write .*{place.split('/')[0]}")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_picture_deleted_midway_fails_alone(images, tmp_path, monkeypatch):
    whole, run = rows(extract(images, tmp_path / "calm", code=0)), FakeStage.run

    def deleting(self, batch, upstream):
        (images / "5.png").unlink(missing_ok=True)
        return run(self, batch, upstream)

    monkeypatch.setattr(FakeStage, "run", deleting)
    out = extract(images, tmp_path / "run", code=3, says="1 of 6 pictures failed")
    assert rows(out) == {name: row for name, row in whole.items() if name != "5.png"}
    paint(images, 5)
    monkeypatch.setattr(FakeStage, "run", run)
    assert rows(extract(images, out, code=0)) == whole


def test_a_clock_that_was_set_back_changes_nothing(images, calm, tmp_path, monkeypatch):
    class Earlier(datetime):
        """Each look at the time is a year before the last one."""

        year_now = 2030

        @classmethod
        def now(cls, tz=None):
            cls.year_now -= 1
            return datetime(cls.year_now, 1, 1, tzinfo=tz)

    monkeypatch.setattr(writer, "datetime", Earlier)
    for number, stamp in enumerate((4_000_000_000, 1)):  # pictures of the future, and of 1970
        os.utime(images / f"{number}.png", (stamp, stamp))
    out = extract(images, tmp_path / "run", code=0)
    paint(images, 9)
    extract(images, out, code=0)
    (images / "9.png").unlink()
    assert rows(extract(images, out, "--prune", code=0)) == calm
    assert read_run(out).info["seconds"] >= 0


def test_a_picture_that_changes_under_an_older_time_is_computed(images, tmp_path):
    out = extract(images, tmp_path / "run", code=0)
    shutil.copy(images / "1.png", images / "0.png")
    os.utime(images / "0.png", (1, 1))
    assert rows(extract(images, out, code=0)) == rows(extract(images, tmp_path / "fresh", code=0))


def test_a_second_run_into_the_folder_is_turned_away_and_harms_nothing(images, calm, tmp_path):
    out, entered, leave = tmp_path / "run", threading.Event(), threading.Event()

    def first():
        with open_staging(out, {}):
            entered.set()
            leave.wait(60)

    holder = threading.Thread(target=first)
    holder.start()
    assert entered.wait(60)
    extract(images, out, code=5, says="is being written by another artvision; wait for it or use another --out")
    leave.set()
    holder.join()
    assert rows(extract(images, out, "--overwrite", code=0)) == calm
