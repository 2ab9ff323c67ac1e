"""Runs for tests of the audit: made pictures whose width says what fake stages shall find on them."""

import csv
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
from PIL import Image

from artvision import stages
from artvision.audit.judging import audit
from artvision.audit.policy_file import parse
from artvision.contract import Column, Field, Missing, Privacy
from artvision.pipeline import extract
from artvision.rows import open_rows
from artvision.stages.base import Result, Stage
from artvision.stages.canvases import Canvases as RealCanvases

PLANTED = {}  # width of a picture -> what the stages say of it
SCRIPTS = ("latin", "cyrillic", "runes")
LANGUAGES = ("de", "en", "nb", "pt", "zh")
FACE = pa.struct([(name, pa.float32()) for name in ("x0", "y0", "x1", "y1")])
ACTOR = pa.struct([("actor_id", pa.string()), ("name", pa.string()), ("prominence", pa.float32())])


class Light(Stage):
    name = "light"
    version = "1"
    summary = "planted"

    def fields(self):
        return (
            Field("light.brightness", "planted", "L*", 0, 100, "tests"),
            Field("composition.bar_left", "planted", "share", 0, 1, "tests"),
        )

    def columns(self):
        return (
            Column("faces", "planted", pa.list_(FACE), Privacy.PERSON),
            Column("embedding", "planted", pa.list_(pa.float32(), 4)),
        )

    def run(self, batch, upstream):
        return [self._one(PLANTED.get(picture.width, {}), picture.width) for picture in batch]

    def _one(self, said, width):
        if said.get("broken"):
            raise ArithmeticError("planted")
        angle = said.get("angle", width)  # pictures of other widths look different
        embedding = np.array([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], np.float32)
        values = {"light.brightness": said.get("brightness", 50.0), "composition.bar_left": said.get("bar", 0.0)}
        boxes = said.get("faces", ())
        faces = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes or ()]
        return Result(
            values, {"faces": None if boxes is None else faces, "embedding": embedding / np.linalg.norm(embedding)}
        )


class Text(Stage):
    name = "text"
    version = "1"
    summary = "planted"

    def fields(self):
        return (
            Field("text.share", "planted", "share", 0, 1, "tests"),
            Field(
                "text.script",
                "planted",
                "label",
                0,
                1,
                "tests",
                dtype="category",
                labels=SCRIPTS,
            ),
            Field("text_language.code", "planted", "label", 0, 1, "tests", dtype="category", labels=LANGUAGES),
            Field("sensitive.gore", "planted", "score", 0, 1, "tests"),
            Field("sensitive.smoke", "planted", "score", 0, 1, "tests"),
        )

    def run(self, batch, upstream):
        return [self._one(PLANTED.get(picture.width, {})) for picture in batch]

    def _one(self, said):
        values = {
            "text.share": said.get("text", 0.0),
            "text.script": said.get("script", Missing.NOT_APPLICABLE),
            "text_language.code": said.get("language", Missing.NOT_APPLICABLE),
            "sensitive.gore": said.get("gore", 0.0),
            "sensitive.smoke": 0.1,
        }
        return Result(values)


class Actors(Stage):
    name = "actors"
    version = "1"
    summary = "planted"

    def fields(self):
        return (
            Field("actor.lead_score", "planted", "score", 0, 1, "tests", privacy=Privacy.PERSON),
            Field("actor.lead_billing", "planted", "place", 1, 99, "tests", dtype="int32", privacy=Privacy.PERSON),
        )

    def columns(self):
        return (Column("actors", "planted", pa.list_(ACTOR), Privacy.PERSON),)

    def run(self, batch, upstream):
        return [self._one(PLANTED.get(picture.width, {})) for picture in batch]

    def _one(self, said):
        name, billing = said.get("lead", (None, None))
        values = {
            "actor.lead_score": 0.8 if name else Missing.NOT_APPLICABLE,
            "actor.lead_billing": billing or Missing.NOT_APPLICABLE,
        }
        return Result(values, {"actors": [{"actor_id": name, "name": name, "prominence": 0.5}] if name else []})


class Canvases(Stage):
    name = "canvases"
    version = "1"
    summary = "planted"

    def fields(self):
        return ()

    def columns(self):
        return RealCanvases(self.settings).columns()

    def run(self, batch, upstream):
        return [Result({}, {"canvases": PLANTED.get(picture.width, {}).get("canvases")}) for picture in batch]


ALL = (Light, Text, Actors, Canvases)


@contextmanager
def fake_stages(*classes):
    """Only these stages exist."""
    before = stages.discover
    stages.discover = lambda: stages.arrange(classes or ALL)
    try:
        yield
    finally:
        stages.discover = before


def art(folder, pictures, **cells):
    """A catalogue of pictures: name -> cells; `say` among them is what is planted, `height` another height.

    Each has a width of its own, from 300 on, and its own noise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    usual = {"title_id": "t", "artwork_type": "still", "language": "en", "cast": "Ann Lee|Bo Ray", **cells}
    for number, (name, said) in enumerate(pictures.items()):
        own = usual | said
        width, height = own.pop("width", 300 + number), own.pop("height", 400)
        PLANTED[width] = own.pop("say", {})
        pixels = np.random.default_rng(own.pop("seed", width)).integers(0, 255, (8, 8, 3), np.uint8)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC).save(path, "PNG")
        rows.append({"image": name, "asset_id": name, **own})
    return written(folder / "catalog.csv", rows)


def written(path, rows):
    """A catalogue with these rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def run_of(folder, pictures, **cells):
    """The rows of a run over such a catalogue, beside it."""
    extract(art(folder / "art", pictures, **cells), folder / "run")
    return open_rows(folder / "run")


def audited(rows, policy, **options):
    """An audit under a policy that is given as text."""
    return audit(rows, parse(policy, "policy.toml"), **options)


def found(audit):
    """(rule, asset or title) of every open finding."""
    return sorted((one.finding.rule, one.finding.subject.key) for one in audit.open)
