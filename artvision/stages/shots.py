"""How a shot is staged: its framing, how many people, how near to one another, whether over a shoulder or turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from artvision.contract import Field, Kind, Missing
from artvision.detection.geometry import FaceRow
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels.plane import Plane
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.tone import BLANK
from artvision.shots.camera import dutch
from artvision.shots.evidence import Values
from artvision.shots.grouping import CROWD, FAR, GROUPS, gap, grouping
from artvision.shots.head import Head, heads
from artvision.shots.shoulder import beside
from artvision.stages.base import Result, Stage, Value

_FITTED = "fitted on film stills labelled by CinemaNet, see docs/benchmarks.md"
_UNSEEN = "on an illustration whose faces are overlooked"


def _field(name: str, meaning: str, unit: str, high: float, source: str, **more: Any) -> Field:
    return Field(name, meaning, unit, more.pop("low", 0), high, source, kind=Kind.DETECTED, **more)


def _framing(head: Head) -> tuple[Field, ...]:
    """A probability for each label, and the label itself."""
    shares = (
        _field(
            f"framing.{label}",
            f"probability of the label {label.replace('_', ' ')}, all labels being as frequent; abstains {_UNSEEN}",
            "probability",
            1,
            _FITTED,
            higher="surer",
            tolerance=0.15,
            fill=1 / len(head.labels),
        )
        for label in head.labels
    )
    meaning = f"the most probable framing, from faces and pixels; abstains below {head.floor:g}, and {_UNSEEN}"
    return (*shares, _field("framing.label", meaning, "label", 1, _FITTED, dtype="category", labels=head.labels))


_STAGING = (
    _field(
        "staging.over_shoulder",
        "probability that people call it over the shoulder, half of all shots with a face being so",
        "probability",
        1,
        _FITTED,
        higher="surer",
        tolerance=0.15,
    ),
    _field(
        "staging.grouping",
        f"faces found: none, one, two, three, group, crowd from {CROWD} on; who shows no face is not counted",
        "label",
        1,
        "crowd: Lin et al. 2014, COCO, ECCV",
        dtype="category",
        labels=GROUPS,
    ),
    _field(
        "staging.gap",
        f"space between the two most prominent faces, at most {FAR:g}; 0 where they touch",
        "face heights",
        FAR,
        "ours",
        higher="further apart",
        tolerance=0.3,
        fill=FAR,
    ),
    _field(
        "staging.dutch",
        "turn of the scene, clockwise, where its edges are clear and both their axes and the faces turn with it",
        "degrees",
        40,
        "composition.tilt against the eye lines; ours",
        low=-40,
        higher="turned clockwise",
        tolerance=1,
    ),
)


class Shots(Stage):
    """Reads columns of other stages, and what lies beside the lead face."""

    name: ClassVar[str] = "shots"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("faces", "light", "composition")
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "framing, over the shoulder, grouping, gap between people, turned camera"

    def fields(self) -> tuple[Field, ...]:
        """Two blocks: framing, staging."""
        return (*_framing(heads()["framing"]), *_STAGING)

    def fingerprint(self) -> dict[str, Any]:
        """The file of weights."""
        return {"heads": heads()["framing"].sha256}

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Each picture by itself."""
        columns = [upstream[need] for need in self.needs]
        return [_result(picture, results) for picture, *results in zip(batch, *columns, strict=True)]


def _result(picture: Picture, results: Sequence[Result]) -> Result:
    faces: Sequence[FaceRow] = results[0].rows("faces")
    values: Values = {name: value for result in results for name, value in result.values.items()}
    planes = picture.derived(Pyramid.of, SCORE_SIDE)
    values = {**values, **beside(planes, faces)}
    space = gap(faces, picture.width / picture.height)
    turn = _dutch(values, faces, planes.quarter)
    staging: dict[str, Value] = {
        "staging.over_shoulder": _over_shoulder(values) if faces else Missing.NOT_APPLICABLE,
        "staging.grouping": Missing.NOT_APPLICABLE if _overlooked(values) else grouping(len(faces)),
        "staging.gap": Missing.NOT_APPLICABLE if space is None else space,
        "staging.dutch": Missing.ABSTAINED if turn is None else turn,
    }
    return Result(_framed(heads()["framing"], values) | staging)


def _over_shoulder(values: Values) -> float:
    return float(heads()["over_shoulder"].probabilities(values)[1])


def _framed(head: Head, values: Values) -> dict[str, Value]:
    names = [f"framing.{label}" for label in head.labels]
    if why := _unframed(values):
        return dict.fromkeys([*names, "framing.label"], why)
    shares = head.probabilities(values)
    best = int(shares.argmax())
    label = head.labels[best] if shares[best] >= head.floor else Missing.ABSTAINED
    return dict(zip(names, shares.tolist(), strict=True)) | {"framing.label": label}


def _unframed(values: Values) -> Missing | None:
    """Why a picture has no framing: it shows nothing, or its people were overlooked."""
    # The head knows photographs; on a drawing its pixels are of another kind, and its strongest evidence is missing.
    if _overlooked(values):
        return Missing.ABSTAINED
    blank = values["face.count"] == 0 and float(values["light.contrast"]) < BLANK
    return Missing.NOT_APPLICABLE if blank else None


def _overlooked(values: Values) -> bool:
    return isinstance(values["face.count"], Missing)


def _dutch(values: Values, faces: Sequence[FaceRow], quarter: Plane) -> float | None:
    tilt = values["composition.tilt"]
    known = None if isinstance(tilt, Missing) else float(tilt)
    return dutch(known, float(values["composition.axes"]), [face["roll"] for face in faces], quarter)
