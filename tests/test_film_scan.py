"""A look through a film: where the shots are, what is chosen of them, what is never chosen."""

from __future__ import annotations

import json
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest

av = pytest.importorskip("av", reason="the extra `video` is not installed")
pytest.importorskip("scenedetect", reason="the extra `video` is not installed")

from films import film, painted, panned, shot, steady  # noqa: E402 - they need the extra
from PIL import Image, ImageDraw  # noqa: E402

from artvision.errors import DecodeError  # noqa: E402
from artvision.film import __main__ as child  # noqa: E402
from artvision.film import scanning  # noqa: E402
from artvision.film.scanning import Asked, content_sha256, scan  # noqa: E402
from artvision.settings import Settings  # noqa: E402
from artvision.stages.video import Video  # noqa: E402

BLACK = np.zeros((96, 160, 3), np.uint8)
TOLERANCE = {field.name: field.tolerance for field in Video(Settings()).fields()}


def looked(path, each=1, most=0):
    return scan(str(path), "0" * 64, Asked(each, most, 10**8, 1), lambda *_: None)


def even(path, frames, times=None, **options):
    """Frames of one quality: the encoder is not what is tested."""
    return film(path, frames, times, qmin="2", qmax="2", **options)


def starts(found):
    return [still.shot_start for still in found.stills]


def names(seed):
    card = Image.new("RGB", (160, 96))
    for line in range(3):
        ImageDraw.Draw(card).text((40, 20 + 20 * line), f"NAME {seed} {line}", fill="white")
    return np.asarray(card)


@pytest.mark.parametrize("step", [1, 3, 10], ids=["slow", "fast", "whip"])
def test_a_moving_camera_is_no_cut(tmp_path, step):
    frames = [*panned(painted(1), 2, step=step), *shot(painted(2), 1), *panned(painted(3), 1, step=step)]
    found = looked(even(tmp_path / "a.mp4", frames))
    assert found.shots == 3
    assert starts(found) == pytest.approx([0, 2, 3])


def test_cuts_are_where_they_are_shown_whatever_was_dropped(tmp_path):
    """Counted in frames, the second cut would lie 0.75 seconds early and the third 1.25."""
    frames = [frame for seed in range(4) for frame in shot(painted(seed), 1)]
    kept = [n for n in range(96) if n not in range(6, 18) and n not in range(30, 36) and n not in range(54, 66)]
    found = looked(even(tmp_path / "a.mp4", [frames[n] for n in kept], [steady(96)[n] for n in kept]))
    assert starts(found) == pytest.approx([0, 1, 2, 3], abs=0.001)
    assert [still.time for still in found.stills] == pytest.approx([0.75, 1.5, 2.5, 3.5], abs=0.26)


def test_cuts_are_where_they_are_shown_whatever_the_rate_does(tmp_path):
    times = [*np.arange(0, 1, 1 / 60), *np.arange(1, 3, 1 / 10), *np.arange(3, 4, 1 / 30)]
    seeds = [int(time) if time < 1 else 1 if time < 3 else 3 for time in times]
    found = looked(even(tmp_path / "a.mkv", [painted(seed) for seed in seeds], times))
    assert starts(found) == pytest.approx([0, 1, 3], abs=0.001)
    assert found.stills[-1].shot_end == pytest.approx(4, abs=0.04)


@pytest.mark.parametrize("card", [BLACK, names(1), np.full_like(BLACK, 200)], ids=["black", "credits", "white"])
def test_black_flat_and_credits_give_no_still(tmp_path, card):
    found = looked(even(tmp_path / "a.mp4", [*shot(painted(1), 1), *shot(card, 1), *shot(painted(2), 1)]))
    assert found.shots == 3
    assert starts(found) == pytest.approx([0, 2])


def test_a_film_of_nothing_but_black_gives_nothing(tmp_path):
    assert looked(even(tmp_path / "a.mp4", shot(BLACK, 1))).stills == ()


def test_letterbox_does_not_make_a_picture_dark(tmp_path):
    framed = painted(1)
    framed[:40] = framed[-40:] = 0  # five sixths of it
    assert len(looked(even(tmp_path / "a.mp4", shot(framed, 1))).stills) == 1


def test_the_calm_part_of_a_shot_is_chosen(tmp_path):
    moved = [*range(48), *[47] * 36, *range(48, 96)]
    found = looked(even(tmp_path / "a.mp4", [np.roll(painted(1), 3 * pixels, axis=1) for pixels in moved]))
    (still,) = found.stills
    assert 2 < still.time < 3.5
    assert still.stillness > 0.9


def test_a_set_up_that_comes_back_is_shown_once_and_counted(tmp_path):
    frames = [frame for seed in (1, 2, 1, 2, 1) for frame in shot(painted(seed), 1)]
    found = looked(even(tmp_path / "a.mp4", frames))
    assert (found.shots, [still.duplicates for still in found.stills]) == (5, [2, 1])


def test_motion_is_the_same_at_two_resolutions(tmp_path):
    large = [*panned(painted(1, (640, 384)), 1.5, step=4), *shot(painted(2, (640, 384)), 1)]
    small = [np.asarray(Image.fromarray(frame).resize((320, 192), Image.Resampling.BOX)) for frame in large]
    pairs = [looked(even(tmp_path / f"{n}.mp4", frames)).stills for n, frames in enumerate((large, small))]
    for one, other in zip(*pairs, strict=True):
        assert one.motion == pytest.approx(other.motion, abs=TOLERANCE["video.motion"])
        assert one.stillness == pytest.approx(other.stillness, abs=TOLERANCE["video.stillness"])


