"""What a run tells while it goes on; the command line prints it, the Python API stays silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from artvision.ledger import Entry


class Reporter(Protocol):
    """Receives the course of a run, from the thread that started it."""

    def notice(self, text: str) -> None:
        """One line that a person should know before trusting the result."""

    def begin(self, todo: int, reused: int, where: str) -> None:
        """The plan stands: so many pictures to compute, so many that stand; `where` it is computed, and why there."""

    def advance(self, entry: Entry) -> None:
        """One input is finished, well or not."""

    def count(self, what: str, total: int, unit: str = "images") -> Callable[[int], None]:
        """Something else takes `total` units: what is returned is told of each number done, and `end` follows all."""

    def end(self) -> None:
        """Nothing more is computed: all is done, or it was interrupted."""


class Silent:
    """Tells nobody."""

    def notice(self, text: str) -> None:
        """Nothing."""

    def begin(self, todo: int, reused: int, where: str) -> None:
        """Nothing."""

    def advance(self, entry: Entry) -> None:
        """Nothing."""

    def count(self, what: str, total: int, unit: str = "images") -> Callable[[int], None]:  # noqa: ARG002 - nobody is told
        """Nothing."""
        return lambda _: None

    def end(self) -> None:
        """Nothing."""
