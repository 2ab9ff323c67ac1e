"""One page without a network: how far chances can be believed, and what abstaining buys, for every offered tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artvision.extras import extra, require
from artvision.writing.document import write_document

EXTRA = "report"
TITLE = "Calibrated tags, out of fold · click a tag to hide it, twice to see it alone"
# Two charts beside each other need the width: on a phone the page scrolls sideways.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Calibrated tags · artvision</title>
<style>body {{ margin: 0 }} .plotly-graph-div {{ min-width: 960px; min-height: 480px }}</style>
</head>
<body>{charts}</body>
</html>
"""
PANELS = ("Does a tag hold as often as it says?", "What do decisions cost if only the surest are made?")
EVEN = {"dash": "dot", "color": "gray"}
COST = "mean cost of a decision (1: a guess at the threshold)"
TOLD = "given %{x:.2f}, holds in %{y:.2f} of %{customdata:,} pictures"
WHOLE = [-0.02, 1.02]  # shares, with room for half a marker at both ends


def require_plotly() -> None:
    """Raise UsageError where it is not installed."""
    require("plotly", EXTRA)


def draw(tags: Mapping[str, Any], path: Path) -> None:
    """Write the page of the entries of an evidence file. Raises RunError where it cannot be written."""
    config = {"displayModeBar": False, "responsive": True}
    charts = figure(tags).to_html(include_plotlyjs=True, config=config, full_html=False, default_height="100vh")
    write_document(PAGE.format(charts=charts), path)


def figure(tags: Mapping[str, Any]) -> Any:
    """Reliability diagram and coverage–risk curve: one line a tag in each, shown and hidden together."""
    graphs: Any = extra("plotly.graph_objects", EXTRA)
    made: Any = extra("plotly.subplots", EXTRA).make_subplots(rows=1, cols=2, subplot_titles=PANELS)
    made.add_trace(graphs.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=EVEN, name="as it says"), 1, 1)
    colors = made.layout.template.layout.colorway
    offered = {name: entry for name, entry in tags.items() if entry["offered"]}
    for at, (name, entry) in enumerate(offered.items()):
        look = {"name": name, "legendgroup": name, "mode": "lines+markers", "line": {"color": colors[at % len(colors)]}}
        chances, shares, counts = zip(*entry["reliability"], strict=True)
        coverages, risks = zip(*entry["coverage_risk"], strict=True)
        bins = {"x": chances, "y": shares, "error_y": _intervals(shares, counts), "customdata": counts}
        made.add_trace(graphs.Scatter(**bins, hovertemplate=TOLD, **look), 1, 1)
        made.add_trace(graphs.Scatter(x=coverages, y=risks, showlegend=False, **look), 1, 2)
    made.update_xaxes(title_text="chance that was given", range=WHOLE, row=1, col=1)
    made.update_yaxes(title_text="share that holds, with its 95 % interval", range=WHOLE, row=1, col=1)
    made.update_xaxes(title_text="share of pictures answered", range=WHOLE, row=1, col=2)
    made.update_yaxes(title_text=COST, rangemode="tozero", row=1, col=2)
    made.update_annotations(yshift=8)
    made.update_layout(title_text=TITLE)
    return made


def _intervals(shares: Sequence[float], counts: Sequence[int]) -> dict[str, Any]:
    """Error bars: the interval of Wilson, «Probable Inference», JASA 1927, of each bin by itself."""
    from scipy.stats import binomtest

    cases = zip(shares, counts, strict=True)
    found = [binomtest(round(share * count), count).proportion_ci(method="wilson") for share, count in cases]
    above = [interval.high - share for interval, share in zip(found, shares, strict=True)]
    below = [share - interval.low for interval, share in zip(found, shares, strict=True)]
    return {"array": above, "arrayminus": below, "thickness": 1, "width": 0}
