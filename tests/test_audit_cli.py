"""`artvision audit` as it is called: what it prints where, what it writes, and the exit code."""

import json
import subprocess
import sys

import pytest
from audit_runs import art, fake_stages, run_of, written
from conftest import REPOSITORY
from typer.testing import CliRunner

from artvision.audit.formats import formats
from artvision.audit.policy_file import bundled_text
from artvision.cli import app

DARK = '[[rule]]\nid = "dark"\nseverity = "{}"\nrequire = "light.brightness > 10"\n'
PICTURES = {"a.png": {}, "b.png": {"say": {"brightness": 1.0, "lead": ("Bo Ray", 2)}}}


@pytest.fixture(autouse=True)
def _stages(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with fake_stages():
        yield


@pytest.fixture
def run(tmp_path):
    run_of(tmp_path, PICTURES)
    return "run"


def policy(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def call(*words):
    return CliRunner().invoke(app, ["audit", *map(str, words)])


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [("error", "", 6), ("warning", "", 0), ("warning", "warning", 6), ("note", "warning", 0), ("note", "note", 6)],
)
def test_the_exit_code_goes_by_severity(run, tmp_path, severity, fail_on, code):
    found = call(run, "--policy", policy(tmp_path, DARK.format(severity)), *(["--fail-on", fail_on] if fail_on else []))
    assert found.exit_code == code
    assert f"1 {severity} in 2 assets of 1 title" in found.stdout


def test_a_clean_audit_exits_0(run, tmp_path):
    found = call(run, "--policy", policy(tmp_path, '[[rule]]\nid = "r"\nrequire = "width > 1"'))
    assert (found.exit_code, found.stdout) == (0, "no findings in 2 assets of 1 title\n")


def test_one_audit_writes_many_reports_and_they_are_there_when_it_fails(run, tmp_path):
    names = {"json": "a.json", "junit": "deep/a.xml", "sarif": "a.sarif", "markdown": "a.md", "table": "a.txt"}
    outputs = [word for name, file in names.items() for word in ("--output", f"{name}={file}")]
    found = call(run, "-p", policy(tmp_path, DARK.format("error")), *outputs)
    assert found.exit_code == 6
    assert all((tmp_path / file).stat().st_size for file in names.values())
    assert json.loads((tmp_path / "a.json").read_text())["counts"]["error"] == 1


def test_json_on_stdout_is_json_and_nothing_else(run, tmp_path):
    found = call(run, "-p", policy(tmp_path, DARK.format("error")), "--json")
    assert json.loads(found.stdout)["findings"][0]["asset_id"] == "b.png"
    assert "error: 1 error in 2 assets" in found.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--output", "sarif"], "must be FORMAT=FILE"),
        (["run", "--output", "xml=a"], "there is no format 'xml'"),
        (["run", "--format", "xml"], "there is no format 'xml'"),
        (["run", "--fail-on", "eror"], "must be one of note, warning, error"),
        (["run", "--policy", "none.toml"], "none.toml cannot be read"),
        (["run", "--output", "json=run/run.json/x"], "cannot be written"),
        (["nothing"], "no run, no index, no catalogue"),
        ([], "name a run, an index or a catalogue"),
    ],
)
def test_a_wrong_call_is_one_line(run, tmp_path, words, said):
    found = call(*words, *(["-p", policy(tmp_path, DARK.format("note"))] if "json=run/run.json/x" in words else []))
    assert found.exit_code == 2
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_a_catalogue_is_extracted_and_audited_and_the_second_time_nothing_is_computed(tmp_path):
    catalog = art(tmp_path / "art", PICTURES)
    rules = policy(tmp_path, DARK.format("error"))
    first, second = (call(catalog, "-p", rules, "--run", "r") for _ in range(2))
    assert (first.exit_code, second.exit_code) == (6, 6)
    assert first.stdout == second.stdout
    assert "(computed 0, already there 2)" in second.stderr


