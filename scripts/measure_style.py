"""What the stages figure, face_light and medium cost, what they add to the other fields, and what they look like.

    python scripts/measure_style.py cost FOLDER [--every N]              milliseconds of a core a picture, by stage
    python scripts/measure_style.py fields FOLDER [--every N]            spread, and the nearest field of other stages
    python scripts/measure_style.py sheet FIELD OUT FOLDER [--every N]   the pictures with the most and the least of it
    python scripts/measure_style.py drawn FOLDER [--limit N]             faces found on N pictures called illustrations

FOLDER is searched for pictures. `scripts/measure_medium.py` measures what medium is worth.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import extracted, pictures, read, ready
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from artvision.contract import Missing
from artvision.detection import SURE
from artvision.image import resize
from artvision.pixels.medium import ILLUSTRATION
from artvision.stages.base import Result, Value

NEW = ("figure", "face_light", "medium")
OTHERS = "light,composition,faces"
TILE, ACROSS, SHOWN = 160, 6, 12

Columns = dict[str, NDArray[np.float64]]


def cost(paths: Sequence[Path]) -> dict[str, float]:
    """Median of this thread's time a picture; the pyramid and the faces are paid for by others before."""
    chosen, spent = ready(f"{OTHERS},{','.join(NEW)}"), defaultdict(list)
    order = sorted(chosen, key=lambda stage: stage.name in NEW)
    for path in paths:
        picture, found = read(path), dict[str, Result]()
        for stage in order:
            upstream = {name: [result] for name, result in found.items() if name in stage.needs}
            start = time.thread_time()
            (found[stage.name],) = stage.run([picture], upstream)
            spent[stage.name].append((time.thread_time() - start) * 1e3)
    return {name: round(float(np.median(own)), 2) for name, own in spent.items()}


def values(paths: Sequence[Path]) -> list[dict[str, Value]]:
    """All fields of each picture."""
    chosen = ready(f"{OTHERS},{','.join(NEW)}")
    return [
        {name: value for result in extracted(chosen, read(path)).values() for name, value in result.values.items()}
        for path in paths
    ]


def numbers(rows: Sequence[dict[str, Value]]) -> Columns:
    """The fields that are numbers, NaN where there is none."""
    words = {name for row in rows for name, value in row.items() if isinstance(value, str) and not missing(value)}
    return {
        name: np.array([np.nan if missing(row[name]) else float(row[name]) for row in rows])
        for name in rows[0]
        if name not in words
    }


def missing(value: Value) -> bool:
    """Whether there is a reason in place of a value."""
    return isinstance(value, Missing)


def fields(paths: Sequence[Path]) -> dict[str, Any]:
    """Of each new field: states or labels, five quantiles, the largest of Pearson's correlations with older ones."""
    rows = values(paths)
    columns = numbers(rows)
    new = [name for name in rows[0] if name.split(".")[0] in {*NEW, "texture"}]
    old = {name: column for name, column in columns.items() if name not in new}
    return {name: told(name, rows, columns, old) for name in new}


def told(name: str, rows: Sequence[dict[str, Value]], columns: Columns, old: Columns) -> dict[str, Any]:
    """What is said of one field."""
    words = Counter(str(row[name]) for row in rows if isinstance(row[name], str))
    if name not in columns:
        return dict(words)
    quantiles = np.nanquantile(columns[name], (0.05, 0.25, 0.5, 0.75, 0.95))
    nearest, r = max(((other, correlation(columns[name], own)) for other, own in old.items()), key=lambda x: abs(x[1]))
    return {**words, "quantiles": [round(float(q), 2) for q in quantiles], "nearest": nearest, "r": round(r, 2)}


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's, where both are known; 0 of less than 20 rows."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 20 or one[known].std() == 0 or other[known].std() == 0:
        return 0.0
    return float(np.corrcoef(one[known], other[known])[0, 1])


def sheet(name: str, out: Path, paths: Sequence[Path]) -> None:
    """SHOWN pictures with the most, most first, above as many with the least."""
    column = numbers(values(paths))[name]
    order = [int(place) for place in np.argsort(-column) if np.isfinite(column[place])]
    chosen = order[:SHOWN] + order[-SHOWN:]
    rows = -(-len(chosen) // ACROSS)
    whole = Image.new("RGB", (ACROSS * TILE, rows * (TILE + 14)))
    for index, place in enumerate(chosen):
        x, y = index % ACROSS * TILE, index // ACROSS * (TILE + 14)
        whole.paste(Image.fromarray(resize(read(paths[place]).pixels, TILE)), (x, y))
        ImageDraw.Draw(whole).text((x + 2, y + TILE), f"{column[place]:.2f}", fill=(255, 255, 0))
    whole.save(out)


def drawn(paths: Sequence[Path], limit: int) -> dict[str, int]:
    """Of the first `limit` pictures that are called illustrations: finds, sure ones, not applicable now."""
    medium, faces = ready("medium"), ready("faces")
    called = (path for path in paths if extracted(medium, read(path))["medium"].values["medium.kind"] == ILLUSTRATION)
    found: Counter[str] = Counter()
    for _, path in zip(range(limit), called, strict=False):
        scores = [face["score"] for face in extracted(faces, read(path))["faces"].columns["faces"]]
        sure = max(scores, default=0.0) >= SURE
        found.update({"pictures": 1, "with finds": bool(scores), "with a sure find": sure, "not applicable": not sure})
    return dict(found)


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cost", "fields", "sheet", "drawn"))
    parser.add_argument("names", nargs="+")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--limit", type=int, default=200)
    given = parser.parse_args()
    *more, folder = given.names
    paths = pictures(Path(folder), given.every)
    if given.what == "sheet":
        field, out = more
        sheet(field, Path(out), paths)
        return
    found = drawn(paths, given.limit) if given.what == "drawn" else {"cost": cost, "fields": fields}[given.what](paths)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
