"""`artvision actors verify` and `calibrate`: how often a gallery's embedder is right, on pairs whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.cli.gallery import AsJson, Where, counting

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.gallery import Decision
    from artvision.recognition.verification import Figure, Verification

VERIFY = """
[bold]Examples[/bold]

artvision actors verify pairs.csv -g cast.gallery    [dim]at the gallery's threshold[/dim]

artvision actors verify pairs.csv --embedder dlib    [dim]without a gallery, at the embedder's own[/dim]
"""
Pairs = Annotated[Path, typer.Argument(help="Table of pairs: a, b (pictures beside it), same (1 or 0).")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:N or mps.")]
SHOWN = 20


def verify(
    pairs: Pairs,
    gallery: Annotated[Path | None, typer.Option("--gallery", "-g", help="Take embedder and threshold of it.")] = None,
    embedder: Annotated[str, typer.Option(help="Without a gallery: dlib or facenet.")] = "dlib",
    device: Device = "auto",
    json: AsJson = False,
) -> None:
    """Measure accuracy, true and false match rate and AUC on labelled pairs of pictures."""
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.recognition.binding import new_gallery
    from artvision.recognition.embedder import get_make

    console = Console()
    held = _opened(gallery) if gallery else new_gallery(get_make(embedder))
    found = _judged(console, pairs, held.embedder, held.decision.threshold, device)
    if json:
        console.data({"embedder": held.embedder, "threshold_source": held.decision.source, **found.describe()})
    else:
        _report(console, found, held.decision)
    if not found.scored:
        raise UsageError(f"{pairs}: none of its {len(found.unused)} pairs could be used")


def calibrate(
    pairs: Pairs,
    gallery: Where,
    rate: Annotated[float, typer.Option("--false-match-rate", help="Wanted share of false matches, as 0.001.")] = 0.001,
    device: Device = "auto",
    json: AsJson = False,
) -> None:
    """Set the gallery's threshold to a wanted false-match rate, measured on labelled pairs of pictures."""
    from dataclasses import replace

    from artvision.console import Console
    from artvision.gallery import changing, read_gallery, write_gallery
    from artvision.recognition.calibration import calibrate as fit

    console = Console()
    # Before a lock is made beside a gallery that is not there.
    read_gallery(gallery)
    with changing(gallery):
        held = _opened(gallery)
        found = _judged(console, pairs, held.embedder, held.decision.threshold, device)
        decision = fit(found, rate, held.decision)
        write_gallery(replace(held, decision=decision), gallery)
    if json:
        console.data({"gallery": str(gallery), "before": held.decision.threshold, **vars(decision)})
        return
    _report(console, replace(found, threshold=decision.threshold), decision)
    console.say(f"{gallery}: threshold {held.decision.threshold:.3f} -> {decision.threshold:.3f}")
    console.say("runs made with the old threshold are not extended: use another --out, or --overwrite")


def _opened(path: Path) -> Any:
    from artvision.gallery import read_gallery
    from artvision.recognition.binding import require_same_make
    from artvision.recognition.embedder import get_make

    held = read_gallery(path)
    require_same_make(held, get_make(held.embedder), path)
    return held


def _judged(console: Console, pairs: Path, embedder: str, threshold: float, device: str) -> Verification:
    from artvision.device import choose_device
    from artvision.recognition.embedder import get_make, load
    from artvision.recognition.looking import Looker
    from artvision.recognition.pairs import judge, read_pairs

    wanted = read_pairs(pairs)
    chosen = choose_device(device).name
    with counting(console, "pictures") as progress:
        return judge(wanted, Looker(chosen), load(get_make(embedder), chosen), threshold, progress)


def _report(console: Console, found: Verification, decision: Decision) -> None:
    counts = f"{len(found.genuine)} pairs of one person, {len(found.impostor)} of two"
    rows = [
        ["accuracy", *_cells(found.accuracy)],
        ["true match rate (TPR)", *_cells(found.true_positive_rate)],
        ["false match rate (FPR)", *_cells(found.false_positive_rate)],
        ["AUC", *_cells(found.auc)],
    ]
    console.table("", ["figure", "value", "95 % interval"], rows, right=["value"], fixed=["figure", "value"])
    console.say(f"{counts}; threshold {found.threshold:.3f} ({decision.source})")
    for item in found.unused[:SHOWN]:
        console.say(f"not used: {item.where}: {item.path}: {item.reason}")
    if len(found.unused) > SHOWN:
        console.say(f"… and {len(found.unused) - SHOWN} more pairs not used; --json lists them")


def _cells(figure: Figure) -> list[str]:
    if figure.value is None:
        return ["-", figure.reason]
    between = "" if figure.low is None or figure.high is None else f"{figure.low:.4f} to {figure.high:.4f}"
    return [f"{figure.value:.4f}", between]
