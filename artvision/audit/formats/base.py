"""What a format is: an audit in, a text out. Texts of a policy and a catalogue are data to it, never markup."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from artvision.audit.result import Audit

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Page:
    """What a format is written on: columns of letters, colour, and how many findings at most (0: all)."""

    width: int = 100
    color: bool = False
    limit: int = 0


class Format(ABC):
    """One file in `artvision/audit/formats/`."""

    name: ClassVar[str]
    summary: ClassVar[str]

    @abstractmethod
    def text(self, audit: Audit, page: Page) -> str:
        """The report, with a newline at its end."""


def visible(text: str) -> str:
    """The text in one line: letters that would break a line, turn a terminal or are none as `\\x1b`, `\\u202e`."""
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
