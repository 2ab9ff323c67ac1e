"""Films: shots become candidate stills, each an asset of its own, decoded at its own time. Needs the extra `video`."""

from __future__ import annotations

import importlib.util

from artvision.extras import require

EXTRA = "video"
INSTALL = f"pip install 'artvision[{EXTRA}]'"
MODULES = ("av", "scenedetect", "imagehash")


def can_read() -> bool:
    """Whether the extra is installed, without the time that importing it takes."""
    return all(importlib.util.find_spec(module) for module in MODULES)


def require_extra() -> None:
    """Raises UsageError with the command that installs the extra, where it is not there."""
    for module in MODULES:
        require(module, EXTRA)
