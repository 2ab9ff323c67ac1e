"""Composition of a picture: where the eye is drawn, how edges lie, where there is room. Never summed into a quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from artvision.contract import Field, Missing
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels import layout, space
from artvision.pixels.grid import Grid
from artvision.pixels.plane import Plane
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.saliency import focus
from artvision.stages.base import Result, Stage, Value

_HOU = "Hou & Zhang 2007, CVPR"
_LIU = "Liu et al. 2010, CGF 29(2)"

_FOCUS = (
    Field(
        "composition.focus_x",
        "centre of salient mass, from the left",
        "share of width",
        0,
        1,
        _HOU,
        "further right",
        tolerance=0.03,
        fill=0.5,
    ),
    Field(
        "composition.focus_y",
        "centre of salient mass, from the top",
        "share of height",
        0,
        1,
        _HOU,
        "lower",
        tolerance=0.03,
        fill=0.5,
    ),
    Field(
        "composition.spread",
        "distance of salient mass from its centre, root mean square",
        "share of side",
        0,
        0.71,
        _HOU,
        "more scattered",
        tolerance=0.03,
        fill=0.41,
    ),
    Field(
        "composition.balance_x", "salient mass right minus left", "balance", -1, 1, _HOU, "heavier right", tolerance=0.1
    ),
    Field(
        "composition.balance_y",
        "salient mass below minus above the middle",
        "balance",
        -1,
        1,
        _HOU,
        "heavier below",
        tolerance=0.1,
    ),
    Field("composition.centering", "salient mass near the centre", "share", 0, 1, _LIU, "more central", tolerance=0.03),
    Field(
        "composition.thirds_points",
        "salient mass near the four power points; weak evidence",
        "share",
        0,
        1,
        _LIU,
        "on the points",
        tolerance=0.03,
    ),
)
_LINES = (
    Field(
        "composition.thirds_lines",
        "edges that run along the lines of thirds; weak evidence",
        "share",
        0,
        1,
        f"ours, after {_LIU}",
        "on the lines",
        tolerance=0.02,
    ),
    Field(
        "composition.symmetry_x",
        "mirror symmetry of left and right",
        "share",
        0,
        1,
        f"ours, after {_LIU}",
        "more symmetric",
        tolerance=0.02,
    ),
    Field(
        "composition.symmetry_y",
        "mirror symmetry of top and bottom",
        "share",
        0,
        1,
        f"ours, after {_LIU}",
        "more symmetric",
        tolerance=0.02,
    ),
    Field(
        "composition.diagonal",
        "edges along the frame's diagonals; 0.5 no preference",
        "share",
        0,
        1,
        f"ours, after {_LIU}",
        "more diagonal",
        tolerance=0.02,
        fill=0.5,
    ),
    Field(
        "composition.tilt",
        "turn of the axes that edges follow, clockwise",
        "degrees",
        -40,
        40,
        "Mardia & Jupp 2000, §3.6.1",
        "turned clockwise",
        tolerance=1,
    ),
    Field(
        "composition.axes",
        "share of edges that follow the two axes of the tilt",
        "share",
        0,
        1,
        "Mardia & Jupp 2000, §3.6.1",
        "more rectangular",
        tolerance=0.02,
    ),
)
_ROOM = (
    Field(
        "composition.empty_share",
        "share of cells in which nothing is drawn",
        "share",
        0,
        1,
        "ours",
        "more negative space",
        tolerance=0.03,
    ),
    Field(
        "composition.empty_x",
        "left edge of the largest empty rectangle; of two that tie either may be chosen",
        "share of width",
        0,
        1,
        "ours",
        tolerance=0.05,
    ),
    Field(
        "composition.empty_y",
        "top edge of the largest empty rectangle; of two that tie either may be chosen",
        "share of height",
        0,
        1,
        "ours",
        tolerance=0.05,
    ),
    Field(
        "composition.empty_w",
        "width of the largest empty rectangle; of two that tie either may be chosen",
        "share of width",
        0,
        1,
        "ours",
        tolerance=0.05,
    ),
    Field(
        "composition.empty_h",
        "height of the largest empty rectangle; of two that tie either may be chosen",
        "share of height",
        0,
        1,
        "ours",
        tolerance=0.05,
    ),
    Field(
        "composition.empty_area",
        "area of the largest empty rectangle; 0 if there is none",
        "share",
        0,
        1,
        "ours",
        "more room",
        tolerance=0.03,
    ),
    Field(
        "composition.clutter",
        "edge density",
        "share",
        0,
        1,
        "Rosenholtz et al. 2007, JoV 7(2)",
        "more cluttered",
        tolerance=0.01,
    ),
    Field(
        "composition.shallow_focus",
        "share of detail in the middle quarter: proxy of a shallow depth of field",
        "share",
        0,
        1,
        "Datta et al. 2006, ECCV, on L*",
        "background softer",
        tolerance=0.02,
        fill=0.25,
    ),
)
_BARS = tuple(
    Field(
        f"composition.bar_{side}",
        f"depth of a uniform band along the {side}; 0 without one",
        f"share of {extent}",
        0,
        1,
        "ours",
        "deeper",
        tolerance=0.005,
    )
    for side, extent in (("top", "height"), ("bottom", "height"), ("left", "width"), ("right", "width"))
)


def _or_missing(value: float | None) -> Value:
    return Missing.NOT_APPLICABLE if value is None else value


def _focus(saliency: Grid) -> dict[str, Value]:
    found = focus(saliency)
    names = {field.name: field.name.removeprefix("composition.").removeprefix("focus_") for field in _FOCUS}
    return {name: _or_missing(getattr(found, attribute, None)) for name, attribute in names.items()}


def _lines(cells: Grid, quarter: Plane) -> dict[str, Value]:
    angle, coherence = layout.tilt(quarter)
    return {
        "composition.thirds_lines": _or_missing(layout.thirds_lines(cells)),
        "composition.symmetry_x": _or_missing(layout.symmetry(cells, 1)),
        "composition.symmetry_y": _or_missing(layout.symmetry(cells, 0)),
        "composition.diagonal": _or_missing(layout.diagonal(cells)),
        "composition.tilt": _or_missing(angle),
        "composition.axes": coherence,
        "composition.shallow_focus": _or_missing(layout.central_detail(quarter)),
    }


def _room(gradient: Plane) -> dict[str, Value]:
    cells = space.mean_gradient(gradient)
    rectangle = space.calm_rectangle(cells)
    place = dict.fromkeys("xywh") if rectangle is None else rectangle._asdict()
    return {
        "composition.empty_share": float((cells < space.CALM).mean()),
        **{f"composition.empty_{key}": _or_missing(value) for key, value in place.items()},
        "composition.empty_area": 0.0 if rectangle is None else rectangle.area,
        "composition.clutter": layout.clutter(gradient),
    }


class Composition(Stage):
    """Measures layout; keeps nothing between pictures."""

    name: ClassVar[str] = "composition"
    revised: ClassVar[str] = "1.3.0"
    version: ClassVar[str] = "2"
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "saliency, thirds, symmetry, balance, tilt, empty space, clutter, bars"

    def fields(self) -> tuple[Field, ...]:
        """One block: composition."""
        return (*_FOCUS, *_LINES, *_ROOM, *_BARS)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Measure each picture by itself."""
        return [self._measure(picture.derived(Pyramid.of, SCORE_SIDE)) for picture in batch]

    def _measure(self, planes: Pyramid) -> Result:
        sides = {f"composition.bar_{side}": depth for side, depth in planes.bars._asdict().items()}
        return Result(_focus(planes.saliency) | _lines(planes.cells, planes.quarter) | _room(planes.gradient) | sides)
