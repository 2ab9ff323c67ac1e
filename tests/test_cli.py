"""The command line as a person and a script meet it: exit codes, streams, help."""

import json
import subprocess
import sys

import numpy as np
import pytest
from fakes import FakeStage, LateStage
from PIL import Image
from typer.testing import CliRunner

from artvision import __version__, errors, stages
from artvision.cli import app


@pytest.fixture(autouse=True)
def _fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, LateStage]))


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (60, 90, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def test_extract_says_json_on_stdout_and_people_on_stderr(images, tmp_path):
    result = run("extract", images, "-o", tmp_path / "run", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (document["attempted"], document["ok"], document["failures"]) == (3, 3, [])
    assert "attempted 3 = ok 3 + failed 0 + skipped 0" in result.stderr


def test_one_bad_file_is_one_line_and_exit_code_3(images, tmp_path):
    (images / "bad.jpg").write_bytes(b"\xff\xd8\xff")
    result = run("extract", images, "-o", tmp_path / "run", "--json")
    assert result.exit_code == 3
    assert [line for line in result.stderr.splitlines() if line.startswith("failed:") and "bad.jpg" in line]
    assert json.loads(result.stdout)["ok"] == 3
    assert run("extract", images, "-o", tmp_path / "run", "--max-failures", "1", "--json").exit_code == 0


@pytest.mark.parametrize(("arguments", "code", "text"), [
    (["extract", "/nowhere/*.png"], 2, "/nowhere"),
    (["extract", "IMAGES", "--workers", "-1"], 2, "below 0"),
    (["extract", "IMAGES", "--format", "xml"], 2, "neither parquet nor jsonl"),
    (["extract", "IMAGES", "--stages", "lihgt"], 2, "no stage 'lihgt'"),
    (["extract", "IMAGES", "--device", "cuda:9"], 2, "not on this machine"),
    (["extract", "IMAGES", "--device", "gpu"], 2, "none of auto, cpu"),
    (["extract"], 2, "paths"),
    (["extract", "IMAGES", "--nonsense"], 2, "--nonsense"),
    (["schema", "show", "/nowhere"], 5, "neither a run nor an index"),
    (["inspect", "/nowhere/x.png"], 3, "/nowhere/x.png"),
])  # fmt: skip
def test_what_is_wrong_is_one_line_with_its_exit_code(images, tmp_path, monkeypatch, arguments, code, text):
    monkeypatch.chdir(tmp_path)
    result = run(*[str(images) if argument == "IMAGES" else argument for argument in arguments])
    assert result.exit_code == code, result.output
    assert text in result.stderr


def test_a_folder_of_failures_ends_with_3_and_its_rerun_names_the_way_out(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "bad:100:.jpg").write_bytes(b"junk")
    first = run("extract", tmp_path / "images", "-o", tmp_path / "run")
    assert first.exit_code == 3
    assert "bad:100:.jpg" in first.stderr
    second = run("extract", tmp_path / "images", "-o", tmp_path / "run")
    assert second.exit_code == 3
    assert "--retry-failed" in second.stderr


def test_a_changed_setting_is_refused_with_exit_code_5(images, tmp_path):
    run("extract", images, "-o", tmp_path / "run")
    result = run("extract", images, "-o", tmp_path / "run", "--background", "black")
    assert result.exit_code == 5
    assert "decode.background" in result.stderr


def test_the_table_is_shown_with_the_columns_there_are(images, tmp_path):
    result = run("extract", images, "-o", tmp_path / "run")
    assert result.exit_code == 0
    assert "0.png" in result.stdout


def test_a_list_on_stdin(images, tmp_path):
    listed = "".join(f"{path}\n" for path in sorted(images.iterdir()))
    assert json.loads(run("extract", "-", "-o", tmp_path / "run", "--json", stdin=listed).stdout)["ok"] == 3


def test_the_version_is_told_without_a_command():
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"artvision {__version__}\n")


def test_interrupted_is_130(images, tmp_path, monkeypatch):
    monkeypatch.setattr("artvision.pipeline.read_sources", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    result = run("extract", images, "-o", tmp_path / "run")
    assert result.exit_code == 130
    assert "the same command goes on" in result.stderr


def test_inspect_as_json(images):
    document = json.loads(run("inspect", images / "0.png", "--json").stdout)
    assert document["fields"]["fake.shape"] == "wide"
    assert document["missing"] == {}


def test_stages_and_schema_as_json():
    assert [row["stage"] for row in json.loads(run("stages", "--json").stdout)] == ["fake", "late"]
    assert json.loads(run("schema", "show", "--json").stdout)["vector"]["width"] == 6


def test_help_answers_without_torch():
    code = ("import sys; from typer.testing import CliRunner; from artvision.cli import app\n"
            "for words in (['--help'], ['extract', '--help'], ['models', '--help'], ['inspect', '--help']):\n"
            "    assert CliRunner().invoke(app, words).exit_code == 0\n"
            "print(sorted({'torch', 'open_clip', 'pyarrow', 'scipy', 'numpy'} & set(sys.modules)))")  # fmt: skip
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_command_has_help_that_says_something():
    for words in (
        [],
        ["extract"],
        ["inspect"],
        ["stages"],
        ["doctor"],
        ["schema", "show"],
        ["models", "list"],
        ["models", "fetch"],
        ["models", "verify"],
    ):
        result = run(*words, "--help")
        assert result.exit_code == 0
        assert "Usage" in result.stdout


def test_the_error_tree_and_its_docstring_agree():
    classes = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ArtvisionError)
    ]
    for kind in classes:
        line = next(line for line in (errors.__doc__ or "").splitlines() if kind.__name__ + " " in line)
        assert f" {kind.exit_code} " in line
