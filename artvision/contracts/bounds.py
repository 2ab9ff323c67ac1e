"""The range of a field as its stored numbers keep it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def stored_range(field: Mapping[str, Any]) -> tuple[float | int, float | int]:
    """(low, high) as the nearest float32 that close the range: stored numbers are rounded after they are checked."""
    low, high = float(field["low"]), float(field["high"])
    if field["dtype"] == "int32":
        return math.ceil(low), math.floor(high)
    under, over = np.float32(low), np.float32(high)
    if float(under) > low:
        under = np.nextafter(under, np.float32(-np.inf))
    if float(over) < high:
        over = np.nextafter(over, np.float32(np.inf))
    return float(under), float(over)


def told(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """What `schema_of` noted of a column, as JSON values; empty texts for what it did not."""
    texts = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    numbers = ("low", "high", "tolerance", "fill", "labels")
    return {"meaning": "", "unit": "", "dtype": ""} | {
        name: json.loads(text) if name in numbers else text for name, text in texts.items()
    }
