"""Packages that only an extra of artvision brings: there when they are needed, or one line on how to have them."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from artvision.errors import UsageError


def extra(module: str, name: str) -> Any:
    """Import `module`, which the extra `name` brings. Raises UsageError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != module.split(".", maxsplit=1)[0]:
            raise
        raise _missing(module, name) from None


def require(module: str, name: str) -> None:
    """Raise the same where `module` is not installed, without the time that importing it takes."""
    if importlib.util.find_spec(module) is None:
        raise _missing(module, name)


def _missing(module: str, name: str) -> UsageError:
    return UsageError(f"this needs {module}: pip install 'artvision[{name}]'")
