"""The data files that come with artvision, in `artvision/data/`."""

from __future__ import annotations

from importlib.resources import files


def data_text(name: str) -> str:
    """The text of a data file, `canvases.toml`."""
    return (files("artvision") / "data" / name).read_text(encoding="utf-8")
