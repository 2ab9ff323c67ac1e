"""A picture in a canvas: the best crop, what it keeps and cuts, and where in it a title would stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from artvision.framing.box import SLACK, Box, Boxes, Rows, boxes_of, inside, touching
from artvision.framing.canvas import Canvas, Frame
from artvision.framing.contrast import attainable
from artvision.framing.crop import best_crop
from artvision.framing.letterbox import without_letterbox
from artvision.framing.room import Room, Window
from artvision.framing.scene import Scene
from artvision.framing.slot import cell_edges, find_slot
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels.plane import Plane
from artvision.pixels.pyramid import Pyramid
from artvision.pixels.saliency import salient_mass
from artvision.pixels.space import CALM

PATCH = 5  # pixels: side of the patches that are bare or not


class Slot(NamedTuple):
    """A title slot: its box in the picture, the share of it in which nothing is drawn, contrast in white and black."""

    box: Box
    emptiness: float
    white: float
    black: float

    @property
    def ink(self) -> str:
        """The better of the two; white where they are equal."""
        return "white" if self.white >= self.black else "black"

    @property
    def contrast(self) -> float:
        """In the better ink."""
        return max(self.white, self.black)


class Survival(NamedTuple):
    """Boxes that lie in a crop `whole`, that it `cut`s, and that are `clear`: whole, and neither unsafe nor covered."""

    whole: int
    cut: int
    clear: int


@dataclass(frozen=True)
class Fit:
    """One canvas. `saliency` is None where nothing stands out, `lead_whole` without a face, `faces` and `text` where
    they are not known.
    """

    canvas: Canvas
    crop: Box
    saliency: float | None
    faces: Survival | None
    lead_whole: bool | None
    text: Survival | None
    slot: Slot | None


@dataclass(frozen=True, eq=False)
class View:
    """All that fitting looks at: the scene, the room for titles, half-size L*; `seen`: its faces are known."""

    scene: Scene
    room: Room
    lightness: Plane
    seen: bool

    @classmethod
    def of(cls, picture: Picture, faces: Rows | None) -> View:
        """The picture with the rows of its column `faces`, None where they are not known; kept with the picture."""
        boxes = boxes_of(faces or ())
        key = cls, boxes.tobytes(), faces is not None
        return picture.keep(key, lambda: cls._made(picture, boxes, seen=faces is not None))

    def fits(self, canvases: Sequence[Canvas], text: Rows | None = None) -> list[Fit]:
        """One a canvas, in order; what canvases of one frame share is found once. `text`: None where not looked for."""
        lines = None if text is None else boxes_of(text)
        frames = {frame: self._framed(frame) for frame in dict.fromkeys(canvas.frame for canvas in canvases)}
        return [self._fit(canvas, *frames[canvas.frame], lines) for canvas in canvases]

    def slot(self, frame: Frame, crop: Box) -> Slot | None:
        """The title slot of a frame that lies at `crop`; None where faces and reserved areas leave no room."""
        region = self.room.within(frame.safe.placed(crop))
        badge = self.room.around(frame.badge.placed(crop)) if frame.badge else None
        found = find_slot(self.room, region, self._least(frame, crop, region), badge)
        return self._described(found) if found else None

    @classmethod
    def _made(cls, picture: Picture, faces: Boxes, *, seen: bool) -> View:
        planes = picture.derived(Pyramid.of, SCORE_SIDE)
        scene = Scene(picture.width / picture.height, salient_mass(planes.saliency), faces)
        return cls(scene, Room(planes.gradient, faces, without_letterbox(planes)), planes.half, seen)

    def _least(self, frame: Frame, crop: Box, region: Window) -> tuple[int, int]:
        """(width, height) in pixels of the least title, no more than the whole pixels of its region.

        A crop's edges seldom lie on pixels: those that are whole in it may be two fewer than it is wide.
        """
        high, wide = self.room.shape
        width, height = frame.slot[0] * crop.width * wide, frame.slot[1] * crop.height * high
        return min(ceil(width - SLACK), region.width), min(ceil(height - SLACK), region.height)

    def _framed(self, frame: Frame) -> tuple[Box, Slot | None]:
        crop = best_crop(frame, self.scene)
        return crop, self.slot(frame, crop)

    def _fit(self, canvas: Canvas, crop: Box, slot: Slot | None, lines: Boxes | None) -> Fit:
        boxes = self.scene.faces
        faces = survival(boxes, crop, canvas.frame) if self.seen else None
        lead = bool(inside(boxes[:1], crop)[0]) if len(boxes) else None
        text = None if lines is None else survival(lines, crop, canvas.frame)
        return Fit(canvas, crop, self.scene.kept(crop), faces, lead, text, slot)

    def _described(self, window: Window) -> Slot:
        core = window.core
        rows = cell_edges(core.top, core.height, max(1, core.height // PATCH))
        columns = cell_edges(core.left, core.width, max(1, core.width // PATCH))
        bare = float((self.room.means(rows, columns) < CALM).mean())
        behind = self.lightness[core.top : core.bottom, core.left : core.right]
        return Slot(self.room.box(window), bare, *attainable(behind))


def survival(boxes: Boxes, crop: Box, frame: Frame) -> Survival:
    """What becomes of boxes of the picture in a crop of that frame."""
    whole = inside(boxes, crop)
    clear = inside(boxes, frame.safe.placed(crop))
    if frame.badge:
        clear &= ~touching(boxes, frame.badge.placed(crop))
    return Survival(int(whole.sum()), int((touching(boxes, crop) & ~whole).sum()), int(clear.sum()))