def test_a_film_lasts_until_its_last_frame_is_over(tmp_path):
    (still,) = looked(even(tmp_path / "a.mp4", shot(painted(1), 1))).stills
    assert still.length == still.shot_end == pytest.approx(1, abs=0.003)


def test_a_film_that_ends_early_is_said(tmp_path):
    path = even(tmp_path / "a.mkv", [frame for seed in range(8) for frame in shot(painted(seed), 1)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = looked(path)
    assert 2 < len(found.stills) < 6
    assert "were promised" in found.notes[0]


def test_no_still_is_made_from_what_is_damaged_up_to_the_next_key_frame(tmp_path):
    frames = [frame for seed in range(3) for frame in shot(painted(seed), 0.5)]
    path = film(tmp_path / "a.mkv", frames, codec="libx264", g="12", bf="0", **{"x264-params": "scenecut=0"})
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.pos is not None]
    data, (at, size) = bytearray(path.read_bytes()), packets[12]  # the key frame at 0.5
    data[at + size // 2 : at + size] = b"\x55" * (size - size // 2)
    path.write_bytes(data)
    found = looked(path)
    assert [still.time // 0.5 for still in found.stills] == [0, 2]
    assert found.notes == ("1 damaged place",)


def test_the_promise_of_a_film_counts_from_its_first_frame(tmp_path):
    """Matroska's counts from zero; and sound that goes on is no picture that is missing."""
    path = even(tmp_path / "a.mkv", shot(painted(1), 3), steady(72, start=5.0))
    assert looked(path).notes == ()
    assert looked(long_sound(tmp_path / "b.mp4")).notes == ()


def long_sound(path):
    """A second of pictures under six seconds of silence."""
    with av.open(str(path), "w") as out:
        pictures, sound = out.add_stream("mpeg4", rate=24), out.add_stream("aac", rate=8000, layout="mono")
        pictures.width, pictures.height, pictures.pix_fmt = 160, 96, "yuv420p"
        for _ in range(24):
            out.mux(pictures.encode(av.VideoFrame.from_ndarray(painted(1), "rgb24")))
        for number in range(47):
            block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            block.sample_rate, block.pts = 8000, 1024 * number
            out.mux(sound.encode(block))
        for stream in (pictures, sound):
            out.mux(stream.encode())
    return path


def test_a_film_of_which_nothing_decodes_is_said(tmp_path):
    path = even(tmp_path / "a.avi", shot(painted(1), 1))
    data = path.read_bytes()
    start = data.index(b"movi") + 4
    path.write_bytes(data[:start] + b"".join(_spoilt(data[start:])))
    with pytest.raises(DecodeError, match="encrypted or damaged"):
        looked(path)


def _spoilt(data):
    """AVI's chunks with their content gone (RIFF: name, size, bytes)."""
    at = 0
    while data[at : at + 4] == b"00dc":
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 8] + bytes(size)
        at += 8 + size + size % 2
    yield data[at:]


def test_the_hash_is_that_of_the_bytes(tmp_path, monkeypatch):
    (tmp_path / "a.mp4").write_bytes(b"abc")
    monkeypatch.setattr(scanning, "BEAT", 0.0)
    beats = []
    assert content_sha256(str(tmp_path / "a.mp4"), lambda *told: beats.append(told)).startswith("ba7816bf")
    assert beats == [("checksum", 3, 3)]
    with pytest.raises(DecodeError, match="no such file"):
        content_sha256(str(tmp_path / "b.mp4"), lambda *_: None)


def joined(tmp_path, *sizes, start=0.0):
    """Transport streams may be joined by joining their bytes; the part after the first begins at `start`."""
    parts = []
    for number, size in enumerate(sizes):
        times = steady(24, start=start * number)
        parts.append(film(tmp_path / f"{number}.ts", shot(painted(number, size), 1), times, codec="mpeg2video",
                          base=Fraction(1, 24)))  # fmt: skip
    whole = tmp_path / "a.ts"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    return looked(whole)


def test_a_film_that_changes_its_size_is_looked_through(tmp_path):
    found = joined(tmp_path, (160, 96), (96, 160), start=1.0)
    assert (len(found.stills), found.notes) == (2, ())


def test_where_time_begins_anew_the_rest_is_left_out_and_said(tmp_path):
    assert joined(tmp_path, (160, 96), (160, 96)).notes == ("24 frames left out, as time goes back there",)


def test_no_shot_is_shorter_than_a_flash_not_even_the_last(tmp_path):
    found = looked(even(tmp_path / "a.mp4", [*shot(painted(1), 2), *shot(painted(2), 0.2)]))
    assert (found.shots, starts(found)) == (1, [0])


def test_what_a_library_raises_is_one_failed_film(tmp_path, monkeypatch, capsys):
    path = even(tmp_path / "a.mp4", shot(painted(1), 1))
    monkeypatch.setattr(child, "scan", lambda *_: 1 / 0)
    child.main({"path": str(path), "asked": asdict(Asked(1, 0, 10**8, 1)), "known": None})
    told = json.loads(capsys.readouterr().out)
    assert told == {"error": ["corrupt", f"{path}: cannot be looked through (division by zero); convert it"]}


def test_the_process_tells_what_was_found_or_that_nothing_changed(tmp_path, capsys):
    path = even(tmp_path / "a.mp4", shot(painted(1), 1))
    task = {"path": str(path), "asked": asdict(Asked(1, 0, 10**8, 1)), "known": None}
    child.main(task)
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["found"]
    assert (found["shots"], len(found["stills"])) == (1, 1)
    child.main(task | {"known": found["sha256"]})
    assert json.loads(capsys.readouterr().out) == {"found": None}
