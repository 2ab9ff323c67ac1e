"""What a page knows of canvases: each crop and slot once, what serves, and why the rest does not."""

import pyarrow as pa
import pytest
from canvas_rows import in_canvas

from artvision.report.framed import canvas_ids, framed
from artvision.settings import Settings
from artvision.stages.canvases import Canvases

TYPE = Canvases(Settings()).columns()[0].arrow


def test_canvases_with_one_crop_slot_and_fate_are_told_once():
    rows = [in_canvas("a"), in_canvas("b", cut=2), in_canvas("c"), in_canvas("d", cut=2)]
    assert [fit["of"] for fit in framed(rows, ["a", "b", "c", "d"])] == [[0, 2], [1, 3]]


def test_what_serves_has_nothing_that_it_lacks():
    (fit,) = framed([in_canvas("a", whole=2, covered=1, emptiness=0.95)], ["a"])
    assert fit == {
        "crop": [0.5] * 4, "slot": [0.5] * 4, "ink": "white", "room": "95% bare, white 9.0:1",
        "faces": "2 whole (1 covered)", "of": [0],
    }  # fmt: skip


@pytest.mark.parametrize(("said", "lacks"), [
    ({"cut": 1, "slot": False}, "a face is cut, no room for a title"),
    ({"whole": None, "lead": None}, "its faces are not known"),
    ({"whole": None, "lead": None, "slot": False}, "no room for a title"),
])  # fmt: skip
def test_what_does_not_serve_says_why(said, lacks):
    assert framed([in_canvas("a", **said)], ["a"])[0]["lacks"] == lacks


def test_text_is_told_where_it_was_looked_for():
    assert framed([in_canvas("a", text=(2, 1)) | {"text_clear": 2}], ["a"])[0]["text"] == "2 whole, 1 cut"
    assert framed([in_canvas("a", text=(0, 0)) | {"text_clear": 0}], ["a"])[0]["text"] == "none"
    assert "text" not in framed([in_canvas("a")], ["a"])[0]


def test_a_slot_that_is_not_there_is_left_out():
    assert not {"slot", "ink", "room"} & set(framed([in_canvas("a", slot=False)], ["a"])[0])


@pytest.mark.parametrize(("rows", "ids"), [
    ([None, *[[in_canvas("b"), in_canvas("a")]] * 2], ["b", "a"]), ([None, None], []), ([], []),
])  # fmt: skip
def test_canvases_come_in_the_order_of_their_file(rows, ids):
    assert canvas_ids(pa.table({"canvases": pa.array(rows, TYPE)})) == ids
    assert canvas_ids(pa.table({"path": ["x"]})) == []
