"""The page itself: template, style and script put together with the data, with nothing left to fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artvision.errors import RunError
from artvision.report.charts import Chart, figure
from artvision.report.outcomes import Outcomes
from artvision.rows import Rows
from artvision.wording import counted

if TYPE_CHECKING:
    from jinja2 import Environment, Template

# In the order in which they build on one another; one scope, no modules: a page opened from a disk can load none.
SCRIPTS = ("data", "theme", "picture", "sheets", "tip", "filters", "keys", "framed", "detail", "charts", "start")


@dataclass(frozen=True)
class Frame:
    """What all pages of a report share. `made` has the lines on how the rows came to be, as (term, text)."""

    title: str
    made: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    outcomes: Outcomes
    charts: tuple[Chart, ...]
    pages: tuple[Path, ...]
    names: bool

    @classmethod
    def of(cls, rows: Rows, found: Outcomes, drawn: Sequence[Chart], pages: tuple[Path, ...], *, names: bool) -> Frame:
        """From the rows' own record of how they were made."""
        try:
            info = rows.run.info
        except RunError:
            info = {}
        model = info.get("fingerprint", {}).get("stages", {}).get("clip", {}).get("model")
        made = {
            "finished": str(info.get("finished", ""))[:16].replace("T", " ") + " UTC" * bool(info.get("finished")),
            "model": model or "",
            "contract": str(rows.contract["contract_version"]),
            "artvision": str(info.get("artvision", "")),
            "fingerprint": str(info.get("fingerprint_sha256", ""))[:12],
        }
        told = tuple((term, text) for term, text in made.items() if text)
        notices = tuple(str(notice) for notice in info.get("notices", ()))
        return cls(Path(rows.called).resolve().name, told, notices, found, tuple(drawn), pages, names)


def render(frame: Frame, number: int, data: Mapping[str, Any], thumbs: Sequence[str]) -> str:
    """The HTML of page `number` (from 0). All texts are escaped: by the template, and inside JSON as \\u003c."""
    from plotly.offline import get_plotlyjs

    plots = [{"spec": chart.spec, "figure": figure(chart)} for chart in frame.charts]
    return _template().render(
        frame=frame, number=number, data=data, thumbs=thumbs, plots=plots, plotly=get_plotlyjs(),
        style=_text("report.css"), script="\n".join(_text(f"{name}.js") for name in SCRIPTS),
    )  # fmt: skip


@cache
def _template() -> Template:
    return _environment().get_template("report.html.j2")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("artvision.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["counted"] = counted
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return found


def _text(name: str) -> str:
    return (files("artvision.report") / "page" / name).read_text(encoding="utf-8")
