"""The message of a rule: a text with values in it, as `{light.brightness:.0f}`. Nothing but values can be reached."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from artvision.errors import UsageError
from artvision.settings import suggest

FORM = re.compile(r"([<>^]?\d{1,2})?(\.\d{1,2})?[dfegs%]?")
HIDDEN = "(hidden)"
UNKNOWN = "unknown"


class Message:
    """Parsed once; UsageError that begins with `where` for braces or forms that say nothing."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        try:
            self.parts = [(literal, name, form or "") for literal, name, form, _ in Formatter().parse(text)]
        except ValueError as error:
            raise UsageError(f"{where} {text!r}: {error}") from None
        for form in (form for _, name, form in self.parts if name is not None and not FORM.fullmatch(form)):
            raise UsageError(f"{where} {text!r}: {form!r} is no form of a value; write :.0f, :.2f or :d")

    @property
    def names(self) -> list[str]:
        """Values that it shows."""
        return [name for _, name, _ in self.parts if name is not None]

    def allow(self, known: Iterable[str]) -> None:
        """Raises UsageError for the name of a value that is not among those known."""
        known = tuple(known)
        for name in self.names:
            if name not in known:
                hint = suggest(name, known) or (f"; it has {', '.join(known)}" if known else "; it has none")
                raise UsageError(f"{self.where} {self.text!r}: there is no value {name!r}{hint}")

    def say(self, values: Mapping[str, Any]) -> str:
        """The text; what is not among the values is hidden, what has none is unknown."""
        return "".join(
            literal + ("" if name is None else _shown(values.get(name, HIDDEN), form))
            for literal, name, form in self.parts
        )


def _shown(value: Any, form: str) -> str:
    if value is None or value == HIDDEN:
        return UNKNOWN if value is None else HIDDEN
    try:
        return format(value, form)
    except ValueError:  # a form for numbers on a text
        return str(value)
