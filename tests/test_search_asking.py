"""From terms to a vector: assets without weights, pictures as `extract` stores them, and never another model's."""

import json
import subprocess
import sys

import numpy as np
import pytest
from pictures import encode, photo
from searchable import FakeIndex, starter_info, unit

from artvision.errors import DecodeError, RunError, UsageError, WeightsError
from artvision.searching import space
from artvision.searching.asking import ask, target
from artvision.searching.query import Kind, Term, parse
from artvision.searching.space import open_space

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def index():
    rows = [
        {"asset_id": name, "embedding": unit(*head)} for name, head in (("a", (1,)), ("b", (0, 1)), ("a.png", (1, 1)))
    ]
    return FakeIndex([*rows, {"asset_id": "none", "embedding": None}], starter_info())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run over three pictures whose decoding is that of light, not of clip alone."""
    from artvision.pipeline import extract
    from artvision.run import read_run
    from artvision.settings import Settings

    folder = tmp_path_factory.mktemp("art")
    (folder / "large.jpg").write_bytes(encode(photo(1500, 1000, seed=1), "JPEG", quality=90))
    (folder / "tall.png").write_bytes(encode(photo(300, 500, seed=2)))
    clear = np.dstack([photo(320, 200, seed=3), np.full((200, 320), 90, np.uint8)])
    from PIL import Image

    Image.fromarray(clear).save(folder / "clear.webp", lossless=True)
    settings = Settings(stages="clip,light", model="starter", background="#204060")
    extract(folder, folder / "run", settings)
    return read_run(folder / "run")


@pytest.fixture
def stored(run):
    return FakeIndex(run.table(["asset_id", "path", "embedding"]).to_pylist(), run.info)


@pytest.mark.parametrize(("query", "expected"), [
    ("asset:a", unit(1)),
    ("asset:a + asset:b", unit(1, 1)),
    ("asset:a + 3:asset:b", unit(1, 3)),
    ("asset:a - 2:asset:b", unit(1, -2)),
    ("- asset:a", unit(-1)),
    ("2:asset:a", unit(1)),
])  # fmt: skip
def test_assets_add_up_to_one_direction(index, query, expected):
    np.testing.assert_allclose(ask(index, parse(query)).vector, expected, atol=1e-7)


def test_the_question_says_how_it_was_understood(index):
    assert ask(index, parse("asset:a   - .5:asset:b")).shown == 'asset:"a" - 0.5:asset:"b"'
    assert ask(index, ()).vector is None


@pytest.mark.parametrize(("query", "words"), [
    ("asset:a - asset:a", "cancel out"),
    ("0:asset:a", "cancel out"),
    ("asset:aa.png", "did you mean a.png"),
    ("asset:none", "no embedding"),
    ("missing.jpg", "no such picture; asset:missing.jpg"),
    ("asset:a + a sad face", "never described"),
])  # fmt: skip
def test_what_cannot_be_asked_is_one_line(index, query, words):
    with pytest.raises(UsageError, match=words) as caught:
        ask(index, parse(query))
    assert "\n" not in str(caught.value)


def test_assets_need_neither_torch_nor_weights():
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from searchable import FakeIndex, unit\n"
        "from artvision.searching import asking, finding, query\n"
        "index = FakeIndex([{'asset_id': 'a', 'embedding': unit(1)}], {'settings': {'actors': ''}})\n"
        "asked = asking.ask(index, query.parse('asset:a'))\n"
        "finding.find(index, asked.vector, finding.Filter(), 3)\n"
        "print([name for name in ('torch', 'open_clip', 'cv2', 'lancedb') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("place", range(3))
def test_a_picture_has_the_very_bytes_that_extract_stored(stored, place):
    row = stored.rows[place]
    asked = ask(stored, [Term(Kind.WORDS, row["path"])])
    assert asked.notes == ()
    found = open_space(stored.info).picture(row["path"])
    assert found.tobytes() == np.asarray(row["embedding"], np.float32).tobytes()
    assert stored.nearest(asked.vector, limit=1)["asset_id"].to_pylist() == [row["asset_id"]]


def test_a_text_is_what_sets_it_apart_under_the_starter(stored):
    found = open_space(stored.info)
    plain = found.texts.encode(space.NEUTRAL)
    horror = found.text("a horror film")
    assert abs(np.linalg.norm(horror) - 1) < 1e-6
    text = found.texts.encode(["a horror film"])[0]
    assert (plain @ horror < text @ horror - 0.2).all()
    assert found.texts.encode(["a horror film"])[0] @ plain[0] > 0.8


def test_a_mixture_of_text_picture_and_asset(stored):
    asked = ask(stored, parse(f'{stored.rows[0]["path"]} + "horror" - 2:asset:{stored.rows[1]["asset_id"]}'))
    found = open_space(stored.info)
    parts = [found.picture(stored.rows[0]["path"]), found.text("horror"), np.asarray(stored.rows[1]["embedding"])]
    total = parts[0] + parts[1] - 2 * parts[2]
    np.testing.assert_allclose(asked.vector, total / np.linalg.norm(total), atol=1e-6)
    assert f'"horror" - 2:asset:"{stored.rows[1]["asset_id"]}"' in asked.shown


def test_words_are_a_picture_only_where_such_a_file_is(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "horror").write_bytes(encode(photo()))
    assert ask(index, parse("horror")).shown == '"horror"'
    assert ask(index, parse("./horror")).shown == "./horror"
    assert ask(index, parse("x" * 5000)).vector is not None


def test_a_picture_that_cannot_be_read_is_named(index, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xffjunk")
    with pytest.raises(DecodeError, match=r"bad\.jpg"):
        ask(index, parse(str(tmp_path / "bad.jpg")))


def changed(info, **clip):
    copy = json.loads(json.dumps(info))
    copy["fingerprint"]["stages"]["clip"] |= clip
    return copy


@pytest.mark.parametrize("difference", [
    {"weights_sha256": "0" * 64, "model": "ViT-B-32-256/other"},
    {"preprocess": {"size": [224, 224]}},
    {"quick_gelu": True},
])  # fmt: skip
def test_another_model_than_the_index_has_is_refused(difference):
    info = changed(starter_info(), **difference)
    with pytest.raises(RunError, match=r"made with .* this is starter .*--model") as caught:
        open_space(info)
    assert difference.get("model", "starter") in str(caught.value)
    assert next(iter(difference)).split("_")[0] in str(caught.value)


def test_auto_means_the_model_of_the_index_not_the_best_one_here():
    """After `models fetch`, auto would be the production model; the index still has the starter's vectors."""
    assert open_space(starter_info(model="auto")).model.is_starter
    info = changed(starter_info(model="auto"), model="ViT-B-32-256/datacomp_s34b_b86k", weights_sha256="0" * 64)
    with pytest.raises(WeightsError, match="artvision models fetch"):
        open_space(info)


