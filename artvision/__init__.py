"""Tag vectors for streaming artwork.

    import artvision
    summary = artvision.extract(["./images"], "run")
    table = artvision.read_run("run").table()
    artvision.make_index("index", catalog="catalog.csv")
    dark = artvision.open_index("index").nearest(None, where="light.brightness < 20")
    artvision.write_export("run", "actions", "vw")

Importing this package loads nothing heavy; names arrive when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artvision.export.choice import Choice
    from artvision.export.make import write_export
    from artvision.export.matrix import Matrix, read_matrix
    from artvision.export.recipe import Recipe
    from artvision.index.make import make_index
    from artvision.index.store import Index, open_index
    from artvision.merging.make import merge
    from artvision.pipeline import extract
    from artvision.rows import open_rows
    from artvision.run import Run, read_run
    from artvision.settings import Settings
    from artvision.sharding import Shard
    from artvision.summary import Summary

__version__ = "0.1.0"
__all__ = [
    "Choice", "Index", "Matrix", "Recipe", "Run", "Settings", "Shard", "Summary", "__version__", "extract",
    "make_index", "merge", "open_index", "open_rows", "read_matrix", "read_run", "write_export",
]  # fmt: skip

_HOMES = {
    "extract": "pipeline", "Shard": "sharding", "merge": "merging.make",
    "make_index": "index.make", "Index": "index.store", "open_index": "index.store",
    "Run": "run", "read_run": "run", "open_rows": "rows", "Settings": "settings", "Summary": "summary",
    "Choice": "export.choice", "Matrix": "export.matrix", "read_matrix": "export.matrix", "Recipe": "export.recipe",
    "write_export": "export.make",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'artvision' has no attribute {name!r}")
    return getattr(import_module(f"artvision.{_HOMES[name]}"), name)
