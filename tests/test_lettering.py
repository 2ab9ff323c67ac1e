"""The maths of text: which finds are believed, what they cover, which script the letters tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.lettering.regions import Line, believed, covered
from artvision.lettering.script import READABLE, SCRIPTS, script_of

side = st.integers(0, 40).map(lambda step: step / 40)
box = st.tuples(side, side, side, side).map(
    lambda s: (min(s[0], s[2]), min(s[1], s[3]), max(s[0], s[2]), max(s[1], s[3]))
)


def line(x0, y0, x1, y1, text="TITLE", found=0.8, read=0.95, size=(400, 200)):
    return Line(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float), size, found, text, read)


def painted(boxes):
    """Share and centre by painting cells of 1/40: the boxes of the test lie on them."""
    cells = np.zeros((40, 40), bool)
    for x0, y0, x1, y1 in boxes:
        cells[round(y0 * 40) : round(y1 * 40), round(x0 * 40) : round(x1 * 40)] = True
    ys, xs = np.nonzero(cells)
    return cells.mean(), (xs.mean() + 0.5) / 40, (ys.mean() + 0.5) / 40


@given(st.lists(box, max_size=6))
def test_what_is_covered_is_what_painting_covers(boxes):
    share, x, y = covered(boxes)
    if share == 0:
        assert np.isnan([x, y]).all()
        assert all(x0 == x1 or y0 == y1 for x0, y0, x1, y1 in boxes)
    else:
        assert (share, x, y) == pytest.approx(painted(boxes))


def test_two_boxes_over_one_another_count_once():
    assert covered([(0.1, 0.2, 0.5, 0.4), (0.3, 0.2, 0.7, 0.4)]) == pytest.approx((0.12, 0.4, 0.3))


def test_a_line_knows_its_box_and_height():
    found = line(40, 20, 240, 40)
    assert found.box == pytest.approx((0.1, 0.1, 0.6, 0.2))
    assert found.height == pytest.approx(0.1)


def test_what_hangs_over_the_edge_covers_no_more_than_the_picture():
    over = line(-40, -20, 440, 220)
    assert over.box == (0, 0, 1, 1)
    assert covered([over.box])[0] == 1


def test_a_slanted_line_is_as_high_as_its_letters():
    corners = np.array([(0, 100), (100, 0), (110, 10), (10, 110)], float)
    found = Line(corners, (200, 200), 0.8, "UP", 0.9)
    assert found.height == pytest.approx(np.hypot(10, 10) / 200)
    assert found.box == pytest.approx((0, 0, 0.55, 0.55))


@pytest.mark.parametrize(
    ("find", "score"),
    [
        (line(10, 10, 210, 30), 0.95),  # read
        (line(10, 10, 210, 30, text=" ", read=0.99), 0.8),  # nothing read of a slender line
        (line(10, 10, 210, 30, text="M", read=0.99), 0.8),  # one sign is no reading
        (line(0, 0, 400, 200, text="", read=0.0, found=0.86), 0.0),  # the whole frame
        (line(0, 0, 400, 200, text="GO", read=0.9, found=0.6), 0.9),  # the whole frame is a title
        (line(0, 0, 30, 30, text="O", read=0.9), 0.0),  # as wide as high
    ],
)
def test_a_find_is_as_sure_as_its_reading_or_its_shape(find, score):
    assert find.score == score


def test_the_highest_line_is_first_and_the_doubtful_are_left_out():
    small, large, doubtful = line(0, 0, 90, 10), line(0, 50, 300, 90), line(0, 0, 80, 20, found=0.6, read=0.6)
    assert believed([small, doubtful, large]) == [large, small]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("THE LAST SIGNAL", "latin"), ("Ördögök éjszakája", "latin"), ("Người tình", "latin"),
        ("ＦＩＬＭ ＷＥＲＫ", "latin"),
        ("MOCKBA", None), ("CTAJIKEP", None), ("HOT CAB", None), ("", None), ("1984", None), ("...", None),
        ("KYNOΔONTAΣ", "greek"), ("τελευταία πράξη", "greek"), ("霸王别姬", "han"), ("姬", None),
        ("となりのトトロ", "kana"), ("千と千尋の神隠し", "kana"), ("ゴジラー", "kana"), ("GLORY πράξη ΔΣ", None),
    ],
)  # fmt: skip
def test_letters_tell_the_script_where_no_other_has_their_shape(text, script):
    assert script_of([(text, 0.95)]) == script


def test_a_doubtful_reading_tells_nothing():
    assert script_of([("THE LAST SIGNAL", 0.89)]) is None
    assert script_of([("THE LAST SIGNAL", 0.89), ("千と千尋の神隠し", 0.99)]) == "kana"


def test_the_reader_knows_some_of_the_scripts():
    assert set(READABLE) < set(SCRIPTS)
