"""The action and the pages for CI: linted by the schemas and linters of their kind, and run as a shell runs them."""

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import junitparser
import pytest
import yaml
from audit_runs import PLANTED, art
from composite_action import Action
from conftest import REPOSITORY

BIN = str(Path(sys.executable).parent)
ACTION = REPOSITORY / "action.yml"
PAGES = {
    "vendor.github-actions": ACTION,
    "vendor.github-workflows": REPOSITORY / "docs" / "ci" / "github-workflow.yml",
    "vendor.gitlab-ci": REPOSITORY / "docs" / "ci" / "gitlab-ci.yml",
}
OWN = f'PYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m artvision "$@"'
MATRIX = REPOSITORY / "docs" / "ci" / "github-shards.yml"
POLICY = '[[rule]]\nid = "failed"\nkind = "failed-inputs"\n[[rule]]\nid = "low"\nrequire = "height >= 300"\n'
LIGHT = {"catalog": "art/catalog.csv", "policy": "policy.toml", "args": "--stages light"}


def tool(name):
    """A linter of the environment, or a reason to skip."""
    if (found := shutil.which(name, path=BIN) or shutil.which(name)) is None:
        pytest.skip(f"{name} is not installed here: it comes with the extra dev")
    return found


def called(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)


def scripts():
    """(place, shell text) of everything that CI runs."""
    for step in Action(ACTION).steps:
        if "run" in step:
            yield f"action: {step['name']}", step["run"]
    job = yaml.safe_load(PAGES["vendor.gitlab-ci"].read_text(encoding="utf-8"))["artwork"]
    yield "gitlab", "\n".join([*job["before_script"], *job["script"]])
    for name, text in matrix_steps().items():
        yield f"matrix: {name}", text


def matrix_steps():
    """Shell text of the matrix by the name of its step."""
    jobs = yaml.safe_load(MATRIX.read_text(encoding="utf-8"))["jobs"]
    return {step["name"]: step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}


def made(folder, artvision):
    """A checkout with artwork and policy below `folder`, and a folder for PATH with that shell text as `artvision`."""
    art(folder / "workspace" / "art", {"a.png": {}, "b.png": {}})
    PLANTED.clear()
    (folder / "workspace" / "policy.toml").write_text(POLICY, encoding="utf-8")
    (folder / "bin").mkdir()
    for name, text in {"artvision": artvision, "python": f'exec "{sys.executable}" "$@"'}.items():
        (folder / "bin" / name).write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    return folder / "workspace", folder / "bin"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """One checkout for jobs that follow one another, with the artvision of this checkout."""
    return made(tmp_path_factory.mktemp("ci"), OWN)


@pytest.fixture
def fake(tmp_path):
    """A checkout whose `artvision` notes its words and ends with the codes in the file `codes`, one a call."""
    note = 'printf "%s\\n" "$@" -- >> words; code=$(head -n 1 codes); sed -i 1d codes; exit "${code:-0}"'
    folder, path = made(tmp_path, note)
    (folder / "codes").touch()
    (tmp_path / "workspace-temp" / "artvision-audit").mkdir(parents=True)
    counts = {"counts": {"error": 0, "warning": 0, "note": 0}}
    (tmp_path / "workspace-temp" / "artvision-audit" / "audit.json").write_text(json.dumps(counts))
    (tmp_path / "workspace-temp" / "artvision-audit" / "audit.md").touch()
    return folder, path


def job(place, **given):
    """Run the action; its install step is replaced by the environment at hand (a soak test runs it)."""
    folder, path = place
    return Action(ACTION).run(folder, LIGHT | given, path, replaced=["install"])


@pytest.fixture(scope="module")
def clean(workspace):
    return job(workspace)


@pytest.fixture(scope="module")
def planted(workspace, clean):
    """The job after `clean`, on whose artwork there is one picture more, which is too low."""
    art(workspace[0] / "art", {"a.png": {}, "b.png": {}, "c.png": {"height": 299}})
    return job(workspace)


@pytest.mark.parametrize("schema", PAGES)
def test_the_pages_keep_their_schemas(schema):
    files = [PAGES[schema], *[MATRIX] * (schema == "vendor.github-workflows")]
    found = called(tool("check-jsonschema"), "--builtin-schema", schema, *files)
    assert found.returncode == 0, found.stdout


