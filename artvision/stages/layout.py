"""Room for a title, and what survives a crop or a small tile: the fixed part of how a picture fits its canvases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from artvision.contract import Field, Kind, Missing
from artvision.framing.box import WHOLE, Boxes, inside
from artvision.framing.canvas import Frame
from artvision.framing.contrast import HIGHEST
from artvision.framing.crop import best_crop
from artvision.framing.fit import Slot, View
from artvision.framing.room import FACE_MARGIN
from artvision.framing.scene import Scene
from artvision.framing.small import FACE_WIDTH, SIDE, contrast_kept, face_widths, tile_size
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels.pyramid import Pyramid
from artvision.stages.base import Result, Stage, Value

# What nearly all canvases come to, as the vector's fixed ones.
SHAPES = {"16_9": 16 / 9, "1_1": 1.0, "2_3": 2 / 3}
_WCAG = "WCAG 2.2, contrast ratio"
_TIE = "of two that tie either may be chosen"
_TEXT = "PP-OCRv6 (PaddleOCR), in rapidocr"

_SLOT = (
    Field("layout.slot_x", f"left edge of the title slot; {_TIE}", "share of width", 0, 1, "ours", tolerance=0.05),
    Field("layout.slot_y", f"top edge of the title slot; {_TIE}", "share of height", 0, 1, "ours", tolerance=0.05),
    Field("layout.slot_w", f"width of the title slot; {_TIE}", "share of width", 0, 1, "ours", tolerance=0.05),
    Field("layout.slot_h", f"height of the title slot; {_TIE}", "share of height", 0, 1, "ours", tolerance=0.05),
    Field(
        "layout.slot_area",
        f"area of the largest bare box of at least 0.4 × 0.12, {FACE_MARGIN:g} of a face's size from every face",
        "share",
        0,
        1,
        "ours",
        "more room for a title",
        tolerance=0.03,
    ),
    Field(
        "layout.slot_emptiness",
        "share of the title slot in which nothing is drawn",
        "share",
        0,
        1,
        "ours",
        "emptier",
        tolerance=0.05,
    ),
    Field(
        "layout.slot_contrast",
        "contrast of letters in the slot in the better of white and black, worst tenth of the background left out",
        "ratio",
        1,
        HIGHEST,
        _WCAG,
        "more legible",
        tolerance=1,
        fill=1,
    ),
    Field(
        "layout.slot_ink",
        "the better of white and black letters in the slot",
        "label",
        0,
        1,
        _WCAG,
        dtype="category",
        labels=("white", "black"),
    ),
)
_CROPS = tuple(
    field
    for shape in SHAPES
    for field in (
        Field(
            f"crop.saliency_{shape}",
            f"share of salient mass that the best {shape.replace('_', ':')} crop keeps",
            "share",
            0,
            1,
            "Hou & Zhang 2007, CVPR",
            "more survives",
            tolerance=0.05,
        ),
        Field(
            f"crop.faces_{shape}",
            f"share of the faces, by area, that the best {shape.replace('_', ':')} crop keeps whole",
            "share",
            0,
            1,
            "interval arithmetic on MTCNN's boxes",
            "more survives",
            Kind.DETECTED,
            tolerance=0.1,
        ),
    )
)
_SMALL = (
    Field(
        "small.faces",
        f"faces at least {FACE_WIDTH} pixels wide where the picture's long side is {SIDE}",
        "faces",
        0,
        10_000,
        "Bachmann 1991, Eur. J. Cogn. Psychol. 3(1)",
        "more faces that people tell apart",
        Kind.DETECTED,
        dtype="int32",
        tolerance=1,
    ),
    Field(
        "small.lead_width",
        f"width of the lead face where the picture's long side is {SIDE}",
        "pixels",
        0,
        SIDE,
        "MTCNN's box",
        "larger",
        Kind.DETECTED,
        tolerance=2,
    ),
    Field(
        "small.text_height",
        f"height of the highest line of text where the picture's long side is {SIDE}; known where `text` ran",
        "pixels",
        0,
        SIDE,
        _TEXT,
        "more legible",
        Kind.DETECTED,
        tolerance=2,
    ),
    Field(
        "small.contrast",
        f"standard deviation of L* at a long side of {SIDE} over that at {SCORE_SIDE}",
        "share",
        0,
        1,
        "ours",
        "coarser shapes",
        tolerance=0.02,
    ),
)


class Layout(Stage):
    """Measures each picture by itself; reads faces, and the height of text where it was looked for."""

    name: ClassVar[str] = "layout"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ("text",)
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "where a title fits and how legible it is; what survives a crop and a small tile"

    def fields(self) -> tuple[Field, ...]:
        """Three blocks: layout, crop, small."""
        return (*_SLOT, *_CROPS, *_SMALL)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Fit each picture by itself."""
        texts = upstream.get("text", [None] * len(batch))
        return [_measured(*found) for found in zip(batch, upstream["faces"], texts, strict=True)]


def _measured(picture: Picture, faces: Result, text: Result | None) -> Result:
    planes = picture.derived(Pyramid.of, SCORE_SIDE)
    view = View.of(picture, faces.columns["faces"])
    slot = view.slot(Frame(view.scene.aspect), WHOLE)
    small = _small(picture, planes, view.scene.faces, text)
    if not view.seen:
        small["small.faces"] = Missing.NOT_APPLICABLE
    return Result(_slot_values(slot) | _crops(view.scene) | small)


def _slot_values(slot: Slot | None) -> dict[str, Value]:
    """No room is an area of 0, and nothing that lies in it is known."""
    values: dict[str, Value] = dict.fromkeys((field.name for field in _SLOT), Missing.NOT_APPLICABLE)
    if slot is None:
        return values | {"layout.slot_area": 0.0}
    box = slot.box
    return {
        "layout.slot_x": box.x0,
        "layout.slot_y": box.y0,
        "layout.slot_w": box.width,
        "layout.slot_h": box.height,
        "layout.slot_area": box.width * box.height,
        "layout.slot_emptiness": slot.emptiness,
        "layout.slot_contrast": slot.contrast,
        "layout.slot_ink": slot.ink,
    }


def _crops(scene: Scene) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for shape, aspect in SHAPES.items():
        crop = best_crop(Frame(aspect), scene)
        kept = scene.kept(crop)
        whole = float(inside(scene.faces, crop) @ scene.weights) if len(scene.faces) else None
        values |= {f"crop.saliency_{shape}": _or_missing(kept), f"crop.faces_{shape}": _or_missing(whole)}
    return values


def _small(picture: Picture, planes: Pyramid, faces: Boxes, text: Result | None) -> dict[str, Value]:
    width, height = tile_size(picture.width, picture.height)
    widths = face_widths(faces, width)
    return {
        "small.faces": int((widths >= FACE_WIDTH).sum()),
        "small.lead_width": float(widths[0]) if len(widths) else Missing.NOT_APPLICABLE,
        "small.text_height": _text_height(text, height),
        "small.contrast": _or_missing(contrast_kept(planes.lightness, planes.half)),
    }


def _text_height(text: Result | None, height: float) -> Value:
    """In pixels of a tile of that height; where `text` has no value, the state that it is in."""
    if text is None:
        return Missing.NOT_RUN
    share = text.values.get("text.largest_height", Missing.FAILED)
    return share if isinstance(share, Missing) else float(share) * height


def _or_missing(value: float | None) -> Value:
    return Missing.NOT_APPLICABLE if value is None else min(1.0, value)
