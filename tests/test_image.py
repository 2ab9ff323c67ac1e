import os
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import BLUE, FRIENDLY, GREEN, GREY, RED, close, cosine, encode, look, oriented, photo, quarters
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from artvision.decoding.resample import resample
from artvision.errors import DecodeError
from artvision.image import default_max_pixels, read_bytes, resize


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


@pytest.mark.parametrize(
    ("size", "need", "expected"),
    [
        ((960, 540), (480, 128), (480, 270)),
        ((540, 960), (480, 128), (270, 480)),
        ((400, 300), (960, 256), (400, 300)),
        ((1000, 200), (480, 128), (640, 128)),
        ((700, 700), (10, 20), (20, 20)),
        ((900, 2), (300, 50), (900, 2)),
        ((961, 541), (480, 128), (480, 270)),
        ((500, 1), (1, 1), (500, 1)),
        ((300, 200), (0, 0), (300, 200)),
        ((300, 200), (0, 20), (30, 20)),
    ],
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
    assert min(seen) >= min(short_side, width, height)
    assert max(seen) <= max(width, height)


def test_dct_scaling_agrees_with_the_plain_decode():
    data = encode(photo(1920, 1080, noise=4), "JPEG", quality=90)
    plain = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    mine, reference = resize(look(data).pixels, 256), resize(plain, 256)
    assert cosine(mine, reference) > 0.9999


@pytest.mark.parametrize(
    ("size", "need", "asked"),
    [
        ((1920, 1080), (960, 256), (960, 540)),
        ((3840, 2160), (960, 256), (960, 540)),
        ((1919, 1080), (960, 256), (1919, 1080)),
        ((900, 900), (100, 100), (112, 112)),
        ((2000, 400), (960, 256), (2000, 400)),
    ],
)
def test_the_jpeg_scales_itself_as_far_as_it_may(monkeypatch, size, need, asked):
    seen = []
    monkeypatch.setattr(JpegImageFile, "draft", lambda _, mode, size: seen.append(size))
    look(encode(Image.new("RGB", size), "JPEG"), long_side=need[0], short_side=need[1])
    assert seen == [asked]


def test_dct_scaling_leaves_the_short_side_its_detail():
    data = encode(photo(1200, 240, noise=25), "JPEG", quality=95)
    plain = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    seen = look(data, long_side=500, short_side=200).pixels
    assert np.abs(seen.astype(int) - resample(plain, (1000, 200))).mean() < 1.0


def test_two_resolutions_of_one_art_agree():
    sizes = (2400, 1350), (1200, 675), (800, 450)
    seen = [look(encode(photo(*size), "JPEG", quality=92), long_side=600).at(320) for size in sizes]
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
    alone = {name: look(data, name, long_side=200, short_side=50) for name, data in files.items()}
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda name: (name, look(files[name], name, long_side=200, short_side=50)), names * 4))
    for name, picture in together:
        assert np.array_equal(picture.pixels, alone[name].pixels), name
        assert picture.notes == alone[name].notes


def test_reading_gives_the_bytes(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    assert read_bytes(str(path)) == b"abc"
    assert read_bytes(str(path), max_bytes=3) == b"abc"


def _fifo(path):
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda path: None, "missing"),
        (lambda path: path.mkdir(), "directory"),
        (lambda path: path.touch(), "empty"),
        (lambda path: path.symlink_to(path), "unreadable"),
        (_fifo, "unreadable"),
        (lambda path: path.write_bytes(bytes(11)), "too_large"),
        (lambda path: path.parent.rmdir(), "missing"),
    ],
)
def test_reading_names_what_is_wrong(tmp_path, prepare, reason):
    path = tmp_path / "in" / "poster.jpg"
    path.parent.mkdir()
    prepare(path)
    with pytest.raises(DecodeError) as caught:
        read_bytes(str(path), max_bytes=10)
    assert caught.value.reason == reason
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("ftp://host/a.jpg", "unsupported"),
        ("zip::s3://bucket/a.zip", "unsupported"),
        ("a\0b.jpg", "unreadable"),
        ("x" * 5000 + ".jpg", "unreadable"),
    ],
)
def test_reading_odd_names(path, reason):
    with pytest.raises(DecodeError) as caught:
        read_bytes(path)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("free", "limit", "workers", "expected"),
    [
        (16_000_000_000, None, 1, 500_000_000),
        (16_000_000_000, "max\n", 4, 125_000_000),
        (16_000_000_000, "3200000000\n", 4, 25_000_000),
        (3_200_000_000, "16000000000\n", 2, 50_000_000),
        (16_000_000_000, None, 0, 500_000_000),
        (10_000_000, None, 4, 20_000_000),
    ],
)
def test_the_cap_follows_the_memory(monkeypatch, tmp_path, free, limit, workers, expected):
    if limit is not None:
        (tmp_path / "limit").write_text(limit)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=free))
    monkeypatch.setattr("artvision.image.CONTAINER_LIMIT", tmp_path / "limit")
    assert default_max_pixels(workers) == expected


def test_decoding_starts_no_thread():
    before = threading.active_count()
    look(FRIENDLY["photo.jpg"]())
    assert threading.active_count() == before
