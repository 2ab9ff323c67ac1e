"""Counts as people say them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 asset`, `1,200 assets`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
