"""Measure the stage `landmarks`: what it says of faces, what covering a face does, what it costs.

    python scripts/measure_landmarks.py faces FOLDER [--by eyes_open] [--every N] [--sheet PNG]
    python scripts/measure_landmarks.py covered FOLDER     landmark.visible of faces that something covers
    python scripts/measure_landmarks.py cost FOLDER        milliseconds of a core

`faces` tells percentiles of each number, and lays the faces out by one of them, lowest and highest.

FOLDER is searched for pictures. A sheet shows mesh, lids and irises, for somebody to judge.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from darkroom import photograph
from measuring import pictures, read
from PIL import Image, ImageDraw
from sklearn.metrics import roc_auc_score

from artvision.image import SCORE_SIDE, Picture, resize
from artvision.landmarks import MODEL, SMALLEST
from artvision.landmarks.figure import Segmenter
from artvision.landmarks.network import Network
from artvision.landmarks.reading import EYES, FaceReader, Look
from artvision.settings import Settings
from artvision.stages.faces import Faces
from artvision.stages.landmarks import numbers, shorter_side
from artvision.weights import get_model, require

TILE, ACROSS = 220, 8
COVERS = {
    "mouth and chin": (-0.1, 0.6, 1.1, 1.2),
    "both eyes": (-0.1, 0.15, 1.1, 0.5),
    "left half": (-0.2, -0.2, 0.5, 1.2),
    "one eye": (-0.1, 0.1, 0.5, 0.5),
    "all but the mouth": (-0.2, -0.1, 1.2, 0.75),
}  # x0, y0, x1, y1 in boxes of the face


def networks() -> tuple[FaceReader, Segmenter]:
    """As the stage loads them."""
    mesh, iris, figures = (path.read_bytes() for path in require(get_model(MODEL)))
    return FaceReader(Network(mesh), Network(iris)), Segmenter(figures)


def found(folder: Path, every: int) -> Iterator[tuple[Path, Picture, dict[str, Any]]]:
    """Each face that the stage would look at."""
    stage = Faces(Settings())
    stage.setup("cpu")
    for path in pictures(folder, every):
        picture = read(path)
        for face in stage.run([picture], {})[0].columns["faces"]:
            if shorter_side(picture, face) >= SMALLEST:
                yield path, picture, face


def faces(folder: Path, every: int, by: str, sheet: Path | None) -> list[str]:
    """Percentiles of each number; the sheet has the faces in the order of one of them, lowest and highest first."""
    reader, _ = networks()
    seen = [(*each, reader.look(*each[1:])) for each in found(folder, every)]
    looks = [each for each in seen if each[-1].visible > 0]
    every_name = numbers(looks[0][-1])
    table = {name: [np.nan if (n := numbers(look)[name]) is None else n for *_, look in looks] for name in every_name}
    lines = [f"{len(seen)} faces, {len(looks)} believed", "| | 5 % | median | 95 % |", "| --- | --- | --- | --- |"]
    for name, values in table.items():
        low, middle, high = np.nanpercentile(values, [5, 50, 95])
        lines.append(f"| {name} | {low:.2f} | {middle:.2f} | {high:.2f} |")
    if sheet:
        order = np.argsort(table[by], kind="stable")
        shown = [*order[: 4 * ACROSS], *order[-4 * ACROSS :]] if len(order) > 8 * ACROSS else order
        tiles = [tile(reader, looks[at], by) for at in shown]
        whole = Image.new("RGB", (ACROSS * TILE, -(-len(tiles) // ACROSS) * TILE))
        for at, one in enumerate(tiles):
            whole.paste(one, (at % ACROSS * TILE, at // ACROSS * TILE))
        whole.save(sheet)
    return lines


def tile(reader: FaceReader, looked: tuple[Path, Picture, dict[str, Any], Look], by: str) -> Image.Image:
    """The face with its points."""
    path, picture, face, look = looked
    mesh, _ = reader.points(picture.pixels, face)
    low, high = mesh[:, :2].min(0), mesh[:, :2].max(0)
    corner, side = np.round(low - 0.15 * (high - low)), round(1.3 * float((high - low).max()))
    left, top = corner.astype(int).tolist()
    shown = Image.fromarray(picture.pixels).crop((left, top, left + side, top + side)).resize((TILE, TILE))
    draw = ImageDraw.Draw(shown)
    eyes = [reader.eye(picture.pixels, mesh, corners, flip=at == 1) for at, corners in enumerate(EYES)]
    for points, colour in ((mesh, (0, 220, 0)), *((eye.contour, (255, 255, 0)) for eye in eyes)):
        draw.point([tuple((point[:2] - corner) / side * TILE) for point in points], fill=colour)
    for eye in eyes:
        x, y = (eye.iris - corner) / side * TILE
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), outline=(255, 0, 0))
    draw.text((2, 2), f"{numbers(look)[by]} {path.stem}", fill=(255, 255, 255), stroke_width=1, stroke_fill=(0, 0, 0))
    return shown


def covered(folder: Path) -> list[str]:
    """How far `visible` falls, and the area under the curve against the same faces uncovered."""
    reader, _ = networks()
    every = list(found(folder, 1))
    plain = [reader.look(picture, face).visible for _, picture, face in every]
    lines = [f"{len(every)} faces", "| covered | 5 % | median | 95 % | AUC |", "| --- | --- | --- | --- | --- |"]
    for name, cover in {"nothing": None, **COVERS}.items():
        seen = (
            [reader.look(_covered(picture, face, cover), face).visible for _, picture, face in every]
            if cover
            else plain
        )
        low, middle, high = np.percentile(seen, [5, 50, 95])
        area = roc_auc_score([0] * len(seen) + [1] * len(plain), seen + plain)
        lines.append(f"| {name} | {low:.2f} | {middle:.2f} | {high:.2f} | {area:.3f} |")
    return lines


def _covered(picture: Picture, face: dict[str, Any], cover: tuple[float, float, float, float]) -> Picture:
    """A piece of another photograph over a part of the face."""
    pixels = picture.pixels.copy()
    edge = np.array(pixels.shape[1::-1] * 2)
    box = np.array([face["x0"], face["y0"], face["x1"], face["y1"]]) * edge
    sides = np.tile(box[2:] - box[:2], 2)
    x0, y0, x1, y1 = (np.tile(box[:2], 2) + np.array(cover) * sides).clip(0, edge).astype(int).tolist()
    pixels[y0:y1, x0:x1] = np.asarray(photograph("coffee").resize((x1 - x0, y1 - y0)))
    return Picture(pixels, picture.width, picture.height)


def cost(folder: Path) -> list[str]:
    """Milliseconds of this thread a face and a picture, medians of three rounds."""
    reader, figures = networks()
    every, rounds = list(found(folder, 1)), []
    for _ in range(3):
        start = time.thread_time()
        for _, picture, face in every:
            reader.look(picture, face)
        middle = time.thread_time()
        for _, picture, _ in every:
            figures.share(resize(picture.pixels, SCORE_SIDE))
        rounds.append((middle - start, time.thread_time() - middle))
    face, share = np.median(rounds, axis=0) / len(every) * 1e3
    return [f"{len(every)} faces: {face:.1f} ms a face, {share:.1f} ms a picture for person.share with its resampling"]


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("faces", "covered", "cost"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--by", default="eyes_open")
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "faces":
        lines = faces(arguments.folder, arguments.every, arguments.by, arguments.sheet)
    else:
        lines = {"covered": covered, "cost": cost}[arguments.what](arguments.folder)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
