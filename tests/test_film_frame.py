"""The picture at a moment: exactly that frame, in the right colours, upright, of square pixels."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest

av = pytest.importorskip("av", reason="the extra `video` is not installed")

from films import film, painted, steady  # noqa: E402 - they need the extra
from PIL import Image  # noqa: E402

from artvision.errors import DecodeError  # noqa: E402
from artvision.film.address import Moment  # noqa: E402
from artvision.film.frame import still_bytes  # noqa: E402
from artvision.film.tones import to_pq  # noqa: E402

CAP = 10**8
BARS = [(255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)]


def picture(path, time):
    return np.asarray(Image.open(BytesIO(still_bytes(Moment(str(path), Fraction(time)), CAP))))


def marked(number):
    """A picture whose brightness says which it is."""
    return np.full((96, 160, 3), 8 + 5 * number, np.uint8)


def which(pixels):
    return round((float(pixels.mean()) - 8) / 5)


def plain(path, pixels, **options):
    return film(path, [pixels] * 4, codec="libx264", crf="1", **options)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
@pytest.mark.parametrize("gop", ["1", "12", "250"])
def test_every_frame_is_found_by_its_time(tmp_path, ending, gop):
    codec = "mpeg2video" if ending == "ts" else "mpeg4"
    path = film(
        tmp_path / f"a.{ending}",
        [marked(n) for n in range(48)],
        codec=codec,
        g=gop,
        base=Fraction(1, 24),
        qmin="1",
        qmax="1",
    )
    for number in (0, 1, 11, 12, 13, 30, 47):
        assert which(picture(path, steady(48)[number])) == number


CODED = {
    "closed": ("libx264", {"g": "48", "bf": "3", "qp": "4"}),
    "open": ("libx264", {"g": "12", "bf": "3", "qp": "4", "x264-params": "open-gop=1"}),
    "hevc": ("libx265", {"x265-params": "keyint=12:qp=4:log-level=none"}),
}


@pytest.mark.parametrize(("codec", "options"), CODED.values(), ids=CODED)
def test_frames_that_are_shown_out_of_their_coded_order_are_found(tmp_path, codec, options):
    path = film(tmp_path / "a.mp4", [marked(n) for n in range(48)], codec=codec, **options)
    assert [which(picture(path, time)) for time in steady(48)[::5]] == list(range(48))[::5]


def test_the_frame_on_the_screen_is_shown_until_the_next(tmp_path):
    path = film(tmp_path / "a.mkv", [marked(n) for n in range(5)], [0, 0.1, 0.5, 3, 3.2])
    asked = (0, 0.09, 0.1, 0.3, 0.499, 0.4996, 2.9, 3, 3.1, 4)
    assert [which(picture(path, time)) for time in asked] == [0, 0, 1, 1, 1, 2, 2, 3, 3, 4]


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_frame_that_stands_for_long_is_shown_though_no_other_is_made_from_it(tmp_path, ending):
    """Decoders may leave such frames out on the way to a later one."""
    times = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 3.0, 3.1, 3.2, 6.0, 6.1]
    path = film(
        tmp_path / f"a.{ending}", [marked(n) for n in range(12)], times, codec="libx264", bf="3", qp="4", g="48",
        **{"x264-params": "b-adapt=0:b-pyramid=none"},
    )  # fmt: skip
    assert [which(picture(path, time)) for time in (1, 2.9, 3.25, 5.9)] == [6, 6, 9, 9]


def test_beyond_the_end_there_is_nothing(tmp_path):
    path = film(tmp_path / "a.mkv", [marked(n) for n in range(5)])
    with pytest.raises(DecodeError, match=r"it ends at 00:00:00\.167, before 00:01:40\.000") as caught:
        picture(path, 100)
    assert caught.value.reason == "missing"


def test_whatever_a_library_raises_is_a_failed_picture(tmp_path, monkeypatch):
    path = plain(tmp_path / "a.mp4", painted(1))
    for raised, reason in ((ValueError("odd"), "corrupt"), (MemoryError(), "memory")):
        monkeypatch.setattr("artvision.film.frame.upright", lambda *_, raised=raised: (_ for _ in ()).throw(raised))
        with pytest.raises(DecodeError, match=r"a\.mp4: ") as caught:
            picture(path, 0)
        assert caught.value.reason == reason


def test_the_same_moment_is_the_same_bytes(tmp_path):
    path = plain(tmp_path / "a.mp4", painted(1))
    assert len({still_bytes(Moment(str(path), Fraction(0)), CAP) for _ in range(3)}) == 1


UNSAID = [("none", 2, size) for size in ((160, 96), (1024, 576), (1280, 536), (480, 578))]
SPACES = [("bt709", 1, (160, 96)), ("smpte170m", 6, (160, 96)), *UNSAID]


@pytest.mark.parametrize("range_", [1, 2], ids=["limited", "full"])
@pytest.mark.parametrize(("name", "space", "size"), SPACES)
def test_colour_bars_and_a_grey_ramp_come_back(tmp_path, name, space, size, range_):
    width, height = size
    art = np.zeros((height, width, 3), np.uint8)
    art[: height // 2] = np.repeat(np.array(BARS, np.uint8), width // 8, axis=0)
    art[height // 2 :] = np.linspace(0, 255, width)[:, None].round()
    coded = space if space != 2 else 1 if width >= 1280 or height > 576 else 6
    frame = av.VideoFrame.from_ndarray(art, "rgb24").reformat(
        format="yuv444p", dst_colorspace="ITU709" if coded == 1 else "ITU601", dst_color_range=range_
    )

    def prepare(stream):
        stream.codec_context.colorspace, stream.codec_context.color_range = space, range_

    frame.colorspace, frame.color_range = space, range_
    path = film(tmp_path / "a.mp4", [frame] * 3, codec="libx264", pix_fmt="yuv444p", qp="0", prepare=prepare)
    assert np.abs(picture(path, 0).astype(int) - art).max() <= 3


def test_more_than_eight_bits_are_rounded(tmp_path):
    art = np.repeat(np.linspace(0, 255, 160).round().astype(np.uint8)[None, :, None], 96, axis=0).repeat(3, axis=2)
    path = plain(tmp_path / "a.mkv", art, pix_fmt="yuv420p10le")
    assert np.abs(picture(path, 0).astype(int) - art).max() <= 3


def corner(size=(160, 96)):
    """Dark, with one bright corner at the top left."""
    art = np.full((size[1], size[0], 3), 40, np.uint8)
    art[: size[1] // 3, : size[0] // 3] = 220
    return art


@pytest.mark.parametrize(
    ("degrees", "place"), [(90, (0, -1)), (180, (-1, -1)), (-90, (-1, 0)), (0, (0, 0))], ids=["90", "180", "270", "0"]
)
def test_a_turned_film_is_upright(tmp_path, degrees, place):
    """The matrix of the file turns the picture clockwise by so many degrees (ISO/IEC 14496-12, 8.3.2)."""

    def prepare(stream):
        stream.set_display_rotation(-degrees)

    found = picture(plain(tmp_path / "a.mp4", corner(), prepare=prepare), 0)
    assert found.shape == ((160, 96, 3) if degrees % 180 else (96, 160, 3))
    bright = [(y, x) for y in (0, -1) for x in (0, -1) if found[y, x, 0] > 128]
    assert bright == [place]


@pytest.mark.parametrize(
    ("aspect", "size"), [((64, 45), (228, 96)), ((1, 2), (160, 192)), ((1, 1), (160, 96)), ((30000, 1), (160, 96))]
)
def test_pixels_become_square(tmp_path, aspect, size):
    def prepare(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(*aspect)

    assert picture(plain(tmp_path / "a.mkv", corner(), prepare=prepare), 0).shape[1::-1] == size


def test_two_fields_become_one_picture_without_a_comb(tmp_path):
    """A bright edge moves between the fields: lines of the second field would stand out by 180."""
    combed = []
    for number in range(4):
        art = np.full((96, 160, 3), 30, np.uint8)
        art[0::2, : 40 + 20 * number] = 210
        art[1::2, : 50 + 20 * number] = 210
        combed.append(art)

    def prepare(stream):
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 2

    path = film(tmp_path / "a.mkv", combed, codec="libx264", crf="1", prepare=prepare, **{"x264-params": "tff=1"})
    assert picture(path, 0).min() >= 25  # of a full range, as is said: a limited one would make 30 to 16
    column = picture(path, 1 / 24)[8:-8, 65].astype(int)
    assert np.abs(np.diff(column, axis=0)).max() < 60


@pytest.mark.parametrize(("curve", "white"), [(16, to_pq), (18, None)], ids=["pq", "hlg"])
def test_a_high_range_becomes_a_fair_picture(tmp_path, curve, white):
    """Paper white is light but not cut off, and what is brighter is still told from it."""
    levels = [0.0, 26.0, 203.0, 1000.0] if white else None
    codes = to_pq(np.array(levels)) if levels else np.array([0.0, 0.38, 0.75, 1.0])  # BT.2408, table 1
    art = np.repeat(np.repeat(codes, 40)[None, :, None], 96, axis=0).repeat(3, axis=2)

    def prepare(stream):
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = curve, 9, 9, 1

    frame = av.VideoFrame.from_ndarray(np.rint(art * 65535).astype(np.uint16), "rgb48le")
    frame = frame.reformat(format="yuv444p10le", dst_colorspace=9, dst_color_range=1)
    path = film(
        tmp_path / "a.mkv",
        [frame] * 3,
        codec="libx265",
        pix_fmt="yuv444p10le",
        prepare=prepare,
        **{"x265-params": "lossless=1:log-level=none"},
    )
    black, grey, paper, peak = (int(value) for value in picture(path, 0)[48, 20::40].mean(axis=1))
    assert black <= 2
    assert 80 <= grey <= 125
    assert 200 <= paper <= 245
    assert peak >= 253 > paper
