"""Settings: bounds, config file, flags."""

import dataclasses

import pytest

from artvision.cli.options import read_config, resolve
from artvision.errors import UsageError
from artvision.settings import Settings, allowance, deciding, suggest


@pytest.mark.parametrize(("changes", "text"), [
    ({"workers": -1}, "--workers -1 is below 0"),
    ({"workers": 999}, "--workers 999 is above 256"),
    ({"max_megapixels": -0.5}, "--max-megapixels -0.5 is below"),
    ({"batch_size": "0"}, "neither auto nor a number"),
    ({"batch_size": "many"}, "neither auto nor a number"),
    ({"max_failures": "lots"}, "neither a number"),
    ({"max_failures": "-1"}, "neither a number"),
    ({"max_failures": "101%"}, "neither a number"),
    ({"background": "nocolor"}, "is no colour"),
])  # fmt: skip
def test_bad_values_are_refused_with_the_flag(changes, text):
    with pytest.raises(UsageError, match=text):
        Settings(**changes)


@pytest.mark.parametrize(
    ("text", "tried", "allowed"), [("0", 10, 0), ("3", 10, 3), ("10%", 50, 5), ("1.5%", 200, 3), ("0%", 9, 0)]
)
def test_allowance(text, tried, allowed):
    assert allowance(text, tried) == pytest.approx(allowed)


def test_flags_win_over_the_file_and_the_file_over_defaults(tmp_path):
    file = tmp_path / "artvision.toml"
    file.write_text('batch_size = "3"\nworkers = 2\n')
    found = resolve(file, {"workers": 1, "model": None})
    assert (found.batch_size, found.workers, found.model) == ("3", 1, "auto")


@pytest.mark.parametrize(("content", "text"), [
    ("wrkers = 1", r"no setting 'wrkers'; did you mean workers\?"),
    ('workers = "two"', "must be of type int, not str"),
    ("workers = ", "is not TOML"),
])  # fmt: skip
def test_a_bad_config_file_is_named(tmp_path, content, text):
    file = tmp_path / "artvision.toml"
    file.write_text(content)
    with pytest.raises(UsageError, match=text):
        read_config(file)


def test_every_setting_has_help():
    assert all(spec.metadata["help"].endswith(".") for spec in dataclasses.fields(Settings))


def test_suggest_is_empty_for_a_word_far_from_all():
    assert suggest("zzz", ["light", "clip"]) == ""


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({}, {}, ""),
        ({"stages": "light,clip"}, {}, "--stages light,clip"),
        ({}, {"stages": "light"}, "--stages all"),
        ({"closed_set": False}, {}, "--no-closed-set"),
        ({"background": "#000000", "workers": 3}, {}, "--background #000000"),
        ({"deterministic": True}, {}, ""),
    ],
)
def test_flags_that_would_make_a_run_as_it_was(before, now, told):
    assert deciding(dataclasses.asdict(Settings()) | before, Settings(**now)) == told
