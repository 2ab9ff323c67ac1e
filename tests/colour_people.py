"""People who are colours: coloured squares for faces, a stage that finds them, an embedder that tells them apart."""

from __future__ import annotations

import numpy as np
from fakes import FakeStage
from PIL import Image

from artvision import stages
from artvision.contract import Column, Field, Privacy
from artvision.gallery import Actor, Portrait, write_gallery
from artvision.recognition.binding import new_gallery
from artvision.recognition.embedder import get_make
from artvision.stages import actors as actors_module
from artvision.stages.actors import Actors
from artvision.stages.base import Result, Stage
from artvision.stages.faces import Faces

PEOPLE = {"Red": (220, 30, 30), "Green": (30, 220, 30), "Blue": (30, 30, 220), "Olive": (128, 128, 0)}
GREY = 128
SIDE = 240  # of a picture: three places for a face, each a third of the width


def stand_in(monkeypatch):
    """Colours instead of people in every run of the test; returns the embedder that the runs share."""
    found = ColourEmbedder()
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, ColourFaces, Actors]))
    monkeypatch.setattr(actors_module, "load", lambda make, device: found)
    return found


def paint(path, *people, noise=0):
    """A grey picture with a square face for each name (or colour), left to right; `None` leaves a place empty."""
    pixels = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    for place, who in enumerate(people):
        if who is not None:
            left = place * 80 + 10
            pixels[20:80, left : left + 60] = PEOPLE.get(who, who)
    pixels[-1, -1] = noise  # two pictures of the same people are two contents
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


class ColourFaces(Stage):
    """Under the name of the real stage: every square that is not grey."""

    name = "faces"
    version = "1"
    summary = "coloured squares"

    def fields(self):
        return (Field("face.count", "squares", "faces", 0, 3, "tests", dtype="int32"),)

    def columns(self):
        return (Column("faces", "squares", Faces(self.settings).columns()[0].arrow, Privacy.PERSON),)

    def run(self, batch, upstream):
        return [self._one(picture) for picture in batch]

    def _one(self, picture):
        faces = [face(place) for place in range(3) if abs(_colour(picture.pixels, place) - GREY).max() > 5]
        return Result({"face.count": len(faces)}, {"faces": faces})


def face(place, **changes):
    """The row of column `faces` for the square at a place."""
    x0, x1, y0, y1 = (place * 80 + 10) / SIDE, (place * 80 + 70) / SIDE, 20 / SIDE, 80 / SIDE
    row = {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "score": 1.0, "yaw": 0.0, "roll": 0.0, "sharpness": 1.0}
    row |= {"height": y1 - y0, "area": (x1 - x0) * (y1 - y0), "prominence": 0.05 - 0.01 * place, "points": [0.5] * 10}
    return row | changes


def _colour(pixels, place):
    scale = pixels.shape[1] / SIDE
    return pixels[int(50 * scale), int((place * 80 + 40) * scale)].astype(np.float64)


class ColourEmbedder:
    """A template is the colour in the middle of the box; `seen` counts the faces it was shown."""

    def __init__(self, make=None, device="cpu"):
        self.make = make or get_make("dlib")
        self.seen = 0

    def embed(self, faces):
        self.seen += len(faces)
        return np.array([template(_middle(item)) for item in faces], np.float32).reshape(-1, self.make.width)


def template(colour):
    """(128,) float32: a colour, spread so that every piece of it is its own."""
    wave = np.sin(np.outer(np.arange(1, 129), [0.7, 1.3, 2.1])) / 8
    return (wave @ (np.asarray(colour, np.float64) / 255)).astype(np.float32)


def _middle(item):
    height, width = item.pixels.shape[:2]
    x0, y0, x1, y1 = item.box
    return item.pixels[int((y0 + y1) / 2 * height), int((x0 + x1) / 2 * width)]


def actor(who, /, **changes):
    """An entry that may be used everywhere, of two portraits of nearly one colour."""
    colour = np.array(PEOPLE[who])
    entry = {
        "actor_id": who.lower(),
        "name": who,
        "basis": "contract",
        "portraits": tuple(Portrait(f"{who}/{number}.png", str(number) * 64) for number in (1, 2)),
        "templates": np.stack([template(colour), template(colour + 4)]),
    }
    return Actor(**entry | changes)


def gallery_of(path, *actors):
    """A gallery file with these actors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_gallery(new_gallery(get_make("dlib")).with_actors(actors), path)
    return path
