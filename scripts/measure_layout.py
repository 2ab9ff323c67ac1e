"""What the stage `layout` finds and costs: slots on planted boxes, and on folders of pictures.

`measure_layout.py planted [--count N]` plants one bare box in busy pictures and counts where its four edges are found;
`pictures FOLDER [--sample N] [--seed S]` finds faces and fits every canvas: slots that touch a face, room, legibility,
faces that survive, milliseconds of one core; `resolutions FOLDER` compares two resolutions of each picture. `--part
held-out` is a fifth of the pictures, at which nobody looked while the stages were written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from planted import planted  # type: ignore[import-not-found]  # lies beside the tests

from artvision import image
from artvision.framing.box import WHOLE, Box, boxes_of, touching
from artvision.framing.canvas import Frame
from artvision.framing.fit import View
from artvision.image import FACE_SIDE, SCORE_SIDE, Picture, resize
from artvision.pixels.pyramid import Pyramid
from artvision.settings import Settings
from artvision.stages.canvases import Canvases
from artvision.stages.composition import Composition
from artvision.stages.faces import Faces
from artvision.stages.layout import SHAPES, Layout

SIZES = ((1920, 1080), (1000, 1500), (900, 900), (1600, 1200), (1400, 600))
NOISES = (0.0, 3.0, 8.0)
NEAR = 0.02
PARTS = {"all": range(5), "looked-at": range(1, 5), "held-out": range(1)}


def plant(seed: int) -> tuple[Box, tuple[int, int], float]:
    """Where the box lies, the picture's size, the grain in the box."""
    chance = random.Random(seed)
    wide, high = chance.uniform(0.48, 0.9), chance.uniform(0.18, 0.7)
    left, top = chance.uniform(0, 1 - wide), chance.uniform(0, 1 - high)
    return Box(left, top, left + wide, top + high), SIZES[seed % len(SIZES)], NOISES[seed % len(NOISES)]


def slot_of(picture: Picture) -> Box | None:
    """The title slot of a whole picture without faces."""
    found = View.of(picture, []).slot(Frame(picture.width / picture.height), WHOLE)
    return found.box if found else None


def on_plants(count: int) -> dict[str, Any]:
    """Share of planted boxes of which all four edges are found within 2 % of the side, and how far they are off."""
    off = []
    for seed in range(count):
        box, size, noise = plant(seed)
        found = slot_of(Picture(planted(*size, box, seed, noise), *size))
        off.append(max(abs(one - other) for one, other in zip(found or WHOLE, box, strict=True)))
    quantiles = {f"{share:.0%}": round(float(np.quantile(off, share)), 4) for share in (0.5, 0.95, 1)}
    return {"boxes": count, "within_2_percent": float(np.mean(np.array(off) <= NEAR)), "furthest_edge": quantiles}


def read(path: Path) -> Picture:
    """Decoded as `extract` does it."""
    return image.decode(
        path.read_bytes(), name=str(path), long_side=FACE_SIDE, short_side=0, max_pixels=10**9, background=(128,) * 3
    )


def on_pictures(paths: list[Path]) -> dict[str, Any]:
    """Every canvas of every picture."""
    finder, stages = Faces(Settings()), (Layout(Settings()), Canvases(Settings()), Composition(Settings()))
    finder.setup("cpu")
    results, boxes, spent = [], [], defaultdict[str, list[float]](list)
    for path in paths:
        picture = read(path)
        faces = finder.run([picture], {})[0]
        planes = picture.derived(Pyramid.of, SCORE_SIDE)
        _ = planes.half, planes.gradient, planes.saliency  # `composition` has looked at these
        own = []
        for stage in stages:
            start = time.process_time()
            own.append(stage.run([picture], {"faces": [faces]})[0])
            spent[stage.name].append(1000 * (time.process_time() - start))
        results.append(own)
        boxes.append(boxes_of(faces.columns["faces"]))
    whole = [own[0].values for own in results]
    return {
        "pictures": len(paths),
        "with_faces": sum(len(own) > 0 for own in boxes),
        "ms": {name: summary(times) for name, times in spent.items()},
        "canvases": described([own[1].columns["canvases"] for own in results], boxes),
        "whole_picture": {
            "slot_area": summary([values["layout.slot_area"] for values in whole]),
            "small.contrast": summary([values["small.contrast"] for values in whole]),
        },
        "crops": {shape: summary([values[f"crop.faces_{shape}"] for values in whole]) for shape in SHAPES},
    }


