import numpy as np
import pytest
from pictures import (
    BACKGROUND,
    BLUE,
    FRIENDLY,
    GREEN,
    GREY,
    RED,
    close,
    cmyk_profile,
    corners,
    encode,
    grey_profile,
    jpeg,
    look,
    quarters,
    srgb_profile,
    swapped_profile,
)
from PIL import Image, ImageChops


@pytest.mark.parametrize(
    "name", sorted(FRIENDLY.keys() & {"palette.png", "cmyk.jpg", "cmyk.tif", "ycbcr.tif", "lab.tif", "turned.jpg"})
)
def test_colours_survive_every_mode(name):
    within = 20 if name == "lab.tif" else 6  # Lab in 8 bits is coarse, and the red lies at the edge
    assert close(quarters(look(FRIENDLY[name]())), [RED, GREEN, BLUE, GREY], within)


@pytest.mark.parametrize("name", ["clear_palette.png", "alpha.png", "alpha.webp"])
def test_the_background_shows_through_alpha(name):
    picture = look(FRIENDLY[name]())
    assert close(quarters(picture), [RED, GREEN, BLUE, BACKGROUND])
    assert "transparent parts over #0ac81e" in picture.notes


def test_an_opaque_alpha_channel_is_no_news():
    pixels = np.dstack([corners(), np.full((48, 64), 255, np.uint8)])
    assert look(encode(Image.fromarray(pixels))).notes == ()


def test_half_transparent_is_half_background():
    pixels = np.full((20, 30, 4), (200, 0, 0, 128), np.uint8)
    assert close(look(encode(Image.fromarray(pixels)), background=(0, 0, 100)).pixels[0, 0], (100, 0, 50), 1)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif", "integer.tif", "float.tif"])
def test_deep_grey_is_scaled_by_its_type(name):
    row = look(FRIENDLY[name]()).pixels[0, :, 0].astype(int)
    assert close(row, np.round(np.linspace(0, 255, 64)), 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([0.0, 32767.5, 65535.0], [0, 128, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([5.0, 5.0, 5.0], [5, 5, 5]),
        ([np.nan, 1.0, 0.5], [0, 255, 128]),
    ],
)
def test_float_grey_without_a_stated_white(values, expected):
    data = encode(Image.fromarray(np.array([values], np.float32)), "TIFF")
    assert look(data).pixels[0, :, 0].tolist() == expected


def test_a_profile_is_converted_to_srgb():
    picture = look(FRIENDLY["swapped.jpg"]())
    assert close(quarters(picture), [RED[::-1], GREEN[::-1], BLUE[::-1], GREY], 8)
    assert any("converted to sRGB" in note for note in picture.notes)


def test_a_profile_that_is_srgb_moves_no_pixel():
    data = jpeg(corners())
    tagged = look(jpeg(corners(), icc_profile=srgb_profile()))
    assert np.array_equal(tagged.pixels, look(data).pixels)
    assert tagged.notes == ()


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_applied(mode):
    pixels = Image.new("L", (16, 16), 128).convert(mode)
    value = int(look(encode(pixels, icc_profile=grey_profile(1.0))).pixels[0, 0, 0])
    assert value == pytest.approx(188, abs=1)  # linear 0.502 in sRGB's curve, IEC 61966-2-1


def test_a_cmyk_profile_is_applied():
    inks = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    picture = look(jpeg(inks, icc_profile=cmyk_profile()))
    assert close(picture.pixels[16, 16], (255, 0, 0), 12)
    assert picture.notes == ("inks of a test converted to sRGB",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: jpeg(corners(), icc_profile=b"no profile"), "ignored"),
        (lambda: jpeg(corners(), icc_profile=cmyk_profile()), "is for CMYK, the pixels are RGB"),
        (lambda: jpeg(corners(), icc_profile=swapped_profile()[:300]), "ignored"),
    ],
)
def test_a_profile_that_does_not_fit_is_noted_and_ignored(data, said):
    picture = look(data())
    assert close(quarters(picture), [RED, GREEN, BLUE, GREY])
    assert any(said in note for note in picture.notes)


def test_cmyk_without_adobes_marker_is_not_inverted():
    data = jpeg(ImageChops.invert(Image.fromarray(corners()).convert("CMYK")))
    marker = data.index(b"\xff\xee")
    bare = data[:marker] + data[marker + 2 + int.from_bytes(data[marker + 2 : marker + 4], "big") :]
    assert close(quarters(look(bare)), [RED, GREEN, BLUE, GREY])
    assert not close(quarters(look(data)), [RED, GREEN, BLUE, GREY], 50)
