"""One look through a film: its shots, and the stills that are chosen from them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from artvision.errors import DecodeError
from artvision.film.address import timecode
from artvision.film.candidates import SIDE, Candidate, Judge
from artvision.film.choosing import Pick, chosen
from artvision.film.reading import Film, opened
from artvision.film.shots import Cutter, Shot
from artvision.film.still import Still
from artvision.image import Pixels, readable, size_of
from artvision.wording import counted

BLOCK = 1 << 23
BEAT = 0.5  # seconds between two signs of life
# Seconds by which a film may end before its container says, without a word.
EARLY = 2.0

# The steps of a look, counted in bytes, seconds and shots.
CHECKSUM, SHOTS, EYES = "checksum", "shots", "eyes"

# The step, how much of it is done, how much it is in all.
Tell = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Asked:
    """What a look is to give: stills `each` shot and `most` a film (0: no limit); what it may take.

    `eyes`: shut ones are to give way.
    """

    each: int
    most: int
    max_pixels: int
    threads: int
    eyes: bool = False


@dataclass(frozen=True)
class Scanned:
    """What a look gave. `looked` counts candidates; `notes` say what was odd about the film."""

    sha256: str
    shots: int
    looked: int
    stills: tuple[Still, ...]
    notes: tuple[str, ...]


def content_sha256(path: str, tell: Tell) -> str:
    """sha256 of a film's bytes. Raises DecodeError."""
    digest, done, size = hashlib.sha256(), 0, size_of(path)
    beat = Beat(lambda: tell(CHECKSUM, done, size))
    with readable(path), open(path, "rb") as file:  # noqa: PTH123 - a path from a catalogue, as it stands
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            beat()
    return digest.hexdigest()


def scan(path: str, sha256: str, asked: Asked, tell: Tell) -> Scanned:
    """Look through the film at `path`, whose bytes have that hash. Raises DecodeError."""
    with opened(path, max_pixels=asked.max_pixels, threads=asked.threads) as film:
        cutter, judge, candidates, end = Cutter(film.rate), Judge(), list[Candidate](), Fraction(0)
        beat = Beat(lambda: tell(SHOTS, float(end), film.length))
        size: tuple[int, int] | None = None
        spoilt = False
        for frame, at in film.frames():
            size = size or small_size(frame)
            small = small_of(frame, size)
            cutter.feed(at, small)
            # What is made from a damaged frame is damaged too, up to the next that is made from none.
            spoilt = frame.is_corrupt or (spoilt and not frame.key_frame)
            if judge.due(at):
                candidates.append(judge.judge(at, small, spoilt=spoilt))
            end = at + _duration(frame, film.rate)
            beat()
        if not candidates:
            raise DecodeError("corrupt", f"{path}: nothing in it can be decoded; is it encrypted or damaged?")
        shots, notes = cutter.shots(end), _notes(film, end)
    if asked.eyes:
        picks, said = _with_eyes(path, candidates, shots, asked, tell)
        notes = (*notes, said)
    else:
        picks = chosen(candidates, shots, asked.each, asked.most)
    stills = tuple(_still(path, sha256, end, pick) for pick in picks)
    return Scanned(sha256, len(shots), len(candidates), stills, notes)


def _with_eyes(
    path: str, candidates: Sequence[Candidate], shots: Sequence[Shot], asked: Asked, tell: Tell
) -> tuple[list[Pick], str]:
    """The choice in which shut eyes give way, and a note of what was seen."""
    from artvision.film.eyes import Sight, second_look

    sight = Sight(path, asked.max_pixels)

    def second(ranked: Sequence[list[Pick]]) -> Iterator[list[Pick]]:
        for done, picks in enumerate(second_look(ranked, sight, asked.each, asked.threads), 1):
            tell(EYES, done, len(ranked))
            yield picks

    picks = chosen(candidates, shots, asked.each, asked.most, second)
    return picks, f"eyes looked at in {counted(len(sight.seen), 'candidate')}, shut in {sum(sight.seen)}"


class Beat:
    """Calls what it is given at most every `BEAT` seconds."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action, self._last = action, time.monotonic()

    def __call__(self) -> None:
        """Call it, if it is time."""
        now = time.monotonic()
        if now - self._last >= BEAT:
            self._last = now
            self._action()


def small_size(frame: Any) -> tuple[int, int]:
    """(width, height) with a long side of `SIDE`; all frames get that of the first, though a film may change."""
    scale = SIDE / max(frame.width, frame.height)
    return max(2, round(frame.width * scale)), max(2, round(frame.height * scale))


def small_of(frame: Any, size: tuple[int, int]) -> Pixels:
    """(H, W, 3) uint8 RGB of that size, as the decoder gives it: not turned, fields not told apart."""
    return np.asarray(frame.reformat(*size, format="rgb24", threads=1).to_ndarray(), np.uint8)


def _duration(frame: Any, rate: float) -> Fraction:
    """How long the frame stands, as the file says, or by the mean rate; only the last one's counts."""
    return Fraction(frame.duration * frame.time_base) if frame.duration else Fraction(1 / rate).limit_denominator(1001)


def _notes(film: Film, end: Fraction) -> tuple[str, ...]:
    notes = []
    if film.length - float(end) > EARLY:
        notes.append(f"ends at {timecode(end)}, {timecode(Fraction(film.length))} were promised")
    if film.damaged:
        notes.append(counted(film.damaged, "damaged place"))
    if film.astray:
        notes.append(f"{counted(film.astray, 'frame')} left out, as time goes back there")
    return tuple(notes)


def _still(path: str, sha256: str, end: Fraction, pick: Pick) -> Still:
    one, shot = pick.candidate, pick.shot
    return Still(
        path,
        float(one.time),
        timecode(one.time),
        sha256,
        float(end),
        shot.number,
        float(shot.start),
        float(shot.end),
        one.motion,
        one.stillness,
        pick.duplicates,
    )
