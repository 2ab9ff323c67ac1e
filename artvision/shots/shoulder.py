"""What lies beside the lead face, where somebody seen from behind would stand: evidence of an over-the-shoulder shot.

Everything is told as if the room beside the face were at its right; a mirrored picture has the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artvision.detection.geometry import FaceRow
from artvision.pixels.grid import Grid, area_mean
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.space import gradient_magnitude

ROWS, COLUMNS = 16, 24
# Share of the room next to the face that may still be the person's own hair and shoulder.
APART = 0.2
# Shares of the height below and above which the lower and upper part of the room lie.
LOW, HIGH = 0.6, 0.35
SURE = 0.9  # score from which another face is taken for one
# L* a pixel added to a gradient before its logarithm: grain is no detail.
FLAT = 0.3


def beside(planes: Pyramid, faces: Sequence[FaceRow]) -> dict[str, float]:
    """Columns for `evidence`, by name; none without a face. `faces` are sorted by prominence.

    room: share of the width beside the face; light: L* / 100; detail: logarithm of the gradient. Both are told of the
    room's part beside and below the face against the rest, and of its lower part against its upper part.
    """
    if not faces:
        return {}
    light = area_mean(planes.quarter, ROWS, COLUMNS) / 100
    detail = np.log(area_mean(gradient_magnitude(planes.quarter), ROWS, COLUMNS) + FLAT)
    lead = faces[0]
    room = max(lead["x0"], 1 - lead["x1"])
    if lead["x0"] > 1 - lead["x1"]:
        light, detail = light[:, ::-1], detail[:, ::-1]
    across = (np.arange(COLUMNS) + 0.5) / COLUMNS > min(1 - room * (1 - APART), 1 - 1 / COLUMNS)
    down = (np.arange(ROWS) + 0.5) / ROWS
    mass = (down > min(lead["y0"], 1 - 1 / ROWS))[:, None] & across
    lower, upper = (down > LOW)[:, None] & across, (down < HIGH)[:, None] & across
    return {
        "beside.room": room,
        "beside.light": _apart(light, mass, ~mass),
        "beside.detail": _apart(detail, mass, ~mass),
        "beside.low_detail": float(detail[lower].mean()),
        "beside.lower_light": _apart(light, lower, upper),
        "beside.lower_detail": _apart(detail, lower, upper),
    } | _others(faces)


def _apart(cells: Grid, one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(cells[one].mean() - cells[other].mean())


def _others(faces: Sequence[FaceRow]) -> dict[str, float]:
    """How many faces are sure, and the logarithm of the second one's height over the lead's; 0 where there is none.

    A doubtful find comes and goes with the resolution, and must not move what is told of the picture.
    """
    others = [face["y1"] - face["y0"] for face in faces[1:] if face["score"] >= SURE]
    second = math.log(others[0] / (faces[0]["y1"] - faces[0]["y0"])) if others else 0.0
    return {"beside.faces": 1.0 + len(others), "beside.second": second}
