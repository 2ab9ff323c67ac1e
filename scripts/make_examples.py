"""Example artwork: three invented titles, made from photographs that installed packages carry. `make_examples.py OUT`.

Every photograph is free to use, and none is stored in this repository:

- astronaut (scikit-image): Eileen Collins, NASA Great Images database; public domain
- rocket (scikit-image): Falcon 9 with DSCOVR, SpaceX Photos; released into the public domain
- hubble_deep_field (scikit-image): Hubble eXtreme Deep Field, NASA/ESA HubbleSite; public domain
- chelsea (scikit-image): a cat, Stefan van der Walt; CC0
- coffee (scikit-image): a cup of Pikolo Espresso Bar, Rachel Michetti; CC0
- grace_hopper.jpg (matplotlib): Rear Admiral Grace Hopper, official portrait of the U.S. Navy; public domain

Type is set in the font that Pillow carries (Aileron, CC0) and in matplotlib's STIX and DejaVu. The titles, and what
they say of the people shown, are fiction. The same library versions give the same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Canvas = NDArray[np.float32]  # (H, W, 3), sRGB values 0..1
Colour = tuple[float, float, float]

NAVY, TEAL, EMBER, CREAM = (0.02, 0.04, 0.10), (0.05, 0.22, 0.30), (1.0, 0.62, 0.30), (0.97, 0.93, 0.84)
GOLD, COCOA, WINE = (0.93, 0.76, 0.42), (0.10, 0.05, 0.03), (0.30, 0.03, 0.05)


@cache
def photograph(name: str) -> Image.Image:
    """One of the source photographs, RGB."""
    if name == "grace_hopper":
        return Image.open(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg").convert("RGB")
    return Image.fromarray(getattr(skimage.data, name)())


def crop(name: str, size: tuple[int, int], box: tuple[int, int, int], soften: float = 0.0) -> Canvas:
    """The part of a photograph that starts at `box` = (left, top, width), as large as `size` (width, height)."""
    left, top, width = box
    source = photograph(name).resize(size, Image.Resampling.LANCZOS, (left, top, left + width, top + width * size[1] / size[0]))
    sharp = source.filter(ImageFilter.UnsharpMask(size[0] / width / 1.5, 60, 2))
    return np.asarray(sharp.filter(ImageFilter.GaussianBlur(soften)), np.float32) / 255


def grade(canvas: Canvas, dark: Colour, light: Colour, tint: float, contrast: float = 1.0, saturation: float = 1.0) -> Canvas:
    """Contrast and saturation, then `tint` of the way towards a duotone from `dark` to `light`."""
    grey = canvas @ np.array([0.299, 0.587, 0.114], np.float32)
    grey = np.clip(0.5 + (grey - 0.5) * contrast, 0, 1)[..., None]
    colour = np.clip(0.5 + (canvas - 0.5) * contrast, 0, 1)
    colour = grey + (colour - grey) * saturation
    duotone = np.array(dark, np.float32) + grey * (np.array(light, np.float32) - np.array(dark, np.float32))
    return np.clip(colour + (duotone - colour) * tint, 0, 1).astype(np.float32)


def ramp(size: tuple[int, int], start: float, stop: float, axis: str = "y", power: float = 1.5) -> Canvas:
    """A mask (H, W, 1) that rises smoothly from 0 at `start` to 1 at `stop` (fractions of the side; may run backwards)."""
    width, height = size
    along = np.linspace(0, 1, height)[:, None] * np.ones((1, width)) if axis == "y" else np.ones((height, 1)) * np.linspace(0, 1, width)
    rise = np.clip((along - start) / (stop - start), 0, 1)
    return (rise * rise * (3 - 2 * rise))[..., None].astype(np.float32) ** power


def halo(size: tuple[int, int], x: float, y: float, radius: float) -> Canvas:
    """A round mask (H, W, 1), 1 at (x, y), fading to 0; `radius` as a fraction of the long side."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    square = ((columns - x * width) ** 2 + (rows - y * height) ** 2) / (radius * max(size)) ** 2
    return np.exp(-square)[..., None]


def mix(base: Canvas, other: Canvas | Colour, mask: Canvas | float) -> Canvas:
    """`other` over `base` where `mask` is 1."""
    return (base + (np.asarray(other, np.float32) - base) * mask).astype(np.float32)


def screen(base: Canvas, light: Canvas, amount: Canvas | float = 1.0) -> Canvas:
    """Light added to `base` as a second exposure would."""
    return (1 - (1 - base) * (1 - light * amount)).astype(np.float32)


