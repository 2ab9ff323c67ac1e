"""`artvision canvases`: the canvases that artwork is fitted to, and how one picture fits them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.cli.options import with_settings
from artvision.settings import Settings

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.framing.canvas import Canvas
    from artvision.pipeline import Examined

EXAMPLES = """
[bold]Examples[/bold]

artvision canvases                                 [dim]the canvases: what is reserved in each, and who says so[/dim]

artvision canvases poster.jpg --out sheet.png      [dim]its crops, and a drawing of them with a title in each[/dim]

artvision canvases poster.jpg --canvases ours.toml [dim]your own canvases[/dim]

artvision canvases poster.jpg --stages text        [dim]what becomes of lines of text as well[/dim]
"""
LISTED = ("canvas", "service", "aspect", "unsafe", "badge", "title", "slot", "checked")
FITTED = ("canvas", "aspect", "salient", "faces", "text", "slot", "bare", "contrast")


@with_settings
def canvases(
    image: Annotated[
        Path | None, typer.Argument(help="One picture; without: the canvases.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Draw the crops with their title slots (PNG).", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
    *,
    settings: Settings,
) -> None:
    """List the canvases, or show how one picture fits them: best crop, faces that survive, where a title stands."""
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.framing.canvas_file import read_canvases

    console, known = Console(), read_canvases(settings.canvases).canvases
    if image:
        found = _examined(console, image, settings)
        _show(console, image, found, known, as_json=json)
        if out:
            _draw(out, found, known)
            console.say(f"drawn to {out}")
    elif out:
        raise UsageError("--out draws a picture: name one, as in `artvision canvases poster.jpg --out sheet.png`")
    elif json:
        console.data([_described(canvas) for canvas in known])
    else:
        console.table("", LISTED, map(_listed, known), fixed=["canvas", "aspect", "badge", "slot"])
        console.table("", ["source", "canvases"], _sources(known), fixed=["source"])


def _listed(canvas: Canvas) -> list[str]:
    frame = canvas.frame
    return [
        canvas.id,
        canvas.service,
        canvas.shape,
        ", ".join(f"{side} {share:.0%}" for side, share in _unsafe(canvas).items() if share > 0) or "-",
        f"{frame.badge.width:.0%} × {frame.badge.height:.0%}" if frame.badge else "-",
        canvas.title.value,
        f"{frame.slot[0]:.0%} × {frame.slot[1]:.0%}",
        "yes" if canvas.checked else "no",
    ]


def _sources(known: Sequence[Canvas]) -> list[list[str]]:
    """Each page with the canvases that it says."""
    pages = dict.fromkeys(canvas.source for canvas in known)
    return [[page or "-", ", ".join(canvas.id for canvas in known if canvas.source == page)] for page in pages]


def _unsafe(canvas: Canvas) -> dict[str, float]:
    """Depth of the unsafe band on each side."""
    safe = canvas.frame.safe
    return {"top": safe.y0, "bottom": round(1 - safe.y1, 9), "left": safe.x0, "right": round(1 - safe.x1, 9)}


def _described(canvas: Canvas) -> dict[str, Any]:
    badge, slot = canvas.frame.badge, canvas.frame.slot
    return {
        "canvas": canvas.id,
        "name": canvas.name,
        "service": canvas.service,
        "aspect": canvas.shape,
        "unsafe": _unsafe(canvas),
        "badge": badge._asdict() if badge else None,
        "title": canvas.title.value,
        "slot": {"width": slot[0], "height": slot[1]},
        "source": canvas.source,
        "checked": canvas.checked,
        "ours": list(canvas.ours),
    }


def _examined(console: Console, image: Path, settings: Settings) -> Examined:
    """The picture through the stages that a fit needs, and others that were named."""
    from artvision.errors import FailuresError
    from artvision.pipeline import examine

    found = examine(image, replace(settings, stages=_with_needed(settings.stages)), reporter=console)
    if found.failures:
        raise FailuresError(f"{image}: " + "; ".join(found.failures.values()))
    return found


def _with_needed(stages: str) -> str:
    """The stages named, with those that a fit needs; `all` alone is the default, and a fit needs few of them."""
    named = [word for part in stages.split(",") if (word := part.strip())]
    if named == ["all"]:
        named = []
    needed = ["canvases"] if "all" in named else ["faces", "canvases"]
    return ",".join(dict.fromkeys([*named, *needed]))


def _show(console: Console, image: Path, found: Examined, known: Sequence[Canvas], *, as_json: bool) -> None:
    rows = found.results["canvases"].columns["canvases"]
    if as_json:
        console.data(rows)
        return
    title = f"{image}: {found.picture.width}×{found.picture.height}"
    cells = [_fitted(canvas, row) for canvas, row in zip(known, rows, strict=True)]
    console.table(title, FITTED, cells, right=["salient", "bare", "contrast"], fixed=["canvas", "aspect", "slot"])


def _fitted(canvas: Canvas, row: Mapping[str, Any]) -> list[str]:
    from artvision.framing.telling import contrast, survivors

    slot = row["slot"]
    place = f"{slot['x0']:.2f} {slot['y0']:.2f} {slot['x1']:.2f} {slot['y1']:.2f}" if slot else "no room"
    return [
        canvas.id,
        canvas.shape,
        "-" if row["saliency"] is None else f"{row['saliency']:.0%}",
        survivors(row, "faces"),
        _text(canvas, row),
        place,
        f"{slot['emptiness']:.0%}" if slot else "-",
        contrast(slot) if slot else "-",
    ]


def _text(canvas: Canvas, row: Mapping[str, Any]) -> str:
    """What becomes of text, and whether there may be any."""
    from artvision.framing.canvas import Title
    from artvision.framing.telling import survivors

    forbidden = canvas.title is Title.FORBIDDEN and (row["text_whole"] or row["text_cut"])
    return survivors(row, "text") + (": must be textless" if forbidden else "")


def _draw(out: Path, found: Examined, known: Sequence[Canvas]) -> None:
    from artvision.draw import save_drawing
    from artvision.framing.sheet import draw_sheet

    rows = found.results["canvases"].columns["canvases"]
    sheet = draw_sheet(found.picture.pixels, found.results["faces"].rows("faces"), list(zip(known, rows, strict=True)))
    save_drawing(sheet, out, "--out")