def test_what_left_the_catalogue_leaves_the_default_run_and_stays_in_a_named_one(tmp_path):
    catalog = art(tmp_path / "art", PICTURES)
    rules = policy(tmp_path, DARK.format("warning"))
    assert "1 warning in 2 assets" in call(catalog, "-p", rules).stdout
    assert "1 warning in 2 assets" in call(catalog, "-p", rules, "--run", "named").stdout
    written(catalog, [{"image": "a.png", "asset_id": "a.png", "title_id": "t"}])
    assert "no findings in 1 asset" in call(catalog, "-p", rules).stdout
    kept = call(catalog, "-p", rules, "--run", "named")
    assert "1 warning in 2 assets" in kept.stdout
    assert "1 assets of the run are not in" in kept.stderr
    assert "no findings in 1 asset" in call(catalog, "-p", rules, "--run", "named", "--prune").stdout


def test_failures_of_the_extraction_keep_their_exit_code_and_the_report(tmp_path):
    catalog = art(tmp_path / "art", PICTURES)
    (tmp_path / "art" / "b.png").write_bytes(b"none")
    rules = policy(tmp_path, '[[rule]]\nid = "failed"\nkind = "failed-inputs"')
    found = call(catalog, "-p", rules, "--output", "json=a.json")
    assert found.exit_code == 3
    assert json.loads((tmp_path / "a.json").read_text())["counts"]["error"] == 1
    assert call(catalog, "-p", rules, "--max-failures", "1").exit_code == 6


def test_where_no_picture_could_be_read_each_is_a_finding(tmp_path):
    catalog = art(tmp_path / "art", PICTURES)
    for name in PICTURES:
        (tmp_path / "art" / name).write_bytes(b"none")
    rules = policy(tmp_path, DARK.format("error") + '[[rule]]\nid = "failed"\nkind = "failed-inputs"')
    found = call(catalog, "-p", rules, "--run", "r", "--output", "json=a.json")
    assert found.exit_code == 3
    assert "2 errors in 0 assets of 0 titles" in found.stdout
    assert json.loads((tmp_path / "a.json").read_text())["counts"]["error"] == 2
    assert call("r", "-p", rules).exit_code == 6


def test_names_of_people_are_told_only_when_asked_for(run, tmp_path):
    text = '[[rule]]\nid = "lead"\nkind = "lead-billing"\nfirst = 1\n'
    text += '[[rule]]\nid = "score"\nrequire = "actor.lead_score < 0.1"\nmessage = "score {actor.lead_score:.1f}"\n'
    text += '[[rule]]\nid = "cast"\nrequire = "not array_has(cast, \'Bo Ray\')"\nmessage = "{width}"\n'
    text = text.replace("(cast,", '(\\"cast\\",')
    rules = policy(tmp_path, text)
    reports = {name: call(run, "-p", rules, "--format", name).stdout for name in formats()}
    for name, told in reports.items():
        assert "Bo Ray" not in told, name
        assert "0.8" not in told, name
    named = call(run, "-p", rules, "--names").stdout
    assert "Bo Ray leads, billed 2" in named
    assert "score 0.8" in named
    with_names, without = (json.loads(call(run, "-p", rules, "--json", *more).stdout) for more in (["--names"], []))
    assert [one["id"] for one in with_names["findings"]] == [one["id"] for one in without["findings"]]


def test_waivers_are_judged_by_the_day_given(run, tmp_path):
    waiver = '[[waiver]]\nrule = "dark"\nasset = "*"\nreason = "meant"\nexpires = 2026-05-31\n'
    rules = policy(tmp_path, DARK.format("error") + waiver)
    assert call(run, "-p", rules, "--today", "2026-05-31").exit_code == 0
    assert call(run, "-p", rules, "--today", "2026-06-01").exit_code == 6


def test_the_bundled_policy_is_printed_as_it_is():
    assert call("--print-policy").stdout == bundled_text()


def test_help_and_a_finished_run_need_no_torch(run, tmp_path):
    code = "import sys; from artvision.cli import app; from typer.testing import CliRunner; "
    code += f"r = CliRunner().invoke(app, ['audit', '{tmp_path / run}', '--json']); assert r.exit_code in (0, 2); "
    code += "assert CliRunner().invoke(app, ['audit', '--help']).exit_code == 0; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
