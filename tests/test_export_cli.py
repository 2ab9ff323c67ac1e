"""`artvision export` and `normalize` as a user types them, and the examples of docs/exports.md as they stand there."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from export_runs import make_run
from typer.testing import CliRunner

from artvision.cli import app
from artvision.export.formats import formats

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "exports.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ artvision (.*?)(?: +# .*)?$", PAGE, re.MULTILINE)
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
HEAVY = {"feast", "obp"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    make_run(folder)
    return folder


@pytest.fixture
def cli(place, tmp_path, monkeypatch):
    shutil.copytree(place / "run", tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


def library(code):
    """The first library of an example that is not of the standard library."""
    names = re.findall(r"^(?:from|import) (\w+)", code, re.MULTILINE)
    plain = {"json", "csv", "pathlib", "datetime", "sys", "numpy", "pandas"}
    return next((name for name in names if name not in plain), "numpy")


def test_the_list_has_every_format(cli):
    assert [row["format"] for row in json.loads(cli("export", "--list", "--json").stdout)] == sorted(formats())
    assert all(name in cli("export", "--list").stdout for name in formats())


def test_json_says_what_was_written(cli):
    done = cli("export", "run", "-f", "csv", "-o", "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["folder"], told["rows"], told["titles"], told["person"]) == ("out", 8, 3, False)
    assert "assets.csv" in told["files"]


def test_a_person_reads_what_was_left_out(cli):
    assert "--person adds them" in cli("export", "run", "-f", "csv").stderr
    assert "--person adds them" not in cli("export", "run", "-f", "csv", "--person").stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("export",), 2, "--list"),
        (("export", "run"), 2, "--list"),
        (("export", "run", "-f", "nump"), 2, "did you mean numpy"),
        (("export", "nowhere", "-f", "csv"), 5, "neither a run nor an index"),
        (("export", "run", "-f", "csv", "-o", "run"), 5, "is no export of artvision"),
        (("export", "run", "-f", "csv", "--scale", "zscore"), 2, "shows values as they are"),
        (("export", "run", "-f", "numpy", "--scale", "zscore"), 2, "artvision normalize fit"),
        (("export", "run", "-f", "numpy", "--statistics", "nowhere.json"), 2, "nowhere.json holds no statistics"),
        (("export", "run", "-f", "numpy", "--blocks", "fake,nope"), 2, "'nope' is none of all, fake, who"),
        (("export", "run", "-f", "numpy", "--title", "zzz"), 2, "no rows of zzz"),
        (("export", "run", "-f", "numpy", "-o", "run/run.json/x"), 5, "cannot be written"),
        (("normalize", "fit", "run", "--corpus", " "), 2, "--corpus is empty"),
        (("normalize", "fit", "run", "--corpus", "x", "-o", "run/run.json/x"), 5, "cannot be written"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_way_out(cli, words, code, said):
    done = cli(*words)
    assert done.exit_code == code, done.output
    assert said in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.output


def test_the_commands_of_the_page_are_those_that_its_examples_need():
    made = {word for command in COMMANDS for word in re.findall(r"-o (\S+)", command)}
    read = {name for code in EXAMPLES for name in re.findall(r'"(\w+)/', code)}
    assert read <= made


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_works(cli, command):
    if "--statistics" in command:
        cli("normalize", "fit", "run", "-o", "stats.json", "--corpus", "tests")
    for name in ("lance", "faiss"):
        if f"-f {name}" in command:
            pytest.importorskip(name)
    done = cli(*shlex.split(command))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "code",
    [pytest.param(code, id=library(code), marks=[pytest.mark.readers] * (library(code) in HEAVY)) for code in EXAMPLES],
)
def test_an_example_of_the_page_works(cli, code):
    if find_spec(library(code)) is None:
        pytest.skip(f"{library(code)} is not installed")
    folder = re.search(r'"(\w+)[/"]', code)[1]
    command = next(command for command in COMMANDS if command.endswith(f"-o {folder}") or f"-o {folder} " in command)
    assert cli(*shlex.split(command)).exit_code == 0
    code = code.replace('"block"] == "light"', '"block"] == "fake"')
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
