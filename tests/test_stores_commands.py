"""The command line with URIs: what is typed, what is printed, which exit code comes."""

import json

import pytest
from fakes import FakeStage, LateStage
from object_stores import png
from typer.testing import CliRunner

from artvision import stages
from artvision.cli import app
from artvision.diagnosis import EXTRAS
from artvision.errors import RunError, UsageError
from artvision.index.make import make_index
from artvision.stores.copying import copied
from artvision.stores.schemes import SCHEMES


@pytest.fixture(autouse=True)
def _fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateStage, FakeStage]))


@pytest.fixture
def run(bucket):
    """The URI of a run of three pictures in a bucket, as `extract` leaves it."""
    for number in range(3):
        bucket(f"art/t{number % 2}/{number}.png", png(number))
    assert call("extract", f"{bucket.uri}/art", "-o", f"{bucket.uri}/run").exit_code == 0
    return f"{bucket.uri}/run"


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_extract_names_the_run_as_it_was_named(bucket):
    bucket("in/a.png", png(1))
    found = call("extract", f"{bucket.uri}/in", "-o", f"{bucket.uri}/run", "--json")
    assert json.loads(found.stdout)["run"] == f"{bucket.uri}/run"
    assert f"run {bucket.uri}/run: 1 part(s)" in found.stderr
    assert found.exit_code == 0


def test_failures_point_to_the_ledger_in_the_store(bucket):
    bucket("in/a.png", b"no picture")
    bucket("in/b.png", png(1))
    found = call("extract", f"{bucket.uri}/in", "-o", f"{bucket.uri}/run")
    assert found.exit_code == 3
    assert f"{bucket.uri}/run/ledger.parquet" in found.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("schema", "show"),
        ("schema", "export", "-f", "json-schema"),
        ("verify", "--sample", "0"),
        ("privacy", "report"),
    ],
)
def test_commands_read_a_run_in_a_store(run, words):
    *command, last = words if len(words) == 2 else (*words, "")
    found = call(*[word for word in (*command, last) if word], run)
    assert found.exit_code == 0, found.stderr
    assert found.stdout


def test_two_runs_in_stores_are_compared(run):
    found = call("schema", "diff", run, run)
    assert found.exit_code == 0, found.stderr


def test_an_export_of_a_run_in_a_store(run, tmp_path):
    found = call("export", run, "--format", "csv", "-o", tmp_path / "out")
    assert found.exit_code == 0, found.stderr
    assert (tmp_path / "out" / "export.json").exists()


def test_a_run_in_a_store_is_audited(run, tmp_path):
    rule = {"id": "dark", "severity": "error", "require": "fake.mean > 255", "message": "too dark"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in rule.items()]
    (tmp_path / "policy.toml").write_text("\n".join(['fail_on = "error"', "[[rule]]", *lines]))
    found = call("audit", run, "--policy", tmp_path / "policy.toml", "--json")
    assert found.exit_code == 6, found.stderr
    assert json.loads(found.stdout)["place"] == run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("export", "{run}", "--format", "csv", "-o", "s3://b/out"), "an export is not written into a store"),
        (("report", "{run}", "-o", "s3://b/r.html"), "a report is not written into a store"),
        (("index", "--run", "{run}", "-o", "s3://b/index"), "an index is not written into a store"),
        (("index", "--run", "{run}", "--catalog", "s3://b/c.csv"), "extract"),
        (("extract", "ftp://h/a.png"), "is not read; s3://"),
        (("extract", "{art}", "-o", "ftp://h/run"), "is not read; s3://"),
        (("extract", "{art}", "-o", "https://h/run"), "not be written there"),
        (("extract", "{art}", "-o", "s3://b/run", "--actors", "cast.gallery"), "."),
    ],
)
def test_what_does_not_go_is_one_line_with_exit_code_2(run, words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = call(*(word.format(run=run, art=run.replace("/run", "/art")) for word in words))
    assert (found.exit_code, found.stderr.count("error:")) == (2, 1), found.stderr
    assert message in found.stderr
    assert not list(tmp_path.glob("s3*")), "a folder of that name was made"


def test_no_run_there_is_exit_code_5(bucket):
    found = call("verify", f"{bucket.uri}/none")
    assert found.exit_code == 5
    assert f"{bucket.uri}/none holds no finished run" in found.stderr


def test_doctor_knows_every_extra_of_a_store():
    assert {scheme.extra for scheme in SCHEMES.values()} <= set(EXTRAS)


# A run copied beside an index


def test_a_copied_run_follows_its_original(run, bucket, tmp_path):
    from artvision.run import read_run

    folder = copied(run, tmp_path / "copy")
    assert read_run(folder).table().equals(read_run(run).table())
    bucket("art/t1/9.png", png(9))
    call("extract", f"{bucket.uri}/art", "-o", run)
    assert read_run(copied(run, folder)).table().num_rows == 4


def test_a_run_that_is_not_there_cannot_be_indexed(bucket, tmp_path):
    pytest.importorskip("lancedb")
    with pytest.raises(RunError, match="holds no finished run"):
        make_index(tmp_path / "index", run=f"{bucket.uri}/none")
    with pytest.raises(UsageError, match="then index it"):
        make_index(tmp_path / "index", run=f"{bucket.uri}/none", catalog=tmp_path)
