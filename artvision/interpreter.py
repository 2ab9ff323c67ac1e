"""Further interpreters of ours: they import what this one does, and nothing that lies where it was started."""

from __future__ import annotations

import os
import sys


def command(module: str, argument: str) -> list[str]:
    """What runs a module as a program, with one argument."""
    # Without -P a file `av.py` among somebody's artwork would be imported.
    return [sys.executable, "-P", "-m", module, argument]


def environment() -> dict[str, str]:
    """This process's own, with the places from which it imports."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
