"""Figure against ground: how much lighter, sharper, richer in contrast and colour it is than what lies behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from artvision.contract import Field, Missing
from artvision.detection import SURE
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels import figure
from artvision.pixels.color import MAX_CHROMA
from artvision.pixels.detail import MAX_SHARPNESS
from artvision.pixels.figure import Box, Parts
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.silhouette import silhouette
from artvision.pixels.texture import structure_entropy
from artvision.stages.base import Result, Stage, Value

FACE, SALIENCY = "face", "saliency"
# Of the lead face's height over the long side; below, its box says little of a figure; ours.
SMALLEST = 0.05
# A face of this share of the lead's height is part of the figure; ours.
SHARES_LEAD = 0.5

_REKOGNITION = "ours; foreground and background as in AWS Rekognition's image quality"


def _difference(name: str, what: str, unit: str, most: float, tolerance: float, source: str, higher: str) -> Field:
    meaning = f"{what}, figure minus ground"
    return Field(f"figure.{name}", meaning, unit, -most, most, source, higher, tolerance=tolerance)


_FIELDS = (
    Field(
        "figure.mask",
        "what the figure is taken from: heads and shoulders of sure faces, or else what stands out",
        "label",
        0,
        1,
        f"{_REKOGNITION}; proportions of Vitruvius III.1 and Leonardo; Hou & Zhang 2007",
        dtype="category",
        labels=(FACE, SALIENCY),
    ),
    Field("figure.share", "share of the picture under the figure", "share", 0, 1, "ours", "larger", tolerance=0.03),
    _difference("brightness", "mean lightness", "L*", 100, 1, "CIE 15:2004", "figure brighter"),
    _difference("contrast", "standard deviation of lightness", "L*", 50, 1, "Peli 1990, JOSA A 7(10)", "more contrast"),
    _difference(
        "sharpness",
        "variance of the Laplacian at half size, logarithm",
        "log10 L*²",
        MAX_SHARPNESS,
        0.1,
        "Pech-Pacheco et al. 2000, ICPR",
        "ground softer",
    ),
    _difference("chroma", "mean chroma", "C*ab", MAX_CHROMA, 1, "CIE 15:2004", "figure more saturated"),
    Field(
        "figure.silhouette",
        "a dark, even shape before a bright ground, whatever the mask",
        "score",
        0,
        1,
        "ours, with Otsu 1979, IEEE Trans. SMC 9(1)",
        "more of a silhouette",
        tolerance=0.03,
    ),
    Field(
        "texture.entropy",
        "kinds of local structure, where there is any: entropy of binary patterns over its most",
        "share",
        0,
        1,
        "Ojala et al. 2002, IEEE TPAMI 24(7)",
        "more varied texture",
        tolerance=0.03,
    ),
)
_COMPARED = ("brightness", "contrast", "sharpness", "chroma")


class Figure(Stage):
    """Parts a picture into figure and ground and compares the two; keeps nothing between pictures."""

    name: ClassVar[str] = "figure"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "figure against ground: brightness, contrast, sharpness, colour; silhouette, texture"

    def fields(self) -> tuple[Field, ...]:
        """Two blocks: figure, texture."""
        return _FIELDS

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Compare each picture's own parts."""
        return [_measure(picture, faces.rows("faces")) for picture, faces in zip(batch, upstream["faces"], strict=True)]


def people(faces: Sequence[Mapping[str, Any]], tall: float) -> list[Box]:
    """Boxes of the faces that make up the figure: the lead one, if sure and large enough, and those near its size.

    `tall` is the picture's height over its long side.
    """
    sure = [face for face in faces if face["score"] >= SURE]
    lead = max((face["height"] for face in sure), default=0.0)
    if lead * tall < SMALLEST:
        return []
    return [(f["x0"], f["y0"], f["x1"], f["y1"]) for f in sure if f["height"] >= SHARES_LEAD * lead]


def _measure(picture: Picture, faces: Sequence[Mapping[str, Any]]) -> Result:
    planes = picture.derived(Pyramid.of, SCORE_SIDE)
    half, bars = planes.half, figure.true_bars(planes.half, planes.bars)
    values: dict[str, Value] = dict.fromkeys((field.name for field in _FIELDS), Missing.NOT_APPLICABLE)
    entropy = structure_entropy(half)
    values["figure.silhouette"] = silhouette(figure.within(half, bars))
    values["texture.entropy"] = Missing.NOT_APPLICABLE if entropy is None else entropy
    if boxes := people(faces, half.shape[0] / max(half.shape)):
        parts, mask = figure.heads_and_shoulders(boxes, half.shape, bars), FACE
    elif planes.saliency.any():
        parts, mask = figure.standing_out(planes.saliency, half.shape, bars), SALIENCY
    else:
        return Result(values)
    values |= {"figure.mask": mask, "figure.share": figure.share(parts.figure)}
    return Result(values | (_differences(picture, planes, parts) if parts.comparable else {}))


def _differences(picture: Picture, planes: Pyramid, parts: Parts) -> dict[str, Value]:
    bend, chroma = figure.bend(planes.half), figure.chroma(picture.at(SCORE_SIDE))
    one, other = (figure.look(weights, planes.half, bend, chroma) for weights in (parts.figure, parts.ground))
    return {f"figure.{name}": mine - its for name, mine, its in zip(_COMPARED, one, other, strict=True)}
