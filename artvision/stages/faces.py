"""Faces of a picture: how many, where, how large, turned where. Detection only, no template of anybody is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from artvision.contract import Column, Field, Kind, Missing, Privacy
from artvision.detection import SEARCH, SURE, WEIGHTS, geometry
from artvision.detection.focus import MAX_SHARPNESS
from artvision.detection.geometry import AWAY, CENTRALITY, PEOPLE, SHOT_SCALES, Face
from artvision.image import FACE_SIDE, Picture
from artvision.pixels.medium import ILLUSTRATION
from artvision.settings import Settings
from artvision.stages.base import Result, Stage, Value

if TYPE_CHECKING:
    from artvision.detection.found import FaceDetector

_MTCNN = "Zhang et al. 2016, MTCNN, arXiv 1604.02878"
_LEAD = "of the lead face"


def _field(name: str, meaning: str, unit: str, high: float, source: str, **more: Any) -> Field:
    return Field(name, meaning, unit, more.pop("low", 0), high, source, kind=Kind.DETECTED, **more)


_FACE = (
    _field(
        "face.count",
        f"faces found; not applicable to an illustration (medium.kind) without a face scored {SURE:g} or more",
        "faces",
        10_000,
        _MTCNN,
        higher="more faces",
        dtype="int32",
        tolerance=1,
    ),
    _field(
        "face.total_area",
        "sum of face areas, at most the picture",
        "share",
        1,
        _MTCNN,
        higher="more face",
        tolerance=0.02,
    ),
    _field(
        "face.lead_score", f"detector's confidence {_LEAD}", "probability", 1, _MTCNN, higher="surer", tolerance=0.05
    ),
    _field(
        "face.lead_prominence",
        f"area × exp(-r²/2·{CENTRALITY}²) {_LEAD}, the largest; r from the middle in half diagonals",
        "share",
        1,
        "ours",
        higher="larger, more central",
        tolerance=0.02,
    ),
    _field("face.lead_height", f"height {_LEAD}", "share of height", 1, _MTCNN, higher="larger", tolerance=0.02),
    _field("face.lead_area", f"area {_LEAD}", "share", 1, _MTCNN, higher="larger", tolerance=0.02),
    _field(
        "face.lead_x", f"centre {_LEAD}", "share of width", 1, _MTCNN, higher="further right", tolerance=0.01, fill=0.5
    ),
    _field("face.lead_y", f"centre {_LEAD}", "share of height", 1, _MTCNN, higher="lower", tolerance=0.015, fill=0.5),
    _field(
        "face.lead_sharpness",
        f"spread of the Laplacian over that of luma {_LEAD}",
        "ratio",
        MAX_SHARPNESS,
        "Pech-Pacheco et al. 2000, ICPR, over contrast",
        higher="sharper",
        tolerance=0.15,
    ),
    _field(
        "face.lead_yaw",
        f"turn of the head {_LEAD}",
        "degrees",
        90,
        "weak perspective; mean face of Deng et al. 2019",
        low=-90,
        higher="to the picture's right",
        tolerance=5,
    ),
    _field(
        "face.lead_roll",
        f"tilt of the eye line {_LEAD}",
        "degrees",
        180,
        "angle between the eyes",
        low=-180,
        higher="clockwise",
        tolerance=4,
    ),
    _field(
        "face.facing_camera",
        f"1 - |yaw| / {AWAY:g}° {_LEAD}",
        "score",
        1,
        "ours",
        higher="more frontal",
        tolerance=0.12,
    ),
    _field(
        "face.facing_each_other",
        f"of the best pair: smaller inward yaw / {AWAY:g}° × shared height",
        "score",
        1,
        "ours, after Netflix's artwork features",
        higher="more turned to one another",
        tolerance=0.15,
    ),
    _field(
        "shot.scale",
        "shot size from the lead face's height over the picture's",
        "label",
        1,
        "fitted on film stills labelled by CinemaNet; body proportions between",
        dtype="category",
        labels=tuple(label for label, _ in SHOT_SCALES),
    ),
    _field("shot.people", "faces seen: one, two, three or more", "label", 1, _MTCNN, dtype="category", labels=PEOPLE),
)
_STRUCT = pa.struct(
    [
        *(
            (name, pa.float32())
            for name in ("x0", "y0", "x1", "y1", "score", "yaw", "roll", "sharpness", "height", "area", "prominence")
        ),
        ("points", pa.list_(pa.float32())),
    ]
)


class Faces(Stage):
    """Finds faces with MTCNN and reads pose, size and grouping off their boxes and landmarks."""

    name: ClassVar[str] = "faces"
    version: ClassVar[str] = "3"
    revised: ClassVar[str] = "1.4.0"
    after: ClassVar[tuple[str, ...]] = ("medium",)
    min_long_side: ClassVar[int] = FACE_SIDE
    summary: ClassVar[str] = "how many faces, where, how large, turned where; shot scale"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._detector: FaceDetector | None = None

    def fields(self) -> tuple[Field, ...]:
        """Two blocks: face, shot."""
        return _FACE

    def columns(self) -> tuple[Column, ...]:
        """The faces, most prominent first; points are x, y of the left and right eye, nose, mouth corners."""
        return (
            Column(
                "faces",
                "faces, most prominent first; sides as the picture shows them; null where face.count is not applicable",
                pa.list_(_STRUCT),
                Privacy.PERSON,
            ),
        )

    def fingerprint(self) -> dict[str, Any]:
        """Weights, search settings and the library that multiplies."""
        runtime = str(self.settings.runtime)
        return {"weights": dict(WEIGHTS), "search": dict(SEARCH), runtime: version(runtime)}

    def setup(self, device: str) -> None:
        """Load the detector's weights. Raises WeightsError naming the command that mends them."""
        from artvision.detection.found import face_detector

        self._detector = face_detector(device, str(self.settings.runtime), together=not self.settings.deterministic)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Faces of each picture; none found is a result too, but not on an illustration: drawn faces are overlooked."""
        if self._detector is None:
            raise RuntimeError("faces: run before setup")
        from artvision.detection.reading import find_faces

        found = find_faces(self._detector, batch)
        drawn = [result.values.get("medium.kind") == ILLUSTRATION for result in upstream.get("medium", ())]
        return [
            _NOT_APPLICABLE if overlooked and not any(face.score >= SURE for face in faces) else _result(faces)
            for faces, overlooked in zip(found, drawn or [False] * len(batch), strict=True)
        ]

    def close(self) -> None:
        """Forget the detector."""
        self._detector = None


_NOT_APPLICABLE = Result(dict.fromkeys((field.name for field in _FACE), Missing.NOT_APPLICABLE), {"faces": None})


def _result(faces: Sequence[Face]) -> Result:
    values = dict(_NOT_APPLICABLE.values)
    values |= {"face.count": len(faces), "face.total_area": min(1.0, sum(face.area for face in faces))}
    if faces:
        values |= _lead(faces[0]) | {"shot.people": geometry.people(len(faces))}
    if len(faces) > 1:
        values["face.facing_each_other"] = _known(geometry.facing_each_other(faces))
    return Result(values, {"faces": [_row(face) for face in faces]})


def _lead(face: Face) -> dict[str, Value]:
    x, y = face.centre
    camera = None if face.yaw is None else geometry.facing_camera(face.yaw)
    return {
        "face.lead_score": face.score,
        "face.lead_prominence": face.prominence,
        "face.lead_height": face.height,
        "face.lead_area": face.area,
        "face.lead_x": x,
        "face.lead_y": y,
        "face.lead_sharpness": _known(face.sharpness),
        "face.lead_yaw": _known(face.yaw),
        "face.lead_roll": face.roll,
        "face.facing_camera": _known(camera),
        "shot.scale": geometry.shot_scale(face.height),
    }


def _known(value: float | None) -> Value:
    return Missing.ABSTAINED if value is None else value


def _row(face: Face) -> dict[str, Any]:
    box = dict(zip(("x0", "y0", "x1", "y1"), face.box, strict=True))
    points = [coordinate for point in face.points for coordinate in point]
    names = ("score", "yaw", "roll", "sharpness", "height", "area", "prominence")
    return box | {name: getattr(face, name) for name in names} | {"points": points}
