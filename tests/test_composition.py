"""The stage composition on drawn pictures: each field is wired to the measure of its name."""

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import ndimage
from skimage import data

from artvision.contract import Missing
from artvision.image import Picture
from artvision.pixels.layout import BUSY
from artvision.settings import Settings
from artvision.stages.composition import Composition

STAGE = Composition(Settings())
ROWS, COLUMNS = np.indices((288, 512)) / np.array([288, 512])[:, None, None]
GRAIN = np.random.default_rng(0).normal(0, 4, (288, 512))
NOISE = np.random.default_rng(1).integers(0, 256, (288, 512)).astype(float)


def run(grey):
    pixels = np.clip(grey, 0, 255).astype(np.uint8)
    pixels = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    values = STAGE.run([Picture(pixels, pixels.shape[1], pixels.shape[0])], {})[0].values
    return {name.removeprefix("composition."): value for name, value in values.items()}


def disc(x, y):
    """One bright disc on a dark grainy ground."""
    return 60 + GRAIN + 150 * (np.hypot((COLUMNS - x) * 512, (ROWS - y) * 288) < 24)


@pytest.mark.parametrize(("x", "y", "sides"), [(1 / 3, 1 / 3, (-1, -1)), (2 / 3, 1 / 3, (1, -1)), (0.8, 0.75, (1, 1))])
def test_a_disc_draws_the_focus(x, y, sides):
    found = run(disc(x, y))
    assert (found["focus_x"], found["focus_y"]) == pytest.approx((x, y), abs=0.12)
    assert np.sign([found["balance_x"], found["balance_y"]]).tolist() == list(sides)


def test_the_disc_that_is_on_a_power_point_or_in_the_centre():
    third, centre, corner = run(disc(1 / 3, 1 / 3)), run(disc(0.5, 0.5)), run(disc(0.05, 0.08))
    assert third["thirds_points"] > centre["thirds_points"] + 0.2
    assert third["thirds_points"] > corner["thirds_points"] + 0.2
    assert centre["centering"] > third["centering"] + 0.2 > corner["centering"] + 0.4


@pytest.mark.parametrize(("slope", "empty"), [(1.7, 1), (3.5, 0)])  # codes a pixel: 1.4 and 2.8 L* a pixel of the half
def test_a_cell_is_empty_up_to_two_lightness_steps_a_pixel(slope, empty):
    wave = np.abs(np.arange(512) % 64 - 32) * slope + 70
    assert run(np.tile(wave, (288, 1)))["empty_share"] == pytest.approx(empty, abs=0.1)


@pytest.mark.parametrize(
    ("picture", "x", "y"),
    [
        (NOISE + NOISE[:, ::-1], 1, 0.3),
        (NOISE + NOISE[::-1], 0.3, 1),
        (NOISE, 0.3, 0.3),
        (np.where(COLUMNS < 0.5, 20, 230), 0, 1),
    ],
)
def test_symmetry(picture, x, y):
    found = run(picture / max(1, picture.max() / 255))
    assert (found["symmetry_x"], found["symmetry_y"]) == pytest.approx((x, y), abs=0.05)


@pytest.mark.parametrize(("upright", "level"), [(1 / 3, None), (2 / 3, None), (None, 1 / 3), (None, 2 / 3)])
def test_edges_on_thirds(upright, level):
    dark = upright > COLUMNS if upright else level > ROWS
    assert run(np.where(dark, 30, 200))["thirds_lines"] > 0.95
    assert run(np.where(COLUMNS < 0.5, 30, 200))["thirds_lines"] < 0.05


@pytest.mark.parametrize("degrees", [-20, -5, 5, 20])
def test_turning_a_skyline_tilts_it(degrees):
    skyline = 40.0 + 170 * (np.indices((700, 700))[0] > 350 - 60 * (np.indices((700, 700))[1] // 90 % 2))
    turned = ndimage.rotate(skyline, -degrees, reshape=False, mode="nearest", order=1)[206:494, 94:606]
    found = run(turned)
    assert found["tilt"] == pytest.approx(degrees, abs=1.5)
    assert found["axes"] > 0.5


def test_diagonals_are_the_frames_own():
    slope = 288 / 512
    for sign in (1, -1):
        along = np.sin(2 * np.pi * (COLUMNS * 512 * slope * sign + ROWS * 288) / 40)
        assert run(128 + 90 * along)["diagonal"] > 0.95
    assert run(128 + 90 * np.sin(COLUMNS * 80))["diagonal"] < 0.02


def test_the_empty_side_is_found():
    found = run(np.where(COLUMNS < 0.4, 120, NOISE))
    assert (found["empty_x"], found["empty_y"], found["empty_h"]) == (0, 0, 1)
    assert found["empty_w"] == pytest.approx(0.4, abs=1 / 48)
    assert found["empty_area"] == pytest.approx(found["empty_w"])
    assert found["empty_share"] == pytest.approx(0.4, abs=0.03)


def test_noise_leaves_no_rectangle_but_an_area_of_zero():
    found = run(NOISE)
    assert {found[f"empty_{key}"] for key in "xywh"} == {Missing.NOT_APPLICABLE}
    assert found["empty_area"] == found["empty_share"] == 0
    assert found["clutter"] > 0.5


def test_one_edge_is_little_clutter():
    steep = 50 / (50 + BUSY)
    assert run(np.where(COLUMNS < 0.5, 0, 255))["clutter"] == pytest.approx(2 / 256 * steep, abs=1e-4)


def test_a_blurred_background_reads_as_shallow_focus():
    image = Image.fromarray(data.coffee()).resize((512, 341))
    soft = image.filter(ImageFilter.GaussianBlur(8))
    soft.paste(image.crop((128, 85, 384, 256)), (128, 85))
    assert run(np.asarray(soft))["shallow_focus"] > run(np.asarray(image))["shallow_focus"] + 0.2
    assert run(np.asarray(soft))["clutter"] < run(np.asarray(image))["clutter"] - 0.05


@pytest.mark.parametrize("size", [(1920, 1080), (1000, 1500), (640, 360)])
def test_letterbox_bars_are_measured_at_any_resolution(size):
    width, height = size
    frame = np.zeros((height, width, 3), np.uint8)
    band = round(height * 0.125)
    frame[band : height - band] = np.asarray(Image.fromarray(data.coffee()).resize((width, height - 2 * band)))
    found = run(frame)
    assert (found["bar_top"], found["bar_bottom"]) == pytest.approx((0.125, 0.125), abs=0.005)
    assert (found["bar_left"], found["bar_right"]) == (0, 0)


def test_mirroring_a_photograph_mirrors_its_figures():
    one, other = run(data.coffee()), run(data.coffee()[:, ::-1])
    assert other["focus_x"] == pytest.approx(1 - one["focus_x"], abs=0.005)
    assert other["balance_x"] == pytest.approx(-one["balance_x"], abs=0.02)
    assert other["tilt"] == pytest.approx(-one["tilt"], abs=0.1)
    for name in ("focus_y", "symmetry_x", "symmetry_y", "diagonal", "clutter", "spread", "centering", "axes"):
        assert other[name] == pytest.approx(one[name], abs=0.005), name


def test_nothing_is_called_quality():
    assert all(word not in field.name for field in STAGE.fields() for word in ("quality", "score", "aesthetic"))
