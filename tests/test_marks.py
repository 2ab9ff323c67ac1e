"""The stage `marks`: what is a watermark among the lines of a picture, and what is not."""

import numpy as np
import pytest
import skimage.data
from lettered import FONTS, as_picture
from PIL import Image, ImageDraw, ImageFont

from artvision import Settings
from artvision.lettering.marks import KINDS, marks, phrases
from artvision.lettering.regions import Line
from artvision.stages.marks import Marks
from artvision.stages.text import Text, result


def line(text, y=0, height=10, read=0.95):
    corners = np.array([(0, y), (90, y), (90, y + height), (0, y + height)], float)
    return Line(corners, (100, 200), 0.9, text, read)


@pytest.mark.parametrize(
    ("texts", "kinds"),
    [
        (["Shutterstock"], ["agency"]),
        (["www.shutter-stock.com"], ["agency"]),
        (["© Getty Images / A. N."], ["agency"]),
        (["FOR YOUR CONSIDERATION"], ["proof"]),
        (["shutterstock123", "iStockphoto.com", "© alamy"], ["agency"]),
        (["CHRIS TOCKER", "ALAMYRA", "It is not finally over", "L.A.", "CONFIDENTIAL", "Property of a Lady"], []),
        (["PREVIEW ONLY", "alamy"], ["agency", "proof"]),
        (["BLUEHILL", "BLUEHILL", "BlueHill"], ["repeated"]),
        (["BLUEHILL", "BLUEHILL"], []),
        (["THE", "THE", "THE"], []),
        (["THE LAST SIGNAL", "coming soon", "www.thelastsignal.com"], []),
        (["A Perfect Copy", "Sample", "The Proof"], []),
        ([], []),
    ],
)
def test_what_is_a_mark(texts, kinds):
    assert list(marks([line(text, 15 * index) for index, text in enumerate(texts)])) == kinds


def test_what_was_not_surely_read_is_no_mark():
    assert marks([line("Shutterstock", read=0.8)]) == {}


def test_a_title_that_the_credits_repeat_is_no_pattern():
    assert marks([line("MERIDIAN", 0, 40), line("MERIDIAN", 60), line("MERIDIAN", 80)]) == {}


def test_every_kind_of_the_table_is_a_label():
    assert set(phrases()) < set(KINDS)
    assert all(len(phrase) >= 5 for said in phrases().values() for phrase in said)


def test_lines_and_share_count_a_line_once():
    (found,) = Marks(Settings()).run(
        [None], {"text": [result([line("getty images: preview only"), line("Meridian", 50)])]}
    )
    assert found.values == {"mark.kind": "agency", "mark.lines": 1, "mark.share": pytest.approx(0.9 * 0.05)}


@pytest.mark.parametrize(("opacity", "kind"), [(0.0, "none"), (0.45, "repeated"), (0.8, "repeated")])
def test_a_translucent_pattern_on_a_photograph_is_found(opacity, kind):
    art = Image.fromarray(skimage.data.coffee()).resize((1200, 800))
    layer = Image.new("RGBA", art.size)
    font = ImageFont.truetype(str(FONTS / "DejaVuSans-Bold.ttf"), 54)
    for x in (60, 460, 860):
        for y in (80, 370, 660):
            ImageDraw.Draw(layer).text((x, y), "BLUEHILL", font=font, fill=(255, 255, 255, round(255 * opacity)))
    stamped = np.asarray(Image.alpha_composite(art.convert("RGBA"), layer).convert("RGB"))
    text = Text(Settings())
    text.setup("cpu")
    picture = as_picture(stamped)
    (found,) = Marks(Settings()).run([picture], {"text": text.run([picture], {})})
    assert found.values["mark.kind"] == kind
