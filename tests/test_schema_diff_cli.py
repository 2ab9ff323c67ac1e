"""`artvision schema diff` as a person and a CI job meet it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from contract_runs import contract, field, write_run
from typer.testing import CliRunner

from artvision.cli import app
from artvision.contract import Privacy


def run(*arguments):
    return CliRunner().invoke(app, ["schema", "diff", *map(str, arguments)])


def values(seed, names=("a.one", "a.two"), rows=200):
    rng = np.random.default_rng(seed)
    return {name: rng.random(rows).tolist() for name in names}


BEFORE = contract(field("a.one"), field("a.two"))


def test_two_samples_of_one_population_pass(tmp_path):
    a, b = (write_run(tmp_path / name, BEFORE, values(seed)) for seed, name in enumerate("ab"))
    result = run(a, b)
    assert result.exit_code == 0, result.output
    assert "passed: the contract is the same; 0 of 2 fields drifted" in result.stdout


def test_a_swap_is_major_and_undeclared(tmp_path):
    a = write_run(tmp_path / "a", BEFORE, values(0))
    b = write_run(tmp_path / "b", contract(field("a.two"), field("a.one")), values(0))
    result = run(a, b)
    assert result.exit_code == 6
    assert result.stdout.count("moved") == 2
    assert 'declared = "major"' in result.stderr


def test_a_declared_major_change_passes_unless_the_policy_forbids_it(tmp_path):
    a = write_run(tmp_path / "a", BEFORE, values(0))
    b = write_run(tmp_path / "b", contract(field("a.one"), version="2.0.0"), values(1, ["a.one"]))
    assert run(a, b).exit_code == 0
    (tmp_path / "ci.toml").write_text('allow = "minor"')
    assert run(a, b, "--policy", tmp_path / "ci.toml").exit_code == 6


def test_a_shift_is_named_with_its_figures(tmp_path):
    a = write_run(tmp_path / "a", BEFORE, values(0))
    b = write_run(tmp_path / "b", BEFORE, values(1) | {"a.two": [0.9] * 200})
    result = run(a, b)
    assert result.exit_code == 6
    assert "a.two" in result.stdout
    assert "a.one" not in result.stdout
    assert "a.one" in run(a, b, "--all").stdout
    assert "a.two" in result.stderr


def test_another_make_is_what_it_is_for_and_is_listed(tmp_path):
    a = write_run(tmp_path / "a", BEFORE, values(0), fingerprint={"stages": {"clip": {"weights": "one"}}})
    b = write_run(tmp_path / "b", BEFORE, values(1), fingerprint={"stages": {"clip": {"weights": "two"}}})
    result = run(a, b)
    assert result.exit_code == 0
    assert "stages.clip.weights" in result.stdout


def test_json_has_everything_and_ends_with_the_same_code(tmp_path):
    a = write_run(tmp_path / "a", BEFORE, values(0))
    b = write_run(tmp_path / "b", BEFORE, values(1) | {"a.two": [0.9] * 100 + [None] * 100})
    result = run(a, b, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 6
    assert (found["contract"]["needed"], found["a"]["rows"], len(found["violations"])) == ("none", 200, 1)
    assert {one["field"]: one["standing"] for one in found["drift"]} == {"a.one": "steady", "a.two": "tripped"}
    assert found["drift"][1]["states"] == [{}, {"failed": 0.5}]


def test_contract_files_have_no_drift_and_it_says_so(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(BEFORE))
    result = run(tmp_path / "a.json", tmp_path / "b.json")
    assert result.exit_code == 0
    assert "drift is not measured" in result.stdout
    assert result.stderr.count("without rows") == 2


def test_the_same_pictures_are_said_to_be_the_same(tmp_path):
    same = [f"{number:064x}" for number in range(200)]
    a, b = (write_run(tmp_path / name, BEFORE, values(0), contents=same) for name in "ab")
    assert "both show the same pictures" in run(a, b).stdout


def test_a_field_about_people_is_compared_by_its_numbers(tmp_path):
    described = contract(field("a.one", privacy=Privacy.PERSON))
    a = write_run(tmp_path / "a", described, values(0, ["a.one"]))
    b = write_run(tmp_path / "b", described, {"a.one": [0.9] * 200})
    assert run(a, b).exit_code == 6


@pytest.mark.parametrize(("name", "text", "code"), [
    ("nowhere", None, 5), ("text.json", "no json", 2), ("list.json", "[]", 2), ("bare.json", "{}", 2),
    ("odd.json", json.dumps(BEFORE | {"contract_version": "one"}), 2),
])  # fmt: skip
def test_what_is_no_contract_is_one_line(tmp_path, name, text, code):
    if text is not None:
        (tmp_path / name).write_text(text)
    (tmp_path / "good.json").write_text(json.dumps(BEFORE))
    result = run(tmp_path / name, tmp_path / "good.json")
    assert result.exit_code == code
    assert name in result.stderr
    assert "Traceback" not in result.output


def test_help_has_examples_and_loads_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from artvision.cli import app\n"
        "for words in (['schema', 'diff'], ['schema', 'export'], ['verify']):\n"
        "    assert 'Examples' in CliRunner().invoke(app, [*words, '--help']).stdout\n"
        "print(sorted({'torch', 'pyarrow', 'scipy', 'numpy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
