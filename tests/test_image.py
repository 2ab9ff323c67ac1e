import os
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pictures
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pictures import BLUE, FRIENDLY, GREEN, GREY, HOSTILE, RED, corners, encode, jpeg, oriented, photo

from artvision.errors import DecodeError
from artvision.image import Picture, decode, default_max_pixels, read_bytes, resize

BACKGROUND = (10, 200, 30)


def look(data, name="x", long_side=960, short_side=256, max_pixels=100_000_000, background=BACKGROUND):
    return decode(data, name=name, long_side=long_side, short_side=short_side, max_pixels=max_pixels, background=background)


def refusal(data, name="x", **options):
    with pytest.raises(DecodeError) as caught:
        look(data, name, **options)
    message = str(caught.value)
    assert message.startswith(name + ": ")
    assert "\n" not in message
    return caught.value


def quarters(picture):
    """The colours in the middle of the four quarters, reading order."""
    height, width = picture.pixels.shape[:2]
    return [picture.pixels[y, x] for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]


def close(pixels, expected, within=6):
    return np.abs(np.asarray(pixels, int) - np.asarray(expected, int)).max() <= within


def cosine(one, other):
    one, other = (np.asarray(a, float).ravel() for a in (one, other))
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


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


@pytest.mark.parametrize("name", ["palette.png", "cmyk.jpg", "cmyk.tif", "ycbcr.tif", "lab.tif", "turned.jpg"])
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
    [([0.0, 0.5, 1.0], [0, 128, 255]), ([0.0, 100.0, 255.0], [0, 100, 255]), ([0.0, 32767.5, 65535.0], [0, 128, 255]),
     ([-1.0, 0.0, 1.0], [0, 128, 255]), ([5.0, 5.0, 5.0], [5, 5, 5]), ([np.nan, 1.0, 0.5], [0, 255, 128])],
)
def test_float_grey_without_a_stated_white(values, expected):
    data = encode(Image.fromarray(np.array([values], np.float32)), "TIFF")
    assert look(data).pixels[0, :, 0].tolist() == expected


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(orientation, format_):
    picture = look(oriented(orientation, format_))
    assert (picture.width, picture.height) == (64, 48)
    assert picture.pixels.shape == (48, 64, 3)
    assert close(quarters(picture), [RED, GREEN, BLUE, GREY], 12)


def test_orientation_and_reduction_go_together():
    image = Image.fromarray(photo(1200, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif.tobytes())
    picture = look(data, long_side=500, short_side=10)
    assert (picture.width, picture.height) == (1200, 2000)
    assert picture.pixels.shape == (500, 300, 3)
    assert cosine(picture.pixels, photo(300, 500)) > 0.999


def test_a_profile_is_converted_to_srgb():
    picture = look(FRIENDLY["swapped.jpg"]())
    assert close(quarters(picture), [RED[::-1], GREEN[::-1], BLUE[::-1], GREY], 8)
    assert any("converted to sRGB" in note for note in picture.notes)


def test_a_profile_that_is_srgb_moves_no_pixel():
    data = jpeg(corners())
    tagged = look(jpeg(corners(), icc_profile=pictures.srgb_profile()))
    assert np.array_equal(tagged.pixels, look(data).pixels)
    assert tagged.notes == ()


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_applied(mode):
    pixels = Image.new("L", (16, 16), 128).convert(mode)
    value = int(look(encode(pixels, icc_profile=pictures.grey_profile(1.0))).pixels[0, 0, 0])
    assert value == pytest.approx(188, abs=1)  # linear 0.502 in sRGB's curve, IEC 61966-2-1


def test_a_cmyk_profile_is_applied():
    inks = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    picture = look(jpeg(inks, icc_profile=pictures.cmyk_profile()))
    assert close(picture.pixels[16, 16], (255, 0, 0), 12)
    assert picture.notes == ("inks of a test converted to sRGB",)


@pytest.mark.parametrize(
    ("data", "said"),
    [(lambda: jpeg(corners(), icc_profile=b"no profile"), "ignored"),
     (lambda: jpeg(corners(), icc_profile=pictures.cmyk_profile()), "is for CMYK, the pixels are RGB"),
     (lambda: jpeg(corners(), icc_profile=pictures.swapped_profile()[:300]), "ignored")],
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


@pytest.mark.parametrize(("name", "note"), [
    ("animated.gif", "first of 12 frames"), ("animated.webp", "first of 12 frames"),
    ("animated.png", "first of 12 frames"), ("pages.tif", "first of 3 pages"),
])
def test_the_first_frame_is_taken_and_said_so(name, note):
    picture = look(FRIENDLY[name]())
    assert note in picture.notes
    assert close(picture.pixels, RED)


def test_a_wrong_extension_is_said_so():
    assert "the name says otherwise, but it is PNG" in look(encode(corners()), "poster.JPG").notes
    for name in ("poster.png", "poster", "poster.v2", "s3-key"):
        assert look(encode(corners()), name).notes == ()


def test_the_cap_is_held_against_the_header():
    data = encode(corners(100, 50))
    assert look(data, max_pixels=5000).width == 100
    error = refusal(data, max_pixels=4999)
    assert error.reason == "too_many_pixels"
    assert "100 × 50" in str(error)
    assert "--max-megapixels" in str(error)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "AVIF"])
def test_pillows_own_limit_neither_binds_nor_moves(format_, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1500)  # warns above, refuses above 3000
    data = encode(corners(60, 40), format_)
    assert look(data).width == 60
    assert Image.MAX_IMAGE_PIXELS == 1500


