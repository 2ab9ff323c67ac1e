"""Keys of tables in files that people write: what each may hold; checks, messages and docs derive from one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from artvision.errors import UsageError
from artvision.settings import suggest

NEEDED = object()  # the default of a key that must be given
WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list of texts",
    dict: "a table",
    date: "a date",
}


@dataclass(frozen=True)
class Key:
    """One key: its type (text, number, list of texts, date, or an enumeration), meaning, default and range."""

    kind: type
    meaning: str
    default: Any = NEEDED
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()  # of the texts in a list

    def read(self, value: Any) -> Any:
        """The value as the key's type. Raises ValueError saying what it must be."""
        if issubclass(self.kind, StrEnum):
            return self._chosen(value)
        if self.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not self.kind:
            raise ValueError(f"must be {WORDS[self.kind]}, not {value!r}")
        self._check(value)
        return value

    def _chosen(self, value: Any) -> StrEnum:
        words = [str(word) for word in self.kind.__members__.values()]  # type: ignore[attr-defined]  # an enumeration
        if value not in words:
            raise ValueError(f"must be one of {', '.join(words)}, not {value!r}")
        chosen: StrEnum = self.kind(value)
        return chosen

    def _check(self, value: Any) -> None:
        if isinstance(value, list):
            for odd in (item for item in value if not isinstance(item, str)):
                raise ValueError(f"must be a list of texts, and {odd!r} is none")
            for odd in (item for item in value if self.choices and item not in self.choices):
                raise ValueError(f"knows no {odd!r}{suggest(odd, self.choices) or '; ' + ', '.join(self.choices)}")
        if isinstance(value, str) and not value.strip() and self.default is NEEDED:
            raise ValueError("must not be empty")
        if isinstance(value, int | float) and not self._within(value):
            raise ValueError(f"must lie between {_number(self.low)} and {_number(self.high)}, and {value:g} does not")

    def _within(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def read_keys(given: Mapping[str, Any], keys: Mapping[str, Key], where: str) -> dict[str, Any]:
    """Every key's value, its default where it is not given.

    Raises UsageError that begins with `where` for an unknown or missing key and for a value that does not fit.
    """
    for name in given:
        if name not in keys:
            raise UsageError(f"{where}: there is no key {name!r}{suggest(name, keys) or '; ' + ', '.join(keys)}")
    values: dict[str, Any] = {}
    for name, key in keys.items():
        if name not in given and key.default is NEEDED:
            raise UsageError(f"{where}: the key {name!r} is missing ({key.meaning})")
        try:
            values[name] = key.read(given[name]) if name in given else key.default
        except ValueError as error:
            raise UsageError(f"{where}: {name} {error}") from None
    return values


def _number(value: float | None) -> str:
    return "anything" if value is None else f"{value:g}"
