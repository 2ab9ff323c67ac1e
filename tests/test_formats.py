import sys
import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pictures import (
    BLUE,
    FRIENDLY,
    GREEN,
    GREY,
    HOSTILE,
    RED,
    close,
    corners,
    cosine,
    encode,
    jpeg,
    look,
    photo,
    quarters,
)
from PIL import Image

from artvision.decoding.formats import recognise
from artvision.errors import DecodeError


def refusal(data, name="x", **options):
    with pytest.raises(DecodeError) as caught:
        look(data, name, **options)
    message = str(caught.value)
    assert message.startswith(name + ": ")
    assert "\n" not in message
    return caught.value


@pytest.mark.parametrize("name", FRIENDLY)
def test_every_friendly_file_becomes_srgb_pixels(name):
    picture = look(FRIENDLY[name](), name)
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape == (picture.height, picture.width, 3)
    assert not picture.pixels.flags.writeable


@pytest.mark.parametrize("name", [name for name in FRIENDLY if name.startswith(("photo", "progressive", "lzw"))])
def test_all_formats_show_the_same_scene(name):
    assert cosine(look(FRIENDLY[name](), name).pixels, photo()) > 0.999


@pytest.mark.parametrize("name", HOSTILE)
def test_every_hostile_file_is_refused_with_its_reason(name):
    make, reason = HOSTILE[name]
    assert refusal(make(), name).reason == reason


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("animated.gif", "first of 12 frames"),
        ("animated.webp", "first of 12 frames"),
        ("animated.png", "first of 12 frames"),
        ("pages.tif", "first of 3 pages"),
    ],
)
def test_the_first_frame_is_taken_and_said_so(name, note):
    picture = look(FRIENDLY[name]())
    assert note in picture.notes
    assert close(picture.pixels, RED)


def test_a_wrong_extension_is_said_so():
    assert "the name says otherwise, but it is PNG" in look(encode(corners()), "poster.JPG").notes
    for name in ("poster.png", "poster", "poster.v2", "s3-key"):
        assert look(encode(corners()), name).notes == ()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "AVIF"])
def test_pillows_own_limit_neither_binds_nor_moves(format_, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1500)  # warns above, refuses above 3000
    data = encode(corners(60, 40), format_)
    assert look(data).width == 60
    assert Image.MAX_IMAGE_PIXELS == 1500


def test_the_cap_is_held_against_the_header():
    data = encode(corners(100, 50))
    assert look(data, max_pixels=5000).width == 100
    error = refusal(data, max_pixels=4999)
    assert error.reason == "too_many_pixels"
    assert "100 × 50" in str(error)
    assert "--max-megapixels" in str(error)


def test_odd_exif_neither_warns_nor_moves_a_pixel():
    tags = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + b"\x0e\x01\x02\0\xff\xff\0\0\xff\xff\0\0" + bytes(4)
    data = jpeg(corners(), exif=tags)
    with pytest.warns(UserWarning, match="EXIF|Tag data|File Read"):
        Image.open(BytesIO(data)).getexif()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert close(quarters(look(data)), [RED, GREEN, BLUE, GREY])


def test_heic_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif.as_plugin", None)
    error = refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    assert error.reason == "format"
    assert "pip install 'artvision[heic]'" in str(error)


SEEDS = {name: FRIENDLY[name]() for name in FRIENDLY if not name.startswith(("photo", "progressive", "lzw", "ribbon"))}
SEEDS |= {
    f"{kind}.small": encode(photo(24, 16), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
}


def outcome_of(data, name):
    try:
        return "picture" if look(data, name, max_pixels=1_000_000).pixels.ndim == 3 else "no array"
    except DecodeError as error:
        return error.reason if str(error).splitlines()[0] == str(error) else "more than a line"


REASONS = {"empty", "format", "truncated", "corrupt", "too_many_pixels"}


@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0, 1),
)
@example("turned.jpg", [], 0.0)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_bytes_give_a_picture_or_a_decode_error(name, edits, cut):
    data = bytearray(SEEDS[name])
    for where, value in edits:
        data[int(where * (len(data) - 1))] = value
    if cut > 0.5:
        del data[int(cut * len(data)) :]
    outcome = outcome_of(bytes(data), name)
    assert outcome in REASONS or outcome == "picture"


@pytest.mark.parametrize(
    ("name", "reason"), [("a.avif", "format"), ("a.HEIC", "format"), ("a", "film"), ("a.jpg", "film")]
)
def test_boxes_of_an_unknown_brand_are_a_film_unless_the_name_says_a_picture(name, reason):
    with pytest.raises(DecodeError) as caught:
        recognise(b"\0\0\0\x1cftypavix\0\0\0\0" + bytes(64), name)
    assert caught.value.reason == reason
