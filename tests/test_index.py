"""The index follows its run: what is new, changed and gone, whatever interrupts, and refuses what it cannot mix."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pytest
import skimage.data
from filelock import FileLock
from index_runs import Crowd, Look, catalogue, paint
from PIL import Image

from artvision import stages
from artvision.errors import FailuresError, RunError, SourceError, UsageError
from artvision.index import following, lineage, make, writing
from artvision.index.store import find_index, open_index
from artvision.pipeline import extract
from artvision.rows import open_rows
from artvision.settings import Settings

TITLES = {"a": [1, 2, 3], "b": [4, 5], "c": [6]}


@pytest.fixture(autouse=True)
def _small_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look, Crowd]))


@pytest.fixture
def art(tmp_path):
    """A folder with a catalogue of three titles."""
    catalogue(tmp_path / "art", TITLES)
    return tmp_path / "art"


def indexed(art, out, **options):
    return make.make_index(out, catalog=art / "catalog.csv", **options)


def state(index):
    """Everything an index says, by asset, and what it says of itself."""
    rows = {row["asset_id"]: row for row in index.table().to_pylist()}
    return rows, {name: index.info[name] for name in ("table", "version", "rows", "titles")}


def test_the_table_has_the_runs_rows_under_the_runs_names(art, tmp_path):
    followed, summary = indexed(art, tmp_path / "i")
    index = open_index(tmp_path / "i")
    run = summary.run.table()
    assert (followed.new, followed.changed, followed.gone) == (6, 0, 0)
    assert index.info["rows"] == 6
    assert index.info["titles"] == 3
    assert set(run.column_names) - set(index.columns) == {"actor_vectors"}
    ours = index.table(run.drop_columns(["actor_vectors"]).column_names).sort_by("asset_id")
    assert ours.to_pylist() == run.drop_columns(["actor_vectors"]).sort_by("asset_id").to_pylist()
    assert index.table(["embedding"]).schema.field("embedding").type == pa.list_(pa.float32(), 48)


def test_rows_of_a_run_and_of_its_index_are_read_alike(art, tmp_path):
    _, summary = indexed(art, tmp_path / "i")
    run, index = open_rows(summary.run.folder), open_rows(tmp_path / "i")
    for rows in (run, index):
        assert set(rows.table(["light.brightness"], ["a", "c"]).column_names) == {"light.brightness"}
        assert sorted(rows.table(["asset_id"], ["a"])["asset_id"].to_pylist()) == ["a/1.png", "a/2.png", "a/3.png"]
        assert rows.table(["asset_id"], []).num_rows == 0
        assert rows.table(["title_id", "no such column"], ["c"]).to_pylist() == [{"title_id": "c"}]
        assert rows.run.run_id == summary.run.run_id
    assert {field["name"] for field in run.contract["fields"]} < {field["name"] for field in index.contract["fields"]}


def test_a_second_index_redoes_nothing(art, tmp_path, monkeypatch):
    first, _ = indexed(art, tmp_path / "i")
    monkeypatch.setattr(writing, "making", None)
    again, summary = indexed(art, tmp_path / "i")
    assert summary.computed == 0
    assert again.index.info == first.index.info


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"a": [1, 2, 3], "b": [4, 5], "c": [6], "d": [7, 8]}, (2, 0, 0)),
        ({"a": [1, 3], "b": [4, 5], "c": [6]}, (0, 0, 1)),
        ({"a": [1, 2, 3], "c": [6]}, (0, 0, 2)),
    ],
)
def test_added_and_deleted_assets_are_followed(art, tmp_path, change, counts):
    indexed(art, tmp_path / "i")
    catalogue(art, change)
    followed, _ = indexed(art, tmp_path / "i")
    assert (followed.new, followed.changed, followed.gone) == counts
    fresh, _ = indexed(art, tmp_path / "fresh")
    assert comparable(followed.index) == comparable(fresh.index)


def comparable(index):
    rows, _ = state(index)
    return {name: {key: value for key, value in row.items() if key != "run_id"} for name, row in rows.items()}


def test_a_changed_picture_changes_its_row_and_its_suite(art, tmp_path):
    indexed(art, tmp_path / "i")
    before = comparable(open_index(tmp_path / "i"))
    paint(art / "a" / "1.png", 99)
    followed, _ = indexed(art, tmp_path / "i")
    after = comparable(followed.index)
    assert (followed.new, followed.changed, followed.gone) == (0, 1, 0)
    assert {name for name in before if before[name] != after[name]} <= {"a/1.png", "a/2.png", "a/3.png"}
    assert before["a/2.png"]["suite.novelty"] != after["a/2.png"]["suite.novelty"]


def test_a_changed_catalogue_cell_is_followed_without_a_look_at_pictures(art, tmp_path, monkeypatch):
    indexed(art, tmp_path / "i")
    text = (art / "catalog.csv").read_text().replace("Film b", "Film B")
    (art / "catalog.csv").write_text(text)
    seen = []
    monkeypatch.setattr(lineage, "_sketch", lambda member, **_: seen.append(member) or (member.asset_id, None))
    followed, summary = indexed(art, tmp_path / "i")
    assert (summary.computed, followed.changed, seen) == (0, 2, [])
    assert set(followed.index.table(["title"], ["b"])["title"].to_pylist()) == {"Film B"}


def test_a_column_that_the_catalogue_gains_is_carried(art, tmp_path):
    indexed(art, tmp_path / "i")
    catalogue(art, TITLES, {"campaign": "spring", "light": "odd", "Ab c": "x"})
    followed, _ = indexed(art, tmp_path / "i")
    assert {"campaign", "catalog.light", "Ab c"} <= set(followed.index.columns)
    assert followed.index.nearest(None, where="campaign = 'spring' AND catalog.light = 'odd'").num_rows == 6


def test_one_picture_under_two_titles_is_one_row_each(art, tmp_path):
    text = (art / "catalog.csv").read_text() + "a/1.png,b,Film b\n"
    (art / "catalog.csv").write_text(text)
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.index.info["rows"] == 7
    assert followed.shared == 1
    assert len(followed.index.table(["asset_id"], ["b"])) == 3


def test_a_folder_of_title_folders_is_a_catalogue(art, tmp_path):
    (art / "catalog.csv").unlink()
    paint(art / "loose.png", 50)
    followed, _ = make.make_index(tmp_path / "i", catalog=art)
    titles = followed.index.table(["asset_id", "title_id"]).to_pylist()
    assert {row["asset_id"]: row["title_id"] for row in titles}["a/1.png"] == "a"
    assert {row["asset_id"]: row["title_id"] for row in titles}["loose.png"] is None
    assert followed.index.info["titles"] == 3


def test_a_run_that_is_there_is_indexed_as_it_is(art, tmp_path):
    extract(art / "catalog.csv", tmp_path / "run")
    followed, summary = make.make_index(tmp_path / "i", run=tmp_path / "run")
    assert summary is None
    assert followed.index.run.folder == (tmp_path / "run").resolve()
    assert followed.index.info["rows"] == 6


def test_an_index_with_its_run_can_be_moved(art, tmp_path):
    indexed(art, tmp_path / "i")
    (tmp_path / "i").rename(tmp_path / "moved")
    index = open_index(tmp_path / "moved")
    assert index.run.run_id == index.info["run_id"]
    assert index.table(["asset_id"]).num_rows == 6


def test_vectors_of_another_make_are_refused_and_overwritten_when_asked(art, tmp_path):
    indexed(art, tmp_path / "i")
    before = state(open_index(tmp_path / "i"))
    with pytest.raises(
        RunError, match=r"made differently: add --background #808080 .*`artvision index … --overwrite`.*\n.*background"
    ):
        indexed(art, tmp_path / "i", settings=Settings(background="#ff0000"))
    assert state(open_index(tmp_path / "i")) == before
    followed, _ = indexed(art, tmp_path / "i", settings=Settings(background="#ff0000"), overwrite=True)
    assert followed.index.info["fingerprint"]["decode"]["background"] == "#ff0000"
    assert [path.name for path in (tmp_path / "i").glob("assets-*")] == [followed.index.info["table"] + ".lance"]


def test_a_run_of_another_make_is_refused_with_the_command_that_migrates(art, tmp_path):
    extract(art / "catalog.csv", tmp_path / "one")
    extract(art / "catalog.csv", tmp_path / "two", Settings(background="#ff0000"))
    make.make_index(tmp_path / "i", run=tmp_path / "one")
    with pytest.raises(RunError, match=r"artvision index --run \S+two -o \S+i --overwrite"):
        make.make_index(tmp_path / "i", run=tmp_path / "two")
    followed, _ = make.make_index(tmp_path / "i", run=tmp_path / "two", overwrite=True)
    assert followed.index.info["fingerprint"]["decode"]["background"] == "#ff0000"


STEPS = [
    (writing.Draft, "upsert"),
    (writing.Draft, "delete"),
    (writing.Draft, "index_columns"),
    (writing.Draft, "commit"),
    (writing, "write_text"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_killed_index_leaves_the_previous_state_and_is_taken_up(art, tmp_path, monkeypatch, owner, name, after):
    indexed(art, tmp_path / "i")
    before = state(open_index(tmp_path / "i"))
    catalogue(art, {"a": [1, 3], "b": [4, 5, 9]})
    real = getattr(owner, name)

    def killed(*arguments, **options):
        if after:
            real(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, name, killed)
    with pytest.raises(KeyboardInterrupt):
        indexed(art, tmp_path / "i")
    monkeypatch.undo()
    _restore_stages(monkeypatch)
    committed = after and name in ("commit", "write_text")
    assert (state(open_index(tmp_path / "i")) == before) is not committed
    followed, _ = indexed(art, tmp_path / "i")
    fresh, _ = indexed(art, tmp_path / "fresh")
    assert comparable(followed.index) == comparable(fresh.index)


def _restore_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look, Crowd]))


def test_a_disk_that_is_full_is_one_line_and_the_index_stands(art, tmp_path, monkeypatch):
    indexed(art, tmp_path / "i")
    before = state(open_index(tmp_path / "i"))
    catalogue(art, {**TITLES, "d": [8]})

    def full(*_):
        raise RuntimeError("lance error: LanceError(IO): No space left on device (os error 28), /src/io.rs:1:2")

    monkeypatch.setattr(writing.Draft, "upsert", full)
    with pytest.raises(RunError, match=r"the disk is full; the index stands as it was"):
        indexed(art, tmp_path / "i")
    assert state(open_index(tmp_path / "i")) == before


def test_assets_without_a_title_are_told(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.untitled == 0
    paint(art / "alone" / "9.png", 9)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(art / "alone")
        loose, _ = make.make_index(tmp_path / "loose", catalog=".")
    assert (loose.untitled, loose.index.info["rows"]) == (1, 1)


def test_a_catalogue_that_is_not_there_is_said_before_anything_else(art, tmp_path):
    indexed(art, tmp_path / "i")
    with pytest.raises(SourceError, match=r"nowhere.csv: no such catalogue or folder"):
        make.make_index(tmp_path / "i", catalog=art / "nowhere.csv", settings=Settings(background="#ff0000"))


def test_an_index_that_is_being_written_is_refused(art, tmp_path):
    indexed(art, tmp_path / "i")
    paint(art / "a" / "1.png", 77)
    with FileLock(tmp_path / "i" / ".lock"), pytest.raises(RunError, match="is being written by another artvision"):
        indexed(art, tmp_path / "i")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ('{"index_format": 99}', "upgrade artvision"),
        ('{"index_format": 1}', "upgrade artvision"),
        ("[]", "upgrade artvision"),
    ],
)
def test_an_index_that_cannot_be_understood_is_one_line(art, tmp_path, text, said):
    indexed(art, tmp_path / "i")
    (tmp_path / "i" / "index.json").write_text(text)
    with pytest.raises(RunError, match=said):
        open_index(tmp_path / "i")
    with pytest.raises(RunError, match=said):
        indexed(art, tmp_path / "i")
    followed, _ = indexed(art, tmp_path / "i", overwrite=True)
    assert followed.index.info["rows"] == 6


def test_a_table_that_is_gone_is_one_line(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i")
    shutil.rmtree(tmp_path / "i" / (followed.index.info["table"] + ".lance"))
    with pytest.raises(RunError, match="make it anew with `artvision index … --overwrite`"):
        open_index(tmp_path / "i").table()
    again, _ = indexed(art, tmp_path / "i", overwrite=True)
    assert again.index.table(["asset_id"]).num_rows == 6


def test_a_run_is_no_place_for_an_index_and_no_index_is_said(art, tmp_path):
    extract(art / "catalog.csv", tmp_path / "run")
    with pytest.raises(RunError, match="is a run: name another folder"):
        make.make_index(tmp_path / "run", catalog=art / "catalog.csv")
    with pytest.raises(RunError, match="holds no index; `artvision index"):
        open_index(tmp_path / "nothing")
    with pytest.raises(RunError, match="neither a run nor an index"):
        open_rows(tmp_path / "nothing")
    with pytest.raises(UsageError, match="--catalog"):
        make.make_index(tmp_path / "i")


def test_pictures_that_cannot_be_used_leave_the_index_alone(art, tmp_path):
    indexed(art, tmp_path / "i")
    before = state(open_index(tmp_path / "i"))
    for picture in art.glob("*/*.png"):
        picture.unlink()
    with pytest.raises(FailuresError):
        indexed(art, tmp_path / "i")
    assert state(open_index(tmp_path / "i")) == before


def test_a_missing_picture_is_dropped_and_told(art, tmp_path):
    (art / "a" / "2.png").unlink()
    followed, summary = indexed(art, tmp_path / "i")
    assert summary.failed == 1
    assert followed.index.info["rows"] == 5


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("light.brightnes > 50", "did you mean light.brightness"),
        ('title = "Film a"', "no column Film a; a text stands in single quotes"),
        ("title = 'It's'", "an apostrophe is written twice"),
        ("light.brightness", "compare, as in"),
        ("light.brightness > 'bright'", "compared with the text 'bright'"),
        ("\"cast\" = 'Ann'", r"array_has\(NAME, 'Ann'\)"),
        ("title > 5 + 5", "a column of text is compared with a number"),
        ("brightness > 50", "did you mean light.brightness"),
        ("lihgt.brightness > 50", "did you mean light"),
        ("titel_id = 'a'", "did you mean title_id"),
        ("light.brightness >", "it ends, or a bracket closes, too early"),
    ],
)
def test_a_condition_that_is_not_understood_says_why(art, tmp_path, where, said):
    followed, _ = indexed(art, tmp_path / "i")
    with pytest.raises(UsageError, match=said) as caught:
        followed.index.nearest(None, where=where)
    assert "cargo" not in str(caught.value)


def test_nearest_is_exact_and_filters_first(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i")
    rows = {row["asset_id"]: row for row in followed.index.table().to_pylist()}
    query = np.asarray(rows["b/4.png"]["embedding"], np.float32)
    found = followed.index.nearest(query, limit=3, columns=["asset_id"]).to_pylist()
    exact = sorted(rows, key=lambda name: (-float(np.dot(query, rows[name]["embedding"])), name))
    assert [row["asset_id"] for row in found] == exact[:3]
    assert found[0]["score"] == pytest.approx(1, abs=1e-5)
    only = followed.index.nearest(query, where="title_id = 'a'", limit=9, columns=["asset_id"])
    assert [row["asset_id"] for row in only.to_pylist()] == [name for name in exact if name.startswith("a/")]


def test_rows_without_an_embedding_are_indexed_and_left_out_of_nearest(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i", settings=Settings(stages="actors"))
    rows = followed.index.table(["embedding", "suite.order"]).to_pylist()
    assert rows == [{"embedding": None, "suite.order": None}] * 6
    assert followed.index.nearest(np.ones(48, np.float32)).num_rows == 0
    assert followed.index.nearest(None, where="face.count >= 0").num_rows == 6


def test_one_asset_is_found_by_its_id(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.index.row("a/1.png")["title_id"] == "a"
    assert followed.index.row("it's not there") is None


def test_the_table_itself_carries_contract_and_fingerprint(art, tmp_path):
    followed, summary = indexed(art, tmp_path / "i")
    metadata = followed.index.lance.schema.metadata
    assert json.loads(metadata[b"artvision.fingerprint"]) == summary.run.info["fingerprint"]
    assert json.loads(metadata[b"artvision.contract"])["contract_sha256"] == summary.run.contract["contract_sha256"]


def test_rows_without_a_title_survive_a_table_made_anew(art, tmp_path):
    paint(art / "loose.png", 50)
    (art / "catalog.csv").unlink()
    make.make_index(tmp_path / "i", catalog=art)
    followed, _ = make.make_index(tmp_path / "i", catalog=art, overwrite=True)
    assert followed.index.table(["asset_id"]).num_rows == 7


def photographs(folder, *names):
    """One photograph under these names: pictures of smooth blocks have no plate."""
    for name in names:
        Image.fromarray(skimage.data.coffee()).save(folder / f"{name}.png")


def test_pictures_that_come_back_get_their_plates(art, tmp_path, monkeypatch):
    photographs(art / "a", 1, 2)
    extract(art / "catalog.csv", tmp_path / "run")
    art.rename(tmp_path / "away")
    followed, _ = make.make_index(tmp_path / "i", run=tmp_path / "run")
    assert (followed.unread, followed.index.info["plates"]) == (5, 0)
    (tmp_path / "away").rename(art)
    followed, _ = make.make_index(tmp_path / "i", run=tmp_path / "run")
    assert (followed.unread, followed.index.info["plates"]) == (0, 1)
    art.rename(tmp_path / "away")
    followed, _ = make.make_index(tmp_path / "i", run=tmp_path / "run", overwrite=True)
    assert (followed.unread, followed.index.info["plates"]) == (5, 1)


def test_a_plate_belongs_to_one_title_and_goes_with_it(art, tmp_path):
    photographs(art / "a", 1, 2, 3, 9)
    catalogue(art, {"a": [1, 2, 3, 9]}, {})
    text = (art / "catalog.csv").read_text().splitlines()
    stated = ["asset_id," + text[0], *(f"x{number},{line}" for number, line in enumerate(text[1:]))]
    (art / "catalog.csv").write_text("\n".join(stated) + "\n")
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.index.info["plates"] == 1
    moved = [line.replace(",a,", ",b,") if line.startswith(("x2", "x3")) else line for line in stated]
    (art / "catalog.csv").write_text("\n".join(moved) + "\n")
    followed, _ = indexed(art, tmp_path / "i")
    ids = {row["asset_id"]: row["plate.id"] for row in followed.index.table(["asset_id", "plate.id"]).to_pylist()}
    assert ids["x0"] == ids["x1"] != ids["x2"] == ids["x3"]
    assert followed.index.info["plates"] == 2
    (art / "catalog.csv").write_text("\n".join([stated[0], *stated[1:3]]) + "\n")
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.index.info["plates"] == 1


def test_a_run_that_moved_is_followed(art, tmp_path):
    extract(art / "catalog.csv", tmp_path / "run")
    make.make_index(tmp_path / "i", run=tmp_path / "run")
    (tmp_path / "run").rename(tmp_path / "moved")
    followed, _ = make.make_index(tmp_path / "i", run=tmp_path / "moved")
    assert open_index(tmp_path / "i").run.folder == (tmp_path / "moved").resolve()
    assert followed.new == 0


def test_an_index_named_through_a_link_finds_its_run(art, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    indexed(art, tmp_path / "link" / "i", run=tmp_path / "real" / "i" / "run")
    assert open_index(tmp_path / "real" / "i").run.run_id
    assert open_index(tmp_path / "link" / "i").run.run_id


def test_damaged_files_are_one_line_and_mended_by_overwriting(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i")
    for file in (tmp_path / "i" / (followed.index.info["table"] + ".lance") / "data").iterdir():
        file.write_bytes(b"xx")
    with pytest.raises(RunError, match="--overwrite"):
        open_index(tmp_path / "i").nearest(None)
    with pytest.raises(RunError, match="--overwrite"):
        indexed(art, tmp_path / "i")
    followed, _ = indexed(art, tmp_path / "i", overwrite=True)
    assert followed.index.table(["asset_id"]).num_rows == 6


@pytest.mark.parametrize("where", [
    "true) OR (true", "title_id = 'a' rubbish here", "title_id = 'a'; whatever", "title_id = 'a' -- x",
    "title_id = ?", "$1 = 1", "(title_id = 'a'", "title_id = 'a", "title_id = 'a' /* x */",
])  # fmt: skip
def test_a_condition_is_one_whole_expression(art, tmp_path, where):
    followed, _ = indexed(art, tmp_path / "i")
    with pytest.raises(UsageError) as caught:
        followed.index.nearest(None, where=where)
    assert repr(where) in str(caught.value)


def test_columns_may_stand_in_double_quotes_as_in_sql(art, tmp_path):
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.index.nearest(None, where='"title_id" = \'a\' and "light.brightness" > 0').num_rows == 3
    assert followed.index.count("\"title_id\" = 'a'") == 3


def test_a_text_compared_with_a_number_says_how_to(art, tmp_path):
    catalogue(art, TITLES, {"clicks": 12})
    followed, _ = indexed(art, tmp_path / "i")
    with pytest.raises(UsageError, match="cast"):
        followed.index.nearest(None, where="clicks > 5")
    assert followed.index.nearest(None, where="cast(clicks as double) > 5").num_rows == 6


def test_a_catalogue_that_was_copied_keeps_its_ids(art, tmp_path):
    indexed(art, tmp_path / "i")
    shutil.copytree(art, tmp_path / "copy")
    followed, summary = indexed(tmp_path / "copy", tmp_path / "i")
    assert (followed.new, followed.gone, summary.computed) == (0, 0, 0)
    assert set(followed.index.table(["path"])["path"].to_pylist()) == {str(p) for p in (tmp_path / "copy").glob("*/*")}


def test_what_is_no_catalogue_is_said(art, tmp_path):
    (art / "README.md").write_text("hello")
    with pytest.raises(SourceError, match="is no catalogue"):
        make.make_index(tmp_path / "i", catalog=art / "README.md")


@pytest.mark.parametrize("where", ["title <> 'a--b; (?'", "(title_id IN ('a', 'b'))", "title = 'it''s' OR true"])
def test_what_stands_in_quotes_is_a_text(art, tmp_path, where):
    followed, _ = indexed(art, tmp_path / "i")
    assert followed.index.nearest(None, where=where).num_rows >= 5


def test_nothing_is_found_where_nothing_is(tmp_path):
    assert find_index(tmp_path) is None
    assert following.SUITES
