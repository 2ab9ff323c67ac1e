"""The rule that some picture of a title serves a canvas: one is enough, and what is not known decides nothing."""

import pytest
from audit_runs import Light, Text, art, audited, fake_stages, found, run_of
from canvas_rows import in_canvas

from artvision.errors import UsageError
from artvision.framing.demand import Demand, Faces
from artvision.framing.demand import Text as Lines
from artvision.index.make import make_index
from artvision.pipeline import extract
from artvision.rows import open_rows

RULE = '[[rule]]\nid = "r"\nkind = "canvas"\ncanvas = "tile"\n'


@pytest.fixture(autouse=True)
def _stages():
    with fake_stages():
        yield


def judged(folder, *pictures, rule=RULE, **cells):
    """An audit of one title whose pictures are said to be so in the canvas `tile`; None: the stage said nothing."""
    named = {
        f"{at}.png": {"say": {"canvases": None if said is None else [in_canvas("other"), in_canvas("tile", **said)]}}
        for at, said in enumerate(pictures)
    }
    return audited(run_of(folder, named, **cells), rule)


POOR = [
    ({"cut": 1}, "a face is cut"), ({"whole": 0, "lead": False}, "the lead face is left out"),
    ({"slot": False}, "no room for a title"), ({"emptiness": 0.79}, "no bare place for a title"),
    ({"white": 4.49}, "a title would have too little contrast"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "why"), POOR)
def test_a_picture_that_does_not_serve_is_found_with_the_reason(tmp_path, said, why):
    (one,) = judged(tmp_path, said).open
    assert (one.finding.subject.key, one.finding.values["why"]) == ("t", why)
    assert one.finding.message == f"none of 1 picture serves the canvas tile: {why}"


@pytest.mark.parametrize(
    "said",
    [{}, {"emptiness": 0.8, "white": 4.5}, {"covered": 1}, {"whole": 0, "lead": None}, {"white": 1.0, "black": 9.0}],
)
def test_a_picture_that_does_is_not(tmp_path, said):
    result = judged(tmp_path, said)
    assert (found(result), result.rules[0].judged) == ([], 1)


def test_one_picture_that_serves_is_enough_whatever_the_others_are(tmp_path):
    result = judged(tmp_path, {"cut": 1}, None, {}, {"slot": False})
    assert (found(result), result.rules[0].judged, result.rules[0].unjudged) == ([], 1, {})


def test_reasons_are_counted_over_the_pictures(tmp_path):
    result = judged(
        tmp_path, {"cut": 2, "slot": False}, {"cut": 1}, rule=RULE + 'message = "{pictures} {canvas}: {why}"'
    )
    assert result.open[0].finding.message == "2 tile: a face is cut (2), no room for a title (1)"


def test_what_is_not_known_of_a_picture_that_could_serve_leaves_its_title_open(tmp_path):
    result = judged(tmp_path, {"cut": 1}, None)
    assert (found(result), result.rules[0].unjudged) == ([], {"canvases does not apply": 1})
    drawn = judged(tmp_path / "drawn", {"whole": None, "lead": None})
    assert (found(drawn), drawn.rules[0].unjudged) == ([], {"its faces are not known": 1})
    assert found(judged(tmp_path / "bare", {"whole": None, "lead": None, "slot": False})) == [("r", "t")]


@pytest.mark.parametrize(("keys", "said", "why"), [
    ('faces = "any"', {"cut": 1, "lead": False}, ""),
    ('faces = "clear"', {"covered": 1}, "a face is covered"),
    ('text = "uncut"', {"text": (1, 1)}, "text is cut"),
    ('text = "uncut"', {"text": (1, 0)}, ""),
    ('text = "none"', {"text": (1, 0)}, "it is not textless"),
    ('text = "none"', {"text": (0, 1)}, "it is not textless"),
    ('text = "none"', {"text": (0, 0)}, ""),
    ("slot = false", {"slot": False}, ""),
    ("contrast = 10", {}, "a title would have too little contrast"),
    ("emptiness = 0.5", {"emptiness": 0.5}, ""),
])  # fmt: skip
def test_a_policy_says_what_it_asks_for(tmp_path, keys, said, why):
    result = judged(tmp_path, said, rule=RULE + keys)
    assert [one.finding.values["why"] for one in result.open] == ([why] if why else [])


def test_text_that_was_not_looked_for_is_not_taken_for_none(tmp_path):
    result = judged(tmp_path, {}, rule=RULE + 'text = "none"')
    assert found(result) == []
    assert result.remarks == (
        "rule r was not judged: text was not looked for: extract with --stages all,canvases,text",
    )


