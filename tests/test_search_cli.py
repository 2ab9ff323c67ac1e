"""`search` and `similar` as a person and a script meet them."""

import hashlib
import json
from pathlib import Path

import pytest
import typer
from pictures import encode, photo
from searchable import FakeIndex, starter_info, unit
from typer.testing import CliRunner

from artvision.cli import Commands, search, similar
from artvision.errors import RunError
from artvision.index import store

pytestmark = pytest.mark.usefixtures("one_thread")

app = typer.Typer(cls=Commands)
app.command("search", cls=search.Asking, epilog=search.EXAMPLES)(search.search)
app.command("similar", epilog=similar.EXAMPLES)(similar.similar)


@pytest.fixture
def index(monkeypatch, tmp_path):
    (tmp_path / "art").mkdir()
    rows = []
    for number, (name, vector) in enumerate(
        {"m/poster.jpg": (1,), "m/still.jpg": (1, 1), "c/close up.png": (0, 1)}.items()
    ):
        path = tmp_path / "art" / f"{number}.png"
        path.write_bytes(encode(photo(60, 90, seed=number)))
        rows.append({
            "asset_id": name, "title_id": name[0], "title": "Meridian Station", "path": str(path),
            "embedding": unit(*vector), "face.count": number, "shot.scale": "medium_close_up",
            "light.brightness": 40.4, "tags": [{"label": "musical_instrument", "score": 0.83}],
        })  # fmt: skip
    fake, opened = FakeIndex(rows, starter_info()), []

    def open_index(folder):
        opened.append(str(folder))
        if "nowhere" in str(folder):
            raise RunError(f"{folder} holds no index")
        return fake

    monkeypatch.setattr(store, "open_index", open_index)
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    fake.opened = opened
    return fake


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], terminal_width=80)


def test_a_filter_alone_lists_assets(index):
    result = run("search", "--where", "face.count = 0")
    assert result.exit_code == 0
    assert index.conditions == ["face.count = 0", "(face.count = 0)"]
    assert "where face.count = 0: 3 shown of 3 assets" in result.stderr
    assert "meridian" not in result.stderr.lower()


def test_json_is_pure_and_in_order(index):
    document = json.loads(run("search", "asset:m/still.jpg", "-", "asset:m/poster.jpg", "--json", "-k2").stdout)
    assert [(hit["rank"], hit["asset_id"]) for hit in document] == [(1, "c/close up.png"), (2, "m/still.jpg")]
    assert {"score", "title_id", "title", "path", "face.count", "tag"} < set(document[0])


def test_the_account_says_what_was_asked(index):
    result = run(
        "search", "asset:m/poster.jpg", "-", '2:asset:"c/close up.png"', "--title", "m", "--title", "c", "-k", 1
    )
    assert 'asset:"m/poster.jpg" - 2:asset:"c/close up.png", of m or c: 1 shown of 3 assets' in result.stderr


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits(index, monkeypatch, width):
    monkeypatch.setattr("artvision.console.PIPE_WIDTH", width)
    result = run("search", "asset:m/poster.jpg")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].split() == ["#", "score", "asset", "title", "faces", "shot", "L*", "tag"]
    assert "1.000" in result.stdout


@pytest.mark.parametrize("arguments", [
    ("- asset:m/poster.jpg",), ("-asset:m/poster.jpg",), ("-", "asset:m/poster.jpg"), ("--", "-asset:m/poster.jpg"),
    ('-2:asset:"m/poster.jpg"',),
])  # fmt: skip
def test_a_query_may_begin_with_a_minus(index, arguments):
    result = run("search", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)[0]["asset_id"] == "c/close up.png"


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (("search", "--tpo", "5", "x"), 2, "--tpo"),
    (("search", "-k", "0"), 2, "-k"),
    (("search", '"horse'), 2, "not closed"),
    (("search", "asset:nobody"), 2, "no asset 'nobody'"),
    (("search", "a sad horse"), 2, "never described"),
    (("search", "-i", "nowhere"), 5, "holds no index"),
    (("search", "--title", "q"), 2, "no such title"),
    (("search", "--actor", "x"), 2, "--actors GALLERY"),
    (("similar", "m/postr.jpg"), 2, "did you mean m/poster.jpg"),
    (("similar",), 2, "target"),
])  # fmt: skip
def test_what_is_wrong_is_one_line_with_its_exit_code(index, arguments, code, words):
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert words.lower() in result.stderr.lower()


def test_the_folder_comes_from_the_environment(index, monkeypatch):
    monkeypatch.setenv("ARTVISION_INDEX", "spring")
    run("search")
    run("similar", "m/poster.jpg")
    assert index.opened == ["spring", "spring"]


def test_nothing_found_is_a_result(index, tmp_path):
    index.rows.clear()
    result = run("search", "--where", "face.count = 9", "--sheet", tmp_path / "x.png")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "nothing found among 3 assets" in result.stderr
    assert not (tmp_path / "x.png").exists()
    assert json.loads(run("search", "--json").stdout) == []


def test_nothing_found_in_what_was_not_measured_is_said(index, monkeypatch):
    columns = [*index.columns]
    index.rows.clear()
    monkeypatch.setattr(type(index), "columns", columns)
    monkeypatch.setattr(index, "count", lambda where="": 0)
    said = run("search", "--where", "face.count > 0").stderr
    assert "face.count has no value on any asset" in said
    assert "light.brightness" not in said


def test_a_title_where_an_asset_is_wanted_is_named_as_one(index):
    assert "it is a title, with " in run("similar", "m").stderr


def test_a_sheet_is_a_png(index, tmp_path):
    result = run("search", "--sheet", tmp_path / "out.gif")
    assert result.exit_code == 2
    assert "end its name in .png" in result.stderr.replace("\n", " ")


def test_the_starter_says_what_it_cannot_search(index):
    result = run("search", "people", "in", "the", "rain", "--json")
    assert "never seen people, rain" in result.stderr
    assert len(json.loads(result.stdout)) == 3


def test_a_sheet_is_written_where_asked_and_opened(index, tmp_path, monkeypatch):
    launched = []
    monkeypatch.setattr(typer, "launch", lambda path: launched.append(path) or 1)
    assert "contact sheet" in run("search", "--sheet", tmp_path / "out.png").stderr
    assert (tmp_path / "out.png").is_file()
    assert launched == []
    result = run("search", "--open")
    assert launched[0] in result.stderr.replace("\n", "")
    assert "nothing here opens pictures" in result.stderr


def test_similar_leaves_out_what_it_was_asked_with(index):
    result = run("similar", "m/poster.jpg", "--json")
    assert index.conditions == ["NOT (asset_id IN ('m/poster.jpg'))"]
    assert json.loads(result.stdout)[0]["score"] == 1.0  # the vector is its own; the fake runs no condition


def test_similar_to_a_file_leaves_out_that_file(index):
    path = index.rows[1]["path"]
    assert run("similar", path, "--where", "title_id = 'm'").exit_code == 0
    own = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    asked = f"(title_id = 'm') AND NOT (path IN ('{path}') OR content_sha256 IN ('{own}'))"
    assert index.conditions[1:] == [asked], "also under another name: the index may have been made through a link"


def test_help_has_examples_and_needs_no_index():
    result = run("search", "--help")
    assert result.exit_code == 0
    assert "artvision search" in result.stdout
