"""A second look at the best candidates of each shot: one with shut eyes gives way to its neighbours.

They are looked at as the stages `faces` and `landmarks` would look at the still. That costs a hundred times as much as
the first look, so it goes down the ranking only until it finds no shut eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial

from artvision.device import choose_device, one_thread_each
from artvision.errors import DecodeError
from artvision.film.address import Moment, milliseconds
from artvision.film.choosing import Pick, different
from artvision.film.frame import still_bytes
from artvision.image import FACE_SIDE, decode
from artvision.isolation import Found, run_stage
from artvision.landmarks import SHUT
from artvision.settings import Settings
from artvision.stages.base import Result

LOOKS = 5  # candidates of a shot that are looked at, at most, for each still
# Seconds from shut eyes at which to look next, where there is a choice: a blink is over by then.
APART = Fraction(1, 2)
# Share of the best one's score from which a candidate may take its place.
FAIR = 0.5

Shut = Callable[[Pick], bool]


class Sight:
    """Tells whether the lead face of a moment has its eyes shut; safe to share between threads.

    On the CPU, whatever the run computes on: which stills a film gives must not depend on the machine. `seen` has what
    was told so far.
    """

    def __init__(self, path: str, max_pixels: int) -> None:
        """Load the networks. Raises WeightsError, and UsageError without the extra `people`."""
        from artvision.stages.faces import Faces
        from artvision.stages.landmarks import Landmarks
        from artvision.stages.medium import Medium

        self._path, self._max_pixels = path, max_pixels
        settings = Settings(device="cpu").on(choose_device("cpu"))
        self._stages = [stage(settings) for stage in (Medium, Faces, Landmarks)]
        for stage in self._stages:
            stage.setup("cpu")
        self.seen: list[bool] = []

    def __call__(self, pick: Pick) -> bool:
        """Whether they are; what cannot be decoded is no better."""
        try:
            opened = self._opened(Moment(self._path, milliseconds(pick.candidate.time)))
        except DecodeError:
            return True
        self.seen.append(opened is not None and opened < SHUT)
        return self.seen[-1]

    def _opened(self, moment: Moment) -> float | None:
        """How far the eyes are open; None where no face, or none of its eyes, is seen."""
        data = still_bytes(moment, self._max_pixels)
        picture = decode(
            data, name=moment.film, long_side=FACE_SIDE, short_side=0, max_pixels=self._max_pixels, background=(0, 0, 0)
        )
        found: dict[str, list[Found]] = {}
        for stage in self._stages:
            found[stage.name] = run_stage(stage, [picture], found)
        (result,) = found["landmarks"]
        value = result.values["landmark.eyes_open"] if isinstance(result, Result) else None
        return value if isinstance(value, float) else None


def second_look(ranked: Sequence[list[Pick]], shut: Shut, each: int, threads: int) -> Iterator[list[Pick]]:
    """The picks of each shot, in order, those with shut eyes behind the others."""
    with ThreadPoolExecutor(threads, initializer=one_thread_each) as pool:
        yield from pool.map(partial(open_first, shut=shut, each=each), ranked)


def open_first(ranked: Sequence[Pick], shut: Shut, each: int) -> list[Pick]:
    """The picks of one shot, best first, looked at until `each` without shut eyes are found; those come first."""
    looked: list[Pick] = []
    left = list(ranked)
    while (fair := [pick for pick in left if pick.score >= FAIR * ranked[0].score]) and len(looked) < LOOKS * each:
        pick = next((pick for pick in fair if _apart(pick, looked)), fair[0])
        left.remove(pick)
        looked.append(replace(pick, shut=shut(pick)))
        if len(different([one for one in looked if not one.shut], each)) == each:
            break
    best_first = sorted(looked, key=lambda pick: (pick.shut, -pick.score))
    return [*best_first, *left]


def _apart(pick: Pick, looked: Sequence[Pick]) -> bool:
    return all(abs(pick.candidate.time - one.candidate.time) >= APART for one in looked if one.shut)
