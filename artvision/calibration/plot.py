"""One page without a network: how far chances can be believed, and what abstaining buys, for every offered tag."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artvision.extras import extra, require
from artvision.writing.document import write_document

EXTRA = "report"
TITLE = "Calibrated tags, out of fold · click a tag to hide it, twice to see it alone"
PANELS = ("Does a tag hold as often as it says?", "What do decisions cost if only the surest are made?")
EVEN = {"dash": "dot", "color": "gray"}


def require_plotly() -> None:
    """Raise UsageError where it is not installed."""
    require("plotly", EXTRA)


def draw(tags: Mapping[str, Any], path: Path) -> None:
    """Write the page of the entries of an evidence file. Raises RunError where it cannot be written."""
    write_document(figure(tags).to_html(include_plotlyjs=True, config={"displayModeBar": False}), path)


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
        told = [f"{count:,} pictures" for count in counts]
        made.add_trace(graphs.Scatter(x=chances, y=shares, text=told, **look), 1, 1)
        made.add_trace(graphs.Scatter(x=coverages, y=risks, showlegend=False, **look), 1, 2)
    made.update_xaxes(title_text="chance that was given", range=[0, 1], row=1, col=1)
    made.update_yaxes(title_text="share that holds", range=[0, 1], row=1, col=1)
    made.update_xaxes(title_text="share of pictures answered", row=1, col=2)
    made.update_yaxes(title_text="1 is the cost of a guess", rangemode="tozero", row=1, col=2)
    made.update_layout(title_text=TITLE)
    return made
