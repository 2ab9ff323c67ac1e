"""Tag vectors for streaming artwork.

    import artvision
    summary = artvision.extract(["./images"], "run")
    table = artvision.read_run("run").table()

Importing this package loads nothing heavy; names arrive when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artvision.pipeline import extract
    from artvision.run import Run, read_run
    from artvision.settings import Settings
    from artvision.summary import Summary

__version__ = "0.1.0"
__all__ = ["Run", "Settings", "Summary", "__version__", "extract", "read_run"]

_HOMES = {"extract": "pipeline", "Run": "run", "read_run": "run", "Settings": "settings", "Summary": "summary"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'artvision' has no attribute {name!r}")
    return getattr(import_module(f"artvision.{_HOMES[name]}"), name)
