"""`artvision suite` as a person and a script meet it."""

import json

import numpy as np
import pyarrow as pa
import pytest
import typer
from suite_rows import picture, run_of, table_of, unit
from typer.testing import CliRunner

from artvision.cli import Commands, suite

app = typer.Typer(cls=Commands)
app.callback()(lambda: None)
app.command("suite", epilog=suite.EXAMPLES)(suite.suite)

CAST = ["Ann Lee", "Bob Žižek"]
ROWS = (
    picture("Ann Lee", "close", "warm and dark", cast=CAST, title="Two Moons"),
    picture("Ann Lee", "medium", "cool and light", cast=CAST, title="Two Moons"),
    picture("nobody", "no face", "warm and dark", "low-key light", cast=CAST, title="Two Moons"),
    picture("Ann Lee", "close", "warm and dark", cast=CAST, title="Two Moons"),
    picture("Cy", "close", title_id="t2", title="Same Name"),
    picture("nobody", title_id="t3", title="Same name"),
    picture("nobody", title_id=None, title=None),
)
VECTORS = unit([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("ARTVISION_INDEX", raising=False)
    return run_of(tmp_path / "run", table_of(ROWS, VECTORS))


def call(*arguments):
    return CliRunner().invoke(app, ["suite", *map(str, arguments)])


def test_a_title_is_told_with_what_it_covers_repeats_and_lacks(folder):
    found = call("two moons", "-i", folder)
    assert found.exit_code == 0, found.output
    assert "Two Moons (t1): 4 pictures in" in found.stdout
    assert "diversity 0.67: as different as 3.0 pictures with nothing in common" in found.stdout
    assert "Ann Lee 3, nobody 1" in found.stdout
    assert "commission next: Bob Žižek, long shot" in " ".join(found.stdout.split())
    assert "repeated: 1" in found.stdout
    assert "cosine 1.00, from 0.95 on" in found.stdout
    assert "text is left out" in found.stderr
    assert "plates are not known" in found.stderr


def test_json_is_pure_and_whole(folder):
    found = call("t1", "-i", folder, "--json")
    told = json.loads(found.stdout)
    assert (told["title_id"], told["title"], told["size"]) == ("t1", "Two Moons", 4)
    assert told["diversity"] == pytest.approx(2 / 3, abs=1e-4)
    assert [pick["asset_id"] for pick in told["order"]] == ["a00", "a01", "a02", "a03"]
    assert told["order"][3]["why"] == "repeats a00"
    assert told["repeats"] == [
        {"asset_id": "a03", "of": "a00", "same_plate": False, "cosine": pytest.approx(1, abs=1e-3)}
    ]
    lead = told["coverage"]["dimensions"][0]
    assert lead["labels"] == {"a00": "Ann Lee", "a01": "Ann Lee", "a02": "nobody", "a03": "Ann Lee"}
    assert told["coverage"]["cells"]["shown"] == 3
    assert told["gap"]["cell"]["lead"] == "Bob Žižek"
    assert told["gap"]["coverage_after"] > told["gap"]["coverage_before"] == told["coverage"]["value"]
    assert [gone["name"] for gone in told["coverage"]["left_out"]] == ["text"]


def test_k_shows_so_many_and_says_that_there_are_more(folder):
    found = call("t1", "-i", folder, "-k", 1)
    assert "a01" not in found.stdout
    assert "3 more; -k 0 shows all" in found.stderr
    assert "more" not in call("t1", "-i", folder, "-k", 0).stderr


def test_plates_are_used_where_the_rows_have_them(tmp_path):
    table = table_of(ROWS, VECTORS)
    plates = ["p1", "p1", *[None] * (table.num_rows - 2)]
    folder = run_of(tmp_path / "plates", table.append_column("plate.id", pa.array(plates, pa.string())))
    found = call("t1", "-i", folder, "--json")
    told = {one["asset_id"]: one for one in json.loads(found.stdout)["repeats"]}
    assert "plates are not known" not in found.stderr
    assert told["a01"] == {"asset_id": "a01", "of": "a00", "same_plate": True, "cosine": None}
    assert "same plate" in call("t1", "-i", folder).stdout


def test_without_a_title_there_is_a_line_a_title_the_least_covered_first(folder):
    found = call("-i", folder, "--json")
    told = json.loads(found.stdout)
    values = [one["coverage"]["value"] for one in told]
    assert {one["title_id"] for one in told} == {"t1", "t2", "t3"}
    assert values == sorted(values)
    table = call("-i", folder, "--limit", 2)
    assert ": 3 titles" in table.stdout
    assert "Two Moons" not in table.stdout
    assert "1 more; --limit 0 lists all" in table.stderr


@pytest.mark.parametrize(("arguments", "code", "text"), [
    (["Two Mons"], 2, "did you mean Two Moons"),
    (["SAME NAME"], 2, "'SAME NAME' is the name of 2 titles in FOLDER; name one by its id: t2, t3"),
    (["something else"], 2, "`artvision suite` lists them"),
    (["t1", "-k", "-1"], 2, "-k"),
    (["t1", "-i", "/nowhere"], 5, "/nowhere holds neither a run nor an index"),
])  # fmt: skip
def test_what_is_wrong_is_one_line_with_the_way_out(folder, arguments, code, text):
    found = call("-i", folder, *arguments)
    assert found.exit_code == code
    assert text.replace("FOLDER", str(folder)) in found.stderr


def test_the_index_may_be_named_once_for_all(folder, monkeypatch):
    monkeypatch.setenv("ARTVISION_INDEX", str(folder))
    assert call("T1").exit_code == 0


def test_rows_without_titles_say_where_titles_come_from(tmp_path):
    table = table_of([picture("nobody", title_id=None, title=None)], np.eye(2)[:1])
    folder = run_of(tmp_path / "none", table.set_column(1, "title_id", pa.array([None], pa.string())))
    found = call("x", "-i", folder)
    assert found.exit_code == 2
    assert "catalogue with the column `title_id`" in found.stderr
    assert ": 0 titles" in call("-i", folder).stdout
