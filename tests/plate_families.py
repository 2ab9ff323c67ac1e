"""Families of artwork made from one picture: crop, flip, recolour, titles in several scripts; and what they share.

Everything is drawn from a seed. A family also has its member of a series: all families of one series carry the same
title, badge and frame at the same place, so that what they have in common is everything but the plate.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Random = np.random.Generator
Change = Callable[[Image.Image, Random], Image.Image]

SIDE = 480  # long side in pixels at which type is drawn: small pictures are enlarged, so that titles are sharp
TITLES = {
    "latin": ("THE LONG WAY", "HOME", "Night Harbour", "Only the Brave", "WINTER"),
    "cyrillic": ("ДОЛГАЯ ДОРОГА", "ДОМОЙ", "Ночная гавань", "Только смелые", "ЗИМА"),
    "greek": ("Ο ΜΑΚΡΥΣ", "ΔΡΟΜΟΣ", "Νυχτερινό λιμάνι", "ΧΕΙΜΩΝΑΣ"),
    "arabic": ("الطريق الطويل", "ميناء الليل", "الشتاء"),
}
FONTS = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf", "DejaVuSerif-BoldItalic.ttf", "DejaVuSans-Oblique.ttf")
SCRIPT_FONTS = {"arabic": 2}  # the first two of them have its letters
INKS = ((255, 255, 255), (250, 214, 60), (20, 20, 20), (214, 30, 40))
LEAST_LEFT = 0.5  # of the area: what a crop keeps at least


@dataclass(frozen=True)
class Variant:
    """One member: how it was made, (H, W, 3) uint8, and the part of the plate it shows (left, top, right, bottom)."""

    made: str
    pixels: NDArray[np.uint8]
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of matplotlib, which every machine with these tests has."""
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), size)


