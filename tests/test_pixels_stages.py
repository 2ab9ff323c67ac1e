"""What holds for every field of the stages light and composition: range, tolerance, hostile pictures, independence."""

import io
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import photo
from PIL import Image
from skimage import data

from artvision.contract import Missing
from artvision.image import Picture
from artvision.settings import Settings
from artvision.stages.composition import Composition
from artvision.stages.light import Light

STAGES = (Light(Settings()), Composition(Settings()))
FIELDS = {field.name: field for stage in STAGES for field in stage.fields()}


def grace_hopper():
    return np.asarray(Image.open(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg").convert("RGB"))


def picture(pixels):
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def values(pixels):
    shown = picture(pixels)
    return {name: value for stage in STAGES for name, value in stage.run([shown], {})[0].values.items()}


def scaled(pixels, long_side):
    size = [max(1, round(edge * long_side / max(pixels.shape[:2]))) for edge in (pixels.shape[1], pixels.shape[0])]
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def drawn(side):
    """Generated art: graduated sky, hard-edged shapes, bars."""
    image = photo(side, round(side * 9 / 16), seed=5)
    y, x = np.indices(image.shape[:2]) / side
    image[(x + y > 0.7) & (x + y < 0.78)] = (250, 240, 20)
    image[np.hypot(x - 0.3, y - 0.2) < 0.09] = (10, 10, 12)
    image[(y < 0.05) | (y > 9 / 16 - 0.05)] = 0
    return image


def scene(seed):
    """Art that is drawn anew at each resolution, without a pixel grid of its own."""
    return lambda side: photo(side, round(side * 9 / 16), seed)


def enlarged(load):
    """A photograph, enlarged to 2000 and reduced from there."""
    large = cache(lambda: scaled(load(), 2000))
    return lambda side: scaled(large(), side)


ART = {
    **{
        load.__name__: enlarged(load)
        for load in (data.astronaut, data.chelsea, data.coffee, data.rocket, data.hubble_deep_field, grace_hopper)
    },
    "drawn": enlarged(lambda: drawn(1600)),
    **{f"scene {seed}": scene(seed) for seed in (0, 1, 3)},
}


@pytest.mark.parametrize("name", ART)
def test_two_resolutions_of_one_picture_agree_within_the_stated_tolerance(name):
    first, *others = (values(ART[name](side)) for side in (2000, 1280, 800))
    apart = {}
    for other in others:
        for field, value in first.items():
            if isinstance(value, Missing) or isinstance(other[field], Missing):
                same = value is other[field]
            else:
                same = abs(value - other[field]) <= FIELDS[field].tolerance
            if not same:
                apart[field] = (value, other[field])
    assert not apart


def test_every_field_states_a_tolerance_within_a_tenth_of_its_range():
    for field in FIELDS.values():
        assert 0 < field.tolerance <= 0.1 * (field.high - field.low), field.name


def within(pixels):
    found = values(pixels)
    assert set(found) == set(FIELDS)
    for name, value in found.items():
        assert isinstance(value, (float, Missing)), name
        if not isinstance(value, Missing):
            assert FIELDS[name].low <= value <= FIELDS[name].high, name
    return found


HOSTILE = {
    "one pixel": np.full((1, 1, 3), 77, np.uint8),
    "one row": np.random.default_rng(0).integers(0, 256, (1, 500, 3), np.uint8),
    "one column": np.random.default_rng(0).integers(0, 256, (500, 1, 3), np.uint8),
    "ribbon": np.random.default_rng(0).integers(0, 256, (3000, 2, 3), np.uint8),
    "level ribbon": np.random.default_rng(0).integers(0, 256, (2, 3000, 3), np.uint8),
    "black": np.zeros((300, 400, 3), np.uint8),
    "white": np.full((300, 400, 3), 255, np.uint8),
    **{
        f"only {rgb}": np.full((120, 90, 3), rgb, np.uint8)
        for rgb in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255))
    },
    "noise": np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8),
    "black or white noise": np.random.default_rng(0).integers(0, 2, (512, 512, 1), np.uint8).repeat(3, axis=2) * 255,
    "checkerboard": (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2),
    "one bright pixel": np.pad(np.full((1, 1, 3), 255, np.uint8), ((200, 200), (300, 300), (0, 0))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_have_values_in_range(name):
    within(HOSTILE[name])


@pytest.mark.parametrize("name", ["one pixel", "black", "white", "only (0, 0, 255)"])
def test_a_uniform_picture_has_no_subject_no_tilt_and_all_the_room(name):
    found = within(HOSTILE[name])
    for field in (
        "focus_x",
        "balance_x",
        "centering",
        "thirds_points",
        "thirds_lines",
        "symmetry_x",
        "diagonal",
        "tilt",
        "shallow_focus",
    ):
        assert found[f"composition.{field}"] is Missing.NOT_APPLICABLE
    assert found["composition.empty_area"] == found["composition.empty_share"] == 1
    assert found["composition.clutter"] == found["detail.entropy"] == found["detail.noise"] == 0
    assert found["light.contrast"] == pytest.approx(0, abs=1e-4)
    assert [found[f"composition.bar_{side}"] for side in ("top", "bottom", "left", "right")] == [0, 0, 0, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32), st.sampled_from([1, 2, 16, 256]))
def test_any_picture_has_values_in_range(height, width, seed, levels):
    random = np.random.default_rng(seed)
    pixels = (random.integers(0, levels, (height, width, 3)) * (255 // max(1, levels - 1))).astype(np.uint8)
    assert within(pixels) == within(pixels.copy())


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_result_is_its_own_pictures_alone(stage):
    pixels = [data.coffee(), HOSTILE["noise"], HOSTILE["black"], data.rocket(), HOSTILE["one row"]]
    alone = [stage.run([picture(one)], {})[0] for one in pixels]
    together = stage.run([picture(one) for one in pixels], {})
    backwards = stage.run([picture(one) for one in reversed(pixels)], {})[::-1]
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(lambda one: stage.run([picture(one)], {})[0], pixels * 3))
    assert alone == together == backwards
    assert threads == alone * 3


def test_a_picture_of_its_own_size_may_be_read_only():
    pixels = np.ascontiguousarray(data.astronaut())
    pixels.flags.writeable = False
    assert values(pixels) == values(pixels.copy())


def test_jpeg_of_good_quality_changes_little():
    buffer = io.BytesIO()
    Image.fromarray(data.coffee()).save(buffer, "JPEG", quality=95)
    before, after = values(data.coffee()), values(np.asarray(Image.open(buffer)))
    for name in ("light.brightness", "color.warmth", "composition.focus_x", "composition.clutter"):
        assert after[name] == pytest.approx(before[name], abs=0.02 * (FIELDS[name].high - FIELDS[name].low))
