"""How the main fields are distributed: bins and counts for all assets, as Plotly figures that the page's script fills.

The bins are settled here; the script counts the assets that a filter leaves into the same ones.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artvision.contract import Missing
from artvision.report.chosen import MAIN, SAID, short, states
from artvision.wording import counted

BINS = 24  # of a number, at most: more are thinner than a pointer hits
MANY = 6  # of a count: that many and more share a bar
TAGS = 8  # bars of the chart of tags


@dataclass(frozen=True)
class Chart:
    """One distribution. `edges` bound the bins of a number, with a `unit`; `labels` name the bars of anything else.

    `counts` has one a bar, `missing` how many assets have no value, by state, `middle` is the summary in words; `names`
    are the fields behind the bars where each has its own.
    """

    field: str
    name: str
    unit: str
    meaning: str
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    middle: str
    missing: str
    names: tuple[str, ...] = ()

    @property
    def spec(self) -> dict[str, Any]:
        """What the script needs to count again."""
        return {"field": self.field, "edges": self.edges, "names": self.names, "all": self.counts}


def charts(table: pa.Table, fields: Sequence[Mapping[str, Any]]) -> list[Chart]:
    """The main fields that the table has, then the strongest tags."""
    known, why = {field["name"]: field for field in fields}, states(table, fields)
    found = [_chart(known[name], table[name], why[name]) for name in MAIN if name in known]
    tags = _tags(table, [field for field in fields if field["kind"] == "zero-shot"])
    return [*found, tags] if tags else found


def figure(chart: Chart) -> dict[str, Any]:
    """The Plotly figure as JSON: bars of all assets, and over them those shown. Colours are the page's."""
    from plotly import graph_objects as go

    # Words need the width.
    flat = not chart.edges and max(map(len, chart.labels), default=0) > 3
    middles = [(low + high) / 2 for low, high in zip(chart.edges, chart.edges[1:], strict=False)]
    places: list[Any] = middles or list(chart.labels)
    told = [f"{low:.3g} – {high:.3g}" for low, high in zip(chart.edges, chart.edges[1:], strict=False)]
    axes = {"y": places, "x": chart.counts} if flat else {"x": places, "y": chart.counts}
    count = "%{x}" if flat else "%{y}"
    bars = [
        go.Bar(
            **axes, name=name, orientation="h" if flat else "v", customdata=told or list(chart.labels),
            hovertemplate=f"%{{customdata}}<br>{count} {name}<extra></extra>",
        )
        for name in ("in all", "shown")
    ]  # fmt: skip
    if chart.edges:
        for bar in bars:
            bar.width = chart.edges[1] - chart.edges[0]
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "automargin": True}
    whole = {"rangemode": "tozero"} | ({"nticks": 4} if max(chart.counts, default=0) > 3 else {"dtick": 1})
    layout = go.Layout(
        template="none", barmode="overlay", bargap=0.18, showlegend=False, height=150,
        margin={"l": 30, "r": 6, "t": 6, "b": 24}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 11}, dragmode=False,
        xaxis=plain | (whole if flat else {"type": "linear" if chart.edges else "category"}),
        yaxis=plain | ({"autorange": "reversed", "type": "category"} if flat else whole),
    )  # fmt: skip
    parsed: dict[str, Any] = json.loads(go.Figure(bars, layout).to_json())
    return parsed


def _chart(field: Mapping[str, Any], column: pa.ChunkedArray, why: Mapping[int, Missing]) -> Chart:
    known = column.drop_null()
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    middle = counted(len(known), "asset")
    if field["labels"]:
        labels = tuple(label.replace("_", " ") for label in field["labels"])
        tally = Counter(known.to_pylist())
        counts = [tally[label] for label in field["labels"]]
    elif field["dtype"] == "int32":
        numbers = known.to_numpy()
        labels = (*map(str, range(MANY)), f"{MANY}+")
        counts = np.bincount(np.minimum(numbers, MANY).astype(int), minlength=MANY + 1).tolist()
        middle = _spread(numbers)
    else:
        # Those that the script bins again.
        numbers = np.array([short(number) for number in known.to_pylist()])
        made, cut = np.histogram(numbers, _bins(len(numbers)), _extent(numbers, field))
        counts, edges = made.tolist(), tuple(cut.tolist())
        middle = _spread(numbers)
    return Chart(
        field["name"], MAIN[field["name"]], field["unit"] if edges else "", field["meaning"], edges, labels,
        tuple(counts), middle, _missing(len(column) - len(known), why),
    )  # fmt: skip


def _tags(table: pa.Table, offered: Sequence[Mapping[str, Any]]) -> Chart | None:
    """How often each tag is the strongest of its picture."""
    offered = [field for field in offered if table[field["name"]].null_count < len(table)]
    if not offered:
        return None
    scores = np.column_stack([table[field["name"]].to_numpy().astype(float) for field in offered])
    known = scores[~np.isnan(scores).all(axis=1)]
    tally = Counter(offered[at]["name"] for at in np.nanargmax(known, axis=1))
    names, counts = zip(*tally.most_common(TAGS), strict=True) if tally else ((), ())
    rough = "" if all(field["calibrated"] for field in offered) else " Not calibrated: a first look only."
    without = len(table) - len(known)
    return Chart(
        field="tags",
        name="strongest tag",
        unit="",
        meaning=f"of the {len(offered)} offered, how often each scores highest in a picture.{rough}",
        edges=(),
        labels=tuple(name.replace(".", ": ").replace("_", " ") for name in names),
        counts=counts,
        middle=counted(len(known), "asset"),
        missing=f"{without:,} without tags" if without else "",
        names=names,
    )


def _bins(count: int) -> int:
    """The square root of the count, as is common, between 8 and BINS."""
    return min(BINS, max(8, math.isqrt(count)))


def _extent(numbers: NDArray[np.float64], field: Mapping[str, Any]) -> tuple[float, float]:
    """Where the values lie, for a contract's range is often far wider; the range itself where they are all one."""
    if len(numbers) and numbers.min() < numbers.max():
        return float(numbers.min()), float(numbers.max())
    return float(field["low"]), float(field["high"])


def _spread(numbers: NDArray[np.float64]) -> str:
    if not len(numbers):
        return "no values"
    low, middle, high = np.percentile(numbers, (5, 50, 95))
    return f"median {middle:.3g}, nine in ten within {low:.3g} to {high:.3g}"


def _missing(count: int, why: Mapping[int, Missing]) -> str:
    if not count:
        return ""
    tally = Counter(SAID[state] for state in why.values())
    parts = [f"{number:,} {said}" for said, number in tally.most_common()]
    unsaid = count - sum(tally.values())
    return f"{count:,} without a value: " + ", ".join([*parts, f"{unsaid:,} unexplained"] if unsaid else parts)
