"""Finds the kinds of rules: every concrete `Kind` class in a module of this package is one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from artvision.audit.kinds.base import Kind
from artvision.errors import DefinitionError


@cache
def kinds() -> dict[str, type[Kind]]:
    """Name -> kind, by name. Raises DefinitionError when two files claim one name."""
    found: dict[str, type[Kind]] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and issubclass(kind, Kind) and not inspect.isabstract(kind):
                if kind.name in found:
                    raise DefinitionError(f"two kinds of rules are called {kind.name!r}, one in {module.__file__}")
                found[kind.name] = kind
    return dict(sorted(found.items()))
