"""Template distances worked out by hand on circles of one, two and all hues."""

import numpy as np
import pytest

from artvision.pixels.harmony import TEMPLATES, hue_histogram, template_distances


def circle(**shares):
    """A hue histogram with the given shares at h<degree>."""
    histogram = np.zeros(360)
    for name, share in shares.items():
        histogram[int(name[1:])] = share
    return histogram


def test_one_hue_fits_every_template():
    assert set(template_distances(circle(h77=1))) == set(TEMPLATES)
    assert max(template_distances(circle(h77=1)).values()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("template", "degrees"),
    [
        ("i", 81),
        ("v", 43.2),
        ("opposite", 0),
        ("t", 0),
        ("y", 0),
        ("x", 0),
    ],
)
def test_two_opposite_hues(template, degrees):
    assert template_distances(circle(h20=0.5, h200=0.5))[template] == pytest.approx(degrees, abs=0.5)


@pytest.mark.parametrize("second", ["h130", "h310"])
def test_l_is_its_own_mirror_image(second):
    assert template_distances(circle(h40=0.6, **{second: 0.4}))["l"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("template", "reach"), [("i", 18), ("v", 93.6), ("t", 180), ("l", 138.6), ("y", 244.8)])
@pytest.mark.parametrize("side", [1, -1])
def test_two_hues_cost_what_they_lie_beyond_the_reach_of_a_template(template, reach, side):
    if reach < 160:
        apart = template_distances(circle(h100=0.5, **{f"h{100 + side * int(reach + 10)}": 0.5}))
        assert apart[template] == pytest.approx((int(reach + 10) - reach) / 2, abs=0.5)
    within = np.zeros(360)
    within[np.arange(100, 100 + side * int(min(reach, 180)), side * 90)] = 1
    assert template_distances(within / within.sum())[template] == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(
    ("template", "gaps"),
    [
        ("i", [342]),
        ("v", [266.4]),
        ("t", [180]),
        ("opposite", [162, 162]),
        ("x", [86.4, 86.4]),
        ("y", [124.2, 124.2]),
        ("l", [41.4, 221.4]),
    ],
)
def test_even_hues_cost_the_gaps_between_sectors(template, gaps):
    even = template_distances(np.full(360, 1 / 360))
    assert even[template] == pytest.approx(sum((gap / 2) ** 2 for gap in gaps) / 360, abs=0.1)


def test_turning_all_hues_changes_nothing():
    histogram = np.random.default_rng(1).random(360) ** 8
    histogram /= histogram.sum()
    turned = template_distances(np.roll(histogram, 123))
    assert turned == pytest.approx(template_distances(histogram), abs=1e-9)


@pytest.mark.parametrize(
    ("rgb", "hue"),
    [
        ((255, 0, 0), 0),
        ((255, 255, 0), 60),
        ((0, 200, 0), 120),
        ((0, 255, 255), 180),
        ((0, 0, 90), 240),
        ((90, 0, 90), 300),
        ((200, 0, 100), 330),
    ],
)
def test_hue_of_a_patch(rgb, hue):
    histogram = hue_histogram(np.full((9, 7, 3), rgb, np.uint8))
    assert histogram[hue] == pytest.approx(1)


@pytest.mark.parametrize("rgb", [(0, 0, 0), (255, 255, 255), (120, 121, 122)])
def test_a_grey_has_no_hue(rgb):
    assert hue_histogram(np.full((9, 7, 3), rgb, np.uint8)) is None
