"""Coverage and gap: what each picture shows, what a suite covers of it, which picture to commission next."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suite_rows import KEYS, LIGHT, SCALE, WARMTH, actor, picture, table_of

from artvision.suite.axis import Axis, LeftOut
from artvision.suite.coverage import Coverage
from artvision.suite.dimensions import can_meet, read_axes
from artvision.suite.gap import find_gap
from artvision.suite.look import palette, text, tone
from artvision.suite.overview import overview
from artvision.suite.people import lead, shot

CAST = ["Ann Lee", "Bob Žižek"]
PALETTES = [f"{warmth} and {light}" for warmth, light in product(WARMTH, LIGHT)]
DESIGN = [
    dict(zip(("lead", "shot", "palette", "tone", "text"), cell, strict=True))
    for cell in product([*CAST, "nobody"], SCALE, PALETTES, KEYS, ["textless", "with text"])
]
POSSIBLE = [cell for cell in DESIGN if can_meet(cell)]
PICTURES = st.builds(lambda cell: picture(**cell, cast=CAST), st.sampled_from(POSSIBLE))


def covered(rows):
    axes, _ = read_axes(rows)
    return Coverage(axes)


def test_coverage_in_closed_form():
    one = Axis("lead", ("Ann", "Bob"), ("Ann", "Ann", "Cy"))
    two = Axis("text", ("textless", "with text"), ("textless", "textless", "with text"))
    # one axis: 1/2 and 2/2; both: 1 of 4
    assert Coverage((one, two)).value == pytest.approx(((1 / 2 + 1) / 2 + 1 / 4) / 2)
    assert Coverage((one, two)).cells == (1, 4)
    assert Coverage((one,)).value == 1 / 2
    assert (Coverage(()).value, Coverage(()).cells) == (0, (0, 0))


def test_labels_that_cannot_meet_are_no_cells():
    assert len(POSSIBLE) == (2 * 3 + 1) * (3 * 2 * 2) * 2  # nobody has no shot; light is not low-key, dark not high-key
    assert covered([picture(**cell, cast=CAST) for cell in POSSIBLE]).cells == (len(POSSIBLE), len(POSSIBLE))


def test_a_picture_that_shows_what_cannot_meet_counts_for_each_label_alone():
    odd = covered([picture("nobody", palette="warm and light", tone="low-key light")])
    assert odd.cells == (0, 3 * 2 * 2)
    assert odd.value == pytest.approx((1 / 6 + 1 / 3) / 2 / 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(PICTURES, min_size=1, max_size=8), st.data())
def test_a_duplicate_leaves_coverage_and_another_picture_never_lowers_it(rows, data):
    value = covered(rows).value
    assert 0 < value <= 1
    assert covered([*rows, data.draw(st.sampled_from(rows))]).value == value
    assert covered([*rows, data.draw(PICTURES)]).value >= value


@settings(max_examples=20, deadline=None)
@given(st.lists(PICTURES, min_size=1, max_size=8), st.lists(PICTURES, min_size=1, max_size=8))
def test_the_recommended_picture_raises_coverage_by_what_is_said_and_none_raises_it_more(rows, others):
    gap = find_gap(covered(rows))
    assert gap.before == covered(rows).value
    assert gap.after == pytest.approx(covered([*rows, picture(**gap.cell, cast=CAST)]).value)
    assert gap.after >= max(covered([*rows, other]).value for other in others) - 1e-9


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(POSSIBLE))
def test_the_cell_that_is_removed_from_a_complete_design_is_the_one_recommended(removed):
    complete = [picture(**cell, cast=CAST) for cell in POSSIBLE]
    assert covered(complete).value == pytest.approx(1)
    assert find_gap(covered(complete)) is None
    gap = find_gap(covered([row for row, cell in zip(complete, POSSIBLE, strict=True) if cell != removed]))
    assert gap.cell == removed
    assert gap.after == pytest.approx(1)
    if removed["lead"] == "nobody":  # that nobody is seen implies that no face is, and the other way round
        assert {len(labels) for labels in gap.unseen} == {4}
    else:
        assert gap.unseen == (removed,)


@pytest.mark.parametrize(("rows", "wish", "lacks", "before", "after"), [
    ([picture("Ann Lee", "close", "warm and light", text="with text", cast=CAST)],
     "Bob Žižek, medium shot, warm and dark, low-key light, textless",
     "Bob Žižek, a medium shot, warm and dark colours and 2 more", 0.10, 0.19),
    ([picture("nobody")], "warm and light, high-key light", "warm and light colours, high-key light", 0.17, 0.33),
    ([{"face.count": 2, "shot.scale": "long"}, {"face.count": 1, "shot.scale": "medium"}],
     "without people", "a picture without people", 0.50, 0.81),
    ([{"face.count": 0, "cast": CAST}], "somebody, medium shot", "a picture with people, a medium shot", 0.31, 0.62),
    ([{"textless": "no"}], "textless", "a textless picture", 0.50, 1.00),
    ([picture("nobody") | {"tone.epic": 0.2}, picture("nobody") | {"tone.dark": 0.2}],
     "warm and light, epic", "warm and light colours", 0.40, 0.50),
    ([picture("Ann Lee", "medium", "warm and light"), picture("nobody", palette="cool and dark")],
     "Ann Lee, close shot, warm and dark, low-key light",
     "a close shot, warm and dark colours, low-key light", 0.23, 0.32),
    ([picture("Ann Lee", "medium"), picture("nobody", palette="warm and light", tone="high-key light")]
     + [picture("Bob Žižek", shot, palette, "low-key light" if "dark" in palette else "balanced light")
        for palette in PALETTES for shot in ("close", "long")],
     "Ann Lee, close shot, neutral and light, high-key light",
     "Ann Lee with a close shot, Ann Lee with neutral and light colours, Ann Lee with high-key light and 2 more",
     0.50, 0.53),
])  # fmt: skip
def test_the_gap_in_plain_words(rows, wish, lacks, before, after):
    worth = f"it would raise coverage from {before:.2f} to {after:.2f}"
    assert find_gap(covered(rows)).sentence == f"commission next: {wish}: this title lacks {lacks}; {worth}"


def test_nothing_known_is_no_gap():
    axes, left_out = read_axes([{}])
    assert axes == ()
    assert {gone.name for gone in left_out} == {"lead", "shot", "palette", "tone", "text"}
    assert find_gap(Coverage(axes)) is None


STYLE = {"style.computer_animation": 0.9, "style.photograph": 0.1}
UNKNOWN = {"actor_id": None, "name": "unknown", "prominence": 0.9}


@pytest.mark.parametrize(("rows", "labels", "values"), [
    ([picture("Ann Lee"), picture("nobody")], ("Ann Lee", "nobody"), ("Ann Lee", "nobody")),
    ([picture("ann lee", cast=CAST)], (*CAST, "nobody"), ("Ann Lee",)),
    ([picture("Cy", cast=CAST)], (*CAST, "nobody"), ("Cy",)),
    ([picture("Cy", actors=[actor("Cy", 0.1), actor("Ann Lee", 0.2), UNKNOWN])], ("Ann Lee", "nobody"), ("Ann Lee",)),
    ([picture("Ann Lee", actors=[UNKNOWN], cast=CAST)], (*CAST, "nobody"), ("unknown person",)),
    ([picture("Ann Lee", actors=[UNKNOWN])], ("somebody", "nobody"), ("somebody",)),
    ([picture("Ann Lee", actors=None, cast=CAST)], ("somebody", "nobody"), ("somebody",)),
    ([picture("Ann Lee"), {"face.count": None}], ("Ann Lee", "nobody"), ("Ann Lee", None)),
    ([picture("B", cast=["A", "B", "a", "C", "D", "E"])], ("A", "B", "C", "D", "nobody"), ("B",)),
    ([picture("nobody", cast=CAST)], (*CAST, "nobody"), ("nobody",)),
    ([picture("A", **STYLE), picture("A"), picture("nobody")], ("A", "nobody"), ("A", "A", "nobody")),
])  # fmt: skip
def test_who_leads(rows, labels, values):
    axis = lead(rows)
    assert (axis.labels, axis.values) == (labels, values)


@pytest.mark.parametrize(("read", "rows", "reason"), [
    (lead, [{"face.count": None}], "faces were not looked for"),
    (shot, [picture("nobody"), picture("nobody")], "no picture shows a face, and the catalogue lists no cast"),
    (lead, [picture("Ann Lee", **STYLE), picture("nobody")] * 2 + [picture("nobody", **STYLE)], "look drawn"),
    (palette, [{"light.brightness": 3.0}], "colours were not measured"),
    (tone, [{}], "light was not measured"),
    (text, [{"textless": "perhaps"}, {}], "text was not looked for"),
])  # fmt: skip
def test_why_a_dimension_is_left_out(read, rows, reason):
    found = read(rows)
    assert isinstance(found, LeftOut)
    assert reason in found.reason


@pytest.mark.parametrize(("read", "row", "label"), [
    (shot, picture("A", **{"shot.scale": "extreme_close_up"}), "close"),
    (shot, picture("A", **{"shot.scale": "medium_close_up"}), "medium"),
    (shot, picture("A", **{"shot.scale": "medium_long"}), "long"),
    (shot, picture("nobody", cast=CAST), "no face"),
    (shot, picture("A", "no face"), None),
    (palette, {"color.warmth": 0.34, "light.brightness": 50.0}, "warm and light"),
    (palette, {"color.warmth": -0.33, "light.brightness": 49.9}, "neutral and dark"),
    (palette, {"color.warmth": -0.34, "light.brightness": 0.0}, "cool and dark"),
    (tone, {"light.low_key": 0.51, "light.high_key": 0.1}, "low-key light"),
    (tone, {"light.low_key": 0.5, "light.high_key": 0.5}, "balanced light"),
    (tone, {"light.low_key": 0.9, "tone.dark": 0.2, "tone.film_noir": 0.3, "tone.epic": None}, "film noir"),
    (text, {"textless": True}, "textless"),
    (text, {"textless": " No "}, "with text"),
    (text, {"textless": 1}, "textless"),
    (text, {"text.score": 0.69}, "textless"),
    (text, {"text.score": 0.7}, "with text"),
    (text, {"textless": "yes", "text.score": 0.99}, "textless"),
])  # fmt: skip
def test_what_a_picture_shows(read, row, label):
    assert read([row]).values == (label,)


def test_tones_of_the_tags_are_the_labels_where_the_vocabulary_offers_any():
    axis = tone([{"tone.dark": 0.2, "tone.epic": None}, {"tone.dark": None, "tone.serene": 0.1}])
    assert axis.labels == ("dark", "serene")
    assert axis.note == ""
    assert "measured" in tone([picture()]).note


def test_what_stands_outside_the_labels_is_told_and_counts_for_nothing():
    axis = lead([picture("Cy", cast=CAST), picture("Cy", cast=CAST), picture("Ann Lee", cast=CAST)])
    assert axis.others == {"Cy": 2}
    assert axis.counts == {"Ann Lee": 1, "Bob Žižek": 0, "nobody": 0}
    assert axis.missing == ("Bob Žižek", "nobody")
    assert Coverage((axis,)).value == pytest.approx(1 / 3)


def test_a_suite_of_one_picture_without_an_embedding_has_a_gap_and_no_order():
    found = overview("t1", table_of([picture("Ann Lee", "close")], [None]))
    assert (found.diversity, found.picks, found.repeated) == (None, (), ())
    assert found.gap is not None


def test_places_are_those_of_the_assets_also_where_one_has_no_embedding():
    rows = [picture("nobody"), picture("Ann Lee", "close"), picture("Ann Lee", "close")]
    found = overview("t1", table_of(rows, [None, [1, 0], [1, 0]]))
    assert [pick.index for pick in found.picks] == [1, 2]
    assert [(one.index, one.of) for one in found.repeated] == [(2, 1)]
    assert [found.reason(step) for step in (0, 1)] == ["most like all the others", "repeats a01"]


def test_a_picture_is_there_for_what_it_is_the_first_to_show():
    rows = [picture("Ann Lee", "close"), picture("nobody"), picture("Ann Lee", "close"), picture("Bob Žižek", "close")]
    found = overview("t1", table_of(rows, [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    expected = ["most like all the others", "first: nobody", "differs from those above", "first: Bob Žižek"]
    assert [found.reason(step) for step in range(4)] == expected


def test_pictures_of_one_plate_count_once_for_diversity_and_repeat_one_another():
    rows = [picture("nobody", **{"plate.id": plate}) for plate in ("p", "p", None)]
    found = overview("t1", table_of(rows, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    assert found.diversity == pytest.approx(1 / 2)
    assert found.worth == pytest.approx(2)
    assert [(one.index, one.of, one.same_plate) for one in found.repeated] == [(1, 0, True)]
