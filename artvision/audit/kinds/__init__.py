"""Finds the kinds of rules: every concrete `Kind` class in a module of this package is one."""

from __future__ import annotations

from functools import cache

from artvision.audit.kinds.base import Kind
from artvision.discovery import by_name, concrete


@cache
def kinds() -> dict[str, type[Kind]]:
    """Name -> kind, by name. Raises DefinitionError when two files claim one name."""
    return by_name(concrete(__name__, Kind), "kinds of rules")
