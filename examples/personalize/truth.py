"""What members see in a picture, measured by other means than artvision's: the tastes of the simulation act on this.

A taste must not be made of the numbers that are on trial, or the experiment would only prove that they equal
themselves. Genres and actors come from the catalogue, a large face from dlib's HOG detector, brightness from Pillow.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sized
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

ENLARGED = 3  # dlib's detector sees faces from 80 pixels on; posters of the catalogue are 128 pixels wide
STARS = 40  # actors that a member may be fond of: those on most pictures
RARE = 0.5  # a genre on more than this share of all pictures says nothing of one


@dataclass(frozen=True)
class Truth:
    """(N, G) bool genres, (N, A) bool actors, (N,) bool face, (N,) float brightness in deviations from the mean."""

    asset_ids: list[str]
    genre_names: list[str]
    star_names: list[str]
    genres: NDArray[np.bool_]
    stars: NDArray[np.bool_]
    face: NDArray[np.bool_]
    bright: NDArray[np.float64]


def look(table: pa.Table, cache: Path, genres: int = 10) -> Truth:
    """The truth on rows with `asset_id`, `path`, `genres` and, where there is one, `catalog.actors` (joined by `|`)."""
    seen = _seen(table, cache)
    has = [set(filter(None, (text or "").split("|"))) for text in table["genres"].to_pylist()]
    actors = table["catalog.actors"].to_pylist() if "catalog.actors" in table.column_names else [None] * len(has)
    cast = [set(filter(None, (text or "").split("|"))) for text in actors]
    counts = Counter(genre for own in has for genre in own)
    names = [name for name, count in counts.most_common() if count <= RARE * len(has)][:genres]
    stars = [name for name, _ in Counter(actor for own in cast for actor in own).most_common(STARS)]
    light = np.array([one["light"] for one in seen])
    return Truth(
        table["asset_id"].to_pylist(),
        names,
        stars,
        np.array([[name in own for name in names] for own in has]),
        np.array([[name in own for name in stars] for own in cast]).reshape(len(cast), len(stars)),
        np.array([one["faces"] > 0 for one in seen]),
        np.clip((light - light.mean()) / light.std(), -2, 2),
    )


def _seen(table: pa.Table, cache: Path) -> list[dict[str, float]]:
    """Faces and mean luma of each picture; looked at once, then kept beside the results."""
    import dlib

    detector = dlib.get_frontal_face_detector()
    known = json.loads(cache.read_text()) if cache.exists() else {}
    found = []
    for path, name in zip(table["path"].to_pylist(), _keys(table), strict=True):
        known[name] = known.get(name) or _look_at(path, detector)
        found.append(known[name])
    cache.write_text(json.dumps(known))
    return found


def _keys(table: pa.Table) -> list[str]:
    return [hashlib.sha256(path.encode()).hexdigest()[:16] for path in table["path"].to_pylist()]


def _look_at(path: str, detector: Callable[[NDArray[np.uint8], int], Sized]) -> dict[str, float]:
    with Image.open(path) as picture:
        gray = picture.convert("L")
    large = gray.resize((gray.width * ENLARGED, gray.height * ENLARGED), Image.Resampling.BICUBIC)
    return {"faces": len(detector(np.asarray(large), 0)), "light": float(np.asarray(gray, np.float64).mean())}
