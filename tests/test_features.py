"""docs/features.toml is true of the code: every field, column and command of it exists, and no group is left out."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image
from typer.main import get_command
from typer.testing import CliRunner

from artvision.cli import app
from artvision.record import CATALOGUE, KEYS
from artvision.settings import Settings
from artvision.stages import contract_of, create
from artvision.suite.columns import FIELDS, PLATE

TABLE = tomllib.loads((Path(__file__).parent.parent / "docs" / "features.toml").read_text(encoding="utf-8"))
FEATURES = [feature for group in TABLE["group"] for feature in group["feature"]]
EVERY, _ = create(Settings(model="starter"))
CONTRACT = contract_of(EVERY)
OWNERS = {name: stage for stage in EVERY for name in [item.name for item in (*stage.fields(), *stage.columns())]}
GROUPS = {f"{group}.*" for group in CONTRACT.groups}
SUITE = {field.name for field in (*FIELDS, PLATE)}


def named(feature):
    return feature.get("fields", [])


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature["what"])
def test_what_is_named_exists(feature):
    assert set(named(feature)) <= {*OWNERS, *GROUPS, *KEYS, *CATALOGUE}
    assert set(feature.get("suite", [])) <= SUITE
    assert set(feature["has"]) <= set(TABLE["peers"])
    assert set(feature["has"].values()) <= {"yes", "part", "no", "?"}


@pytest.mark.parametrize("feature", [one for one in FEATURES if one["shown"]], ids=lambda feature: feature["shown"])
def test_the_command_exists_with_its_options(feature):
    command, words = get_command(app), feature["shown"].split()
    assert words.pop(0) == "artvision"
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands")
    flags = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    assert set(re.findall(r"--[a-z-]+", feature["shown"])) <= flags


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature["what"])
def test_the_command_runs_the_stages_that_must_be_asked_for(feature):
    stages = {OWNERS[name] for name in named(feature) if name in OWNERS}
    asked = set(re.split(r"[ ,]", feature["shown"]))  # a command that is named like a stage runs it
    for stage in stages:
        assert not stage.opt_in or stage.name in asked
        assert feature["shown"]


def test_inspect_shows_what_is_known_of_the_file(tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    called = CliRunner().invoke(app, ["inspect", str(tmp_path / "a.png"), "--stages", "light", "--json"])
    shown = [name for feature in FEATURES if feature["shown"] == "artvision inspect IMAGE" for name in named(feature)]
    assert {name for name in shown if name in KEYS} <= set(json.loads(called.stdout))


def test_no_group_of_the_contract_is_left_out():
    told = {name.split(".")[0] for feature in FEATURES for name in named(feature) if "." in name}
    assert told == set(CONTRACT.groups)