def font(face: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """`Aileron` from Pillow, or a TrueType file that matplotlib carries."""
    if face == "Aileron":
        return ImageFont.load_default(size)
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf", size)


def letter(
    canvas: Canvas, text: str, *, x: float, y: float, size: float, face: str = "Aileron", colour: Colour = CREAM,
    tracking: float = 0.0, align: float = 0.5, weight: int = 0, shadow: float = 0.6,
) -> Canvas:
    """Set one line: baseline at `y`, `align` 0 left, 0.5 centred, 1 right of `x`; `size` and `y` as fractions of height.

    `tracking` is the space between letters in ems, `weight` thickens the strokes by pixels per thousand of height.
    """
    height, width = canvas.shape[:2]
    drawn = font(face, round(size * height))
    gap, stroke = tracking * size * height, round(weight * height / 1000)
    advances = [drawn.getlength(character) + gap for character in text]
    left = x * width - align * (sum(advances) - gap)
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    for character, at in zip(text, np.cumsum([0.0, *advances[:-1]]), strict=True):
        pen.text((left + at, y * height), character, 255, drawn, anchor="ls", stroke_width=stroke)
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(size * height * 0.16)), np.float32)[..., None] / 255
    hard = np.asarray(mask, np.float32)[..., None] / 255
    return mix(mix(canvas, (0, 0, 0), np.clip(soft * 1.6, 0, 1) * shadow), colour, hard)


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


def meridian_poster() -> Image.Image:
    size = 2000, 3000
    art = grade(crop("astronaut", size, (48, 0, 338)), NAVY, (0.92, 0.86, 0.78), 0.45, 1.15, 1.1)
    art = mix(art, TEAL, (1 - halo(size, 0.5, 0.26, 0.34)) * 0.62)
    art = screen(art, stars(size, 200, 0, 580), np.clip(1 - halo(size, 0.53, 0.30, 0.30) * 1.5, 0, 1) * 0.9)
    art = screen(art, np.array(EMBER, np.float32) * halo(size, 0.98, 0.08, 0.30), 0.55)
    art = mix(art, NAVY, ramp(size, 0.46, 0.80))
    art = letter(art, "MERIDIAN", x=0.5, y=0.835, size=0.072, tracking=0.20, weight=1)
    art = letter(art, "STATION", x=0.5, y=0.893, size=0.036, tracking=0.95, colour=EMBER, weight=1)
    art = letter(art, "SHE IS THE LAST SIGNAL HOME", x=0.5, y=0.072, size=0.0125, tracking=0.55)
    return finish(letter(art, "THIS AUTUMN", x=0.5, y=0.955, size=0.0125, tracking=0.7), 1)


def meridian_key_art() -> Image.Image:
    size = 1920, 1080
    art = grade(crop("rocket", size, (0, 30, 640)), NAVY, (0.80, 0.90, 1.0), 0.25, 1.2, 1.25)
    face = grade(crop("astronaut", size, (-110, 8, 470), 0), NAVY, (1.0, 0.80, 0.62), 0.5, 1.2)
    art = mix(art, face, halo(size, 0.70, 0.36, 0.24) ** 0.6 * ramp(size, 0.40, 0.62, "x", 1.0))
    art = screen(art, stars(size, 0, 100, 900), ramp(size, 0.75, 0.1, "y") * 0.8)
    art = mix(art, NAVY, np.maximum(ramp(size, 0.55, 0.0, "x") * 0.88, ramp(size, 0.72, 1.05) * 0.9))
    art = letter(art, "MERIDIAN", x=0.065, y=0.56, size=0.135, tracking=0.12, align=0, weight=2)
    art = letter(art, "STATION", x=0.069, y=0.655, size=0.062, tracking=0.92, align=0, colour=EMBER, weight=2)
    return finish(letter(art, "A LIMITED SERIES", x=0.069, y=0.745, size=0.026, tracking=0.4, align=0), 2)


def meridian_portrait() -> Image.Image:
    size = 1280, 720
    art = grade(crop("astronaut", size, (60, 20, 340), 0), NAVY, (1.0, 0.90, 0.78), 0.35, 1.1, 0.95)
    return letterbox(finish(mix(art, TEAL, (1 - halo(size, 0.5, 0.35, 0.4)) * 0.5), 3))


