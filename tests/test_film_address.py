"""How stills are named: a film and a time, to the millisecond."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.film.address import ENDINGS, Moment, file_of, is_film, looks_like_film, moment, still_of, timecode

TIMES = st.fractions(min_value=0, max_value=10**6)


@given(TIMES, st.sampled_from(sorted(ENDINGS)), st.sampled_from(["/a/b", "s p#t=3", "ü.mp4#t=1/c"]))
def test_a_still_leads_back_to_its_film_and_time(time, ending, stem):
    film = stem + ending
    found = moment(still_of(film, time))
    assert found is not None
    assert found.film == film
    assert abs(found.time - time) <= Fraction(1, 2000)
    assert file_of(still_of(film, time)) == film


@pytest.mark.parametrize(
    "path",
    ["a.mp4", "a.jpg", "a.jpg#t=3", "a.mp4#t=", "a.mp4#t=x", "a.mp4#t=-1", "a.mp4#t=1.5.png", "#t=3", "a.mp4#t=1e3"],
)
def test_no_other_path_is_a_still(path):
    assert moment(path) is None
    assert file_of(path) == path


def test_a_person_may_write_whole_seconds_and_capitals():
    assert moment("A.MOV#t=90") == Moment("A.MOV", Fraction(90))


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (0, "00:00:00.000"),
        (Fraction(59_9996, 10_000), "00:01:00.000"),
        (3661.5, "01:01:01.500"),
        (360000, "100:00:00.000"),
    ],
)
def test_a_timecode_carries_over(time, code):
    assert timecode(time) == code


@pytest.mark.parametrize(("path", "film"), [("a.MKV", True), ("a.mp4#t=3", False), ("a.jpg", False), ("mp4", False)])
def test_a_film_is_known_by_its_ending(path, film):
    assert is_film(path) is film


def test_a_source_of_typescript_is_no_film(tmp_path):
    (tmp_path / "code.ts").write_text("export const x = 1")
    (tmp_path / "film.ts").write_bytes(b"G" + bytes(187))
    assert [looks_like_film(str(tmp_path / name)) for name in ("code.ts", "film.ts", "gone.ts", "a.mp4")] == [
        False, True, True, True,
    ]  # fmt: skip
