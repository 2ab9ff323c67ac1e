"""What the stage `text` sees: on folders of pictures, by height of letters, by script.

`measure_text.py found FOLDER [--sample N] [--seed S] [--sheet OUT.png]` counts pictures with text at several scores and
lays them out, surest first, so that somebody can label them; `heights` sets lines of known height on a photograph of
1920 × 1080; `scripts TEXTS.csv` (columns script, font, text) sets each text in its font and counts which is told.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from darkroom import crop
from measuring import read
from PIL import Image, ImageDraw, ImageFont

from artvision.contract import Missing
from artvision.image import Picture
from artvision.settings import Settings
from artvision.stages.text import Text

SCORES = (0.5, 0.6, 0.7, 0.8, 0.9)
TILE, ACROSS = (200, 160), 10
CAPS = (8, 10, 12, 15, 18, 22, 28, 48, 120, 300)
LINES = ("MERIDIAN STATION", "THE LAST SIGNAL", "A Limited Series", "Ilse Marrow", "COMPILER", "Bean Street")
CAP_HEIGHT = 0.729  # of DejaVu Sans, share of the size


def stage() -> Text:
    """Ready to run."""
    made = Text(Settings(stages="text"))
    made.setup("cpu")
    return made


def found(paths: list[Path], sheet: Path | None) -> dict[str, Any]:
    """Share of pictures with text at each score, and milliseconds of a core a picture."""
    text, results = stage(), []
    pictures = [read(path) for path in paths]
    start = time.process_time()
    for picture in pictures:
        results += text.run([picture], {})
    spent = (time.process_time() - start) / len(paths)
    scores = np.array([result.values["text.score"] for result in results])
    scripts = Counter(str(result.values["text.script"]) for result in results)
    if sheet:
        order = np.argsort(-scores, kind="stable")
        lines = [result.columns["text_regions"] for result in results]
        tiles = [tile(pictures[i], lines[i], f"{scores[i]:.2f} {paths[i].name}") for i in order]
        whole = Image.new("RGB", (ACROSS * TILE[0], -(-len(tiles) // ACROSS) * TILE[1]))
        for index, one in enumerate(tiles):
            whole.paste(one, (index % ACROSS * TILE[0], index // ACROSS * TILE[1]))
        whole.save(sheet)
    at = {f"{score:g}": round(float((scores >= score).mean()), 3) for score in SCORES}
    return {"pictures": len(paths), "with_text_at": at, "script": dict(scripts), "ms": round(spent * 1000)}


def tile(picture: Picture, regions: list[dict[str, Any]], label: str) -> Image.Image:
    """The picture with its lines, for a sheet."""
    canvas, shown = Image.new("RGB", TILE), Image.fromarray(picture.at(512))
    shown.thumbnail((TILE[0], TILE[1] - 12))
    draw = ImageDraw.Draw(shown)
    for region in regions:
        box = [region[side] * edge for side, edge in zip(("x0", "y0", "x1", "y1"), shown.size * 2, strict=True)]
        draw.rectangle(box, outline=(255, 60, 60))
    canvas.paste(shown)
    ImageDraw.Draw(canvas).text((2, TILE[1] - 12), label, fill=(255, 255, 255))
    return canvas


def lettered(line: str, font: ImageFont.FreeTypeFont, seed: int) -> Picture:
    """The line at a place that the seed chooses, on a darkened photograph of 1920 × 1080."""
    art = Image.fromarray((np.asarray(crop("coffee", (1920, 1080), (20, 40, 560))) * 127).astype(np.uint8))
    draw, place = ImageDraw.Draw(art), np.random.default_rng(seed).uniform(0, 0.8, 2)
    wide, high = draw.textbbox((0, 0), line, font=font)[2:]
    at = float(place[0] * max(0, 1900 - wide)), float(place[1] * max(0, 1060 - high))
    draw.text(at, line, font=font, fill=(240, 235, 215))
    return Picture(np.asarray(art), 1920, 1080)


def heights() -> dict[str, Any]:
    """Of six lines at each height of a capital: share found, share read well enough to tell the script."""
    text, table = stage(), {}
    face = str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf")
    for cap in CAPS:
        font = ImageFont.truetype(face, round(cap / CAP_HEIGHT))
        results = text.run([lettered(line, font, seed) for seed, line in enumerate(LINES)], {})
        seen = [float(result.values["text.regions"] > 0) for result in results]  # type: ignore[operator]
        told = [float(result.values["text.script"] == "latin") for result in results]
        table[f"{cap} px, {cap / 1920:.2%} of the long side"] = [round(float(np.mean(x)), 2) for x in (seen, told)]
    return table


def scripts(texts: Path) -> dict[str, Any]:
    """Script of the text -> which script was told, in how many pictures."""
    text, table = stage(), defaultdict[str, Counter[str]](Counter)
    with texts.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for seed, row in enumerate(rows):
        for size in (60, 120):
            picture = lettered(row["text"], ImageFont.truetype(row["font"], size), seed)
            values = text.run([picture], {})[0].values
            told = values["text.script"]
            table[row["script"]]["no text" if told is Missing.NOT_APPLICABLE else str(told)] += 1
    return {script: dict(count) for script, count in table.items()}


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("found", "heights", "scripts"))
    parser.add_argument("source", type=Path, nargs="?", default=Path())
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "found":
        paths = sorted(path for path in arguments.source.rglob("*") if path.suffix in {".jpg", ".png", ".webp"})
        sample = random.Random(arguments.seed).sample(paths, min(arguments.sample, len(paths)))
        answer = found(sample, arguments.sheet)
    else:
        answer = heights() if arguments.what == "heights" else scripts(arguments.source)
    print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
