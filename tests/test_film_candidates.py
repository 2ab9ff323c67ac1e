"""What a candidate still is judged by, in closed form on painted frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("imagehash", reason="the extra `video` is not installed")

from artvision.film.candidates import SAME, Judge, _focus, perceptual_hash
from artvision.pixels.color import to_lightness

NOW = Fraction(0)


def grey(*values):
    """Squares of grey levels, 30 pixels wide, in another order in every row, so that no band is of one tone."""
    rows = np.array([np.roll(values, number) for number in range(len(values))], np.uint8)
    return np.kron(rows, np.ones((30, 30), np.uint8))[:, :, None].repeat(3, axis=2)


def lightness(level):
    return float(to_lightness(np.full((1, 1, 3), level, np.uint8))[0, 0])


def test_one_frame_is_due_every_quarter_of_a_second():
    judge = Judge()
    asked = [Fraction(number, 100) for number in (0, 4, 24, 25, 26, 49, 50, 130, 131, 149, 150)]
    assert [float(time) for time in asked if judge.due(time)] == [0, 0.25, 0.5, 1.3, 1.5]


def test_what_shows_no_detail_is_counted_at_both_ends():
    found = Judge().judge(NOW, grey(0, 100, 255, 160))
    assert (found.clipped, found.dark, found.bars) == (0.5, 0.25, 0)
    levels = [lightness(level) for level in (0, 100, 255, 160)]
    assert found.contrast == pytest.approx(np.std(levels), abs=0.01)


def test_sharpness_is_the_mean_step_to_the_neighbours_down_and_across():
    down, across = np.mgrid[:9, :16].astype(np.float32)
    assert _focus(3 * down - 2 * across) == pytest.approx(5)


def test_what_letterbox_takes_is_no_part_of_the_picture():
    plain, bar = grey(60, 100, 140, 160), np.zeros((60, 120, 3), np.uint8)
    found, alone = Judge().judge(NOW, np.concatenate([bar, plain, bar])), Judge().judge(NOW, plain)
    assert (found.bars, found.dark, alone.bars) == (0.5, 0.5, 0)
    assert (found.clipped, found.contrast, found.focus) == (alone.clipped, alone.contrast, alone.focus)


@pytest.mark.parametrize(("level", "calm"), [(100, 1.0), (106, 1.0), (109, 0.5), (180, 0.5)])
def test_motion_is_the_mean_change_and_stillness_the_share_without_one(level, calm):
    judge = Judge()
    first, second = judge.judge(NOW, grey(100, 100)), judge.judge(NOW, grey(100, level))
    assert (first.motion, first.stillness) == (None, None)
    change = lightness(level) - lightness(100)
    assert (change < SAME) == (calm == 1)
    assert second.motion == pytest.approx(change / 2, abs=0.01)
    assert second.stillness == calm


def test_frames_of_two_sizes_are_not_compared():
    judge = Judge()
    judge.judge(NOW, grey(100))
    assert judge.judge(NOW, grey(100, 200)).motion is None


def test_the_hash_has_64_bits_and_hardly_knows_brightness():
    rng = np.random.default_rng(1)
    art = np.repeat(np.repeat(rng.integers(0, 200, (9, 16), np.uint8), 10, 0), 10, 1)[:, :, None].repeat(3, axis=2)
    assert 0 <= perceptual_hash(art) < 1 << 64
    assert (perceptual_hash(art) ^ perceptual_hash(art + 30)).bit_count() <= 4
    assert (perceptual_hash(art) ^ perceptual_hash(art[:, ::-1].copy())).bit_count() > 10