def base(pixels: NDArray[np.uint8]) -> Image.Image:
    """The plate itself, its long side at 480 pixels."""
    image = Image.fromarray(pixels)
    scale = SIDE / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def strokes(size: int, count: int, random: Random) -> Image.Image:
    """Signs of level, upright and slanting strokes in square cells, as a mask: a stand-in for Chinese and Japanese."""
    line = Image.new("L", (size * count, size))
    pen, thick = ImageDraw.Draw(line), max(2, size // 10)
    for index in range(count):
        for _ in range(6):
            x, y = index * size + random.uniform(0.1, 0.5) * size, random.uniform(0.1, 0.8) * size
            dx, dy = [(0.4, 0.0), (0.0, 0.5), (0.3, 0.35), (0.4, -0.2)][random.integers(4)]
            pen.line((x, y, x + dx * size, min(y + dy * size, size * 0.95)), 255, thick)
    return line


def lettering(script: str, width: int, random: Random) -> Image.Image:
    """One or two lines of a title as a mask about `width` pixels wide."""
    lines = []
    for _ in range(int(random.integers(1, 3))):
        if script == "strokes":
            lines.append(strokes(64, int(random.integers(3, 7)), random))
            continue
        face = font(FONTS[random.integers(SCRIPT_FONTS.get(script, len(FONTS)))], 64)
        text = str(random.choice(TITLES[script]))
        left, top, right, bottom = face.getbbox(text)
        line = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
        ImageDraw.Draw(line).text((2 - left, 2 - top), text, 255, font=face)
        lines.append(line)
    widest = max(line.width for line in lines)
    block = Image.new("L", (widest, sum(line.height + 10 for line in lines)))
    y = 0
    for line in lines:
        block.paste(line, ((widest - line.width) // 2, y))
        y += line.height + 10
    return ImageOps.contain(block, (width, width))


def titled(image: Image.Image, random: Random, script: str = "latin", width: float = 0.0) -> Image.Image:
    """With a title of `script` at a place of its own, over a scrim half of the time, with a drop shadow at times."""
    image = image.copy()
    block = lettering(script, max(40, int(image.width * (width or random.uniform(0.45, 0.9)))), random)
    block = ImageOps.contain(block, (image.width, max(12, image.height // 3)))
    x = int(random.uniform(0, image.width - block.width))
    y = int(random.choice([0.04, 0.4, 0.6, 0.93]) * (image.height - block.height))
    if random.random() < 0.5:
        image = scrimmed(image, y + block.height // 2, random)
    if random.random() < 0.5:
        image.paste((0, 0, 0), (x + 2, y + 2), block)
    image.paste(INKS[random.integers(len(INKS))], (x, y), block)
    return image


def scrimmed(image: Image.Image, centre: int, random: Random) -> Image.Image:
    """Darkened or lightened behind the type, by up to 85 %, falling off along y."""
    rows = np.abs(np.arange(image.height) - centre) / image.height
    weight = np.clip(1.2 - rows * random.uniform(2.5, 4), 0, 1)[:, None] * random.uniform(0.5, 0.85)
    mask = Image.fromarray(np.broadcast_to(np.uint8(weight * 255), (image.height, image.width)).copy())
    return Image.composite(Image.new("RGB", image.size, (0, 0, 0)), image, mask)


def badged(image: Image.Image, random: Random) -> Image.Image:
    """With a badge in a corner."""
    image = image.copy()
    side = int(min(image.size) * random.uniform(0.12, 0.22))
    x = int(random.choice([0.04, 0.96]) * (image.width - side))
    y = int(random.choice([0.04, 0.96]) * (image.height - side))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((x, y, x + side, y + side), side // 6, tuple(int(v) for v in random.integers(0, 256, 3)))
    text = str(random.choice(["TOP", "NEW", "10"]))
    pen.text((x + side / 2, y + side / 2), text, (255, 255, 255), font("DejaVuSans-Bold.ttf", side // 3), "mm")
    return image


def flip(image: Image.Image, _: Random) -> Image.Image:
    """Mirrored left to right."""
    return ImageOps.mirror(image)


def grey(image: Image.Image, _: Random) -> Image.Image:
    """Without colour."""
    return ImageOps.grayscale(image).convert("RGB")


def duotone(image: Image.Image, random: Random) -> Image.Image:
    """From a dark to a light colour."""
    dark, light = random.integers(0, 90, 3), random.integers(150, 256, 3)
    return ImageOps.colorize(ImageOps.grayscale(image), tuple(map(int, dark)), tuple(map(int, light)))


def hue(image: Image.Image, random: Random) -> Image.Image:
    """All hues turned by up to 90 degrees."""
    h, s, v = image.convert("HSV").split()
    turn = int(random.uniform(-64, 64))
    return Image.merge("HSV", (h.point([(i + turn) % 256 for i in range(256)]), s, v)).convert("RGB")


def graded(image: Image.Image, random: Random) -> Image.Image:
    """Brighter or darker, flatter or harder, in another gamma."""
    image = ImageEnhance.Brightness(image).enhance(random.uniform(0.65, 1.35))
    image = ImageEnhance.Contrast(image).enhance(random.uniform(0.65, 1.4))
    gamma = random.uniform(0.6, 1.6)
    return image.point([round(255 * (i / 255) ** gamma) for i in range(256)] * 3)


def touched_up(image: Image.Image, random: Random) -> Image.Image:
    """Sharpened or softened, and one spot painted over."""
    image = image.filter(ImageFilter.UnsharpMask(2, 120, 2) if random.random() < 0.5 else ImageFilter.GaussianBlur(1))
    side = int(min(image.size) * random.uniform(0.1, 0.2))
    x, y = (int(random.uniform(0, length - side)) for length in image.size)
    spot = image.crop((x, y, x + side, y + side)).filter(ImageFilter.GaussianBlur(12))
    image.paste(spot, (x, y))
    return image


def compressed(image: Image.Image, random: Random) -> Image.Image:
    """Halved, and saved as a poor JPEG."""
    out, small = io.BytesIO(), image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    small.save(out, "JPEG", quality=int(random.integers(35, 70)))
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def squeezed(image: Image.Image, random: Random) -> Image.Image:
    """A little narrower or wider."""
    return image.resize((round(image.width * random.uniform(0.93, 1.07)), image.height), Image.Resampling.BICUBIC)


def letterboxed(image: Image.Image, random: Random) -> Image.Image:
    """On black, with bars at two sides."""
    share = random.uniform(0.05, 0.14)
    across = (0, int(image.height * share)) if random.random() < 0.6 else (int(image.width * share), 0)
    return ImageOps.expand(image, across, (0, 0, 0))


def series(image: Image.Image, seed: int) -> Image.Image:
    """As the member of a series: the same shape, frame, badge, scrim and large title, whatever the plate."""
    random = np.random.default_rng(seed)
    size = [(320, 480), (480, 270), (400, 400)][random.integers(3)]
    image = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    script = str(random.choice([*TITLES, "strokes"]))
    image = badged(titled(image, random, script, random.uniform(0.85, 0.98)), random)
    return ImageOps.expand(image, int(random.integers(4, 14)), tuple(int(v) for v in random.integers(0, 256, 3)))


CHANGES: dict[str, Change] = {
    "flip": flip,
    "grey": grey,
    "duotone": duotone,
    "hue": hue,
    "graded": graded,
    "touched_up": touched_up,
    "compressed": compressed,
    "squeezed": squeezed,
    "letterboxed": letterboxed,
    "badged": badged,
}
ASPECTS = (16 / 9, 3 / 4, 2 / 3, 1.0, 4 / 3, 2.0)


def cut(image: Image.Image, random: Random) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """To another aspect, tighter at times, never to less than half of the area; and the part that is left."""
    own = image.width / image.height
    fits = [aspect for aspect in ASPECTS if LEAST_LEFT <= min(own / aspect, aspect / own) < 0.98]
    aspect = float(random.choice(fits or [own]))
    wide, high = min(1.0, aspect / own), min(1.0, own / aspect)
    tight = max(float(random.uniform(0.75, 1.0)), (LEAST_LEFT / (wide * high)) ** 0.5)
    wide, high = wide * min(1.0, tight), high * min(1.0, tight)
    left, top = random.uniform(0, 1 - wide), random.uniform(0, 1 - high)
    box = float(left), float(top), float(left + wide), float(top + high)
    edges = [round(share * length) for share, length in zip(box, image.size * 2, strict=True)]
    return image.crop(tuple(edges)), box


def family(pixels: NDArray[np.uint8], seed: int, series_seed: int, count: int = 8) -> list[Variant]:
    """The plate itself, `count` - 1 variants of it, and its member of the series `series_seed`.

    In turn: a crop, a title, one change; then two to four of these together.
    """
    plate, random = base(pixels), np.random.default_rng(seed)
    made = [Variant("plate", np.asarray(plate)), Variant("series", np.asarray(series(plate, series_seed)))]
    names, scripts = list(CHANGES), [*TITLES, "strokes"]
    while len(made) <= count:
        kind = len(made) % 4
        picked = list(random.choice(names, size=(0, 0, 1, 2)[kind], replace=False))
        image, box, steps = plate, (0.0, 0.0, 1.0, 1.0), []
        if kind in (0, 3):
            image, box = cut(image, random)
            steps.append("crop")
        for name in picked:
            image = CHANGES[name](image, random)
            steps.append(name)
        if kind in (1, 3):
            script = str(random.choice(scripts))
            image = titled(image, random, script)
            steps.append(script)
        made.append(Variant("+".join(steps), np.asarray(image), box))
    return made
