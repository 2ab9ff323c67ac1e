"""Small real stages for tests: they compute from pixels, and one of them fails where it is told to."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from artvision.contract import Column, Field, Missing
from artvision.stages.base import Result, Stage

MEAN = Field("fake.mean", "mean of all bytes", "byte", 0, 255, "tests", tolerance=1.0, fill=-1.0)
COUNT = Field("fake.count", "bright pixels", "count", 0, 10**9, "tests", dtype="int32")
SHAPE = Field("fake.shape", "format of the picture", "class", 0, 1, "tests", dtype="category", labels=("tall", "wide"))
TILT = Field("fake.tilt", "known for wide pictures only", "degree", -90, 90, "tests")
LATE = Field("late.double", "twice the mean", "byte", 0, 510, "tests")


class FakeStage(Stage):
    name = "fake"
    version = "1"
    summary = "bytes of the picture"
    min_long_side = 64

    def fields(self):
        return MEAN, COUNT, SHAPE, TILT

    def columns(self):
        return (Column("corner", "the four corner pixels", pa.list_(pa.float32(), 12)),)

    def fingerprint(self):
        return {"weights": "none"}

    def run(self, batch, upstream):
        return [self._one(picture) for picture in batch]

    def _one(self, picture):
        pixels = picture.at(64)
        wide = picture.width > picture.height
        values = {
            "fake.mean": float(pixels.mean()),
            "fake.count": int((pixels > 128).sum()),
            "fake.shape": "wide" if wide else "tall",
            "fake.tilt": 0.5 if wide else Missing.NOT_APPLICABLE,
        }
        corners = np.concatenate([pixels[y, x] for y in (0, -1) for x in (0, -1)]).astype(np.float32)
        return Result(values, {"corner": corners})


class LateStage(Stage):
    """Needs `fake`; raises for pictures that are one flat colour."""

    name = "late"
    version = "1"
    needs = ("fake",)
    summary = "twice what fake said"

    def fields(self):
        return (LATE,)

    def run(self, batch, upstream):
        if any(picture.pixels.std() == 0 for picture in batch):
            raise ArithmeticError("flat picture")
        return [Result({"late.double": 2.0 * float(result.values["fake.mean"])}) for result in upstream["fake"]]
