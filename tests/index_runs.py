"""Two small stages whose columns are named like real ones, and catalogues of made pictures, for tests of the index."""

import csv

import numpy as np
import pyarrow as pa
from PIL import Image

from artvision.contract import Column, Field, Privacy
from artvision.stages.base import Result, Stage

WIDTH = 48


class Look(Stage):
    """Mean light, and a small grey picture as embedding."""

    name = "look"
    version = "1"
    summary = "light and embedding"
    min_long_side = 64

    def fields(self):
        return (Field("light.brightness", "mean of all bytes", "L*", 0, 100, "tests", tolerance=1.0),)

    def columns(self):
        return (Column("embedding", "a small picture", pa.list_(pa.float32(), WIDTH)),)

    def run(self, batch, upstream):
        return [self._one(picture.at(64)) for picture in batch]

    def _one(self, pixels):
        small = np.asarray(Image.fromarray(pixels).resize((4, 4), Image.Resampling.BOX), np.float32).ravel() + 1
        values = {"light.brightness": float(pixels.mean() / 2.55)}
        return Result(values, {"embedding": small / np.linalg.norm(small)})


class Crowd(Stage):
    """A number of faces read off the width; whose they are off the gallery's name."""

    name = "actors"
    version = "1"
    summary = "faces"
    who = "Ann Lee"

    def fields(self):
        return (Field("face.count", "faces", "faces", 0, 99, "tests", dtype="int32"),)

    def columns(self):
        face = pa.struct([("face", pa.int32()), ("actor_id", pa.string()), ("name", pa.string())])
        vector = pa.struct([("actor_id", pa.string()), ("vector", pa.list_(pa.float32()))])
        return (
            Column("actors", "who", pa.list_(face), Privacy.PERSON),
            Column("actor_vectors", "templates", pa.list_(vector), Privacy.BIOMETRIC),
        )

    def run(self, batch, upstream):
        return [self._one(picture) for picture in batch]

    def _one(self, picture):
        named = {"face": 0, "actor_id": "ann", "name": self.who}
        seen = [named] if picture.width > picture.height else []
        return Result({"face.count": picture.width % 3}, {"actors": seen, "actor_vectors": None})


def paint(path, seed, size=(90, 60)):
    """A picture of large coloured blocks."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 255, (6, 9, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(blocks).resize(size, Image.Resampling.BICUBIC).save(path)
    return path


def catalogue(folder, titles, extra=()):
    """Write pictures and `catalog.csv`: `titles` maps a title id to the seeds of its pictures."""
    rows = []
    for title, seeds in titles.items():
        for seed in seeds:
            name = f"{title}/{seed}.png"
            if not (folder / name).exists():
                paint(folder / name, seed, (90, 60) if seed % 2 else (61, 90))
            rows.append({"image": name, "title_id": title, "title": f"Film {title}", **dict(extra)})
    path = folder / "catalog.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
