"""A small darkroom: crops, grading, light, type and grain, for artwork made from photographs.

A canvas is an array (H, W, 3) float32 of sRGB values 0..1; a mask is (H, W, 1), (H, 1, 1) or (1, W, 1), and is
broadcast. Places are fractions of the width and height.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Canvas = NDArray[Any]
Colour = tuple[float, float, float]

SHADOW, PAPER = (0.0, 0.0, 0.0), (0.97, 0.93, 0.84)
MARGIN = 600  # pixels by which a photograph's edge is drawn out, so that a crop may reach beyond it


@cache
def photograph(name: str) -> Image.Image:
    """One of the source photographs, RGB, its edges drawn out by `MARGIN` pixels."""
    if name == "grace_hopper":
        pixels = np.asarray(Image.open(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg").convert("RGB"))
    else:
        pixels = getattr(skimage.data, name)()
    sharp = Image.fromarray(pixels).filter(ImageFilter.UnsharpMask(0.8, 80, 2))  # all are enlarged, which softens
    return Image.fromarray(np.pad(np.asarray(sharp), ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), "edge"))


def crop(name: str, size: tuple[int, int], box: tuple[int, int, int]) -> Canvas:
    """The part of a photograph that starts at `box` = (left, top, width), as large as `size` (width, height)."""
    left, top, width = box[0] + MARGIN, box[1] + MARGIN, box[2]
    window = left, top, left + width, top + width * size[1] / size[0]
    source = photograph(name).resize(size, Image.Resampling.LANCZOS, window)
    return np.asarray(source, np.float32) / 255


def grade(
    canvas: Canvas, dark: Colour, light: Colour, tint: float, contrast: float = 1.0, saturation: float = 1.0
) -> Canvas:
    """Contrast and saturation, then `tint` of the way towards a duotone from `dark` to `light`."""
    colour = np.clip(0.5 + (canvas - 0.5) * contrast, 0, 1)
    grey = (colour @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]  # luma, ITU-R BT.601
    low, high = np.array(dark, np.float32), np.array(light, np.float32)
    own, towards = 1 - tint, tint * (high - low)
    graded = colour * (saturation * own) + grey * ((1 - saturation) * own + towards) + tint * low
    return np.clip(graded, 0, 1)


def ramp(size: tuple[int, int], start: float, stop: float, axis: str = "y", power: float = 1.5) -> Canvas:
    """A mask that rises smoothly from 0 at `start` to 1 at `stop` (fractions of a side; may run backwards).

    (H, 1, 1) along y, (1, W, 1) along x: it is broadcast where it is used.
    """
    steps = np.linspace(0, 1, size[0 if axis == "x" else 1], dtype=np.float32)
    rise = np.clip((steps - start) / (stop - start), 0, 1)
    smooth = (rise * rise * (3 - 2 * rise)) ** power
    mask: Canvas = smooth[None, :, None] if axis == "x" else smooth[:, None, None]
    return mask


def halo(size: tuple[int, int], x: float, y: float, radius: float) -> Canvas:
    """A round mask (H, W, 1), 1 at (x, y), fading to 0; `radius` as a fraction of the long side."""
    across, down = (
        np.exp(-(((np.arange(side, dtype=np.float32) - at * side) / (radius * max(size))) ** 2))
        for side, at in zip(size, (x, y), strict=True)
    )
    mask: Canvas = (down[:, None] * across[None, :])[..., None]
    return mask


def mix(base: Canvas, other: Canvas | Colour, mask: Canvas | float) -> Canvas:
    """`other` over `base` where `mask` is 1."""
    mixed: Canvas = base + (np.asarray(other, np.float32) - base) * mask
    return mixed


def screen(base: Canvas, light: Canvas, amount: Canvas | float = 1.0) -> Canvas:
    """Light added to `base` as a second exposure would."""
    return (1 - (1 - base) * (1 - light * amount)).astype(np.float32)


def font(face: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """`Aileron` from Pillow, or a TrueType file that matplotlib carries."""
    if face == "Aileron":
        return ImageFont.load_default(size)
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf", size)


def letter(
    canvas: Canvas,
    text: str,
    *,
    x: float,
    y: float,
    size: float,
    face: str = "Aileron",
    colour: Colour = PAPER,
    tracking: float = 0.0,
    align: float = 0.5,
    weight: int = 0,
    shadow: float = 0.6,
) -> Canvas:
    """Set one line: baseline at `y`, `align` 0 left, 0.5 centred, 1 right of `x`; `size` is a fraction of the height.

    `tracking` is the space between letters in ems, `weight` thickens the strokes by pixels per thousand of height.
    """
    height, width = canvas.shape[:2]
    top, bottom = max(0, round((y - 1.6 * size) * height)), min(height, round((y + 0.9 * size) * height))
    drawn = font(face, round(size * height))
    gap, stroke = tracking * size * height, round(weight * height / 1000)
    advances = [drawn.getlength(character) + gap for character in text]
    left = x * width - align * (sum(advances) - gap)
    mask = Image.new("L", (width, bottom - top))
    pen = ImageDraw.Draw(mask)
    for character, at in zip(text, np.cumsum([0.0, *advances[:-1]]), strict=True):
        pen.text((left + at, y * height - top), character, 255, drawn, anchor="ls", stroke_width=stroke)
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(size * height * 0.16)), np.float32)[..., None] / 255
    hard = np.asarray(mask, np.float32)[..., None] / 255
    lettered = canvas.copy()
    band = mix(canvas[top:bottom], SHADOW, np.clip(soft * 1.6, 0, 1) * shadow)
    lettered[top:bottom] = mix(band, colour, hard)
    return lettered


def finish(canvas: Canvas, seed: int, grain: float = 0.022, vignette: float = 0.45) -> Image.Image:
    """Darker corners, film grain, and 8 bits."""
    height, width = canvas.shape[:2]
    corners = 1 - vignette * (1 - halo((width, height), 0.5, 0.48, 0.75))
    noise = np.random.default_rng(seed).normal(0, grain, ((height + 1) // 2, (width + 1) // 2)).astype(np.float32)
    coarse = np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))[..., None]
    return Image.fromarray((np.clip(canvas * corners + coarse, 0, 1) * 255 + 0.5).astype(np.uint8))


def letterbox(image: Image.Image, ratio: float = 2.39) -> Image.Image:
    """Black bars above and below, as a scope film has on a 16:9 screen."""
    bar = round((image.height - image.width / ratio) / 2)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width, bar), 0)
    pen.rectangle((0, image.height - bar, image.width, image.height), 0)
    return image


def stars(size: tuple[int, int], left: int = 0, top: int = 0, width: int = 1000) -> Canvas:
    """The deep field, its black sky pressed down so that only the lights remain."""
    return np.clip(crop("hubble_deep_field", size, (left, top, width)) * 1.25 - 0.12, 0, 1).astype(np.float32)


def punched(size: tuple[int, int], seed: int) -> Canvas:
    """A punched card's holes as light, (H, W, 1)."""
    height = size[1]
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    step = height / 26
    for row, column in zip(*np.nonzero(np.random.default_rng(seed).random((24, 60)) < 0.16), strict=True):
        left, top = (column + 0.5) * step * 0.72, (row + 1) * step
        pen.rounded_rectangle((left, top, left + step * 0.26, top + step * 0.58), step * 0.06, 255)
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(height / 700)), np.float32)[..., None] / 255
