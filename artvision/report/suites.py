"""Rows grouped by title in the order in which they should be shown, and titles shared out over pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pyarrow as pa

from artvision.film.address import moment
from artvision.suite.columns import embeddings
from artvision.suite.selection import ALIKE, repeats
from artvision.suite.similarity import similarities


@dataclass(frozen=True)
class Suite:
    """All assets of a title on a page: `rows` are places in the table, the one to show first at the front."""

    title_id: str | None
    title: str
    rows: tuple[int, ...]


def arrange(table: pa.Table) -> list[Suite]:
    """The suites by name, assets without a title last; inside by `suite.order`, else by asset id, in a film by time."""
    orders = table["suite.order"].to_pylist() if "suite.order" in table.column_names else [None] * len(table)
    ids, titles, names = (table[name].to_pylist() for name in ("asset_id", "title_id", "title"))
    members: dict[str | None, list[int]] = {}
    for row, title_id in enumerate(titles):
        members.setdefault(title_id, []).append(row)
    suites = []
    for title_id, rows in members.items():
        ordered = sorted(rows, key=lambda row: (math.inf if orders[row] is None else orders[row], _in_film(ids[row])))
        name = next((names[row] for row in ordered if names[row]), None) or title_id or "No title"
        suites.append(Suite(title_id, name, tuple(ordered)))
    return sorted(suites, key=lambda suite: (suite.title_id is None, suite.title.casefold(), suite.title_id or ""))


def _in_film(asset_id: str) -> tuple[str, Fraction]:
    """What sorts stills of a film by time, and all else by id."""
    return moment(asset_id) or (asset_id, Fraction(0))


def repeated(table: pa.Table, vectors: pa.Table, suites: Sequence[Suite]) -> dict[int, int]:
    """Row -> the row of its suite that it repeats, and that is to be shown before it.

    `vectors`: asset ids and embeddings. Titles in which no redundancy reaches ALIKE are not compared.
    """
    near, orders, plates = (table[name].to_pylist() for name in ("suite.redundancy", "suite.order", "plate.id"))
    places = {asset: at for at, asset in enumerate(vectors["asset_id"].to_pylist())}
    at = np.array([places[asset] for asset in table["asset_id"].to_pylist()], np.int64)
    known, _ = embeddings(vectors)
    found: dict[int, int] = {}
    for suite in suites:
        rows = [row for row in suite.rows if orders[row] is not None]
        if any((near[row] or 0) >= ALIKE for row in rows):
            of = [plates[row] for row in rows]
            alike = similarities(known[at[rows]], of)
            found |= {rows[one.index]: rows[one.of] for one in repeats(alike, range(len(rows)), of)}
    return found


def share_out(suites: Sequence[Suite], size: int) -> list[list[Suite]]:
    """Pages of at most `size` assets, at least one page; a title is split only where it is larger than a page."""
    pages: list[list[Suite]] = [[]]
    held = 0
    for suite in suites:
        for start in range(0, len(suite.rows), size):
            part = replace(suite, rows=suite.rows[start : start + size])
            if held + len(part.rows) > size:
                pages.append([])
                held = 0
            pages[-1].append(part)
            held += len(part.rows)
    return pages