def test_the_schemas_see_a_mistake(tmp_path):
    broken = tmp_path / "action.yml"
    broken.write_text(
        ACTION.read_text(encoding="utf-8").replace("using: composite", "usin: composite"), encoding="utf-8"
    )
    assert called(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", broken).returncode == 1


def test_zizmor_finds_nothing(tmp_path):
    config = tmp_path / "zizmor.yml"  # tags: see docs/ci.md
    config.write_text('rules: {unpinned-uses: {config: {policies: {"*": ref-pin}}}}\n')
    pages = ACTION, PAGES["vendor.github-workflows"], MATRIX
    found = called(tool("zizmor"), "--offline", "--no-progress", "--config", config, *pages)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("place", "text"), list(scripts()), ids=lambda text: text if "\n" not in text else "")
def test_shellcheck_finds_nothing(tmp_path, place, text):
    script = tmp_path / "step.sh"
    script.write_text(f"#!/bin/bash\nset -eo pipefail\n{text}\n", encoding="utf-8")
    found = called(tool("shellcheck"), "--exclude", "SC2153,SC2154", script)  # variables come from `env:`
    assert found.returncode == 0, found.stdout


def test_no_script_holds_an_expression():
    assert [place for place, text in scripts() if "${{" in text] == []


def test_every_action_that_is_used_is_named_by_a_version():
    steps = Action(ACTION).steps + [
        step
        for one in yaml.safe_load(PAGES["vendor.github-workflows"].read_text(encoding="utf-8"))["jobs"].values()
        for step in one["steps"]
    ]
    assert all(re.search(r"@v\d", step["uses"]) for step in steps if "uses" in step)


def test_every_input_is_used_and_every_used_one_is_there():
    text = ACTION.read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(yaml.safe_load(text)["inputs"])


def test_a_clean_set_passes(workspace, clean):
    assert clean.code == 0, clean.said
    assert (clean.outputs["findings"], clean.outputs["errors"]) == ("0", "0")
    assert "Artwork audit passed" in clean.summary
    assert (workspace[0] / "artvision-run" / "run.json").exists()
    assert clean.outcomes["Weights"] == "skipped"
    assert "Weights of earlier jobs" not in clean.used


def test_a_planted_violation_fails_the_job_and_the_reports_are_kept(workspace, planted):
    assert planted.code == 6
    assert (planted.outputs["findings"], planted.outputs["errors"]) == ("1", "1")
    assert "Artwork audit failed" in planted.summary
    assert r"c\.png" in planted.summary
    assert planted.used["Keep the reports"]["path"] == planted.outputs["reports"]
    assert planted.outcomes["Keep the run"] == "success"
    folder = workspace[0].parent / "workspace-temp" / "artvision-audit"
    assert sorted(path.name for path in folder.iterdir()) == [
        "audit.json", "audit.md", "audit.sarif", "audit.xml", "report.html",
    ]  # fmt: skip
    assert junitparser.JUnitXml.fromfile(str(folder / "audit.xml")).failures == 1
    result = json.loads((folder / "audit.sarif").read_text())["runs"][0]["results"][0]
    assert result["ruleId"] == "low"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "art/c.png"


def test_the_second_job_computes_only_what_is_new(planted):
    assert "(computed 1, already there 2)" in planted.said


def test_a_run_of_another_make_is_made_anew_and_failures_are_findings(workspace, planted):
    (workspace[0] / "art" / "c.png").write_bytes(b"none")
    ran = job(workspace, report="false", args="--stages light --background #ffffff")
    assert "(computed 3, already there 0)" in ran.said
    assert (ran.code, ran.outputs["errors"]) == (6, "1")
    assert ran.outcomes["Report"] == "skipped"


@pytest.mark.parametrize(
    ("codes", "code", "calls"),
    [
        ("0 0", 0, ["extract", "audit"]),
        ("3 0", 3, ["extract", "audit"]),
        ("3 6", 6, ["extract", "audit"]),
        ("0 6", 6, ["extract", "audit"]),
        ("0 2", 2, ["extract", "audit"]),
        ("4", 4, ["extract"]),
        ("5 0 0", 0, ["extract", "extract", "audit"]),
        ("5 5", 5, ["extract", "extract"]),
    ],
)
def test_the_job_ends_as_its_commands_do(fake, codes, code, calls):
    (fake[0] / "codes").write_text(codes.replace(" ", "\n") + "\n")
    ran = job(fake, report="false")
    words = (fake[0] / "words").read_text().splitlines()
    assert ran.code == code, ran.said
    assert [words[0], *(after for word, after in pairwise(words) if word == "--")] == calls
    assert ran.outcomes["Keep the reports"] == "success"
    assert (ran.outcomes["Keep the run"] == "success") is ("audit" in calls)


