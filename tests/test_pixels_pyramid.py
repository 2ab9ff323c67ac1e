"""The pyramid that light and composition share: what it holds, and that it is made once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from artvision.decoding.resample import resample
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels import color, harmony
from artvision.pixels.cells import LabCells
from artvision.pixels.color import planar, to_lab, to_lightness
from artvision.pixels.grid import halve, inside, second_difference, steps
from artvision.pixels.plane import mean, mean_square
from artvision.pixels.pyramid import Pyramid
from artvision.settings import Settings
from artvision.stages.composition import Composition
from artvision.stages.light import Light

SIZES = st.integers(1, 40)


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def by_the_formula(pixels):
    """L*, a*, b* by CIE 15:2004 in double precision, a picture at once."""
    code = pixels / 255.0
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    weights = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = linear @ (weights / weights.sum(axis=1, keepdims=True)).T
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    return 116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (7, 30_000), (400, 301), (512, 342)])
def test_bands_join_to_the_colours_of_the_whole_picture(shape):
    pixels = noise(*shape)
    lab = to_lab(pixels)
    for plane, expected in zip((lab.l, lab.a, lab.b), by_the_formula(pixels), strict=True):
        assert plane.shape == shape
        np.testing.assert_allclose(plane, expected, atol=2e-4)
    np.testing.assert_array_equal(to_lightness(pixels), lab.l)


@given(SIZES, st.integers(1, 1500), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_pyramid_says_what_its_parts_say_by_themselves(height, width, seed):
    pixels = noise(height, width, seed)
    lab, made = to_lab(pixels), Pyramid.of(pixels)
    cells = LabCells.of(lab)
    np.testing.assert_array_equal(made.lightness, lab.l)
    np.testing.assert_array_equal(made.half, halve(lab.l))
    np.testing.assert_array_equal(made.quarter, halve(halve(lab.l)))
    np.testing.assert_array_equal(made.colours.cells.points, cells.points)
    np.testing.assert_array_equal(made.colours.cells.shares, cells.shares)
    assert made.colours.means == pytest.approx(lab.means, abs=1e-4)
    assert color.warmth(made.colours) == pytest.approx(color.warmth(lab), abs=1e-6)
    assert made.colours.colorfulness == color.colorfulness(pixels)
    np.testing.assert_array_equal(made.colours.hues, harmony.hue_histogram(pixels))


def test_channels_apart_are_the_same_picture():
    pixels = noise(31, 17)
    assert np.array_equal(planar(pixels), pixels)
    assert planar(pixels)[..., 1].flags.c_contiguous
    assert np.shares_memory(planar(planar(pixels)), planar(pixels)) is False
    apart = planar(pixels)
    assert np.shares_memory(planar(apart), apart)


def test_stages_share_what_is_derived():
    made = []

    def make(pixels):
        made.append(pixels.shape)
        return pixels.mean()

    picture = Picture(noise(40, 80), 80, 40)
    with ThreadPoolExecutor(4) as pool:
        values = set(pool.map(lambda _: picture.derived(make, 20), range(40)))
    assert len(values) == 1
    assert set(made) == {(10, 20, 3)}
    seen = len(made)
    picture.derived(make, 20)
    assert len(made) == seen
    picture.derived(make, 40)
    assert made[-1] == (20, 40, 3)


def test_light_and_composition_look_at_the_colours_once(monkeypatch):
    looked, real = [], color.lab_bands
    monkeypatch.setattr(color, "lab_bands", lambda pixels: looked.append(1) or real(pixels))
    picture = Picture(data.coffee(), 600, 400)
    alone = [stage(Settings()).run([Picture(data.coffee(), 600, 400)], {})[0] for stage in (Light, Composition)]
    looked.clear()
    together = [stage(Settings()).run([picture], {})[0] for stage in (Light, Composition)]
    assert looked == [1]
    assert together == alone
    assert picture.derived(Pyramid.of, SCORE_SIDE).lightness.shape == (341, 512)


@given(SIZES, SIZES, st.integers(0, 5), st.integers(-5, 5), st.integers(0, 99))
def test_steps_are_differences_of_slices(height, width, down, right, seed):
    down, right = min(down, height - 1), max(-width + 1, min(right, width - 1))
    if down * width + right < 0:
        right = -right
    plane = np.random.default_rng(seed).random((height, width), np.float32)
    left, shifted = max(0, -right), max(0, right)
    expected = plane[down:, shifted : width - left] - plane[: height - down, left : width - shifted]
    np.testing.assert_array_equal(inside(steps(plane, down, right), down, right), expected)
    assert np.isfinite(steps(plane, down, right)).all()


@given(SIZES, SIZES, st.sampled_from([0, 1]), st.integers(0, 99))
def test_second_differences_go_on_beyond_the_border_as_the_plane_ends(height, width, axis, seed):
    plane = np.random.default_rng(seed).integers(0, 100, (height, width)).astype(np.float32)
    padded = np.pad(plane, [(1, 1) if index == axis else (0, 0) for index in (0, 1)], mode="edge")
    np.testing.assert_array_equal(second_difference(plane, axis), np.diff(padded, 2, axis=axis))


@given(SIZES, SIZES, st.integers(0, 99))
def test_means_by_einsum(height, width, seed):
    plane = 100 * np.random.default_rng(seed).random((height, width), np.float32)
    assert mean(plane) == pytest.approx(plane.mean(dtype=np.float64), rel=1e-5)
    assert mean_square(plane) == pytest.approx(np.square(plane, dtype=np.float64).mean(), rel=1e-5)


@given(SIZES, SIZES, st.integers(0, 99), st.sampled_from([1, 2, 256]))
def test_colourfulness_is_exact(height, width, seed, levels):
    pixels = (noise(height, width, seed).astype(int) % levels * (255 // max(1, levels - 1))).astype(np.uint8)
    red, green, blue = pixels.astype(np.float64).transpose(2, 0, 1)
    rg, yb = red - green, (red + green) / 2 - blue
    expected = np.sqrt(rg.var() + yb.var()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert color.colorfulness(pixels) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("size", [(30, 20), (61, 47), (200, 3), (1, 90)])
def test_a_resampled_picture_lies_in_one_piece_and_cannot_be_written(size):
    small = resample(noise(60, 90), size)
    assert small.shape == (size[1], size[0], 3)
    assert small.flags.c_contiguous
    assert not small.flags.writeable
