"""Frames and their times: by time stamps alone, however frames were dropped, spaced or offset; and what is refused."""

from __future__ import annotations

import os
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

av = pytest.importorskip("av", reason="the extra `video` is not installed")

from films import film, painted, shot, steady  # noqa: E402 - they need the extra

from artvision.errors import DecodeError  # noqa: E402
from artvision.film import reading  # noqa: E402
from artvision.film.reading import Film, opened  # noqa: E402
from artvision.film.scanning import content_sha256  # noqa: E402

RNG = np.random.default_rng(3)
DROPPED = [time for number, time in enumerate(steady(48)) if number not in {5, 6, 7, 20, 33, 34, 35, 36}]
UNEVEN = list(np.cumsum(RNG.integers(5, 200, 40)) / 1000)
LATE = [7.25 + time for time in steady(24)]


def times(path):
    with opened(str(path), max_pixels=10**8) as found:
        return [float(time) for _, time in found.frames()]


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "webm", "avi", "ts"])
def test_the_usual_containers_are_read(tmp_path, ending):
    codec = {"webm": "libvpx-vp9", "ts": "mpeg2video"}.get(ending, "mpeg4")
    path = film(tmp_path / f"a.{ending}", shot(painted(1), 1), codec=codec, base=Fraction(1, 24))
    assert times(path) == pytest.approx(steady(24), abs=0.002)


@pytest.mark.parametrize("kind", [DROPPED, UNEVEN, LATE], ids=["dropped", "uneven", "late"])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_times_are_those_of_the_stamps(tmp_path, kind, ending):
    path = film(tmp_path / f"a.{ending}", [painted(1)] * len(kind), kind)
    assert times(path) == pytest.approx([time - kind[0] for time in kind], abs=0.001)


STRANGE = {
    "text": b"no film at all" * 99,
    "playlist": b"#EXTM3U\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n",
    "script": b"ffconcat version 1.0\nfile other.ts\n",
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_what_is_no_film_is_refused_and_opens_no_other_file(tmp_path, content):
    film(tmp_path / "other.ts", shot(painted(1), 0.5), codec="mpeg2video", base=Fraction(1, 24))
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(DecodeError) as caught:
        times(path)
    assert caught.value.reason == "format"
    assert str(path) in str(caught.value)


NO_FILES = {
    "missing": lambda path: None,
    "directory": lambda path: path.mkdir(),
    "empty": lambda path: path.touch(),
    "unreadable": lambda path: path.symlink_to(path),
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize(("kind", "prepare"), NO_FILES.items(), ids=NO_FILES)
def test_what_is_no_file_with_bytes_is_told_before_it_is_read(tmp_path, kind, prepare):
    path = tmp_path / "a.mp4"
    prepare(path)
    with pytest.raises(DecodeError) as caught:
        times(path)
    assert caught.value.reason == (kind if kind not in {"pipe", "device"} else "unreadable")
    if kind != "empty":
        with pytest.raises(DecodeError) as hashed:
            content_sha256(str(path), lambda *_: None)
        assert str(hashed.value) == str(caught.value)


def test_a_recording_of_sound_has_no_pictures(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=48000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 48000
        out.mux(stream.encode(sound))
        out.mux(stream.encode())
    with pytest.raises(DecodeError, match="no moving pictures") as caught:
        times(path)
    assert caught.value.reason == "no_video"


def test_the_size_is_checked_before_anything_is_decoded(tmp_path):
    path = film(tmp_path / "a.mp4", shot(painted(1), 0.2))
    with pytest.raises(DecodeError, match="--max-megapixels") as caught, opened(str(path), max_pixels=96 * 160 - 1):
        pass
    assert caught.value.reason == "too_many_pixels"


def test_a_film_that_grows_beyond_the_cap_is_not_decoded_there(tmp_path):
    parts = [film(tmp_path / f"{n}.ts", shot(painted(1, size), 1), codec="mpeg2video", base=Fraction(1, 24))
             for n, size in enumerate([(160, 96), (640, 480)])]  # fmt: skip
    whole = tmp_path / "a.ts"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    with opened(str(whole), max_pixels=160 * 128) as small, opened(str(whole), max_pixels=10**8) as any_size:
        sizes = [{(frame.width, frame.height) for frame in found._decoded(Fraction(0))} for found in (small, any_size)]
    assert sizes == [{(160, 96)}, {(160, 96), (640, 480)}]


def test_no_thread_of_a_decoder_asks_for_pythons_lock(tmp_path):
    """A damaged film, whose decoder had something to log while it was closed, hung."""
    av.logging.set_level(av.logging.ERROR)
    times(film(tmp_path / "a.mp4", shot(painted(1), 0.2)))
    assert av.logging.get_level() is None


class Broadcast:
    """A container in which a stream begins that PyAV does not know."""

    def __init__(self):
        self.left = iter(["one", None, "two", None, "three"])

    def demux(self, _):
        for packet in self.left:
            if packet is None:
                raise IndexError("list index out of range")
            yield packet


def test_a_stream_that_begins_late_does_not_end_the_film():
    assert list(Film("a.ts", Broadcast(), None)._packets()) == ["one", "two", "three"]


class Packet:
    """One that says when it is shown, and gives what it was made with, or raises it."""

    time_base = Fraction(1, 10)

    def __init__(self, pts, made):
        self.pts, self._made = pts, made

    def decode(self):
        if isinstance(self._made, Exception):
            raise self._made
        return self._made


def opened_on(*packets):
    """A film whose container holds these packets."""
    stream = SimpleNamespace(start_time=0, time_base=Fraction(1, 10), codec_context=SimpleNamespace(skip_frame=None))
    container = SimpleNamespace(demux=lambda _: iter(packets), streams=SimpleNamespace(video=[stream], audio=[]))
    return Film("a.mp4", container, stream)


def frames_at(*times):
    return [SimpleNamespace(pts=time, time_base=Fraction(1, 10), is_corrupt=False) for time in times]


def test_nothing_is_shown_before_the_film_begins_or_out_of_order():
    found = opened_on(Packet(0, frames_at(-5, 0, 2, 2, 1, 3)))
    assert [float(time) for _, time in found.frames()] == [0, 0.2, 0.3]
    assert found.astray == 3


def test_too_much_damage_in_a_row_ends_a_film_and_less_does_not(monkeypatch):
    monkeypatch.setattr(reading, "DAMAGED", 3)
    broken = Packet(0, av.error.InvalidDataError(1, "broken"))
    whole = [Packet(0, frames_at(0)), broken, broken, Packet(3, frames_at(3)), broken, broken]
    found = opened_on(*whole)
    assert len(list(found.frames())) == 2
    assert found.damaged == 4
    with pytest.raises(DecodeError, match="too damaged to go on"):
        list(opened_on(*whole, broken).frames())


def test_a_film_cut_short_gives_what_is_there(tmp_path):
    path = film(tmp_path / "a.ts", [painted(seed) for seed in range(48)], codec="mpeg2video", base=Fraction(1, 24))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 5 < len(times(path)) < 45


def test_an_mp4_without_its_index_is_refused(tmp_path):
    path = film(tmp_path / "a.mp4", [painted(seed) for seed in range(24)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DecodeError, match="copy it again"):
        times(path)
