"""What recognising actors costs on top of finding faces; called by `bench.py --actors`."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench_pictures import make_pictures

from artvision import Settings, extract
from artvision.errors import ArtvisionError
from artvision.gallery import Actor, Portrait, write_gallery
from artvision.recognition.binding import new_gallery
from artvision.recognition.embedder import MAKES, Make
from artvision.summary import Summary

ENROLLED, PORTRAITS = 100, 3  # comparing is cheap beside embedding; this many show whether it stays so
ROUNDS = 3


def actors(count: int) -> dict[str, Any]:
    """For each embedder: milliseconds of a core a face, and how much longer a picture takes with recognition on.

    The gallery holds random templates, which match nobody: every face is embedded and compared all the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = make_pictures(Path(folder) / "images", count)
        return {make.name: _cost(make, paths, Path(folder)) for make in MAKES.values()}


def _cost(make: Make, paths: Sequence[Path], folder: Path) -> dict[str, Any] | str:
    gallery = _random_gallery(make, folder / f"{make.name}.gallery")
    ratios, spent, faces = [], 0.0, 0
    try:
        for number in range(ROUNDS):
            plain = _run(paths, folder / f"{make.name}-{number}-off", Settings(stages="faces"))
            with_actors = Settings(stages="faces,actors", actors=str(gallery))
            known = _run(paths, folder / f"{make.name}-{number}-on", with_actors)
            ratios.append(_steady(known) / _steady(plain))
            spent += known.steps["actors"]
            faces += sum(len(row) for row in known.run.table(["actors"])["actors"].to_pylist())
    except ArtvisionError as error:
        return f"not measured: {error}"
    return {
        "faces_a_round": faces // ROUNDS,
        "milliseconds_a_face": round(1000 * spent / faces, 1),
        "milliseconds_a_picture": round(1000 * spent / ROUNDS / len(paths), 1),
        "longer_than_faces_alone": round(statistics.median(ratios), 2),
    }


def _run(paths: Sequence[Path], out: Path, settings: Settings) -> Summary:
    return extract(paths, out, settings)


def _steady(summary: Summary) -> float:
    """Seconds of a run without the loading of models."""
    return summary.seconds - summary.steps["load"]


def _random_gallery(make: Make, path: Path) -> Path:
    draw = np.random.default_rng(0)
    people = [
        Actor(
            f"actor-{number}",
            f"Actor {number}",
            draw.normal(size=(PORTRAITS, make.width)).astype(np.float32),
            (Portrait("drawn", "0" * 64),) * PORTRAITS,
            basis="random numbers",
        )
        for number in range(ENROLLED)
    ]
    write_gallery(new_gallery(make).with_actors(people), path)
    return path
