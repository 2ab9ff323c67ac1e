"""The range of a field as its stored numbers keep it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def stored_range(field: Mapping[str, Any]) -> tuple[float | int, float | int]:
    """(low, high): a value is checked before it is rounded to float32, so these may lie one step outside the range."""
    low, high = float(field["low"]), float(field["high"])
    if field["dtype"] == "int32":
        return math.ceil(low), math.floor(high)
    under, over = np.float32(low), np.float32(high)
    under = under if under <= low else np.nextafter(under, np.float32(-np.inf))
    over = over if over >= high else np.nextafter(over, np.float32(np.inf))
    return float(under), float(over)


def told(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """What `schema_of` noted of a column, as JSON values; empty texts for what it did not."""
    texts = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    numbers = ("low", "high", "tolerance", "fill", "labels")
    return {"meaning": "", "unit": "", "dtype": ""} | {
        name: json.loads(text) if name in numbers else text for name, text in texts.items()
    }