def meridian_launch() -> Image.Image:
    art = grade(crop("rocket", (1280, 720), (0, 60, 640)), NAVY, (0.75, 0.88, 1.0), 0.3, 1.15, 1.2)
    return finish(screen(art, np.array(EMBER, np.float32) * halo((1280, 720), 0.5, 0.95, 0.25), 0.5), 4)


def meridian_tile() -> Image.Image:
    size = 1000, 1000
    art = grade(crop("astronaut", size, (110, 6, 230)), NAVY, (1.0, 0.82, 0.66), 0.6, 1.2)
    art = mix(mix(art, TEAL, ramp(size, 0.45, 0.0, "x") * 0.6), NAVY, ramp(size, 0.55, 0.98))
    return finish(letter(art, "MERIDIAN", x=0.5, y=0.90, size=0.085, tracking=0.22, weight=2), 5)


def punched(size: tuple[int, int], seed: int) -> Canvas:
    """A punched card's holes as light, (H, W, 1)."""
    width, height = size
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    step = height / 26
    for row, column in zip(*np.nonzero(np.random.default_rng(seed).random((24, 60)) < 0.16), strict=True):
        left, top = (column + 0.5) * step * 0.72, (row + 1) * step
        pen.rounded_rectangle((left, top, left + step * 0.26, top + step * 0.58), step * 0.06, 255)
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(height / 700)), np.float32)[..., None] / 255


def compiler_poster() -> Image.Image:
    size = 1400, 2100
    art = grade(crop("grace_hopper", size, (62, 0, 400)), (0.03, 0.02, 0.05), CREAM, 0.78, 1.2, 0.8)
    art = screen(art, np.array(GOLD, np.float32) * punched(size, 7), ramp(size, 0.45, 0.0) * 0.55)
    art = mix(art, WINE, ramp(size, 0.52, 0.90) * 0.96)
    art = letter(art, "The", x=0.5, y=0.735, size=0.034, face="STIXGeneralItalic", colour=GOLD)
    art = letter(art, "COMPILER", x=0.5, y=0.805, size=0.074, face="STIXGeneralBol", tracking=0.06)
    art = letter(art, "WAR TAUGHT MACHINES TO COUNT. SHE TAUGHT THEM TO READ.", x=0.5, y=0.850, size=0.0118, tracking=0.22)
    return finish(letter(art, "IN CINEMAS THIS WINTER", x=0.5, y=0.948, size=0.013, tracking=0.6, colour=GOLD), 11)


def compiler_key_art() -> Image.Image:
    size = 1920, 1080
    art = grade(crop("grace_hopper", size, (-520, 30, 960)), (0.02, 0.03, 0.08), CREAM, 0.55, 1.2)
    art = mix(art, (0.03, 0.05, 0.12), ramp(size, 0.68, 0.50, "x", 1.0))
    art = screen(art, np.array(GOLD, np.float32) * punched(size, 8), ramp(size, 0.62, 0.1, "x") * 0.35)
    art = letter(art, "The", x=0.075, y=0.40, size=0.075, face="STIXGeneralItalic", colour=GOLD, align=0)
    art = letter(art, "COMPILER", x=0.072, y=0.54, size=0.150, face="STIXGeneralBol", tracking=0.04, align=0)
    return finish(letter(art, "ONE WOMAN. ONE MACHINE. ONE LANGUAGE.", x=0.077, y=0.615, size=0.0235, tracking=0.3, align=0), 12)


def compiler_still() -> Image.Image:
    art = grade(crop("grace_hopper", (1280, 720), (70, 36, 390)), (0.02, 0.03, 0.07), (1.0, 0.92, 0.80), 0.3, 1.1, 0.85)
    return letterbox(finish(art, 13))


def compiler_close() -> Image.Image:
    size = 900, 1350
    art = grade(crop("grace_hopper", size, (150, 60, 230)), (0.05, 0.02, 0.02), CREAM, 0.9, 1.25)
    art = mix(art, WINE, ramp(size, 0.70, 1.02))
    return finish(letter(art, "THE COMPILER", x=0.5, y=0.93, size=0.042, face="STIXGeneralBol", tracking=0.14), 14)