def test_model_says_where_a_moved_one_lies(tmp_path):
    with pytest.raises(UsageError, match="local-dir"):
        open_space(starter_info(model=f"local-dir:{tmp_path}"))
    assert open_space(starter_info(model=f"local-dir:{tmp_path}"), "starter").model.is_starter


def test_other_libraries_are_told_and_another_decoding_is_refused_for_pictures_alone(tmp_path):
    info = starter_info()
    info["fingerprint"] = json.loads(json.dumps(info["fingerprint"]))
    info["fingerprint"]["libraries"]["pillow"] = "1.0"
    info["fingerprint"]["decode"]["path"] = "0"
    found = open_space(info)
    assert "pillow: 1.0 ->" in found.notices[0]
    with pytest.raises(RunError, match="index again"):
        found.picture(str(tmp_path / "any.png"))
    assert len(found.text("horror")) == 192


def test_an_index_without_vectors_says_so():
    info = starter_info()
    info["fingerprint"] = {**info["fingerprint"], "stages": {}}
    with pytest.raises(RunError, match="stage clip"):
        ask(FakeIndex([{"asset_id": "a"}], info), parse("horror"))


def test_similar_takes_a_file_that_is_there_or_else_an_asset(index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert target(index, "a.png") == Term(Kind.ASSET, "a.png")
    (tmp_path / "a.png").write_bytes(encode(photo()))
    assert target(index, "a.png") == Term(Kind.PICTURE, "a.png")
    assert target(index, "asset:a.png") == Term(Kind.ASSET, "a.png")
    with pytest.raises(UsageError, match=r"neither a picture file nor an asset .*a.png"):
        target(index, "aa.png")
