"""Processes measured in alternating rounds: what each took, a fit through two sizes, medians and a table."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIGURES = ("rate", "steady_rate", "start_up", "cpu_a_picture", "steady_cpu_a_picture")
LAST_WORDS = 300  # characters of what a failed process printed that are passed on


class FailedProcessError(Exception):
    """A measured process ended badly; the text is the end of what it printed."""


@dataclass(frozen=True)
class Cost:
    """What a process took, with all its children: seconds of wall time, seconds of processor time."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s, {self.cpu:.1f} s of a core"


@dataclass(frozen=True)
class Round:
    """One contender in one round: what `images` / 2 pictures took it, and what `images` pictures took."""

    images: int
    half: Cost
    whole: Cost

    def __str__(self) -> str:
        return f"{self.images // 2} pictures {self.half}; {self.images} pictures {self.whole}"

    @property
    def rate(self) -> float:
        """Pictures a second of wall time, start-up included."""
        return self.images / self.whole.wall

    @property
    def steady_rate(self) -> float:
        """Pictures a second without start-up: the slope between the two sizes; NaN where other work drowned it."""
        longer = self.whole.wall - self.half.wall
        return self.images / 2 / longer if longer > 0 else math.nan

    @property
    def start_up(self) -> float:
        """Seconds of wall time before the first picture: where the line through the two sizes starts."""
        return 2 * self.half.wall - self.whole.wall

    @property
    def cpu_a_picture(self) -> float:
        """Milliseconds of a core a picture, start-up included."""
        return 1000 * self.whole.cpu / self.images

    @property
    def steady_cpu_a_picture(self) -> float:
        """Milliseconds of a core a picture, without start-up; NaN as above."""
        more = self.whole.cpu - self.half.cpu
        return 2000 * more / self.images if more > 0 else math.nan


@dataclass(frozen=True)
class Spread:
    """Median, least and most over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Rounds that gave no number (NaN) are left out; with none left all three are NaN."""
        told = [value for value in values if not math.isnan(value)] or [math.nan]
        return cls(statistics.median(told), min(told), max(told))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)}–{_short(self.most)})"


def measure(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, log: Path) -> Cost:
    """Run a command in a folder to its end. Raises FailedProcessError where it ends with another code than 0."""
    start = time.perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=dict(environment), cwd=folder
        )
        _, status, used = os.wait4(process.pid, 0)  # as `wait`, and tells what the children took that it waited for
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        words = log.read_text(encoding="utf-8", errors="replace").split()
        raise FailedProcessError(f"exit code {process.returncode}: … {' '.join(words)[-LAST_WORDS:]}")
    return Cost(wall, used.ru_utime + used.ru_stime)


def alternate(
    names: Sequence[str], rounds: int, images: int, run: Callable[[str, bool], Cost], say: Callable[[str], None]
) -> dict[str, list[Round]]:
    """Each contender in turn on half of the pictures and on all, again and again; `run` is told which and whether all.

    What slows the machine for a while then slows all of them.
    """
    found: dict[str, list[Round]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            found[name].append(Round(images, run(name, False), run(name, True)))
            say(f"round {number + 1}: {name}: {found[name][-1]}")
    return found


def summarise(rounds: Mapping[str, Sequence[Round]], ours: str) -> dict[str, dict[str, Spread]]:
    """Contender -> figure -> spread over the rounds.

    A ratio is taken within each round: `faster` is how many times the pictures of a contender `ours` takes in a second
    of wall time, `cheaper` how many times ours a contender's time of a core is.
    """
    return {
        name: {
            **{figure: Spread.of([getattr(row, figure) for row in own]) for figure in FIGURES},
            "faster": _ratio(rounds[ours], own, "rate"),
            "faster_steady": _ratio(rounds[ours], own, "steady_rate"),
            "cheaper": _ratio(own, rounds[ours], "cpu_a_picture"),
            "cheaper_steady": _ratio(own, rounds[ours], "steady_cpu_a_picture"),
        }
        for name, own in rounds.items()
    }


def _ratio(over: Sequence[Round], under: Sequence[Round], figure: str) -> Spread:
    return Spread.of([getattr(a, figure) / getattr(b, figure) for a, b in zip(over, under, strict=True)])


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _short(value: float) -> str:
    """Three significant digits, no exponent."""
    if math.isnan(value):
        return "?"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