def test_an_input_reaches_artvision_as_one_word_and_runs_nothing(fake):
    evil = 'x"; touch injected; "$(touch injected)`touch injected`\'; touch injected #'
    names = ("catalog", "policy", "fail-on", "folder", "package")
    ran = job(fake, report="false", args="--config $(touch${IFS}injected)", **dict.fromkeys(names, evil))
    assert ran.code == 0, ran.said
    assert not list(fake[0].parent.rglob("injected"))
    assert (fake[0] / "words").read_text().splitlines().count(evil) == 5


def test_an_index_is_made_where_it_is_asked_for(fake):
    job(fake, index="true", models="a b")
    words = (fake[0] / "words").read_text().split("--\n")
    assert [call.splitlines()[0] for call in words if call] == ["models", "models", "index", "report", "audit"]
    assert words[0].splitlines() == ["models", "fetch", "a", "b"]


def test_keys_of_the_cache_differ_by_catalogue_and_models(fake):
    given = {}, {"catalog": "./art/catalog.csv"}, {"models": "a"}
    assert len({job(fake, report="false", **one).used["Run of earlier jobs"]["restore-keys"] for one in given}) == 3


@pytest.mark.parametrize(
    ("codes", "code", "calls"),
    [("", 0, 3), ("0 0 6", 6, 3), ("3", 0, 3), ("4", 4, 1), ("5 0 0 0", 0, 4), ("5 1", 1, 2), ("0 1", 1, 2)],
)
def test_the_lines_for_gitlab_end_as_their_commands_do(fake, codes, code, calls):
    folder, path = fake
    lines = yaml.safe_load(PAGES["vendor.gitlab-ci"].read_text(encoding="utf-8"))["artwork"]["script"]
    (folder / "codes").write_text(codes.replace(" ", "\n") + "\n")
    environment = {"CATALOG": "a b.csv", "POLICY": "p", "RUN": "r", "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    found = called("bash", "-eo", "pipefail", "-c", "\n".join(lines), cwd=folder, env=environment)
    assert found.returncode == code, found.stderr
    words = (folder / "words").read_text().splitlines()
    assert words.count("--") == calls
    assert words[:2] == ["extract", "a b.csv"]


def test_the_matrix_has_as_many_jobs_as_shards():
    page = yaml.safe_load(MATRIX.read_text(encoding="utf-8"))
    shards = page["jobs"]["extract"]["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, page["env"]["SHARDS"] + 1))


def test_the_steps_of_the_matrix_make_one_audited_run(tmp_path):
    """One after another here: a shard that holds a broken picture must not fail, the audit of the whole must."""
    folder, path = made(tmp_path, OWN)
    (folder / "art" / "broken.png").write_bytes(b"junk")
    (folder / "art" / "policy.toml").write_text(POLICY, encoding="utf-8")
    steps = matrix_steps()
    environment = os.environ | {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "CATALOG": "art", "SHARDS": "3"}
    for shard in ("1", "2", "3"):
        extracted = called("bash", "-e", "-c", steps["Extract"], cwd=folder, env=environment | {"SHARD": shard})
        assert extracted.returncode == 0, extracted.stderr
        (folder / "shards").mkdir(exist_ok=True)
        (folder / f"shard-{shard}").rename(folder / "shards" / f"shard-{shard}")
    merged = called("bash", "-e", "-c", steps["Merge"], cwd=folder, env=environment)
    assert "ok 2 + failed 1" in merged.stderr
    assert called("bash", "-e", "-c", steps["Audit"], cwd=folder, env=environment).returncode == 6


@pytest.mark.soak
def test_the_install_step_installs(tmp_path):
    """Takes minutes and the package index: the wheels of torch are gigabytes."""
    folder, _ = made(tmp_path, "")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    ran = Action(ACTION).run(folder, LIGHT, tmp_path / "venv" / "bin")
    assert ran.code == 0, ran.said
