"""The picture with what was found drawn on it: saliency, thirds, faces, text, empty space, title slot, palette."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from artvision.contract import Missing
from artvision.errors import UsageError, one_line
from artvision.image import Picture
from artvision.pixels.saliency import saliency
from artvision.stages.base import Result

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
SIDE = 1200  # long side of the drawing in pixels
BAND = 64  # height of the palette band
GREEN, YELLOW, BLUE, PINK, WHITE = (40, 220, 120), (255, 205, 40), (80, 170, 255), (255, 110, 190), (255, 255, 255)


def save_drawing(image: Image.Image, path: Path, option: str) -> None:
    """Write the drawing in the form that its name says, in folders that are made where they lack.

    Raises UsageError, with `option`, which named the file.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"{option} {path}: a drawing's name ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    if path.is_dir():
        raise UsageError(f"{option} {path} is a folder: name a file in it")
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or one_line(error)
        raise UsageError(f"{option} {path}: the folder {folder} cannot be made: {why}; name another") from None
    try:
        image.save(path)
    except (OSError, ValueError) as error:  # ValueError: a form that has a largest size
        why = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
        place = "it" if path.exists() else f"the folder {folder}"
        raise UsageError(f"{option} {path}: {place} cannot be written: {why}; name another") from None


def overlay(picture: Picture, results: Mapping[str, Result]) -> Image.Image:
    """An RGB image of long side 1200 and a palette band below; parts of stages that did not run are left out."""
    base = Image.fromarray(_heated(picture))
    draw = ImageDraw.Draw(base, "RGBA")
    values = {name: value for result in results.values() for name, value in result.values.items()}
    _thirds(draw, base.size)
    _box(draw, base.size, values, "composition.empty_", "empty {:.0%}", GREEN)
    _box(draw, base.size, values, "layout.slot_", "title slot {:.0%}", PINK)
    _text(draw, base.size, _column(results, "text_regions"))
    names = {actor["face"]: actor["name"] for actor in _column(results, "actors")}
    _faces(draw, base.size, _column(results, "faces"), names)
    return _with_palette(base, _column(results, "palette"))


def _heated(picture: Picture) -> NDArray[np.uint8]:
    """The picture, darkened where nothing draws the eye and tinted where much does."""
    pixels = picture.at(SIDE).astype(np.float32)
    size = pixels.shape[1], pixels.shape[0]
    heat = np.asarray(Image.fromarray(saliency(picture.at(SIDE))).resize(size, Image.Resampling.BICUBIC))
    heat = np.clip(heat / max(float(heat.max()), 1e-6), 0, 1)[..., None]
    tint = np.array([255, 60, 0], np.float32)
    return np.clip(pixels * (0.7 + 0.3 * heat) * (1 - 0.35 * heat) + tint * 0.35 * heat, 0, 255).astype(np.uint8)


def _thirds(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    width, height = size
    for share in (1 / 3, 2 / 3):
        draw.line([(width * share, 0), (width * share, height)], fill=(*WHITE, 110), width=2)
        draw.line([(0, height * share), (width, height * share)], fill=(*WHITE, 110), width=2)


def _box(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    values: Mapping[str, Any],
    fields: str,
    label: str,
    ink: tuple[int, int, int],
) -> None:
    """The box in the fields that begin so, if they are known; the label has its area."""
    place = [values.get(f"{fields}{key}", Missing.NOT_RUN) for key in "xywh"]
    if any(isinstance(value, Missing) for value in place):
        return
    left, top, wide, tall = place
    box = (left * size[0], top * size[1], (left + wide) * size[0] - 1, (top + tall) * size[1] - 1)
    draw.rectangle(box, outline=(*ink, 255), fill=(*ink, 40), width=3)
    # Where both lie, both can be read.
    baseline = box[1] + 6 if fields.startswith("composition") else box[3] - 32
    draw.text((box[0] + 8, baseline), label.format(wide * tall), fill=(*ink, 255), font=_font(22))


def _text(draw: ImageDraw.ImageDraw, size: tuple[int, int], regions: Sequence[Mapping[str, Any]]) -> None:
    for region in regions:
        box = [region["x0"] * size[0], region["y0"] * size[1], region["x1"] * size[0], region["y1"] * size[1]]
        draw.rectangle(box, outline=(*BLUE, 255), width=2)


def _faces(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Sequence[Mapping[str, Any]], names: Mapping[int, str]
) -> None:
    for index, face in enumerate(faces):
        box = [face["x0"] * size[0], face["y0"] * size[1], face["x1"] * size[0], face["y1"] * size[1]]
        draw.rectangle(box, outline=(*(YELLOW if index == 0 else WHITE), 255), width=4 if index == 0 else 2)
        label = names.get(index) or f"{'lead ' if index == 0 else ''}{face['score']:.2f}"
        draw.text(
            (box[0] + 4, max(0, box[1] - 26)),
            label,
            fill=(*YELLOW, 255),
            font=_font(20),
            stroke_width=2,
            stroke_fill=(0, 0, 0),
        )
        for x, y in _landmarks(face):
            draw.ellipse([x * size[0] - 3, y * size[1] - 3, x * size[0] + 3, y * size[1] + 3], fill=(*YELLOW, 255))


def _landmarks(face: Mapping[str, Any]) -> list[tuple[float, float]]:
    points = face["points"]
    return list(zip(points[::2], points[1::2], strict=True))


def _with_palette(base: Image.Image, palette: Sequence[Mapping[str, Any]]) -> Image.Image:
    if not palette:
        return base
    canvas = Image.new("RGB", (base.width, base.height + BAND))
    canvas.paste(base)
    draw, left, total = ImageDraw.Draw(canvas), 0.0, sum(color["share"] for color in palette)
    for color in palette:
        right = left + base.width * color["share"] / total
        rgb = color["r"], color["g"], color["b"]
        draw.rectangle([left, base.height, right, base.height + BAND], fill=rgb)
        if right - left > 100:
            ink = (0, 0, 0) if sum(rgb) > 380 else WHITE
            draw.text((left + 6, base.height + 8), f"{color['name']}\n{color['share']:.0%}", fill=ink, font=_font(17))
        left = right
    return canvas


def _column(results: Mapping[str, Result], name: str) -> Any:
    return next((result.columns[name] for result in results.values() if result.columns.get(name)), [])


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
