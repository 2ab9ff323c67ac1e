"""The stage light on pictures whose answer is known: fields wired to the right measure, palette laid out."""

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageFilter
from skimage import data

from artvision.contract import Missing
from artvision.image import Picture
from artvision.pixels.color import to_lightness
from artvision.settings import Settings
from artvision.stages import contract_of
from artvision.stages.light import Light

STAGE = Light(Settings())


def run(pixels):
    return STAGE.run([Picture(pixels, pixels.shape[1], pixels.shape[0])], {})[0]


def patches(*colors):
    """Equal upright stripes across 512 × 256."""
    return np.repeat(np.array([colors], np.uint8), 512 // len(colors), axis=1).repeat(256, axis=0)


GREY_RAMP = np.repeat(np.repeat(np.arange(256, dtype=np.uint8), 2)[None, :, None], 3, axis=2).repeat(256, axis=0)


@pytest.mark.parametrize(
    ("colors", "expected"),
    [
        (
            [(0, 0, 0)],
            {
                "light.brightness": 0,
                "light.median": 0,
                "light.p95": 0,
                "light.contrast": 0,
                "light.shadows_clipped": 1,
                "light.highlights_clipped": 0,
                "light.low_key": 1,
                "light.high_key": 0,
            },
        ),
        (
            [(255, 255, 255)],
            {
                "light.brightness": 100,
                "light.p5": 100,
                "light.highlights_clipped": 1,
                "light.high_key": 1,
                "light.low_key": 0,
                "light.shadows_clipped": 0,
                "color.chroma": 0,
                "color.colorfulness": 0,
            },
        ),
        ([(200, 200, 200)], {"light.high_key": 1, "light.low_key": 0, "light.highlights_clipped": 0}),
        ([(50, 50, 50)], {"light.high_key": 0, "light.low_key": 1, "light.shadows_clipped": 0}),
        (
            [(0, 0, 0), (255, 255, 255)],
            {
                "light.brightness": 50,
                "light.contrast": 50,
                "light.p5": 0,
                "light.p95": 100,
                "light.shadows_clipped": 0.5,
                "light.highlights_clipped": 0.5,
                "detail.entropy": 1,
            },
        ),
        (
            [(255, 0, 0)],
            {
                "light.brightness": 53.24,
                "color.chroma": 104.55,
                "color.hue_concentration": 1,
                "color.dominant_l": 53.24,
                "color.dominant_a": 80.09,
                "color.dominant_b": 67.20,
                "color.dominant_share": 1,
                "color.harmony_distance": 0,
                "color.harmony_i": 0,
            },
        ),
        (
            [(255, 0, 0), (0, 255, 255)],
            {"color.harmony_i": 81, "color.harmony_v": 43.2, "color.harmony_opposite": 0, "color.harmony_distance": 0},
        ),
    ],
)
def test_patches_have_the_values_of_the_formulas(colors, expected):
    found = run(patches(*colors)).values
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=0.06), name


def test_a_grey_ramp():
    found = run(GREY_RAMP).values
    codes = [0.05 * 255, 0.5 * 255, 0.95 * 255]
    expected = np.interp(codes, np.arange(256), to_lightness(GREY_RAMP)[0, ::2])
    assert [found[f"light.{name}"] for name in ("p5", "median", "p95")] == pytest.approx(expected, abs=0.5)
    assert found["color.hue_concentration"] is Missing.NOT_APPLICABLE
    assert {found[f"color.harmony_{name}"] for name in ("distance", "i", "x")} == {Missing.NOT_APPLICABLE}
    assert found["color.warmth"] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "field", "up"),
    [
        (lambda image: image.filter(ImageFilter.GaussianBlur(3)), "detail.sharpness", False),
        (lambda image: image.filter(ImageFilter.GaussianBlur(3)), "detail.noise", False),
        (lambda image: image.point(lambda code: code // 2), "light.brightness", False),
        (lambda image: image.point(lambda code: code // 2), "light.low_key", True),
        (lambda image: image.point(lambda code: 128 + code // 2), "light.high_key", True),
        (lambda image: image.point(lambda code: 64 + code // 2), "light.contrast", False),
        (lambda image: image.convert("L").convert("RGB"), "color.colorfulness", False),
        (lambda image: Image.merge("RGB", image.split()[::-1]), "color.warmth", False),
        (lambda image: image.effect_spread(2), "detail.noise", True),
        (lambda image: image.quantize(8, dither=Image.Dither.NONE).convert("RGB"), "detail.entropy", False),
    ],
)
def test_a_change_moves_its_field(change, field, up):
    image = Image.fromarray(data.coffee())
    before, after = run(np.asarray(image)).values[field], run(np.asarray(change(image))).values[field]
    assert (after > before) is up
    assert abs(after - before) > 3 * next(item.tolerance for item in STAGE.fields() if item.name == field)


def test_the_palette_fits_its_arrow_type():
    rows = run(patches((255, 99, 71), (255, 99, 71), (0, 0, 128), (0, 0, 0))).columns["palette"]
    assert rows[0]["name"] == "tomato"
    assert {row["name"] for row in rows} == {"tomato", "navy", "black"}
    assert [row["share"] for row in rows] == pytest.approx([0.5, 0.25, 0.25], abs=0.005)
    column = STAGE.columns()[0]
    assert pa.array([rows], column.arrow).to_pylist()[0][0] == {
        "r": 255,
        "g": 99,
        "b": 71,
        "name": "tomato",
        "share": pytest.approx(0.5, abs=0.005),
    }


def test_the_three_groups_are_blocks_of_the_vector():
    contract = contract_of([STAGE])
    assert contract.groups == ("light", "color", "detail")
    assert all(field.source and field.meaning and field.unit for field in contract.fields)
