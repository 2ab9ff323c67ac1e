"""Figure against ground: people drawn as flat shapes give the differences of their colours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lit_heads import BOX, person, seen
from pictures import photo
from PIL import Image, ImageDraw
from skimage import data
from test_pixels_stages import ART, HOSTILE

from artvision.contract import Missing
from artvision.pixels import figure
from artvision.pixels.borders import Bars
from artvision.pixels.color import to_lab
from artvision.pixels.figure import standing_out, true_bars
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.silhouette import silhouette
from artvision.pixels.texture import _KIND, pattern_entropy, structure_entropy
from artvision.settings import Settings
from artvision.stages.figure import Figure, people

STAGE = Figure(Settings())
FIELDS = {field.name: field for field in STAGE.fields()}
SIDE = 400


def compared(pixels, *boxes, **more):
    return {name.partition(".")[2]: value for name, value in seen(STAGE, pixels, *boxes, **more).items()}


def lab(rgb):
    found = to_lab(np.full((1, 1, 3), rgb, np.uint8))
    return float(found.l[0, 0]), float(np.hypot(found.a[0, 0], found.b[0, 0]))


@pytest.mark.parametrize(
    ("tone", "ground"),
    [((200, 200, 200), (40, 40, 40)), ((20, 20, 20), (250, 250, 250)), ((220, 60, 40), (30, 80, 160))],
)
def test_a_person_of_one_colour_before_another_gives_the_difference(tone, ground):
    found = compared(person(SIDE, tone, ground), BOX)
    (bright, strong), (ground_bright, ground_strong) = lab(tone), lab(ground)
    assert found["mask"] == "face"
    assert found["brightness"] == pytest.approx(bright - ground_bright, abs=0.5)
    assert found["chroma"] == pytest.approx(strong - ground_strong, abs=0.5)
    assert found["contrast"] == pytest.approx(0, abs=0.5)


def test_the_share_is_that_of_head_and_shoulders():
    face = 0.2  # of the height: a head is 1.25 faces, shoulders the upper half of a disc of 1.25 faces
    half_disc, head = np.pi * (1.25 * face) ** 2 / 2, np.pi / 4 * 1.25**2 * face * 0.16
    assert compared(person(SIDE, (0, 0, 0), (255, 255, 255)), BOX)["share"] == pytest.approx(half_disc + head, rel=0.06)


def test_detail_behind_a_person_lowers_sharpness_and_contrast():
    ground = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 1), np.uint8).repeat(3, axis=2)
    mask = person(SIDE, (255, 255, 255), (0, 0, 0)) > 127
    busy = compared(np.where(mask, np.uint8(128), ground), BOX)
    calm = compared(np.where(mask, ground, np.uint8(128)), BOX)
    for name in ("sharpness", "contrast"):
        assert busy[name] < -1
        assert calm[name] == pytest.approx(-busy[name], rel=0.2)


def test_bars_are_no_ground():
    pixels = person(SIDE, (120, 120, 120), (120, 120, 120)).copy()
    pixels[:50] = pixels[-50:] = 0
    assert compared(pixels, BOX)["brightness"] == pytest.approx(0, abs=0.5)


def test_without_a_sure_and_large_face_what_stands_out_is_the_figure():
    image = Image.new("RGB", (SIDE, SIDE), (60, 60, 60))
    ImageDraw.Draw(image).ellipse((180, 180, 215, 215), fill=(230, 220, 200))
    pixels = np.asarray(image)
    for found in (compared(pixels), compared(pixels, BOX, score=0.9), compared(pixels, (0.5, 0.5, 0.52, 0.53))):
        assert found["mask"] == "saliency"
        assert found["share"] < 0.2
    wide = compared(photo(SIDE, SIDE, 3))
    assert wide["mask"] == "saliency"
    assert isinstance(wide["brightness"], float)


@pytest.mark.parametrize("covered", [0, 0.25])
def test_a_cell_counts_by_how_far_it_stands_out_and_not_in_a_bar(covered):
    times = np.full((4, 4), 4.5 / 11)  # of the mean
    times[1], times[2, 0] = (4, 3, 2, 1.5), 1
    parts = standing_out(times * 0.2, (8, 8), Bars(0, covered, 0, 0))
    figure, ground = (part[::2, ::2] for part in (parts.figure, parts.ground))
    assert figure[1].tolist() == pytest.approx([1, 0.5, 0, 0])
    assert ground[1].tolist() == pytest.approx([0, 0, 0, 0.5])
    assert ground[0].tolist() == ground[2].tolist() == [1] * 4
    assert ground[3].tolist() == [0 if covered else 1] * 4
    assert figure.sum() == pytest.approx(1.5)


@pytest.mark.parametrize(("tall", "found"), [(1.0, 1), (0.35, 1), (0.3, 0)])
def test_a_face_is_large_enough_by_the_long_side_of_the_picture(tall, found):
    row = {"x0": 0.1, "y0": 0.1, "x1": 0.2, "y1": 0.25, "height": 0.15, "score": 0.99}
    assert len(people([row], tall)) == found


def test_bystanders_are_no_figure_and_partners_are():
    pixels = person(SIDE, (200, 200, 200), (40, 40, 40))
    alone = compared(pixels, BOX)["share"]
    assert compared(pixels, BOX, (0.8, 0.3, 0.84, 0.36))["share"] == alone
    assert compared(pixels, BOX, (0.8, 0.3, 0.92, 0.45))["share"] > alone


def test_those_behind_the_first_twelve_are_no_figure():
    pixels, front = person(SIDE, (200, 200, 200), (40, 40, 40)), [BOX] * 12
    assert compared(pixels, *front, (0.8, 0.3, 0.96, 0.5)) == compared(pixels, BOX)
    assert compared(pixels, *front[1:], (0.8, 0.3, 0.96, 0.5))["share"] > compared(pixels, BOX)["share"]


def test_a_face_that_fills_the_frame_leaves_nothing_to_compare_with():
    found = compared(data.astronaut(), (0.0, 0.0, 1.0, 1.0))
    assert found["mask"] == "face"
    for name in ("brightness", "contrast", "sharpness", "chroma"):
        assert found[name] is Missing.NOT_APPLICABLE


def test_a_uniform_picture_has_no_figure():
    found = compared(np.full((80, 90, 3), 90, np.uint8))
    assert found["mask"] is found["share"] is found["brightness"] is Missing.NOT_APPLICABLE
    assert found["silhouette"] == 0
    assert found["entropy"] is Missing.NOT_APPLICABLE


def plane(size=100, dark=0.0, light=100.0, radius=30):
    y, x = np.mgrid[0:size, 0:size]
    return np.where(np.hypot(x - size / 2, y - size / 2) < radius, dark, light).astype(np.float32)


def test_a_black_disc_on_white_is_a_silhouette_and_a_white_one_on_black_is_none():
    assert silhouette(plane()) == 1
    assert silhouette(plane(dark=100, light=0)) == 0
    assert silhouette(plane(dark=20, light=70)) == pytest.approx(50 / 90)


def test_a_shape_with_tones_of_its_own_is_less_of_a_silhouette():
    random = np.random.default_rng(0)
    shaded = np.clip(plane(dark=25) + np.where(plane() < 50, random.uniform(-25, 25, (100, 100)), 0), 0, 100)
    assert silhouette(shaded.astype(np.float32)) == pytest.approx(75 / 125 * (1 - 2 * 14.4 / 75), abs=0.03)
    assert silhouette(plane(radius=5)) < 0.2  # a speck


def test_what_lies_dark_along_the_upper_sides_is_no_ground():
    walled = plane()
    walled[:50, :2] = walled[:50, -2:] = 0  # of 200 pixels along the top and the upper sides 104 are dark
    assert silhouette(walled) == pytest.approx(max(0.0, 2 * 96 / 200 - 1), abs=1e-6)
    low = plane()
    low[50:, :2] = low[50:, -2:] = 0
    assert silhouette(low) == 1
    half = plane()
    half[:25, 0] = 0
    assert silhouette(half) == pytest.approx(2 * (200 - 26) / 200 - 1, abs=1e-6)


def on_white(*, boxed):
    """A black square on plain white, with letterbox bars above and below or without."""
    pixels = np.full((SIDE, SIDE, 3), 235, np.uint8)
    pixels[130:270, 130:270] = 0
    return np.pad(pixels, ((60, 60), (0, 0), (0, 0))) if boxed else pixels


@pytest.mark.parametrize("boxed", [False, True])
def test_a_shape_on_plain_ground_is_a_silhouette_and_bars_are_none(boxed):
    assert compared(on_white(boxed=boxed))["silhouette"] > 0.75


@pytest.mark.parametrize("boxed", [False, True])
def test_plain_ground_is_no_bar_and_a_bar_is_no_ground(boxed):
    planes = Pyramid.of(on_white(boxed=boxed))
    assert min(planes.bars[:2]) > 0.1
    depths = true_bars(planes.half, planes.bars)
    assert depths == (planes.bars._replace(left=0.0, right=0.0) if boxed else (0, 0, 0, 0))


def test_a_bar_above_plain_ground_is_a_bar_and_the_ground_below_is_none():
    pixels = on_white(boxed=False)
    pixels[:40] = 0
    planes = Pyramid.of(pixels)
    assert planes.bars.bottom > 0.3
    assert true_bars(planes.half, planes.bars)[:2] == (planes.bars.top, 0)


def test_a_frame_of_one_tone_around_a_picture_is_one():
    framed = np.pad(photo(SIDE, SIDE, 3), ((30, 30), (40, 40), (0, 0)), constant_values=240)
    planes = Pyramid.of(framed)
    assert true_bars(planes.half, planes.bars) == planes.bars
    assert min(planes.bars) > 0.05


def test_rows_that_a_bar_covers_in_part_are_the_bars():
    rows = np.arange(10.0)[:, None].repeat(10, 1)
    assert figure.within(rows, Bars(0.21, 0.2, 0, 0))[:, 0].tolist() == [3, 4, 5, 6, 7]
    assert figure.within(rows, Bars(0.6, 0.6, 0, 0)).shape == (10, 10)


def test_structure_of_one_kind_has_no_entropy_and_noise_has_nearly_all():
    flat, random = np.full((64, 64), 40, np.float32), np.random.default_rng(0)
    assert pattern_entropy(flat) == 0
    assert structure_entropy(flat) is None
    stripes = np.tile(np.array([10, 10, 60, 60], np.float32), (64, 16))
    noise = random.uniform(0, 100, (64, 64)).astype(np.float32)
    assert pattern_entropy(stripes) == pytest.approx(1 / np.log2(10))  # half have three lighter neighbours, half none
    assert pattern_entropy(noise) > 0.7
    assert pattern_entropy(np.rot90(noise)) == pytest.approx(pattern_entropy(noise), abs=1e-9)


def test_a_pattern_is_uniform_where_its_lighter_neighbours_lie_side_by_side():
    assert np.bincount(_KIND).tolist() == [1, 8, 8, 8, 8, 8, 8, 8, 1, 256 - 58]


def test_texture_is_that_of_the_part_that_has_some():
    noise = np.random.default_rng(0).uniform(0, 100, (64, 256)).astype(np.float32)
    part = np.where(np.arange(256) < 64, noise, np.float32(0))
    assert structure_entropy(noise) == pattern_entropy(noise)
    assert structure_entropy(part) == pytest.approx(structure_entropy(noise), abs=0.03)
    assert pattern_entropy(part) < 0.7 * structure_entropy(part)


def apart(first, other):
    """Fields in which two results differ by more than their tolerance."""
    wrong = {}
    for name, value in first.items():
        plain = isinstance(value, (str, Missing)) or isinstance(other[name], Missing)
        if value != other[name] if plain else abs(value - other[name]) > FIELDS[name].tolerance:
            wrong[name] = value, other[name]
    return wrong


@pytest.mark.parametrize("boxes", [(), (BOX,)], ids=["what stands out", "a face"])
@pytest.mark.parametrize("name", ART)
def test_two_resolutions_of_one_picture_agree_within_the_stated_tolerance(name, boxes):
    first, *others = (seen(STAGE, ART[name](side), *boxes) for side in (2000, 1280, 800))
    assert not [wrong for other in others if (wrong := apart(first, other))]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("boxes", [(), (BOX,), ((0.0, 0.0, 1.0, 1.0),), ((0.99, 0.0, 1.0, 1.0),)])
def test_hostile_pictures_have_values_in_range(name, boxes):
    within(HOSTILE[name], *boxes)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32), st.sampled_from([2, 16, 256]), st.booleans())
def test_any_picture_has_values_in_range(height, width, seed, levels, faced):
    random = np.random.default_rng(seed)
    pixels = (random.integers(0, levels, (height, width, 3)) * (255 // (levels - 1))).astype(np.uint8)
    within(pixels, *[BOX][:faced])


def within(pixels, *boxes):
    for name, value in seen(STAGE, pixels, *boxes).items():
        if not isinstance(value, (str, Missing)):
            assert FIELDS[name].low <= value <= FIELDS[name].high, name
