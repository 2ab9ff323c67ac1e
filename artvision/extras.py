"""Packages that only an extra of artvision brings: there when they are needed, or one line on how to have them."""

from __future__ import annotations

import importlib
from typing import Any

from artvision.errors import UsageError


def extra(module: str, name: str) -> Any:
    """Import `module`, which the extra `name` brings. Raises UsageError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != module.split(".", maxsplit=1)[0]:
            raise
        raise UsageError(f"this needs {module}: pip install 'artvision[{name}]'") from None
