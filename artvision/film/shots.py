"""Where one shot ends and the next begins, by PySceneDetect, which is told the time of every frame."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from artvision.image import Pixels

# Seconds: what is shorter is a flash, and no shot to take a still from.
SHORTEST = 0.4
# Below PySceneDetect's 3 and 15: a cut too many costs a still that looks like another. At a ratio of 2 every stop of a
# fast camera would be a cut, for half of the changes around it are none.
RATIO, CHANGE = 2.5, 12.0


class Shot(NamedTuple):
    """A shot from `start` to `end`, seconds from the start of the film; `number` counts from 1."""

    number: int
    start: Fraction
    end: Fraction


class Cutter:
    """Finds the cuts of one film from its small frames, fed in order.

    Two of PySceneDetect's detectors look at each: one compares a change with those around it, which tells a cut from a
    fast camera, the other compares histograms, which change in a dissolve too. They are fed directly: times then are
    exact, whatever the rate does.
    """

    def __init__(self, rate: float, detectors: Sequence[Any] = ()) -> None:
        """`rate`: mean frames a second; `detectors`: others of PySceneDetect's, to measure them."""
        self._detectors = [(detector, list[Fraction]()) for detector in detectors or _detectors()]
        self._rate = rate

    def feed(self, time: Fraction, small: Pixels) -> None:
        """Look at the frame of that time, (H, W, 3) uint8 RGB."""
        for detector, cuts in self._detectors:
            cuts.extend(map(_time, detector.process_frame(self._told(time), small[:, :, ::-1])))

    def shots(self, end: Fraction) -> list[Shot]:
        """The shots of the film, which ends at `end`."""
        starts = [Fraction(0)]
        for detector, cuts in self._detectors:
            cuts.extend(map(_time, detector.post_process(self._told(end))))
            starts += [cut for cut in cuts if all(abs(cut - other) >= SHORTEST for other in (*starts, end))]
        starts.sort()
        return [Shot(number, *pair) for number, pair in enumerate(zip(starts, [*starts[1:], end], strict=True), 1)]

    def _told(self, time: Fraction) -> Any:
        """The time as PySceneDetect takes it: the stamp itself, and not a number of frames."""
        from scenedetect.common import FrameTimecode, Timecode

        return FrameTimecode(Timecode(time.numerator, Fraction(1, time.denominator)), fps=self._rate)


def _detectors() -> list[Any]:
    """In the order in which they are believed."""
    from scenedetect.detectors import AdaptiveDetector, HistogramDetector

    return [
        AdaptiveDetector(adaptive_threshold=RATIO, min_content_val=CHANGE, min_scene_len=SHORTEST),
        HistogramDetector(min_scene_len=SHORTEST),
    ]


def _time(cut: Any) -> Fraction:
    return Fraction(cut.pts * cut.time_base)
