"""Canvases: the bundled file, a user's own, and one line for each mistake."""

import pytest

from artvision.errors import UsageError
from artvision.framing.box import Box
from artvision.framing.canvas import Corner, Title, cornered
from artvision.framing.canvas_file import CANVAS, parse, read_canvases

GOOD = """
version = "1"
[canvases.tile]
name = "Tile"
service = "Ours"
aspect = "2:1"
top = 0.1
right = 0.2
badge = "bottom-right"
badge_width = 0.3
badge_height = 0.25
title = "forbidden"
slot_width = 0.5
slot_height = 0.3
"""


def test_a_canvas_is_read_as_it_stands():
    (canvas,) = parse(GOOD, "mine.toml").canvases
    assert (canvas.id, canvas.name, canvas.service, canvas.shape) == ("tile", "Tile", "Ours", "2:1")
    assert canvas.frame.aspect == 2
    assert canvas.frame.safe == pytest.approx(Box(0, 0.1, 0.8, 1))
    assert canvas.frame.badge == pytest.approx(Box(0.7, 0.75, 1, 1))
    assert (canvas.title, canvas.frame.slot) == (Title.FORBIDDEN, (0.5, 0.3))
    assert (canvas.source, canvas.checked) == ("", False)


@pytest.mark.parametrize(("old", "new", "message"), [
    ('aspect = "2:1"', 'aspect = "wide"', "mine.toml: canvas tile: aspect must be width:height"),
    ('aspect = "2:1"', 'aspect = "0:9"', "canvas tile: aspect must be width:height"),
    ('aspect = "2:1"', 'aspect = "99:1"', "canvas tile: aspect 99:1 is beyond 20:1"),
    ('aspect = "2:1"', "aspect = 2", "canvas tile: aspect must be a text, not 2"),
    ('aspect = "2:1"', "", "canvas tile: the key 'aspect' is missing"),
    ("top = 0.1", "top = 0.6", "canvas tile: top must lie between 0 and 0.45, and 0.6 does not"),
    ("top = 0.1", 'top = "a tenth"', "canvas tile: top must be a number, not 'a tenth'"),
    ("top = 0.1", "tap = 0.1", "canvas tile: there is no key 'tap'; did you mean top"),
    ('badge = "bottom-right"', 'badge = "middle"', "canvas tile: badge must be one of none, top-left"),
    ('badge = "bottom-right"', "", "canvas tile: badge names a corner"),
    ("badge_width = 0.3", "", "canvas tile: badge names a corner"),
    ('title = "forbidden"', 'title = "no"', "canvas tile: title must be one of required, forbidden, free"),
    ("slot_width = 0.5", "slot_width = 0.9", "canvas tile: slot_width 0.9 is more than the 0.8"),
    ("top = 0.1", 'ours = ["tap"]', "canvas tile: ours names 'tap'"),
    ("top = 0.1", 'checked = "yes"', "canvas tile: checked must be true or false, not 'yes'"),
    ("[canvases.tile]", "[canvases.Tile_1]", "canvas Tile_1: an id is lower case"),
    ("[canvases.tile]", "[canvasses.tile]", "mine.toml: there is no key 'canvasses'; did you mean canvases"),
    ('version = "1"', "", "mine.toml: the key 'version' is missing"),
    ("[canvases.tile]", "[canvases.tile", "mine.toml is not TOML"),
    (GOOD, 'version = "1"\n[canvases]\ntile = 3', "canvas tile is not a table"),
    (GOOD, 'version = "1"\ncanvases = 3', "mine.toml: canvases must be a table, not 3"),
    (GOOD, 'version = "1"\n[canvases]', "there is no .canvases.ID."),
])  # fmt: skip
def test_a_mistake_is_one_line_with_file_canvas_and_key(old, new, message):
    with pytest.raises(UsageError, match=message) as error:
        parse(GOOD.replace(old, new), "mine.toml")
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("mine.toml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"--canvases .*gone\.toml cannot be read"):
        read_canvases(str(tmp_path / "gone.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"bytes\.toml cannot be read"):
        read_canvases(str(tmp_path / "bytes.toml"))


def test_the_checksum_is_of_the_text():
    assert parse(GOOD, "a").sha256 == parse(GOOD, "b").sha256 != parse(GOOD + "# more\n", "a").sha256


def test_every_bundled_canvas_names_its_source_and_what_is_ours():
    for canvas in read_canvases().canvases:
        assert canvas.source.startswith("https://"), canvas.id
        assert {"slot_width", "slot_height"} <= set(canvas.ours) <= set(CANVAS), canvas.id
        assert not canvas.frame.badge or "badge_width" in canvas.ours, canvas.id


def test_bundled_canvases_say_what_their_sources_say():
    known = {canvas.id: canvas for canvas in read_canvases().canvases}
    assert known["prime-cover"].frame.safe.y0 == pytest.approx(160 / 1080, abs=1e-4)
    assert known["prime-poster"].frame.safe == pytest.approx(Box(0, 240 / 3000, 1, 1 - 240 / 3000))
    assert known["prime-hero"].title is Title.FORBIDDEN
    assert known["roku-poster"].frame.aspect == pytest.approx(2 / 3)
    assert known["google-poster"].frame.aspect == pytest.approx(1000 / 1440)
    assert not known["apple-poster"].checked


@pytest.mark.parametrize(
    ("corner", "box"),
    [
        (Corner.NONE, None),
        (Corner.TOP_LEFT, Box(0, 0, 0.2, 0.1)),
        (Corner.TOP_RIGHT, Box(0.8, 0, 1, 0.1)),
        (Corner.BOTTOM_LEFT, Box(0, 0.9, 0.2, 1)),
        (Corner.BOTTOM_RIGHT, Box(0.8, 0.9, 1, 1)),
    ],
)
def test_a_badge_lies_in_its_corner(corner, box):
    assert cornered(corner, 0.2, 0.1) == (box if box is None else pytest.approx(box))


def test_a_file_that_an_editor_of_windows_saved_is_read(tmp_path):
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8-sig")
    read = read_canvases(str(tmp_path / "mine.toml"))
    assert (read.canvases, read.sha256) == (parse(GOOD, "").canvases, parse(GOOD, "").sha256)
    assert read.source.endswith("mine.toml")


def test_a_folder_in_place_of_a_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=f"--canvases {tmp_path} cannot be read"):
        read_canvases(str(tmp_path))
