"""Searching a real index: what the fakes of the other tests promise is what the stored table does."""

import json

import numpy as np
import pytest
from pictures import encode, photo
from tiny_clip import write_tiny_clip

from artvision.errors import RunError, UsageError
from artvision.searching.asking import ask
from artvision.searching.finding import Filter, condition, find, without
from artvision.searching.query import Kind, Term, parse
from artvision.searching.space import open_space

pytest.importorskip("lancedb")
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Five pictures of two titles under a tiny model of its own: no starter, so texts go in as they are."""
    from artvision.index.make import make_index
    from artvision.settings import Settings

    folder = tmp_path_factory.mktemp("art")
    write_tiny_clip(folder / "tiny")
    lines = ["image,title_id,title"]
    for number in range(5):
        (folder / f"{number}.jpg").write_bytes(encode(photo(900, 600, seed=number), "JPEG", quality=90))
        lines.append(f"{number}.jpg,{'ab'[number % 2]},Title {'AB'[number % 2]}")
    (folder / "catalog.csv").write_text("\n".join(lines))
    settings = Settings(stages="clip,light", model=f"local-dir:{folder / 'tiny'}")
    followed, _ = make_index(folder / "index", catalog=folder / "catalog.csv", settings=settings)
    return followed.index


def test_a_picture_finds_itself_with_score_one(index):
    path = index.row("3.jpg")["path"]
    asked = ask(index, [Term(Kind.WORDS, path)])
    hits = find(index, asked.vector, Filter(), 2).hits
    assert hits[0].row["asset_id"] == "3.jpg"
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    assert open_space(index.info).picture(path).tobytes() == np.float32(index.row("3.jpg")["embedding"]).tobytes()


def test_what_was_asked_with_is_left_out(index):
    for term in (Term(Kind.ASSET, "3.jpg"), Term(Kind.PICTURE, index.row("3.jpg")["path"])):
        hits = find(index, ask(index, [term]).vector, Filter(without=without(term)), 9).hits
        assert len(hits) == 4
        assert "3.jpg" not in {hit.row["asset_id"] for hit in hits}


def test_scores_are_cosines_best_first(index):
    asked = ask(index, parse("asset:0.jpg - 0.5:asset:1.jpg + a boat"))
    hits = find(index, asked.vector, Filter(), 9).hits
    found = [float(np.float32(index.row(hit.row["asset_id"])["embedding"]) @ asked.vector) for hit in hits]
    np.testing.assert_allclose([hit.score for hit in hits], found, atol=1e-5)
    assert found == sorted(found, reverse=True)
    assert asked.notes == ()


def test_a_text_goes_in_as_it_is_unless_the_model_is_the_starter(index):
    found = open_space(index.info)
    assert found.text("a boat").tobytes() == found.texts.encode(["a boat"])[0].tobytes()


@pytest.mark.parametrize(("given", "ids"), [
    ({"titles": ("b",)}, ["1.jpg", "3.jpg"]),
    ({"titles": ("a", "b"), "where": "title = 'Title A' OR false"}, ["0.jpg", "2.jpg", "4.jpg"]),
    ({"where": "light.brightness < 0"}, []),
    ({"where": "asset_id LIKE '%.jpg'", "without": "asset_id IN ('0.jpg')"}, ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]),
])  # fmt: skip
def test_filters_hold(index, given, ids):
    assert [hit.row["asset_id"] for hit in find(index, None, Filter(**given), 9).hits] == ids


@pytest.mark.parametrize(("where", "words"), [
    ("light.brightnes > 1", "did you mean .*brightness"),
    ("light.brightness >", "--where 'light.brightness >'"),
])  # fmt: skip
def test_a_wrong_condition_quotes_what_was_typed(index, where, words):
    with pytest.raises(UsageError, match=words) as caught:
        condition(index, Filter(where, titles=("a",)))
    assert "title_id" not in str(caught.value).split(";")[0]
    assert "\n" not in str(caught.value)


def test_an_index_of_another_model_is_refused(index):
    info = json.loads(json.dumps(index.info))
    info["settings"]["model"] = "starter"
    with pytest.raises(RunError, match=r"local-dir:tiny .* this is starter"):
        open_space(info)
    assert open_space(index.info, index.info["settings"]["model"]).model.name == "local-dir:tiny"
