"""Sharpness, smear, noise and blocks on planes whose answer is known."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage import data

from artvision.pixels.blocks import blockiness
from artvision.pixels.color import to_lightness
from artvision.pixels.detail import MAX_SHARPNESS, motion_blur, noise, sharpness
from artvision.pixels.grid import halve

PHOTO = to_lightness(data.astronaut())
HALF = halve(PHOTO)
FLAT = np.full((256, 256), 40, np.float32)
STRIPES = np.tile(np.float32([20, 20, 20, 20, 80, 80, 80, 80]), (256, 32))


def grain(sigma, shape=(300, 400), seed=0):
    return (50 + sigma * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def test_sharpness_of_a_checkerboard_is_the_bound():
    board = (np.indices((200, 200)).sum(axis=0) % 2 * 100).astype(np.float32)
    assert MAX_SHARPNESS - 0.02 < sharpness(board) <= MAX_SHARPNESS


@pytest.mark.parametrize(("sigma", "expected"), [(1, np.log10(21)), (4, np.log10(1 + 20 * 16))])
def test_sharpness_of_noise_by_its_formula(sigma, expected):
    assert sharpness(grain(sigma)) == pytest.approx(expected, abs=0.02)


def test_blur_lowers_sharpness_step_by_step():
    scores = [sharpness(ndimage.gaussian_filter(HALF, sigma)) for sigma in (0, 0.5, 1, 2, 4)]
    assert all(first > second + 0.1 for first, second in pairwise(scores))
    assert sharpness(FLAT) == 0


@pytest.mark.parametrize("sigma", [0.5, 2, 6])
@pytest.mark.parametrize("ground", [FLAT - 40, STRIPES - 50, np.linspace(0, 40, 256) * np.ones((256, 1))])
def test_noise_is_found_on_any_ground(sigma, ground):
    assert noise((grain(sigma, ground.shape) + ground).astype(np.float32)) == pytest.approx(sigma, rel=0.06)


def test_a_direction_without_contrast_is_no_evidence():
    assert motion_blur(STRIPES + grain(0.3, STRIPES.shape) - 50) < 0.05


def test_edges_alone_are_no_noise():
    assert noise(STRIPES) == 0
    assert noise(FLAT) == 0


@pytest.mark.parametrize("axis", [0, 1])
def test_smear_reads_higher_than_blur_or_nothing(axis):
    smeared = ndimage.uniform_filter1d(HALF, 9, axis=axis)
    blurred = ndimage.gaussian_filter(HALF, 2)
    assert motion_blur(smeared) > 0.25
    assert motion_blur(blurred) < 0.1
    assert motion_blur(HALF) < 0.1


def test_a_diagonal_smear_is_seen_too():
    kernel = np.eye(9) / 9
    assert motion_blur(ndimage.convolve(HALF, kernel, mode="nearest")) > 0.2


@pytest.mark.parametrize("plane", [FLAT, STRIPES, STRIPES.T.copy(), FLAT[:9], FLAT[:1], FLAT[:, :1]])
def test_no_evidence_of_smear(plane):
    assert motion_blur(plane) == 0


@pytest.mark.parametrize("turn", [np.transpose, np.flipud, np.fliplr])
def test_turning_a_smeared_picture_changes_little(turn):
    smeared = ndimage.uniform_filter1d(HALF, 5, axis=0)
    assert motion_blur(np.ascontiguousarray(turn(smeared))) == pytest.approx(motion_blur(smeared), abs=1e-4)


def jpeg(pixels, quality):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


@pytest.mark.parametrize("photo", [data.astronaut, data.coffee, data.chelsea])
@pytest.mark.parametrize("side", [512, 460, 700])
def test_blocks_are_found_at_any_scale(photo, side):
    def score(image):
        return blockiness(to_lightness(np.asarray(image.resize((side, round(side * image.height / image.width))))))

    clean, coarse, worst = (score(image) for image in (Image.fromarray(photo()), jpeg(photo(), 10), jpeg(photo(), 5)))
    assert clean < 0.01
    assert coarse > 4 * clean
    assert worst > 0.07


@pytest.mark.parametrize("plane", [FLAT, STRIPES, STRIPES.T.copy(), FLAT[:1], FLAT[:63], grain(5)])
def test_no_blocks(plane):
    assert blockiness(plane) < 0.01
