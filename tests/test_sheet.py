"""The contact sheet: bounded, one cell a hit, and a card where a picture is gone."""

import numpy as np
import pytest
from pictures import encode, photo
from PIL import Image, ImageFont

from artvision.errors import ArtvisionError
from artvision.searching import sheet
from artvision.searching.finding import Hit
from artvision.searching.sheet import CELL, FRAME, GAP, PAPER, draw_sheet, save_sheet


@pytest.fixture
def hits(tmp_path):
    def make(*sizes):
        found = []
        for rank, (width, height) in enumerate(sizes, 1):
            path = tmp_path / f"{rank}.png"
            path.write_bytes(encode(np.full((height, width, 3), (200, 10, 10), np.uint8)))
            found.append(Hit(rank, 1 / rank, {"asset_id": path.name, "title": "T", "path": str(path)}))
        return found

    return make


def reds(image):
    """How many pixels are of the pictures' red."""
    return int((np.asarray(image) == (200, 10, 10)).all(axis=2).sum())


@pytest.mark.parametrize(("size", "shown"), [
    ((600, 300), (220, 110)),
    ((300, 600), (130, 260)),
    ((50, 50), (220, 220)),
    ((2000, 10), (220, 1)),
])  # fmt: skip
def test_a_thumbnail_fills_its_cell_and_keeps_its_aspect(hits, size, shown):
    assert reds(draw_sheet(hits(size), "")) == shown[0] * shown[1]


def test_rows_are_as_tall_as_their_tallest_picture(hits):
    low = draw_sheet(hits((300, 30), (300, 30), (300, 30)), "")
    tall = draw_sheet(hits((300, 30), (30, 300), (300, 30)), "")
    assert tall.height - low.height == 260 - 22
    assert low.width == GAP + 3 * (CELL + GAP)


def test_the_sheet_is_bounded_and_says_so(hits, monkeypatch):
    written = []
    monkeypatch.setattr(sheet, "_line", lambda place, corner, text, *rest: written.append(text))
    many = hits((30, 20)) * 250
    found = draw_sheet(many, "sea")
    assert found.width <= 2000
    assert found.height < 10_000
    assert written[0] == "sea (first 200 of 250)"
    assert len(written) == 1 + 3 * 200


def test_a_missing_picture_is_a_card_with_the_reason(hits, monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(sheet, "_line", lambda place, corner, text, *rest: written.append(text))
    there, gone, broken = hits((300, 300), (300, 300), (300, 300))
    (tmp_path / "2.png").unlink()
    (tmp_path / "3.png").write_bytes(b"junk")
    found = np.asarray(draw_sheet([there, gone, broken], ""))
    assert (found == FRAME).all(axis=2).sum() == 2 * CELL * CELL // 2
    assert {"missing", "format"} < set(written)


def test_captions_say_rank_score_asset_and_title(hits, monkeypatch):
    written = []
    monkeypatch.setattr(sheet, "_line", lambda place, corner, text, *rest: written.append(text))
    scored, *_ = hits((30, 30))
    plain = Hit(2, None, {**scored.row, "title": None, "title_id": "t9"})
    draw_sheet([scored, plain], "sea")
    assert written == ["sea", "1 (1.000)", "1.png", "T", "2", "1.png", "t9"]


def test_a_long_line_is_cut_in_its_middle_inside_its_width(hits):
    canvas = Image.new("RGB", (400, 30), PAPER)
    sheet._line(canvas, (0, 0), "a/very/long/" * 200 + "poster_final.png", 220, (255, 255, 255))
    columns = (np.asarray(canvas) != PAPER).any(axis=(0, 2)).nonzero()[0]
    assert 200 < columns.max() <= 221


def test_letters_that_the_bare_font_lacks_become_plain_ones():
    bare = ImageFont.load_default(13)
    assert sheet._writable("Amélie · 猫", bare) == "Amelie ? ?"


def test_the_same_question_has_one_file_in_the_cache(hits, tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    found = hits((30, 30), (30, 40))
    first, again, other = save_sheet(found, "sea"), save_sheet(found, "sea"), save_sheet(found[:1], "sea")
    assert first == again != other
    assert first.parent == tmp_path / "cache" / "sheets"
    with Image.open(first) as image:
        assert image.format == "PNG"


def test_a_place_that_cannot_be_written_is_named(hits, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtvisionError, match=r"cannot write .*sheet\.png"):
        save_sheet(hits((30, 30)), "", tmp_path / "file" / "sheet.png")


def test_a_real_picture_and_a_turned_one_are_upright(tmp_path):
    from pictures import oriented

    (tmp_path / "a.jpg").write_bytes(oriented(6))
    (tmp_path / "b.png").write_bytes(encode(photo(64, 48)))
    rows = [Hit(1, 0.5, {"asset_id": name, "title": "", "path": str(tmp_path / name)}) for name in ("a.jpg", "b.png")]
    pixels = np.asarray(draw_sheet(rows, ""), dtype=int)
    corner = pixels[2 * GAP + sheet.LINE + 20, GAP + 20]
    assert corner[0] > 180
    assert corner[1] < 80
