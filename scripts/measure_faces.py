"""Measure what the second look finds, what it costs, and from which size faces are found.

    python scripts/measure_faces.py gains FOLDER [--every N] [--sheet PNG]   faces that only the second look finds
    python scripts/measure_faces.py sizes FOLDER                             tight face crops, reduced, on a canvas
    python scripts/measure_faces.py cost FOLDER [--every N]                  milliseconds of a core, both looks in turn

FOLDER is searched for pictures. A sheet shows each gain, for somebody to judge: red is new, blue was found before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measuring import pictures, read
from PIL import Image, ImageDraw

from artvision.detection import SURE
from artvision.detection.cascade import Cascade
from artvision.detection.filling import filling, look_again
from artvision.detection.found import Detections, FaceDetector
from artvision.detection.reading import find_faces, search_side
from artvision.image import Picture, Pixels, resize

SIDES = (8, 10, 12, 16, 20, 24, 32, 40, 50, 75, 100, 150)
CANVASES = ((960, 540), (1920, 1080), (240, 135))
TILE, ACROSS = 200, 8


def looks(detector: FaceDetector, picture: Picture) -> tuple[Detections, Detections, float, float]:
    """Finds of the first look and of both, and what each look took of this thread in milliseconds."""
    start = time.thread_time()
    searched = picture.at(search_side(picture))
    first = detector.detect([searched])
    middle = time.thread_time()
    (both,) = look_again(detector, [picture], [searched], first)
    return first[0], both, (middle - start) * 1e3, (time.thread_time() - middle) * 1e3


def new_faces(first: Detections, both: Detections) -> list[int]:
    """Places in `both` of the faces that `first` lacks."""
    known = {tuple(box) for box in first.boxes.tolist()}
    return [index for index, box in enumerate(both.boxes.tolist()) if tuple(box) not in known]


def gains(paths: list[Path], sheet: Path | None) -> dict[str, Any]:
    """How many pictures gain a face, how many small finds go with it."""
    detector, tiles = Cascade(), []
    again = lost = 0
    for path in paths:
        picture = read(path)
        first, both, _, _ = looks(detector, picture)
        again += not filling(first.boxes, min(picture.at(search_side(picture)).shape[:2])).any()
        if added := new_faces(first, both):
            lost += len(first.boxes) + len(added) - len(both.boxes)
            tiles.append(tile(picture, first, both, added))
    if sheet and tiles:
        whole = Image.new("RGB", (ACROSS * TILE, -(-len(tiles) // ACROSS) * TILE))
        for index, one in enumerate(tiles):
            whole.paste(one, (index % ACROSS * TILE, index // ACROSS * TILE))
        whole.save(sheet)
    return {"pictures": len(paths), "looked_again": again, "gained": len(tiles), "small_finds_gone": lost}


def tile(picture: Picture, first: Detections, both: Detections, added: list[int]) -> Image.Image:
    """The picture with its boxes, for a sheet."""
    found = Image.fromarray(resize(picture.pixels, TILE))
    scale, draw = TILE / search_side(picture), ImageDraw.Draw(found)
    for box in first.boxes:
        draw.rectangle((box * scale).tolist(), outline=(0, 160, 255))
    for index in added:
        draw.rectangle((both.boxes[index] * scale).tolist(), outline=(255, 40, 40), width=2)
        draw.text((2, 2), f"{both.scores[index]:.3f}", fill=(255, 255, 0))
    return found


def sizes(paths: list[Path]) -> dict[str, Any]:
    """Of the crops reduced to each side: found, and found with a score of SURE, by canvas."""
    detector, table = Cascade(), {}
    crops = [read(path).pixels for path in paths]
    for width, height in CANVASES:
        for side in (side for side in SIDES if side < height):
            scores = [placed(detector, crop, side, (width, height), seed) for seed, crop in enumerate(crops)]
            found = sum(score > 0 for score in scores), sum(score >= SURE for score in scores)
            table[f"{width}x{height}, {side} px"] = [round(count / len(crops), 3) for count in found]
    return table


def placed(detector: FaceDetector, crop: Pixels, side: int, size: tuple[int, int], seed: int) -> float:
    """Best score of a find on the crop, on a grey canvas of `size`; 0 without one."""
    place = np.random.default_rng(seed).integers(0, np.array(size) - side)
    canvas = np.full((size[1], size[0], 3), 118, np.uint8)
    small = resize(crop, side)
    canvas[place[1] : place[1] + small.shape[0], place[0] : place[0] + small.shape[1]] = small
    faces = find_faces(detector, [Picture(canvas, *size)])[0]
    off = [np.abs(np.array(face.centre) * size - place - side / 2).max() / side for face in faces]
    return max((face.score for face, far in zip(faces, off, strict=True) if far < 0.5), default=0.0)


def cost(paths: list[Path], rounds: int = 3) -> dict[str, float]:
    """Medians of each look, and the second's share of the first over all pictures."""
    detector = Cascade()
    spent = [looks(detector, read(path))[2:] for _ in range(rounds) for path in paths]
    first, second = (np.array(part) for part in zip(*spent, strict=True))
    ran = second[second > 0.5]
    return {
        "first_ms": round(statistics.median(first), 1),
        "second_ms_where_run": round(statistics.median(ran), 1) if len(ran) else 0.0,
        "run_on": round(len(ran) / len(second), 3),
        "share_of_first": round(float(second.sum() / first.sum()), 3),
    }


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("gains", "sizes", "cost"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    paths = pictures(arguments.folder, arguments.every)
    measured = {"gains": lambda: gains(paths, arguments.sheet), "sizes": lambda: sizes(paths)}
    print(json.dumps(measured.get(arguments.what, lambda: cost(paths))(), indent=1))


if __name__ == "__main__":
    main()
