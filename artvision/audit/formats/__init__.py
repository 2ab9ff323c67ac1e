"""Finds the formats of an audit's report: every concrete `Format` class in a module of this package is one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from artvision.audit.formats.base import Format
from artvision.errors import DefinitionError, UsageError
from artvision.settings import suggest


@cache
def formats() -> dict[str, Format]:
    """Name -> format, by name. Raises DefinitionError when two files claim one name."""
    found: dict[str, Format] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for _, form in inspect.getmembers(module, inspect.isclass):
            if form.__module__ == module.__name__ and issubclass(form, Format) and not inspect.isabstract(form):
                if form.name in found:
                    raise DefinitionError(f"two formats are called {form.name!r}, one in {module.__file__}")
                found[form.name] = form()
    return dict(sorted(found.items()))


def get_format(name: str) -> Format:
    """The format of that name. Raises UsageError with those there are."""
    if name not in formats():
        raise UsageError(f"there is no format {name!r}{suggest(name, formats()) or '; ' + ', '.join(formats())}")
    return formats()[name]
