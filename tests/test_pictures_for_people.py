"""What people look at: the drawing, the preview table, the diagnosis."""

import numpy as np
import pytest
from PIL import Image

from artvision import diagnosis
from artvision.console import Console
from artvision.contract import Missing
from artvision.draw import BAND, GREEN, PINK, YELLOW, overlay
from artvision.errors import WeightsError
from artvision.image import Picture
from artvision.preview import HEAD, preview, swatches
from artvision.stages.base import Result

PALETTE = [
    {"r": 200, "g": 0, "b": 0, "share": 0.75, "name": "red"},
    {"r": 0, "g": 0, "b": 200, "share": 0.25, "name": "blue"},
]
FACE = {
    "x0": 0.25,
    "y0": 0.25,
    "x1": 0.5,
    "y1": 0.75,
    "score": 0.99,
    "points": [0.3, 0.4, 0.45, 0.4, 0.4, 0.5, 0.3, 0.6, 0.4, 0.6],
}
EMPTY = {f"composition.empty_{key}": value for key, value in zip("xywh", (0.6, 0.1, 0.3, 0.2), strict=True)}
PICTURE = Picture(np.full((300, 600, 3), 90, np.uint8), 600, 300)


def near(image, x, y, color, reach=6):
    """Whether a pixel of nearly this colour lies about this place, given in [0, 1] of the picture part."""
    pixels = np.asarray(image).astype(int)
    height = 600
    row, column = int(y * height), int(x * 1200)
    window = pixels[max(0, row - reach) : row + reach, max(0, column - reach) : column + reach]
    return bool((np.abs(window - color).sum(axis=2) < 60).any())


def test_faces_empty_room_and_palette_are_drawn_where_they_are():
    image = overlay(
        PICTURE,
        {
            "faces": Result({}, {"faces": [FACE]}),
            "composition": Result(EMPTY),
            "light": Result({}, {"palette": PALETTE}),
        },
    )
    assert image.size == (1200, 600 + BAND)
    assert near(image, 0.25, 0.5, YELLOW)
    assert near(image, 0.4, 0.25, YELLOW)
    assert near(image, 0.6, 0.2, GREEN)
    assert not near(image, 0.6, 0.6, GREEN)
    assert image.getpixel((300, 600 + BAND - 4)) == (200, 0, 0)
    assert image.getpixel((1150, 600 + BAND - 4)) == (0, 0, 200)


def test_the_title_slot_is_drawn_where_it_is():
    slot = dict(zip((f"layout.slot_{key}" for key in "xywh"), (0.1, 0.7, 0.5, 0.2), strict=True))
    image = overlay(PICTURE, {"layout": Result(slot)})
    assert near(image, 0.1, 0.8, PINK)
    assert near(image, 0.3, 0.9, PINK)
    assert not near(image, 0.3, 0.5, PINK)


def test_what_did_not_run_is_left_out():
    nothing = dict.fromkeys(EMPTY, Missing.NOT_APPLICABLE)
    image = overlay(PICTURE, {"composition": Result(nothing), "faces": Result({}, {"faces": []})})
    assert image.size == (1200, 600)
    assert not near(image, 0.6, 0.2, GREEN)


def test_swatches_are_as_wide_as_their_shares():
    text = swatches(PALETTE, cells=8)
    assert [(span.end - span.start, str(span.style)) for span in text.spans] == [
        (6, "on rgb(200,0,0)"),
        (2, "on rgb(0,0,200)"),
    ]


class Table:
    """A run of one part."""

    columns = ("asset_id", "face.count", "shot.scale", "framing.label", "light.brightness", "palette", "tags")

    def tables(self, columns):
        import pyarrow as pa

        full = {
            "asset_id": "a",
            "face.count": 2,
            "shot.scale": "close_up",
            "framing.label": "medium",
            "light.brightness": 41.6,
            "palette": PALETTE,
            "tags": [
                {"group": "genre", "label": "sci_fi", "score": 0.71},
                {"group": "tone", "label": "dark", "score": 0.6},
            ],
        }
        nothing = dict.fromkeys(full) | {"asset_id": "b"}
        faceless = nothing | {"asset_id": "c", "face.count": 0, "framing.label": "extreme_long"}
        yield pa.Table.from_pylist([full, nothing, faceless])


def test_preview_shows_values_and_their_absence():
    _, rows = preview(Table(), limit=5, in_color=False)
    assert rows[0] == ["a", "2", "close up", "42", "red", "sci fi 0.71"]
    assert rows[1] == ["b", "-", "-", "-", "-", "-"]
    assert rows[2] == ["c", "0", "extreme long", "-", "-", "-"]
    assert all(len(row) == len(HEAD) for row in rows)
    assert len(preview(Table(), limit=1, in_color=True)[1]) == 1


def test_a_table_keeps_markup_in_names_as_text(capsys):
    Console().table("t", ["name"], [["[bold]x[/bold].jpg"]])
    assert "[bold]x[/bold].jpg" in capsys.readouterr().out


def test_diagnosis_of_a_sound_machine():
    checks = diagnosis.diagnose()
    assert not [check for check in checks if check.state == "broken"]
    assert {"machine", "device", "image formats", "stage clip"} <= {check.what for check in checks}


@pytest.mark.parametrize(
    ("error", "found"),
    [(WeightsError("weights of x are missing; run `y`"), "weights of x"), (ImportError("nms"), "ImportError: nms")],
)
def test_what_is_broken_is_told_with_its_remedy(error, found):
    def act():
        raise error

    check = diagnosis._attempt("part", act, "mend it")
    assert (check.state, check.remedy) == ("broken", "mend it")
    assert found in check.found


def test_a_drawing_can_be_saved(tmp_path):
    overlay(PICTURE, {}).save(tmp_path / "seen.png")
    with Image.open(tmp_path / "seen.png") as image:
        assert image.size == (1200, 600)