def test_when_chooses_the_pictures_that_may_serve(tmp_path):
    rows = run_of(
        tmp_path,
        {
            "a.png": {"say": {"canvases": [in_canvas("tile")]}},
            "b.png": {"say": {"canvases": [in_canvas("tile", cut=1)]}, "artwork_type": "hero"},
            "c.png": {"title_id": "u", "say": {"canvases": [in_canvas("tile", cut=1)]}},
        },
    )
    assert found(audited(rows, RULE)) == [("r", "u")]
    heroes = audited(rows, RULE + "when = \"artwork_type = 'hero'\"").open
    assert {one.finding.subject.key: one.finding.values["pictures"] for one in heroes} == {"t": 1, "u": 0}


def of_types(folder, *types, **more):
    """A run of a title `t` with a picture a type, each of which serves; None: the catalogue says none."""
    serves = {"say": {"canvases": [in_canvas("tile")]}}
    return run_of(folder, {f"{at}.png": serves | {"artwork_type": kind or ""} for at, kind in enumerate(types)} | more)


def test_a_title_of_which_when_leaves_no_picture_is_found(tmp_path):
    hero = {"title_id": "u", "artwork_type": "hero", "say": {"canvases": [in_canvas("tile")]}}
    rows = of_types(tmp_path, "still", "still", "poster", **{"u.png": hero})
    result = audited(rows, RULE + "when = \"artwork_type = 'hero'\"")
    (one,) = result.open
    assert (one.finding.subject.key, result.rules[0].judged) == ("t", 2)
    assert one.finding.message == "no picture may serve the canvas tile: `when` leaves none of 3"
    assert one.finding.values == {"canvas": "tile", "pictures": 0, "why": "`when` leaves none of 3"}
    assert found(audited(rows, RULE + "when = \"artwork_type = 'heroe'\"")) == [("r", "t"), ("r", "u")]


def test_a_finding_of_a_title_left_out_has_the_id_of_any_other(tmp_path):
    rows = of_types(tmp_path, "still")
    left_out = audited(rows, RULE + "when = \"artwork_type = 'hero'\"").open[0].finding
    assert left_out.id == judged(tmp_path / "poor", {"cut": 1}).open[0].finding.id


def test_a_picture_that_when_may_choose_leaves_its_title_open(tmp_path):
    poor = {"artwork_type": "hero", "say": {"canvases": [in_canvas("tile", cut=1)]}}
    rule = RULE + "when = \"artwork_type = 'hero'\""
    result = audited(of_types(tmp_path, None, "still", **{"poor.png": poor}), rule)
    assert found(result) == []
    assert result.rules[0].unjudged == {
        "it is open whether `when` chooses a picture that may serve": 1, "artwork_type has no value": 1,
    }  # fmt: skip
    nothing_serves = audited(of_types(tmp_path / "b", a=poor | {"artwork_type": ""}, **{"poor.png": poor}), rule)
    assert found(nothing_serves) == [("r", "t")]


def test_a_canvas_that_is_misspelt_is_an_error_with_near_names(tmp_path):
    with pytest.raises(UsageError, match=r"policy.toml: rule r: the run has no canvas 'tle'; did you mean tile\?"):
        judged(tmp_path, {}, rule=RULE.replace('"tile"', '"tle"'))


def test_a_run_without_the_stage_is_not_judged_and_the_way_out_is_said(tmp_path):
    with fake_stages(Light, Text):
        extract(art(tmp_path / "art", {"a.png": {}}), tmp_path / "run")
    result = audited(open_rows(tmp_path / "run"), RULE)
    assert found(result) == []
    assert "there is no column canvases" in result.remarks[0]
    assert "the stage canvases brings it" in result.remarks[0]


def test_an_asset_without_a_title_is_not_judged(tmp_path):
    extract(art(tmp_path / "art", {"a.png": {}}).parent / "a.png", tmp_path / "run")
    rows = open_rows(tmp_path / "run")
    assert audited(rows, RULE).rules[0].unjudged == {"title_id has no value": 1}
    assert audited(rows, RULE + 'when = "width < 10"').rules[0].unjudged == {}


def test_an_index_is_judged_alike(tmp_path):
    catalog = art(tmp_path / "art", {"a.png": {"say": {"canvases": [in_canvas("tile", slot=False)]}}})
    make_index(tmp_path / "index", catalog=catalog)
    assert found(audited(open_rows(tmp_path / "index"), RULE)) == [("r", "t")]


def test_all_that_is_asked_for_and_unknown_is_named_first_faces_then_text():
    row = in_canvas("tile", whole=None)
    assert Demand(text=Lines.NONE).unknown(row) == "faces"
    assert Demand(Faces.ANY, Lines.NONE).unknown(row) == "text"
    assert Demand(Faces.ANY).unknown(row) == ""