@pytest.mark.parametrize(
    ("size", "need", "expected"),
    [((1920, 1080), (960, 256), (960, 540)), ((1080, 1920), (960, 256), (540, 960)), ((400, 300), (960, 256), (400, 300)),
     ((2000, 400), (960, 256), (1280, 256)), ((700, 700), (10, 20), (20, 20)), ((900, 2), (300, 50), (900, 2)),
     ((1921, 1081), (960, 256), (960, 540)), ((500, 1), (1, 1), (500, 1))],
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_the_working_copy_is_the_smallest_that_is_enough(size, need, expected, format_):
    picture = look(encode(photo(*size), format_), long_side=need[0], short_side=need[1])
    assert picture.pixels.shape[1::-1] == expected
    assert (picture.width, picture.height) == size


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_both_needs_are_met_where_the_original_can(width, height, long_side, short_side):
    data = encode(np.zeros((height, width, 3), np.uint8), "JPEG")
    seen = look(data, long_side=long_side, short_side=short_side).pixels.shape[:2]
    assert max(seen) >= min(long_side, max(width, height))
    assert min(seen) >= min(short_side, min(width, height))
    assert max(seen) <= max(width, height)


def test_dct_scaling_agrees_with_the_plain_decode():
    data = encode(photo(1920, 1080, noise=4), "JPEG", quality=90)
    plain = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    mine, reference = resize(look(data).pixels, 256), resize(plain, 256)
    assert cosine(mine, reference) > 0.9999


def test_two_resolutions_of_one_art_agree():
    seen = [look(encode(photo(*size), "JPEG", quality=92)).at(512) for size in ((3840, 2160), (1920, 1080), (1280, 720))]
    for other in seen[1:]:
        assert np.abs(seen[0].astype(int) - other).mean() < 1.0


def test_a_size_is_made_once_and_kept():
    picture = look(encode(photo(800, 400)))
    assert picture.at(512) is picture.at(512)
    assert picture.at(512).shape == (256, 512, 3)
    assert picture.at(800) is picture.pixels


def test_threads_see_the_same_bytes():
    names = [name for name in FRIENDLY if not name.startswith("ribbon")]
    files = {name: FRIENDLY[name]() for name in names}
    alone = {name: look(data, name, 200, 50) for name, data in files.items()}
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda name: (name, look(files[name], name, 200, 50)), names * 4))
    for name, picture in together:
        assert np.array_equal(picture.pixels, alone[name].pixels), name
        assert picture.notes == alone[name].notes


def test_odd_exif_neither_warns_nor_moves_a_pixel():
    tags = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + b"\x0e\x01\x02\0\xff\xff\0\0\xff\xff\0\0" + bytes(4)
    data = jpeg(corners(), exif=tags)
    with pytest.warns(UserWarning):
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
SEEDS |= {f"small.{kind}": encode(photo(24, 16), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")}


@given(st.sampled_from(sorted(SEEDS)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8), st.floats(0, 1))
@example("turned.jpg", [], 0.0)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_bytes_give_a_picture_or_a_decode_error(name, edits, cut):
    data = bytearray(SEEDS[name])
    for where, value in edits:
        data[int(where * (len(data) - 1))] = value
    if cut > 0.5:
        del data[int(cut * len(data)) :]
    try:
        picture = look(bytes(data), name, max_pixels=1_000_000)
    except DecodeError as error:
        assert error.reason in {"empty", "format", "truncated", "corrupt", "too_many_pixels"}
        assert "\n" not in str(error)
    else:
        assert isinstance(picture, Picture)
        assert picture.pixels.ndim == 3


def test_reading_gives_the_bytes(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    assert read_bytes(str(path)) == b"abc"
    assert read_bytes(str(path), max_bytes=3) == b"abc"


def _fifo(path):
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [(lambda path: None, "missing"), (lambda path: path.mkdir(), "directory"), (lambda path: path.touch(), "empty"),
     (lambda path: path.symlink_to(path), "unreadable"), (_fifo, "unreadable"),
     (lambda path: path.write_bytes(bytes(11)), "too_large"), (lambda path: path.parent.rmdir(), "missing")],
)
def test_reading_names_what_is_wrong(tmp_path, prepare, reason):
    path = tmp_path / "in" / "poster.jpg"
    path.parent.mkdir()
    prepare(path)
    with pytest.raises(DecodeError) as caught:
        read_bytes(str(path), max_bytes=10)
    assert caught.value.reason == reason
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(("path", "reason"), [
    ("s3://bucket/a.jpg", "unsupported"), ("https://host/a.jpg", "unsupported"), ("a\0b.jpg", "unreadable"),
    ("x" * 5000 + ".jpg", "unreadable"),
])
def test_reading_odd_names(path, reason):
    with pytest.raises(DecodeError) as caught:
        read_bytes(path)
    assert caught.value.reason == reason


def test_the_cap_follows_the_memory(monkeypatch):
    class Memory:
        available = 16_000_000_000

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    assert default_max_pixels(1) == 500_000_000
    assert default_max_pixels(4) == 125_000_000
    assert default_max_pixels(0) == default_max_pixels(1)
    Memory.available = 10_000_000
    assert default_max_pixels(4) == 20_000_000


def test_decoding_starts_no_thread():
    before = threading.active_count()
    look(FRIENDLY["photo.jpg"]())
    assert threading.active_count() == before
