"""Rows grouped by title in the order in which they should be shown, and titles shared out over pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa


@dataclass(frozen=True)
class Suite:
    """All assets of a title on a page: `rows` are places in the table, the one to show first at the front."""

    title_id: str | None
    title: str
    rows: tuple[int, ...]


def arrange(table: pa.Table) -> list[Suite]:
    """The suites by name, assets without a title last; inside by `suite.order`, else by asset id."""
    orders = table["suite.order"].to_pylist() if "suite.order" in table.column_names else [None] * len(table)
    ids, titles, names = (table[name].to_pylist() for name in ("asset_id", "title_id", "title"))
    members: dict[str | None, list[int]] = {}
    for row, title_id in enumerate(titles):
        members.setdefault(title_id, []).append(row)
    suites = []
    for title_id, rows in members.items():
        ordered = sorted(rows, key=lambda row: (math.inf if orders[row] is None else orders[row], ids[row]))
        name = next((names[row] for row in ordered if names[row]), None) or title_id or "No title"
        suites.append(Suite(title_id, name, tuple(ordered)))
    return sorted(suites, key=lambda suite: (suite.title_id is None, suite.title.casefold(), suite.title_id or ""))


def share_out(suites: Sequence[Suite], size: int) -> list[list[Suite]]:
    """Pages of at most `size` assets, at least one page; a title is split only where it is larger than a page."""
    pages: list[list[Suite]] = [[]]
    for suite in suites:
        for start in range(0, len(suite.rows), size):
            part = replace(suite, rows=suite.rows[start : start + size])
            if sum(len(other.rows) for other in pages[-1]) + len(part.rows) > size:
                pages.append([])
            pages[-1].append(part)
    return pages