def on_resolutions(paths: list[Path]) -> dict[str, Any]:
    """Share of pictures on which each field of `layout` stays within its tolerance with 0.6 of the pixels a side.

    `other_slot`: pictures on which another slot was chosen.
    """
    finder, layout = Faces(Settings()), Layout(Settings())
    finder.setup("cpu")
    tolerances = {field.name: field.tolerance for field in layout.fields()}
    same = defaultdict[str, list[bool]](list)
    for path in paths:
        picture = read(path)
        faces = finder.run([picture], {})[0]
        pixels = resize(picture.pixels, round(0.6 * max(picture.pixels.shape)))
        smaller = Picture(pixels, pixels.shape[1], pixels.shape[0])
        one, other = (layout.run([shown], {"faces": [faces]})[0].values for shown in (picture, smaller))
        for name, tolerance in tolerances.items():
            same[name].append(alike(one[name], other[name], tolerance))
        place = [f"layout.slot_{key}" for key in "xywh"]
        same["other_slot"].append(not all(alike(one[name], other[name], 0.1) for name in place))
    return {"pictures": len(paths), **{name: round(float(np.mean(values)), 3) for name, values in same.items()}}


def alike(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two values of a field agree: numbers within the tolerance, states and labels exactly."""
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return bool(abs(one - other) <= tolerance if numbers else one == other)


def summary(values: list[Any]) -> dict[str, float]:
    """Of those that are numbers: quartiles, and how many they are."""
    known = [value for value in values if isinstance(value, float)]
    return {
        "known": len(known),
        **{f"{share:.0%}": round(float(np.quantile(known, share)), 3) for share in (0.25, 0.5, 0.75)},
    }


def described(canvases: list[list[dict[str, Any]]], boxes: list[Any]) -> dict[str, Any]:
    """By canvas: share with room, share of slots that touch no face, share legible, share of leads kept whole."""
    columns: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for rows, own in zip(canvases, boxes, strict=True):
        for row in rows:
            slot, told = row["slot"], columns[row["canvas"]]
            told["room"].append(slot is not None)
            if row["lead_whole"] is not None:
                told["lead_whole"].append(row["lead_whole"])
            if slot:
                box = Box(slot["x0"], slot["y0"], slot["x1"], slot["y1"])
                told["touches_no_face"].append(not touching(own, box).any())
                told["bare"].append(slot["emptiness"] >= 0.9)
                told["contrast_4.5"].append(max(slot["white"], slot["black"]) >= 4.5)
    return {
        canvas: {name: round(float(np.mean(values)), 4) for name, values in told.items()}
        for canvas, told in columns.items()
    }


def part_of(path: Path) -> int:
    """Which fifth a picture belongs to, by its name."""
    return hashlib.sha256(path.stem.encode()).digest()[0] % 5


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("planted", "pictures", "resolutions"))
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--part", choices=tuple(PARTS), default="held-out")
    arguments = parser.parse_args()
    if arguments.what == "planted":
        answer = on_plants(arguments.count)
    else:
        found = sorted(path for path in arguments.folder.rglob("*") if path.suffix in {".jpg", ".png", ".webp"})
        own = [path for path in found if part_of(path) in PARTS[arguments.part]]
        sample = random.Random(arguments.seed).sample(own, min(arguments.sample, len(own)))
        answer = on_pictures(sample) if arguments.what == "pictures" else on_resolutions(sample)
    print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
