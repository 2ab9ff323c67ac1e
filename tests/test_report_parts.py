"""Thumbnails, and suites shared out over pages."""

import hashlib
from io import BytesIO
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import corners, encode, photo
from PIL import Image

from artvision.image import Picture
from artvision.report import thumbnails
from artvision.report.suites import Suite, arrange, repeated, share_out
from artvision.wording import counted


def test_suites_show_first_what_comes_first():
    table = pa.table({
        "asset_id": ["c", "a", "b", "d"], "title_id": ["t2", "t1", "t1", None], "title": [None, "B", "", None],
        "suite.order": pa.array([1, 2, 1, None], pa.int32()),
    })  # fmt: skip
    assert arrange(table) == [Suite("t1", "B", (2, 1)), Suite("t2", "t2", (0,)), Suite(None, "No title", (3,))]


def test_stills_of_a_film_stand_in_the_order_of_time():
    ids = ["film.mp4#t=12.000", "film.mp4#t=3.750", "a.png", "film.mp4#t=100.5"]
    table = pa.table({"asset_id": ids, "title_id": ["t"] * 4, "title": ["T"] * 4})
    assert [ids[row] for row in arrange(table)[0].rows] == [ids[2], ids[1], ids[0], ids[3]]


def test_what_repeats_an_earlier_picture_is_redundant_and_the_first_never():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.999, 0.0447], [1, 0]], np.float32)
    table = pa.table({
        "asset_id": list("abcde"), "suite.order": [2, 1, 3, 4, None], "plate.id": [None, "p", "p", None, None],
        "suite.redundancy": [0.5, 1.0, 1.0, 0.99, None],
    })  # fmt: skip
    order = np.array([4, 2, 0, 3, 1])
    flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors[order].ravel()), 2)
    stored = pa.table({"asset_id": pa.array(list("abcde")).take(pa.array(order)), "embedding": flat})
    assert repeated(table, stored, [Suite("t", "T", (1, 0, 2, 3, 4))]) == {2: 1, 3: 0}
    table = table.set_column(3, "suite.redundancy", pa.array([0.5, None, 0.94, 0.1, None]))
    assert repeated(table, stored, [Suite("t", "T", (1, 0, 2, 3, 4))]) == {}, (
        "those that nothing is near are not compared"
    )


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 7))
def test_pages_hold_every_asset_once_and_split_only_titles_larger_than_a_page(sizes, limit):
    starts = np.cumsum([0, *sizes])
    suites = [Suite(str(at), "", tuple(range(starts[at], starts[at + 1]))) for at in range(len(sizes))]
    pages = share_out(suites, limit)
    assert [row for page in pages for suite in page for row in suite.rows] == list(range(sum(sizes)))
    assert all(sum(len(suite.rows) for suite in page) <= limit for page in pages)
    assert [] not in pages or pages == [[]]
    for page, after in pairwise(pages):
        assert sum(len(suite.rows) for suite in page) + len(after[0].rows) > limit, "no page is left with room"
    for suite in suites:
        parts = sum(part.title_id == suite.title_id for page in pages for part in page)
        assert parts == -(-len(suite.rows) // limit)


def test_the_picture_is_small_upright_and_never_enlarged(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(encode(corners(640, 480), "JPEG", exif=turned))
    with Image.open(BytesIO(_thumbnail(path).webp)) as image:
        assert (image.format, image.size) == ("WEBP", (150, 200))
        red, green, blue = image.convert("RGB").getpixel((130, 20))
    assert red > 100 + max(green, blue), "the red corner is top left in the file, and top right upright"
    path.write_bytes(encode(corners(64, 48)))
    with Image.open(BytesIO(_thumbnail(path).webp)) as image:
        assert image.size == (64, 48)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "missing"), (b"", "empty"), (b"no picture", "format"), (encode(photo())[:900], "truncated")],
)
def test_a_file_that_cannot_be_shown_says_why(tmp_path, content, reason):
    path = tmp_path / "p.png"
    if content is not None:
        path.write_bytes(content)
    found = _thumbnail(path)
    assert found.webp == b""
    assert found.note.startswith(f"{reason}: ")
    assert str(tmp_path) not in found.note


def test_a_file_that_has_changed_is_told(tmp_path):
    path = tmp_path / "p.png"
    path.write_bytes(encode(photo()))
    assert "changed since" in _thumbnail(path, "00" * 32).note
    assert _thumbnail(path, hashlib.sha256(path.read_bytes()).hexdigest()).note == ""


def _thumbnail(path, sha256=None):
    return thumbnails.thumbnail(str(path), sha256, side=200, max_pixels=10**7)


@pytest.mark.parametrize("assets", [1, 150, 151, 1000, 1001, 5000])
def test_five_thousand_pictures_of_noise_fit_sixty_megabytes(assets):
    side = thumbnails.side_for(assets)
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    one = len(thumbnails._webp(Picture(noise, side, side), side))
    assert assets * one * 4 / 3 < 48e6


@pytest.mark.parametrize(("number", "told"), [(0, "0 assets"), (1, "1 asset"), (2, "2 assets"), (1200, "1,200 assets")])
def test_only_one_is_singular(number, told):
    assert counted(number, "asset") == told
