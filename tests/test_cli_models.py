from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tiny_clip import WEIGHTS, write_models_dir, write_tiny_clip
from typer.testing import CliRunner
from weight_server import serving

from artvision import weights
from artvision.cli.models import app
from artvision.errors import UsageError, WeightsError

PRODUCTION = "ViT-B-32-256/datacomp_s34b_b86k"


@pytest.fixture(autouse=True)
def models_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "models"
    write_models_dir(folder, write_tiny_clip(folder / "starter"))
    monkeypatch.setattr(weights, "models_dir", lambda: folder)
    return folder


def run(*words):
    return CliRunner().invoke(app, list(words))


def states(*words):
    result = run(*words, "--json")
    return {row["id"]: row["state"] for row in json.loads(result.stdout)}


def test_list_shows_states_as_a_table_and_as_json():
    assert states("list") == {PRODUCTION: "absent", "starter": "bundled"}
    table = run("list").stdout
    assert all(word in table for word in ("starter", "bundled", "absent", "licence", "MIT"))


def test_json_has_all_that_a_script_needs():
    row = json.loads(run("list", "--json").stdout)[0]
    assert row["mend"] == f"artvision models fetch {PRODUCTION}"
    assert row["bytes"] == 9
    assert row["dims"] == 512


def test_verify_is_content_while_only_downloads_are_absent():
    result = run("verify")
    assert result.exit_code == 0, result.exception


@pytest.mark.parametrize("damage", ["altered", "absent"])
def test_verify_fails_with_the_command_that_mends(models_dir, damage):
    path = models_dir / "starter" / WEIGHTS
    path.write_bytes(b"x") if damage == "altered" else path.unlink()
    result = run("verify", "--json")
    assert isinstance(result.exception, WeightsError)
    assert f"starter is {damage}: run `git checkout models`" in str(result.exception)
    assert {row["id"]: row["state"] for row in json.loads(result.stdout)}["starter"] == damage


def test_verify_reads_the_bytes_and_not_the_memory(models_dir, monkeypatch):
    states("list")
    monkeypatch.setattr("artvision.cache._recall", lambda memory, stamp: "0" * 64)
    assert states("list")["starter"] == "altered"
    assert states("verify")["starter"] == "bundled"


def test_verify_of_a_named_absent_model_fails():
    assert isinstance(run("verify", PRODUCTION).exception, WeightsError)


def test_fetch_brings_the_production_model_by_default(models_dir, tmp_path):
    manifest = models_dir / "manifest.toml"
    with serving() as server:
        server.files["/w"] = b"123456789"
        manifest.write_text(manifest.read_text().replace("https://hub.invalid", server.url))
        result = run("fetch")
        assert isinstance(result.exception, WeightsError)  # the manifest expects other bytes
        sha256 = "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
        manifest.write_text(manifest.read_text().replace("0" * 64, sha256))
        result = run("fetch")
    assert result.exit_code == 0, result.exception
    assert "its sha256 is the expected one" in result.stderr
    assert result.stdout == ""
    assert states("list")[PRODUCTION] == "present"


def test_fetch_from_a_folder_and_behind_a_mirror(models_dir, tmp_path):
    assert "nothing to fetch" in run("fetch", "starter").stderr
    assert isinstance(run("fetch", "--from", str(tmp_path)).exception, WeightsError)
    assert isinstance(run("fetch", "--mirror", "ftp://x").exception, UsageError)
    assert run("fetch", "--from", "/nowhere").exit_code == 2


def test_unknown_id_is_a_usage_error_with_a_suggestion():
    error = run("fetch", "startr").exception
    assert isinstance(error, UsageError)
    assert "did you mean starter" in str(error)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from artvision.cli.models import app\n"
        "try: app(['fetch', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'open_clip', 'httpx', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--non-commercial" in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"
