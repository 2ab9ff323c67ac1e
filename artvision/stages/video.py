"""Where in its film a still lies, and how still it is there. Nothing is computed: it comes with the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import ClassVar

from artvision.contract import Column, Field, Missing
from artvision.film.still import STILL, Still
from artvision.image import Picture
from artvision.stages.base import Result, Stage, Value

_LONG = 1e6  # seconds, eleven days
_PTS = "presentation time stamps"
_SHOTS = "shots by PySceneDetect"
_OURS = "ours, on L* of the film at a long side of 320"

_FIELDS = (
    Field("video.time", "time of the still in its film", "seconds", 0, _LONG, _PTS, "later"),
    Field("video.position", "share of the film that lies before the still", "share", 0, 1, _PTS, "later"),
    Field("video.shot", "number of the shot in the film, from 1", "shots", 0, 1e6, _SHOTS, "later", dtype="int32"),
    Field("video.shot_length", "length of the shot", "seconds", 0, _LONG, _SHOTS, "longer"),
    Field(
        "video.cut_distance", "time to the nearer end of the shot", "seconds", 0, _LONG, _SHOTS, "further from a cut"
    ),
    Field(
        "video.motion",
        "mean change of L* to a quarter of a second before or after, whichever is more",
        "L*",
        0,
        100,
        _OURS,
        "more motion",
        tolerance=1.0,
    ),
    Field(
        "video.stillness",
        "share of the picture that hardly changes within a quarter of a second before and after",
        "share",
        0,
        1,
        _OURS,
        "calmer",
        tolerance=0.05,
        fill=0.5,
    ),
    Field(
        "video.duplicates",
        "further shots that show nearly the same picture, and gave no still of their own",
        "shots",
        0,
        1e6,
        "perceptual hash (Zauner 2010)",
        "shown more often",
        dtype="int32",
    ),
)


class Video(Stage):
    """Writes down what was found when the film was looked through."""

    name: ClassVar[str] = "video"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.4.0"
    summary: ClassVar[str] = "stills of films: time, shot, motion, repeats"

    def fields(self) -> tuple[Field, ...]:
        """One block: video."""
        return _FIELDS

    def columns(self) -> tuple[Column, ...]:
        """The lineage, with what is no number."""
        about = "film, timecode and shot that a still comes from, times in seconds; null for a picture that is a file"
        return (Column("still", about, STILL),)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """What is known of each; a picture that is no still has nothing."""
        return [_result(picture.still) for picture in batch]


def _result(still: Still | None) -> Result:
    if still is None:
        return Result(dict.fromkeys((field.name for field in _FIELDS), Missing.NOT_APPLICABLE), {"still": None})
    values: dict[str, Value | None] = {
        "video.time": still.time,
        "video.shot": still.shot,
        "video.motion": still.motion,
        "video.stillness": still.stillness,
        "video.duplicates": still.duplicates,
    }
    known = {name: Missing.ABSTAINED if value is None else value for name, value in values.items()}
    return Result(known | _within(still), {"still": asdict(still)})


def _within(still: Still) -> dict[str, Value]:
    """What lies around the still; a still that a person named has no shot."""
    names = ("video.position", "video.shot_length", "video.cut_distance")
    if still.length is None or still.shot_start is None or still.shot_end is None:
        return dict.fromkeys(names, Missing.ABSTAINED)
    nearer = min(still.time - still.shot_start, still.shot_end - still.time)
    position = min(1.0, still.time / still.length) if still.length else 0.0
    return dict(zip(names, (position, still.shot_end - still.shot_start, max(0.0, nearer)), strict=True))
