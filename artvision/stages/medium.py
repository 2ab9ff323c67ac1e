"""What a picture was made with: a camera, or by drawing and painting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from artvision.contract import Field, Missing
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels.medium import ILLUSTRATION, PHOTOGRAPH, shipped, signs, weights_sha256
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.tone import BLANK
from artvision.stages.base import Result, Stage, Value

_SOURCE = "logistic regression on film posters, after Athitsos et al. 1997, CAIVL; Lienhart & Hartmann 2002, JEI 11(4)"

_FIELDS = (
    Field(
        "medium.illustration",
        "how much the pixels are those of a drawing or painting, not of a photograph",
        "score",
        0,
        1,
        _SOURCE,
        "more surely drawn",
        tolerance=0.05,
        fill=0.2,
    ),
    Field(
        "medium.kind",
        "photograph or illustration; abstains between two scores, knows no 3-D rendering",
        "label",
        0,
        1,
        _SOURCE,
        dtype="category",
        labels=(PHOTOGRAPH, ILLUSTRATION),
    ),
)


class Medium(Stage):
    """Weighs what the pixels of drawings and of photographs differ in; keeps nothing between pictures."""

    name: ClassVar[str] = "medium"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.4.0"
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "photograph or illustration"

    def fields(self) -> tuple[Field, ...]:
        """One block: medium; both fields say what they were worth on posters kept back."""
        return tuple(replace(field, evidence=shipped().evidence) for field in _FIELDS)

    def fingerprint(self) -> dict[str, Any]:
        """The weights."""
        return {"weights": weights_sha256()}

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Judge each picture by itself."""
        return [Result(_values(picture.derived(Pyramid.of, SCORE_SIDE))) for picture in batch]


def _values(planes: Pyramid) -> dict[str, Value]:
    judge, found = shipped(), signs(planes)
    if found["contrast"] < BLANK:
        return {field.name: Missing.NOT_APPLICABLE for field in _FIELDS}
    score = judge.score(found)
    return {"medium.illustration": score, "medium.kind": judge.kind(score) or Missing.ABSTAINED}
