"""Light on the lead face: from which side, how strong, how hard; a rim of light around the head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from artvision.contract import Field, Missing, Privacy
from artvision.detection import SURE
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels.face_light import MAX_STOPS, Shading, cut_off
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.rim import rim
from artvision.stages.base import Result, Stage, Value

# Pixels of the face's shorter side, of the original and at the canonical size, to be measured; ours.
SMALLEST = 24
# Stops of `ratio` below which the light comes from nowhere in particular; ours.
DIRECTED = 0.3
# Stops below which there is no shadow whose edge could be hard; ours.
SHADED = 0.5

_LEAD = f"the most prominent one scored {SURE:g} or more"
_SHADING = "ours, after Pentland 1984, IEEE TPAMI 6(2)"


def _field(name: str, meaning: str, unit: str, low: float, high: float, higher: str, **more: Any) -> Field:
    source = more.pop("source", _SHADING)
    return Field(f"face_light.{name}", meaning, unit, low, high, source, higher, privacy=Privacy.PERSON, **more)


_FIELDS = (
    _field(
        "side",
        f"right half of the lead face, {_LEAD}, over its left half; abstains where a fifth of its width is cut off",
        "stops",
        -MAX_STOPS,
        MAX_STOPS,
        "lit from the picture's right",
        tolerance=0.1,
    ),
    _field(
        "above",
        "upper half of the lead face over its lower half; abstains where a fifth of its height is cut off",
        "stops",
        -MAX_STOPS,
        MAX_STOPS,
        "lit from above",
        tolerance=0.1,
    ),
    _field(
        "tilt",
        f"where the light comes from: 0 above, 90 the picture's right; abstains below a ratio of {DIRECTED:g} stops",
        "degrees",
        -180,
        180,
        "clockwise",
        tolerance=8,
    ),
    _field(
        "ratio", "half towards the light over the half away from it", "stops", 0, MAX_STOPS, "shaded", tolerance=0.1
    ),
    _field(
        "hardness",
        f"how abruptly the light ends; 0.25 a ball lit from the side; abstains below a ratio of {SHADED:g} stops",
        "score",
        0,
        1,
        "harder light",
        source="ours",
        tolerance=0.08,
    ),
    _field(
        "rim",
        "share of the head's outline that is brighter than both its sides; weak evidence: window frames count, too",
        "share",
        0,
        1,
        "more rim light",
        source="ours",
        tolerance=0.08,
        calibrated=False,
    ),
)


class FaceLight(Stage):
    """Reads the light off the shading of the lead face; says nothing of what is lit."""

    name: ClassVar[str] = "face_light"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "light on the lead face: direction, strength, hardness, rim"

    def fields(self) -> tuple[Field, ...]:
        """One block: face_light."""
        return _FIELDS

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Look at each picture's lead face."""
        return [
            Result(_measure(picture, faces.rows("faces")))
            for picture, faces in zip(batch, upstream["faces"], strict=True)
        ]


def _measure(picture: Picture, faces: Sequence[Mapping[str, Any]]) -> dict[str, Value]:
    """`not_applicable` without a sure face; `abstained` of what is too small, too much cut off or lit too evenly."""
    lead = next((face for face in faces if face["score"] >= SURE), None)
    if lead is None:
        return _all(Missing.NOT_APPLICABLE)
    box = (lead["x0"], lead["y0"], lead["x1"], lead["y1"])
    long = max(picture.width, picture.height)
    sides = (box[2] - box[0]) * picture.width, (box[3] - box[1]) * picture.height
    if min(sides) * min(1.0, SCORE_SIDE / long) < SMALLEST:
        return _all(Missing.ABSTAINED)
    shading = Shading.of(picture.at(SCORE_SIDE), box)
    narrowed, shortened = cut_off(box, picture.width / picture.height)
    ratio = None if narrowed or shortened else shading.ratio
    told = {
        "side": None if narrowed else shading.side,
        "above": None if shortened else shading.above,
        "tilt": shading.tilt if ratio and ratio >= DIRECTED else None,
        "ratio": ratio,
        "hardness": shading.hardness if ratio and ratio >= SHADED else None,
        "rim": rim(picture.derived(Pyramid.of, SCORE_SIDE).half, box),
    }
    return {f"face_light.{name}": Missing.ABSTAINED if value is None else value for name, value in told.items()}


def _all(why: Missing) -> dict[str, Value]:
    return dict.fromkeys((field.name for field in _FIELDS), why)
