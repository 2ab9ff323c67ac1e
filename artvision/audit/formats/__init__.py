"""Finds the formats of an audit's report: every concrete `Format` class in a module of this package is one."""

from __future__ import annotations

from functools import cache

from artvision.audit.formats.base import Format
from artvision.discovery import by_name, concrete
from artvision.errors import UsageError
from artvision.settings import suggest


@cache
def formats() -> dict[str, Format]:
    """Name -> format, by name. Raises DefinitionError when two files claim one name."""
    return {name: form() for name, form in by_name(concrete(__name__, Format), "formats").items()}


def get_format(name: str) -> Format:
    """The format of that name. Raises UsageError with those there are."""
    if name not in formats():
        raise UsageError(f"there is no format {name!r}{suggest(name, formats()) or '; ' + ', '.join(formats())}")
    return formats()[name]
