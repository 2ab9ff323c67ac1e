"""Runs of small fake stages for the tests of exports: odd names, every class of privacy, missing values."""

import csv

import numpy as np
import pyarrow as pa
import pytest
from fakes import FakeStage
from PIL import Image

from artvision import pipeline, stages
from artvision.contract import Column, Field, Missing, Privacy
from artvision.stages.base import Result, Stage

ODD = "späte|Stadt: 'a b'"
WIDTH = 4
ALONE = 7  # the picture that no title has


class Seen(Stage):
    """An embedding of the four corners, a field about people, and templates of faces."""

    name = "seen"
    version = "1"
    summary = "corners"

    def fields(self):
        return (Field("who.score", "likeness", "score", 0, 1, "tests", privacy=Privacy.PERSON),)

    def columns(self):
        return (
            Column("embedding", "corners, of length 1", pa.list_(pa.float32(), WIDTH)),
            Column("templates", "faces", pa.list_(pa.float32()), Privacy.BIOMETRIC),
        )

    def run(self, batch, upstream):
        return [self._one(picture) for picture in batch]

    def _one(self, picture):
        pixels = picture.at(64).astype(np.float32)
        corners = np.array([pixels[y, x].mean() for y in (0, -1) for x in (0, -1)], np.float32)
        wide = picture.width > picture.height
        score = 0.5 if wide else Missing.NOT_APPLICABLE
        return Result({"who.score": score}, {"embedding": corners / np.linalg.norm(corners), "templates": [1.0]})


def make_run(folder, seeds=range(8), version="1"):
    """A run of a catalogue of three titles and one picture without; odd numbers are wide, even ones tall."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = ["t1", "t2", ODD]
    with (folder / "catalog.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "title_id", "title", "cast"])
        for seed in seeds:
            size = (60, 90) if seed % 2 else (90, 60)
            pixels = np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype=np.uint8)
            name = f"{seed} a|b's.png"
            Image.fromarray(pixels).save(folder / name)
            if seed != ALONE:
                writer.writerow([name, titles[seed % 3], "Title, the", "Ann Lee"])
    made = type("Seen", (Seen,), {"version": version})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, made]))
        return pipeline.extract([folder / "catalog.csv", *folder.glob(f"{ALONE} *.png")], folder / "run").run
