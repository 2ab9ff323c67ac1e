"""The stage `canvases`: what stands in its column, the command, and its drawing."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from canvas_rows import in_canvas
from PIL import Image
from planted import planted
from skimage import data
from test_pixels_stages import HOSTILE, grace_hopper
from typer.testing import CliRunner

from artvision import stages
from artvision.cli import app
from artvision.cli.canvases import _text, _with_needed
from artvision.framing.box import Box
from artvision.framing.canvas import Title
from artvision.framing.canvas_file import parse, read_canvases
from artvision.framing.sheet import CELL, COVERED, FAINT, GAP, GREEN, LEGEND, LINE, RED, _caption, draw_sheet
from artvision.framing.telling import survivors
from artvision.image import Picture
from artvision.pipeline import extract
from artvision.run import read_run
from artvision.settings import Settings
from artvision.stages.base import FAILED, Result
from artvision.stages.canvases import Canvases

STAGE = Canvases(Settings())
KNOWN = read_canvases().canvases
GREY = np.full((900, 1600, 3), 128, np.uint8)
FACES = [(0.1, 0.2, 0.3, 0.6), (0.7, 0.3, 0.8, 0.5)]


def picture(pixels):
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def boxes(column, found=()):
    return Result({}, {column: [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in found]})


def fitted(pixels, faces=(), text=None):
    """canvas id -> its struct."""
    upstream = {"faces": [boxes("faces", faces)]} | ({} if text is None else {"text": [text]})
    rows = STAGE.run([picture(pixels)], upstream)[0].columns["canvases"]
    return {row["canvas"]: row for row in rows}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("faces", [(), FACES], ids=["nobody", "two faces"])
def test_every_canvas_fits_any_picture(name, faces):
    found = fitted(HOSTILE[name], faces)
    assert list(found) == [canvas.id for canvas in KNOWN]
    assert pa.array([list(found.values())], STAGE.columns()[0].arrow).null_count == 0
    for row in found.values():
        assert 0 <= row["x0"] < row["x1"] <= 1
        assert 0 <= row["y0"] < row["y1"] <= 1
        assert row["faces_whole"] + row["faces_cut"] <= len(faces)
        assert row["faces_clear"] <= row["faces_whole"]


def test_a_result_is_its_own_pictures_alone():
    shown = [data.coffee(), HOSTILE["noise"], HOSTILE["black"], data.rocket()]
    own = [FACES, (), FACES[:1], ()]
    alone = [
        STAGE.run([picture(one)], {"faces": [boxes("faces", two)]})[0] for one, two in zip(shown, own, strict=True)
    ]
    upstream = [boxes("faces", two) for two in own]
    together = STAGE.run([picture(one) for one in shown], {"faces": upstream})
    with ThreadPoolExecutor(4) as pool:
        threads = list(
            pool.map(lambda at: STAGE.run([picture(shown[at])], {"faces": [upstream[at]]})[0], [0, 1, 2, 3] * 3)
        )
    assert alone == together
    assert threads == alone * 3


def test_a_slot_stands_where_the_box_was_planted_and_outside_the_unsafe_band():
    box = Box(0.2, 0.02, 0.9, 0.5)
    slot = fitted(planted(1600, 900, box, 5))["prime-cover"]["slot"]
    assert (slot["x0"], slot["x1"], slot["y1"]) == pytest.approx((0.2, 0.9, 0.5), abs=0.02)
    assert slot["y0"] >= 0.1481


def test_without_a_face_no_lead_is_whole_or_cut():
    assert {row["lead_whole"] for row in fitted(data.coffee()).values()} == {None}


def test_where_faces_are_not_known_none_is_said_to_survive():
    upstream = {"faces": [Result({}, {"faces": None})]}
    rows = STAGE.run([picture(data.coffee())], upstream)[0].columns["canvases"]
    assert {row[f"faces_{fate}"] for row in rows for fate in ("whole", "cut", "clear")} == {None}
    assert survivors(rows[0], "faces") == "-"
    assert draw_sheet(data.coffee(), [], list(zip(KNOWN, rows, strict=True))).width > 1000
    seen = fitted(data.coffee())
    assert {row["faces_whole"] for row in seen.values()} == {0}
    assert [row["slot"] for row in rows] == [row["slot"] for row in seen.values()]


@pytest.mark.parametrize(("fates", "said"), [
    ((0, 0, 0), "none"), ((2, 0, 2), "2 whole"), ((0, 3, 0), "0 whole, 3 cut"),
    ((2, 1, 1), "2 whole (1 covered), 1 cut"),
])  # fmt: skip
def test_what_becomes_of_faces_is_said_in_words(fates, said):
    row = dict(zip(("faces_whole", "faces_cut", "faces_clear"), fates, strict=True))
    assert survivors(row, "faces") == said


def test_where_faces_leave_no_room_there_is_no_slot():
    found = fitted(data.coffee(), [(0.1, 0.1, 0.9, 0.9)])
    assert found["roku-key-art"]["slot"] is found["roku-poster"]["slot"] is None


@pytest.mark.parametrize("text", [None, FAILED], ids=["not run", "failed"])
def test_text_is_null_where_it_was_not_looked_for(text):
    assert {row["text_whole"] for row in fitted(data.coffee(), FACES, text).values()} == {None}


def test_text_is_cut_like_a_face_and_changes_no_crop_and_no_slot():
    without = fitted(data.coffee(), FACES)
    found = fitted(data.coffee(), FACES, boxes("text_regions", [(0.0, 0.4, 1.0, 0.6)]))
    assert (found["roku-poster"]["text_whole"], found["roku-poster"]["text_cut"]) == (0, 1)
    assert found["roku-key-art"]["text_whole"] == 1
    for name, row in found.items():
        assert {key for key in row if row[key] != without[name][key]} == {"text_whole", "text_cut", "text_clear"}


def test_the_column_is_written_where_it_is_asked_for(tmp_path):
    Image.fromarray(grace_hopper()).save(tmp_path / "hopper.png")
    extract(tmp_path / "hopper.png", tmp_path / "run", Settings(stages="faces,layout,canvases"))
    table = read_run(tmp_path / "run").table(["canvases", "layout.slot_area", "status.canvases", "missing"])
    row = table.to_pylist()[0]
    assert [one["canvas"] for one in row["canvases"]] == [canvas.id for canvas in KNOWN]
    assert row["status.canvases"] == "ok"
    assert {"field": "small.text_height", "state": "not_run"} in row["missing"]


def test_all_leaves_canvases_out_and_naming_it_brings_it():
    def chosen(wanted):
        return [stage.name for stage in stages.create(Settings(stages=wanted, model="starter"))[1]]

    assert "canvases" not in chosen("all")
    assert "layout" in chosen("all")
    words = chosen("all,canvases,text")
    assert words.index("text") < words.index("canvases")
    assert words.index("text") < words.index("layout")


def test_canvases_of_ones_own_stand_in_the_column_and_in_the_fingerprint(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('version = "1"\n[canvases.tile]\nname = "Tile"\nservice = "Ours"\naspect = "4:1"\n')
    own = Canvases(Settings(canvases=str(file)))
    (row,) = own.run([picture(data.coffee())], {"faces": [boxes("faces")]})[0].columns["canvases"]
    assert (row["canvas"], row["x0"], row["x1"]) == ("tile", 0, 1)
    assert row["y1"] - row["y0"] == pytest.approx(1.5 / 4)
    assert own.fingerprint() == {"canvases": parse(file.read_text(), "").sha256} != STAGE.fingerprint()


def run(*words):
    return CliRunner().invoke(app, ["canvases", *map(str, words)])


@pytest.fixture
def portrait(tmp_path):
    Image.fromarray(grace_hopper()).save(tmp_path / "portrait.png")
    return tmp_path / "portrait.png"


def test_the_command_lists_canvases_and_who_says_so():
    listed = run()
    assert listed.exit_code == 0
    assert all(canvas.id in listed.stdout for canvas in KNOWN)
    described = json.loads(run("--json").stdout)
    assert {"canvas", "aspect", "unsafe", "badge", "title", "slot", "source", "checked", "ours"} <= set(described[0])
    assert described[0]["unsafe"]["top"] == 0.1481


def test_the_command_fits_a_picture_and_draws_it(portrait, tmp_path):
    shown = run(portrait, "--out", tmp_path / "sheet.png")
    assert shown.exit_code == 0, shown.output
    assert "1 whole" in shown.stdout
    assert "white" in shown.stdout or "black" in shown.stdout
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1000
    rows = json.loads(run(portrait, "--json").stdout)
    assert [row["canvas"] for row in rows] == [canvas.id for canvas in KNOWN]
    assert [row["canvas"] for row in rows if not row["lead_whole"]] == ["max-wide"]


@pytest.mark.parametrize(("words", "code", "message"), [
    (["--out", "sheet.png"], 2, "--out draws a picture: name one"),
    (["gone.png"], 3, "no such file"),
    (["--canvases", "gone.toml"], 2, "--canvases gone.toml cannot be read"),
])  # fmt: skip
def test_a_wrong_call_is_one_line(words, code, message):
    found = run(*words)
    assert (found.exit_code, found.stdout) == (code, "")
    assert message in found.stderr
    assert "Traceback" not in found.output


@pytest.mark.parametrize(("lines", "told"), [
    (None, {"prime-hero": "-", "prime-cover": "-"}),
    ([], {"prime-hero": "none", "prime-cover": "none"}),
    ([(0.2, 0.5, 0.8, 0.6)], {"prime-hero": "1 whole: must be textless", "prime-cover": "1 whole"}),
])  # fmt: skip
def test_text_on_a_canvas_that_must_be_textless_is_said(lines, told):
    rows = fitted(np.full((900, 1600, 3), 128, np.uint8), (), None if lines is None else boxes("text_regions", lines))
    assert {canvas.id: _text(canvas, rows[canvas.id]) for canvas in KNOWN if canvas.id in told} == told


@pytest.mark.parametrize(("named", "run"), [
    ("all", "faces,canvases"), ("", "faces,canvases"), ("light", "light,faces,canvases"),
    ("all, text", "all,text,canvases"), ("text,canvases", "text,canvases,faces"),
])  # fmt: skip
def test_what_a_fit_needs_is_added_to_the_stages_named(named, run):
    assert _with_needed(named) == run


def test_a_fit_with_another_stage_is_a_fit(portrait):
    rows = json.loads(run(portrait, "--stages", "light", "--json").stdout)
    assert [row["canvas"] for row in rows] == [canvas.id for canvas in KNOWN]


@pytest.mark.parametrize("name", ["one pixel", "one row", "one column", "ribbon", "level ribbon"])
def test_the_smallest_and_narrowest_pictures_and_faces_are_drawn(name):
    speck = [(0.5, 0.5, 0.5001, 0.5001)]
    rows = fitted(HOSTILE[name], speck)
    drawn = draw_sheet(HOSTILE[name], boxes("faces", speck).columns["faces"], [(one, rows[one.id]) for one in KNOWN])
    assert drawn.width > 1000


def sheet(pixels, canvas):
    """The drawing of one canvas without its legend."""
    row = fitted(pixels, FACES)[canvas.id]
    assert row["slot"]
    return np.asarray(draw_sheet(pixels, [], [(canvas, row)]))[: -LINE - GAP]


def drawn(seen, ink):
    return (seen == ink).all(axis=-1).any()


def test_a_drawing_shows_slot_and_reserved_areas():
    seen = sheet(GREY, KNOWN[0])
    assert drawn(seen, GREEN)
    assert ((seen[..., 0] > 150) & (seen[..., 1] < 110)).any()  # the unsafe band


@pytest.mark.parametrize("colour", [COVERED, (0, 0, 0), (255, 255, 255)], ids=["red", "black", "white"])
def test_reserved_areas_are_seen_on_any_art(colour):
    seen = sheet(np.full_like(GREY, colour), KNOWN[0]).astype(int)
    band = seen[GAP + 2 : GAP + 22, GAP + 100 : GAP + CELL - 2].reshape(-1, 3)
    assert np.abs(band - colour).max() > 70


@pytest.mark.parametrize("canvas", KNOWN, ids=lambda canvas: canvas.id)
def test_a_title_is_drawn_but_where_the_artwork_must_be_textless(canvas):
    assert drawn(sheet(GREY, canvas), GREEN) == (canvas.title is not Title.FORBIDDEN)


def test_the_legend_shows_each_colour():
    row = fitted(GREY)["max-wide"]
    legend = np.asarray(draw_sheet(GREY, [], [(KNOWN[0], row | {"slot": None})]))[-LINE - GAP :]
    assert all(drawn(legend, colour) for colour, _ in LEGEND)


@pytest.mark.parametrize(("canvas", "fates", "lines"), [
    ("prime-cover", (None, None, None), [("slot 90% bare, white 9.0:1", FAINT)]),
    ("prime-cover", (2, 0, 1), [("text: 2 whole (1 covered)", FAINT), ("slot 90% bare, white 9.0:1", FAINT)]),
    ("prime-cover", (2, 1, 2), [("text: 2 whole, 1 cut", RED), ("slot 90% bare, white 9.0:1", FAINT)]),
    ("max-wide", (0, 0, 0), [("text: none", FAINT), ("no title: the artwork must be textless", FAINT)]),
    ("max-wide", (1, 0, 1), [("text: 1 whole", RED), ("no title: the artwork must be textless", FAINT)]),
])  # fmt: skip
def test_a_caption_says_what_becomes_of_text_where_it_was_looked_for(canvas, fates, lines):
    text = dict(zip(("text_whole", "text_cut", "text_clear"), fates, strict=True))
    (known,) = (one for one in KNOWN if one.id == canvas)
    told = _caption(known, in_canvas(canvas, emptiness=0.9) | text)
    assert told[1] == ("faces: 1 whole", FAINT)
    assert told[2:] == lines
