"""The container file as far as it goes without a runtime: linted, its sources there, its steps run by a shell."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from dockerfile_parse import DockerfileParser

FILE = REPOSITORY / "Containerfile"


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """The steps as (instruction, value) pairs; the library wants a copy, for it opens the file to write."""
    folder = tmp_path_factory.mktemp("container")
    shutil.copy(FILE, folder / "Dockerfile")
    parser = DockerfileParser(str(folder))
    return [(step["instruction"], step["value"]) for step in parser.structure if step["instruction"] != "COMMENT"]


def values(steps, instruction):
    return [value for name, value in steps if name == instruction]


def kept(path):
    """Whether the ignore file, whose lines after `*` name what stays, lets a path through."""
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return f"!{path}" in lines


def test_hadolint_finds_nothing():
    found = shutil.which("hadolint", path=Path(sys.executable).parent) or shutil.which("hadolint")
    if found is None:
        pytest.skip("hadolint is not installed here: it comes with the extra dev")
    done = subprocess.run([found, FILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_is_copied_is_there_and_not_ignored(steps):
    sources = [source for value in values(steps, "COPY") if "--from" not in value for source in value.split()[:-1]]
    assert sources == ["pyproject.toml", "README.md", "LICENSE", "artvision", "models"]
    assert all((REPOSITORY / source).exists() and kept(source) for source in sources)


def test_the_wheel_needs_nothing_that_is_not_copied(steps):
    import tomllib

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"], "LICENSE", "pyproject.toml"}
    copied = {source for value in values(steps, "COPY") for source in value.split()[:-1]}
    assert needed <= copied


def test_nobody_is_root_and_what_it_writes_to_is_its_own(steps):
    names = [name for name, _ in steps]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "RUN")
    assert values(steps, "USER")[-1].isdecimal()
    assert f"--uid {values(steps, 'USER')[-1]} " in values(steps, "RUN")[-1]
    assert values(steps, "VOLUME") == ["/weights"]
    assert all(folder in values(steps, "RUN")[-1] for folder in ("/weights", "/work"))
    assert "ARTVISION_CACHE=/weights" in values(steps, "ENV")[-1]


def test_torch_and_torchvision_come_in_one_call(steps):
    calls = [value for value in values(steps, "RUN") if '"torch>=' in value]
    assert len(calls) == 1
    assert '"torchvision>=' in calls[0]


def test_the_entry_point_is_a_command_of_the_package(steps):
    import json
    import tomllib

    scripts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    words = [*json.loads(values(steps, "ENTRYPOINT")[0]), *json.loads(values(steps, "CMD")[0])]
    assert words[0] in scripts
    called = [sys.executable, "-m", "artvision", *words[1:]]
    assert "audit" in subprocess.run(called, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout


@pytest.mark.soak
def test_its_steps_build_an_environment_that_answers(steps, tmp_path):
    """The RUN steps of the first stage in a shell, in a scratch folder for `/opt`: minutes, and gigabytes of wheels."""
    for source in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / source, tmp_path)
    for source in ("artvision", "models"):
        shutil.copytree(REPOSITORY / source, tmp_path / source)
    first = [value for value in values(steps, "RUN") if "pip install" in value]
    for value in first:
        text = value.replace("/opt/artvision", str(tmp_path / "opt"))
        environment = {**os.environ, "TORCH_INDEX": "", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        subprocess.run(["sh", "-ec", text], cwd=tmp_path, env=environment, check=True)
    done = subprocess.run([tmp_path / "opt" / "bin" / "artvision", "doctor"], cwd=tmp_path, check=False)
    assert done.returncode == 0
