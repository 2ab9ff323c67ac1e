"""What a head is given: columns of other stages in the form in which it was fitted to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.contract import Missing

# Columns by name; None or a `Missing` state where there is no value.
Values = Mapping[str, Any]
# Share of the picture's height: no detector finds smaller faces.
_SMALLEST = 0.005


def _known(values: Values, column: str) -> float | None:
    value = values.get(column)
    return None if value is None or isinstance(value, Missing) else float(value)


def _of(column: str, form: Callable[[float], float] = float) -> Callable[[Values], float | None]:
    def read(values: Values) -> float | None:
        value = _known(values, column)
        return None if value is None else form(value)

    return read


def _size(value: float) -> float:
    return math.log(max(value, _SMALLEST))


EVIDENCE: dict[str, Callable[[Values], float | None]] = {
    "nobody": _of("face.count", lambda count: float(count == 0)),
    "faces": _of("beside.faces", math.log),
    "face_height": _of("face.lead_height", _size),
    "face_height_squared": _of("face.lead_height", lambda value: _size(value) ** 2),
    "face_area": _of("face.total_area", math.sqrt),
    "face_beside": _of("face.lead_x", lambda value: abs(value - 0.5)),
    "face_y": _of("face.lead_y"),
    "face_score": _of("face.lead_score"),
    **{
        column.replace(".", "_"): _of(column)
        for column in (
            "beside.room",
            "beside.light",
            "beside.detail",
            "beside.low_detail",
            "beside.lower_light",
            "beside.lower_detail",
            "beside.second",
        )
    },
    **{
        column.split(".")[1]: _of(column)
        for column in (
            "composition.focus_y",
            "composition.spread",
            "composition.centering",
            "composition.thirds_lines",
            "composition.symmetry_x",
            "composition.symmetry_y",
            "composition.diagonal",
            "composition.axes",
            "composition.empty_share",
            "composition.empty_y",
            "composition.empty_area",
            "composition.clutter",
            "composition.shallow_focus",
            "composition.balance_y",
            "light.brightness",
            "light.contrast",
            "light.low_key",
            "light.high_key",
            "color.chroma",
            "color.hue_concentration",
            "color.warmth",
            "color.dominant_share",
            "color.dominant_b",
            "detail.sharpness",
            "detail.motion_blur",
            "detail.noise",
            "detail.entropy",
        )
    },
}


def evidence(values: Values, names: tuple[str, ...]) -> NDArray[np.float64]:
    """(len(names),): what is known under each name of EVIDENCE, NaN where nothing is."""
    found = [EVIDENCE[name](values) for name in names]
    return np.array([np.nan if value is None else value for value in found])
