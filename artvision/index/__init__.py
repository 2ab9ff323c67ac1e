"""The index: the rows of a run as a LanceDB table, with what suites say of them, for search and filters in SQL."""

from __future__ import annotations

from artvision.extras import extra


def ready() -> None:
    """Raise UsageError where a package is missing that making an index needs."""
    for module in ("lancedb", "lance", "cv2", "imagehash"):
        extra(module, "index")
