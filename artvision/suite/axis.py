"""One dimension of a suite, read off its pictures: what a complete suite would show, and what each picture shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]  # one asset: column name -> value


@dataclass(frozen=True)
class Axis:
    """`labels`: what a complete suite has, most wanted first; `values`: one an asset, None where it is not known.

    A value outside `labels` (a person who is not in the cast) is shown, but counts neither for nor against. `note`
    says how the labels came about where that is not plain.
    """

    name: str
    labels: tuple[str, ...]
    values: tuple[str | None, ...]
    note: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures show each label."""
        return {label: self.values.count(label) for label in self.labels}

    @property
    def missing(self) -> tuple[str, ...]:
        """Labels that no picture shows."""
        return tuple(label for label, count in self.counts.items() if not count)

    @property
    def others(self) -> dict[str, int]:
        """How many pictures show something outside the labels."""
        odd = dict.fromkeys(value for value in self.values if value is not None and value not in self.labels)
        return {value: self.values.count(value) for value in odd}


@dataclass(frozen=True)
class LeftOut:
    """A dimension that cannot be told of this suite, and why."""

    name: str
    reason: str


def known(rows: Sequence[Row], column: str) -> list[Any]:
    """What is known of a column, row by row, without the gaps."""
    return [row[column] for row in rows if row.get(column) is not None]
