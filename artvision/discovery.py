"""Parts found by being there: the concrete classes that the modules of a package define, one a file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from typing import TypeVar

from artvision.errors import DefinitionError

Part = TypeVar("Part")


def concrete(package: str, base: type[Part]) -> list[type[Part]]:
    """Concrete subclasses of `base` in the modules of the package, each where it is defined, by module and name."""
    path = importlib.import_module(package).__path__
    modules = [importlib.import_module(f"{package}.{info.name}") for info in pkgutil.iter_modules(path)]
    members = [(module, member) for module in modules for _, member in inspect.getmembers(module, inspect.isclass)]
    own = [member for module, member in members if member.__module__ == module.__name__ and issubclass(member, base)]
    return [member for member in own if not inspect.isabstract(member)]


def by_name(classes: Iterable[type[Part]], what: str) -> dict[str, type[Part]]:
    """`name` -> class, sorted by name. Raises DefinitionError naming both files where one name is claimed twice."""
    found: dict[str, type[Part]] = {}
    for part in classes:
        name = str(part.name)  # type: ignore[attr-defined]  # what has no name is not looked for
        if name in found:
            files = " and ".join(inspect.getfile(owner) for owner in (found[name], part))
            raise DefinitionError(f"two {what} are called {name!r}: {files}")
        found[name] = part
    return dict(sorted(found.items()))
