"""Where one shot ends and the next begins, by PySceneDetect, which is told the time of every frame."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from artvision.image import Pixels

SHORTEST = 0.4  # seconds: what is shorter is a flash, and no shot to take a still from


class Shot(NamedTuple):
    """A shot from `start` to `end`, seconds from the start of the film; `number` counts from 1."""

    number: int
    start: Fraction
    end: Fraction


class Cutter:
    """Finds the cuts of one film from its small frames, fed in order.

    The detector compares each change with those around it, so that a fast camera is no cut (PySceneDetect's
    AdaptiveDetector). It is fed directly: times then are exact, whatever the rate does.
    """

    def __init__(self, rate: float, detector: Any = None) -> None:
        """`rate`: mean frames a second; `detector`: another one of PySceneDetect's, to measure it."""
        from scenedetect.detectors import AdaptiveDetector

        self._detector = detector or AdaptiveDetector(min_scene_len=SHORTEST)
        self._rate = rate
        self._times: list[Fraction] = []

    def feed(self, time: Fraction, small: Pixels) -> None:
        """Look at the frame of that time, (H, W, 3) uint8 RGB."""
        self._keep(self._detector.process_frame(self._told(time), small[:, :, ::-1]))

    def shots(self, end: Fraction) -> list[Shot]:
        """The shots of the film, which ends at `end`."""
        self._keep(self._detector.post_process(self._told(end)))
        starts = [Fraction(0), *sorted(set(self._times) - {Fraction(0)})]
        return [Shot(number, *pair) for number, pair in enumerate(zip(starts, [*starts[1:], end], strict=True), 1)]

    def _told(self, time: Fraction) -> Any:
        """The time as PySceneDetect takes it: the stamp itself, and not a number of frames."""
        from scenedetect.common import FrameTimecode, Timecode

        return FrameTimecode(Timecode(time.numerator, Fraction(1, time.denominator)), fps=self._rate)

    def _keep(self, cuts: list[Any]) -> None:
        self._times += [cut.pts * cut.time_base for cut in cuts]
