"""Shut eyes give way: the order of looks on made-up picks, and a real film of a portrait that blinks."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

av = pytest.importorskip("av", reason="the extra `video` is not installed")
pytest.importorskip("scenedetect", reason="the extra `video` is not installed")

from films import film, painted, shot  # noqa: E402 - they need the extra
from PIL import Image, ImageDraw, ImageFilter  # noqa: E402
from test_film_choosing import OTHER, PLAIN  # noqa: E402

from artvision.film import scanning  # noqa: E402
from artvision.film.choosing import Pick, chosen  # noqa: E402
from artvision.film.eyes import LOOKS, open_first, second_look  # noqa: E402
from artvision.film.make import make_of_film  # noqa: E402
from artvision.film.opening import Films  # noqa: E402
from artvision.film.scanning import Asked, scan  # noqa: E402
from artvision.film.shots import Shot  # noqa: E402
from artvision.pipeline import Engine  # noqa: E402
from artvision.reporting import Silent  # noqa: E402
from artvision.settings import Settings  # noqa: E402

SHOT = Shot(1, Fraction(0), Fraction(10))
ABSENT = [name for name in ("ai_edge_litert", "mediapipe", "skimage") if find_spec(name) is None]
needs_networks = pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)} (extra people)")


def pick(time, score, bits=0, shot=SHOT):
    return Pick(shot, replace(PLAIN, time=Fraction(time), hash=bits), score)


def looks(picks, shut, each=1):
    """(times in the new order, times in the order in which they were looked at); shut at the times `shut`."""
    seen = []

    def sight(one):
        seen.append(float(one.candidate.time))
        return seen[-1] in shut

    return [float(one.candidate.time) for one in open_first(picks, sight, each)], seen


NEAR = [pick("2", 1.0), pick("2.25", 0.9), pick("1.75", 0.8), pick("3", 0.7), pick("4", 0.4)]


@pytest.mark.parametrize(
    ("shut", "order", "seen"),
    [
        ((), [2, 2.25, 1.75, 3, 4], [2]),
        ((2,), [3, 2, 2.25, 1.75, 4], [2, 3]),
        ((2, 3), [2.25, 2, 3, 1.75, 4], [2, 3, 2.25]),
        ((1.75, 2, 2.25, 3), [2, 2.25, 1.75, 3, 4], [2, 3, 2.25, 1.75]),
    ],
    ids=["open", "next to a blink", "twice", "asleep"],
)
def test_whoever_has_open_eyes_comes_first_and_a_look_goes_away_from_a_blink(shut, order, seen):
    """Nobody looks at what scores less than half of the best."""
    assert looks(NEAR, shut) == (order, seen)


def test_no_more_is_looked_at_than_is_asked_for():
    many = [pick(number, 1.0, 1 << number) for number in range(30)]
    assert len(looks(many, range(30))[1]) == LOOKS
    assert len(looks(many, range(30), each=2)[1]) == 2 * LOOKS
    different = [pick("1", 1.0), pick("2", 1.0, OTHER), pick("3", 1.0)]
    assert looks(different, (), each=2)[1] == [1, 2]
    assert looks([], ()) == ([], [])


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(1, 3), st.integers(1, 3))
def test_nothing_is_lost_and_threads_change_no_order(shut, each, threads):
    ranked = [[pick(number, 1 - number / 20, number << 40) for number in range(len(shut))], [], NEAR]

    def sight(one):
        return one.candidate.hash != 0 and shut[int(one.candidate.time)]

    found = list(second_look(ranked, sight, each, threads))
    assert [sorted(one.candidate.time for one in picks) for picks in found] == [
        sorted(one.candidate.time for one in picks) for picks in ranked
    ]
    assert found == [open_first(picks, sight, each) for picks in ranked]


def test_of_two_shots_that_look_alike_the_one_with_open_eyes_stays():
    shots = [Shot(1, Fraction(0), Fraction(4)), Shot(2, Fraction(4), Fraction(8))]
    found = [replace(PLAIN, time=Fraction(2)), replace(PLAIN, time=Fraction(6), clipped=0.3)]

    def second(ranked):
        return second_look(ranked, lambda one: one.candidate.time == 2, 1, 1)

    (kept,) = chosen(found, shots, 1, 0, second)
    assert (float(kept.candidate.time), kept.duplicates) == (6.0, 1)
    assert float(chosen(found, shots, 1, 0)[0].candidate.time) == 2.0


@pytest.fixture
def blinking(tmp_path):
    """A portrait that is sharpest while its eyes are shut, and a shot without a face."""
    from sightings import portrait

    art = Image.fromarray(portrait("astronaut"))
    shut = art.copy()
    brush = ImageDraw.Draw(shut)
    for x, y in ((203, 107), (247, 107)):  # the middle of each eye
        brush.ellipse((x - 17, y - 10, x + 17, y + 9), fill=(206, 150, 122))
        brush.arc((x - 11, y - 3, x + 11, y + 4), 10, 170, fill=(60, 40, 35))
    soft = art.filter(ImageFilter.GaussianBlur(0.7))
    pictures = [np.asarray(one.crop((60, 0, 380, 256))) for one in (soft, shut)]
    nobody = [painted(3, (320, 256))] * 24
    frames = [*shot(pictures[0], 1), *shot(pictures[1], 1), *shot(pictures[0], 1), *nobody]
    return film(tmp_path / "a.mp4", frames, codec="libx264", crf="12")


@needs_networks
def test_a_real_portrait_is_shown_with_open_eyes_where_they_are_looked_at(blinking):
    told = []
    found = {
        eyes: scan(str(blinking), "0" * 64, Asked(1, 0, 10**8, 2, eyes), lambda *step: told.append(step))
        for eyes in (False, True)
    }
    assert [1 <= result.stills[0].time < 2 for result in found.values()] == [True, False]
    assert [len(result.stills) for result in found.values()] == [2, 2]
    assert found[False].notes == ()
    assert re.fullmatch(r"eyes looked at in [345] candidates, shut in [12]", found[True].notes[0])
    assert told[-1] == (scanning.EYES, 2, 2)


@needs_networks
def test_a_film_is_looked_through_anew_where_eyes_count_or_count_otherwise():
    def make(names):
        engine = Engine.of(Settings(stages=names), Silent())
        films = Films(engine.settings, Silent(), retry_failed=False, eyes=engine.eyes)
        return films.make, films.eyes

    plain, looked = make("light,faces"), make("faces,landmarks")
    assert (plain[1], looked[1]) == (False, True)
    assert plain[0] == make("light")[0] != looked[0]
    assert make_of_film(Settings(), {"landmarks": 1}) != make_of_film(Settings(), {"landmarks": 2})
