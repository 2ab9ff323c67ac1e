"""What a row of the column `canvases` says, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def survivors(row: Mapping[str, Any], of: str) -> str:
    """«2 whole (1 covered), 1 cut» of `faces` or `text`; what lies outside the crop is not said. «-»: not known."""
    whole, cut, clear = (row[f"{of}_{fate}"] for fate in ("whole", "cut", "clear"))
    if whole is None:
        return "-"
    covered = f" ({whole - clear} covered)" if whole > clear else ""
    return ", ".join([f"{whole} whole{covered}", *([f"{cut} cut"] if cut else [])]) if whole + cut else "none"


def contrast(slot: Mapping[str, Any]) -> str:
    """«white 5.2:1» of the better ink."""
    return f"{slot['ink']} {slot[slot['ink']]:.1f}:1"