def bean_poster() -> Image.Image:
    size = 1200, 1800
    cat = grade(crop("chelsea", size, (96, 0, 270)), COCOA, (1.0, 0.93, 0.80), 0.22, 1.1, 1.25)
    cup = grade(crop("coffee", size, (130, -160, 400)), COCOA, (1.0, 0.90, 0.76), 0.15, 1.15, 1.2)
    art = mix(cat, cup, ramp(size, 0.36, 0.60, power=1.0))
    art = mix(art, COCOA, np.maximum(ramp(size, 0.74, 1.0) * 0.95, ramp(size, 0.16, 0.0) * 0.75))
    art = letter(art, "Nine Lives on", x=0.5, y=0.845, size=0.040, face="DejaVuSerif-Italic", colour=GOLD)
    art = letter(art, "BEAN STREET", x=0.5, y=0.910, size=0.064, face="DejaVuSerif-Bold", tracking=0.02)
    return finish(letter(art, "EVERY REGULAR HAS A SECRET", x=0.5, y=0.062, size=0.0145, tracking=0.5), 21, vignette=0.3)


def bean_key_art() -> Image.Image:
    size = 1920, 1080
    art = grade(crop("chelsea", size, (20, 10, 430)), COCOA, (1.0, 0.94, 0.84), 0.2, 1.12, 1.25)
    art = mix(art, COCOA, np.maximum(ramp(size, 0.52, 1.0, "x", 1.0) * 0.93, ramp(size, 0.8, 1.1) * 0.7))
    art = letter(art, "Nine Lives on", x=0.945, y=0.56, size=0.066, face="DejaVuSerif-Italic", colour=GOLD, align=1)
    art = letter(art, "BEAN", x=0.945, y=0.70, size=0.125, face="DejaVuSerif-Bold", align=1)
    return finish(letter(art, "STREET", x=0.945, y=0.825, size=0.125, face="DejaVuSerif-Bold", align=1), 22, vignette=0.3)


def bean_cup() -> Image.Image:
    return finish(grade(crop("coffee", (1280, 720), (20, 40, 560)), COCOA, (1.0, 0.9, 0.76), 0.15, 1.1, 1.2), 23)


def bean_cat() -> Image.Image:
    return letterbox(finish(grade(crop("chelsea", (1280, 720), (40, 20, 400)), COCOA, (1.0, 0.95, 0.86), 0.12, 1.05, 1.15), 24))


def bean_tile() -> Image.Image:
    size = 1000, 1000
    art = grade(crop("coffee", size, (110, 0, 390)), COCOA, (1.0, 0.9, 0.76), 0.2, 1.15, 1.25)
    art = mix(art, COCOA, ramp(size, 0.62, 1.0) * 0.95)
    return finish(letter(art, "BEAN STREET", x=0.5, y=0.92, size=0.075, face="DejaVuSerif-Bold", colour=CREAM), 25, vignette=0.3)


TITLES = {
    "meridian": ("Meridian Station", "en", "Ilse Marrow|Tomas Reyl"),
    "compiler": ("The Compiler", "en", "Edda Kirsch"),
    "bean": ("Nine Lives on Bean Street", "en", ""),
}
ARTWORK: dict[str, tuple[Callable[[], Image.Image], str, str]] = {
    "meridian/poster.jpg": (meridian_poster, "poster", "US"), "meridian/key_art.jpg": (meridian_key_art, "key art", "US"),
    "meridian/portrait.jpg": (meridian_portrait, "still", ""), "meridian/launch.png": (meridian_launch, "still", ""),
    "meridian/tile.webp": (meridian_tile, "tile", "FR"), "compiler/poster.jpg": (compiler_poster, "poster", "US"),
    "compiler/key_art.jpg": (compiler_key_art, "key art", "US"), "compiler/still.webp": (compiler_still, "still", ""),
    "compiler/close.png": (compiler_close, "poster", "DE"), "bean/poster.jpg": (bean_poster, "poster", "US"),
    "bean/key_art.webp": (bean_key_art, "key art", "US"), "bean/cup.jpg": (bean_cup, "still", ""),
    "bean/cat.jpg": (bean_cat, "still", ""), "bean/tile.png": (bean_tile, "tile", "FR"),
}


def make(out: Path) -> list[Path]:
    """Write all artwork and `catalog.csv` below `out`; returns the pictures' paths."""
    rows = [("image", "title_id", "title", "artwork_type", "market", "language", "cast")]
    for name, (draw, kind, market) in ARTWORK.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        options = {".jpg": {"quality": 90}, ".webp": {"quality": 88}}.get(path.suffix, {})
        draw().save(path, **options)
        title, language, cast = TITLES[path.parent.name]
        rows.append((name, path.parent.name, title, kind, market, language, cast))
    with (out / "catalog.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return [out / name for name in ARTWORK]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_examples.py OUT")
    print(f"{len(make(Path(sys.argv[1])))} pictures and catalog.csv in {sys.argv[1]}")
