"""The filter: conditions put together with the names of people and titles as people write them."""

import numpy as np
import pytest
from searchable import FakeIndex, unit

from artvision.errors import UsageError
from artvision.gallery import Actor, Decision, Gallery, write_gallery
from artvision.searching.finding import Filter, best_tag, condition, find, without
from artvision.searching.query import Kind, Term


def row(asset_id, *names, title_id="t1", title="The First", vector=(1,)):
    actors = [{"actor_id": name and name.lower(), "name": name or "unknown"} for name in names]
    return {"asset_id": asset_id, "title_id": title_id, "title": title, "path": f"/art/{asset_id}",
            "actors": actors, "embedding": unit(*vector)}  # fmt: skip


@pytest.fixture
def index():
    return FakeIndex([
        row("a", "José Díaz", None),
        row("b", "Maeve O'Hara", vector=(1, 1)),
        row("c", title_id="t2", title="Second, The", vector=(0, 1)),
    ])  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [
    ({}, ""),
    ({"where": " "}, ""),
    ({"where": "a = 1 OR b = 2", "titles": ("t1",)}, "(a = 1 OR b = 2) AND title_id IN ('t1')"),
    ({"titles": ("t1", "t2")}, "title_id IN ('t1', 't2')"),
    ({"titles": ("the first", "T1")}, "title_id IN ('t1')"),
    ({"actors": ("jose diaz",)}, "(array_has(actor_names, 'José Díaz'))"),
    ({"actors": ("o'hara, maeve",)}, None),
    ({"actors": ("MAEVE O HARA", "José Díaz")},
     "(array_has(actor_names, 'Maeve O''Hara')) AND (array_has(actor_names, 'José Díaz'))"),
    ({"without": "asset_id IN ('a')"}, "NOT (asset_id IN ('a'))"),
])  # fmt: skip
def test_the_filter_is_one_condition(index, given, expected):
    if expected is None:
        with pytest.raises(UsageError):
            condition(index, Filter(**given))
    else:
        assert condition(index, Filter(**given)) == expected


@pytest.mark.parametrize(("given", "words"), [
    ({"actors": ("Jose Dias",)}, "did you mean José Díaz"),
    ({"actors": ("unknown",)}, "it has José Díaz, Maeve O'Hara"),
    ({"titles": ("t11",)}, "did you mean t1"),
    ({"titles": ("zzz",)}, "it has t1, t2"),
])  # fmt: skip
def test_a_name_the_index_knows_not_is_an_error_that_names_near_ones(index, given, words):
    with pytest.raises(UsageError, match=words):
        find(index, None, Filter(**given), 5)
    assert index.conditions == []


def test_nobody_recognised_says_how_to(index):
    bare = FakeIndex([{"asset_id": "a", "actors": None}, {"asset_id": "b", "actors": []}])
    for nobody in (bare, FakeIndex([{"asset_id": "a"}]), FakeIndex([row("a", None)])):
        with pytest.raises(UsageError, match="--actors GALLERY"):
            condition(nobody, Filter(actors=("José Díaz",)))


def test_an_alias_or_id_in_the_gallery_of_the_index_will_do(index, tmp_path):
    actor = Actor("jd", "José Díaz", np.zeros((1, 4), np.float32), (), aliases=("Pepe",), basis="contract")
    gallery = Gallery("dlib", ("0",), 4, Decision(0.5, 0.0, "test"), (actor,))
    write_gallery(gallery, tmp_path / "cast.gallery")
    index.info["settings"]["actors"] = str(tmp_path / "cast.gallery")
    for name in ("pepe", "jd"):
        assert condition(index, Filter(actors=(name,))) == "(array_has(actor_names, 'José Díaz'))"


@pytest.mark.parametrize(("spelling", "expected"), [
    (("José Díaz", "Jose Diaz"), "(array_has(actor_names, 'Jose Diaz') OR array_has(actor_names, 'José Díaz'))"),
])  # fmt: skip
def test_all_spellings_of_a_name_count(spelling, expected):
    index = FakeIndex([row("a", *spelling)])
    assert condition(index, Filter(actors=("jose diaz",))) == expected


def test_rows_come_in_order_with_rank_and_score(index):
    hits = find(index, unit(1), Filter(), 2).hits
    assert [(hit.rank, hit.row["asset_id"], round(hit.score, 4)) for hit in hits] == [(1, "a", 1.0), (2, "b", 0.7071)]
    assert "score" not in hits[0].row
    assert [hit.score for hit in find(index, None, Filter(), 5).hits] == [None] * 3


def test_a_hit_as_json_has_scalars_only(index):
    document = find(index, unit(1), Filter(), 1).hits[0].document()
    assert document["path"] == "/art/a"
    assert list(document)[:3] == ["rank", "score", "asset_id"]
    assert document["tag"] is None
    assert not {"embedding", "tags", "actors"} & document.keys()


@pytest.mark.parametrize(("term", "expected"), [
    (Term(Kind.ASSET, "it's"), "asset_id IN ('it''s')"),
    (Term(Kind.PICTURE, "/art/a.png"), "path IN ('/art/a.png')"),
])  # fmt: skip
def test_what_was_asked_with_is_left_out(term, expected):
    assert without(term) == expected


def test_the_best_tag_is_the_highest_score():
    tags = [{"label": "horror", "score": 0.4}, {"label": "sci_fi", "score": 0.73}]
    assert best_tag({"tags": tags}) == "sci fi 0.73"
    assert best_tag({"tags": None}) is None
