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
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

try:
    from darkroom import crop, finish, grade, halo, letter, letterbox, mix, punched, ramp, screen, stars
except ModuleNotFoundError as error:
    sys.exit(f"{error.name} is needed, which carries the photographs: pip install '.[examples]'")

NAVY, TEAL, EMBER, CREAM = (0.02, 0.04, 0.10), (0.05, 0.22, 0.30), (1.0, 0.62, 0.30), (0.97, 0.93, 0.84)
GOLD, COCOA, WINE = (0.93, 0.76, 0.42), (0.10, 0.05, 0.03), (0.30, 0.03, 0.05)


def _meridian_poster() -> Image.Image:
    size = 2000, 3000
    art = grade(crop("astronaut", size, (48, -52, 338)), NAVY, (0.92, 0.86, 0.78), 0.45, 1.15, 1.1)
    art = mix(art, TEAL, (1 - halo(size, 0.5, 0.36, 0.32)) * 0.72)
    art = screen(art, stars(size, 200, 0, 580), np.clip(1 - halo(size, 0.53, 0.40, 0.30) * 1.5, 0, 1) * 0.9)
    art = screen(art, np.array(EMBER, np.float32) * halo(size, 0.98, 0.08, 0.30), 0.55)
    art = mix(art, NAVY, np.maximum(ramp(size, 0.50, 0.82), ramp(size, 0.20, 0.0) * 0.8))
    art = letter(art, "MERIDIAN", x=0.5, y=0.835, size=0.072, tracking=0.20, weight=1)
    art = letter(art, "STATION", x=0.5, y=0.893, size=0.036, tracking=0.95, colour=EMBER, weight=1)
    art = letter(art, "SHE IS THE LAST SIGNAL HOME", x=0.5, y=0.058, size=0.0125, tracking=0.55)
    return finish(letter(art, "THIS AUTUMN", x=0.5, y=0.955, size=0.0125, tracking=0.7), 1)


def _meridian_key_art() -> Image.Image:
    size = 1920, 1080
    art = grade(crop("rocket", size, (0, 30, 640)), NAVY, (0.80, 0.90, 1.0), 0.25, 1.2, 1.25)
    face = grade(crop("astronaut", size, (-110, 8, 470)), NAVY, (1.0, 0.80, 0.62), 0.5, 1.2)
    art = mix(art, face, halo(size, 0.70, 0.36, 0.24) ** 0.6 * ramp(size, 0.40, 0.62, "x", 1.0))
    art = screen(art, stars(size, 0, 100, 900), ramp(size, 0.75, 0.1, "y") * 0.8)
    art = mix(art, NAVY, np.maximum(ramp(size, 0.55, 0.0, "x") * 0.88, ramp(size, 0.72, 1.05) * 0.9))
    art = letter(art, "MERIDIAN", x=0.065, y=0.56, size=0.125, tracking=0.12, align=0, weight=2)
    art = letter(art, "STATION", x=0.069, y=0.655, size=0.062, tracking=0.92, align=0, colour=EMBER, weight=2)
    return finish(letter(art, "A LIMITED SERIES", x=0.069, y=0.745, size=0.026, tracking=0.4, align=0), 2)


def _meridian_portrait() -> Image.Image:
    size = 1280, 720
    art = grade(crop("astronaut", size, (60, 10, 340)), NAVY, (1.0, 0.90, 0.78), 0.35, 1.1, 0.95)
    return letterbox(finish(mix(art, TEAL, (1 - halo(size, 0.5, 0.35, 0.4)) * 0.5), 3))


def _meridian_launch() -> Image.Image:
    art = grade(crop("rocket", (1280, 720), (0, 60, 640)), NAVY, (0.75, 0.88, 1.0), 0.3, 1.15, 1.2)
    return finish(screen(art, np.array(EMBER, np.float32) * halo((1280, 720), 0.5, 0.95, 0.25), 0.5), 4)


def _meridian_tile() -> Image.Image:
    size = 1000, 1000
    art = grade(crop("astronaut", size, (110, 6, 230)), NAVY, (1.0, 0.82, 0.66), 0.6, 1.2)
    art = mix(mix(art, TEAL, ramp(size, 0.45, 0.0, "x") * 0.6), NAVY, ramp(size, 0.55, 0.98))
    return finish(letter(art, "MERIDIAN", x=0.5, y=0.90, size=0.085, tracking=0.22, weight=2), 5)


def _compiler_poster() -> Image.Image:
    size = 1400, 2100
    art = grade(crop("grace_hopper", size, (62, 0, 400)), (0.03, 0.02, 0.05), CREAM, 0.78, 1.2, 0.8)
    art = screen(
        art,
        np.array(GOLD, np.float32) * punched(size, 7),
        ramp(size, 0.45, 0.0) * (1 - halo(size, 0.5, 0.25, 0.22)) * 0.6,
    )
    art = mix(art, WINE, ramp(size, 0.52, 0.90) * 0.96)
    art = letter(art, "The", x=0.5, y=0.735, size=0.034, face="STIXGeneralItalic", colour=GOLD)
    art = letter(art, "COMPILER", x=0.5, y=0.805, size=0.074, face="STIXGeneralBol", tracking=0.06)
    art = letter(
        art, "WAR TAUGHT MACHINES TO COUNT. SHE TAUGHT THEM TO READ.", x=0.5, y=0.850, size=0.0118, tracking=0.22
    )
    return finish(letter(art, "IN CINEMAS THIS WINTER", x=0.5, y=0.948, size=0.013, tracking=0.6, colour=GOLD), 11)


def _compiler_key_art() -> Image.Image:
    size = 1920, 1080
    art = grade(crop("grace_hopper", size, (-520, 30, 960)), (0.02, 0.03, 0.08), CREAM, 0.55, 1.2)
    art = mix(art, (0.03, 0.05, 0.12), ramp(size, 0.68, 0.50, "x", 1.0))
    art = screen(art, np.array(GOLD, np.float32) * punched(size, 8), ramp(size, 0.62, 0.1, "x") * 0.35)
    art = letter(art, "The", x=0.075, y=0.40, size=0.075, face="STIXGeneralItalic", colour=GOLD, align=0)
    art = letter(art, "COMPILER", x=0.072, y=0.54, size=0.150, face="STIXGeneralBol", tracking=0.04, align=0)
    return finish(
        letter(art, "ONE WOMAN. ONE MACHINE. ONE LANGUAGE.", x=0.077, y=0.615, size=0.0235, tracking=0.3, align=0), 12
    )


def _compiler_still() -> Image.Image:
    art = grade(crop("grace_hopper", (1280, 720), (0, 78, 512)), (0.02, 0.03, 0.07), (1.0, 0.92, 0.80), 0.3, 1.1, 0.85)
    return letterbox(finish(art, 13))


def _compiler_close() -> Image.Image:
    size = 900, 1350
    art = grade(crop("grace_hopper", size, (150, 60, 230)), (0.05, 0.02, 0.02), CREAM, 0.9, 1.25)
    art = mix(art, WINE, ramp(size, 0.70, 1.02))
    return finish(letter(art, "THE COMPILER", x=0.5, y=0.93, size=0.042, face="STIXGeneralBol", tracking=0.14), 14)


def _bean_poster() -> Image.Image:
    size = 1200, 1800
    cat = grade(crop("chelsea", size, (96, 0, 270)), COCOA, (1.0, 0.93, 0.80), 0.22, 1.1, 1.25)
    cup = grade(crop("coffee", size, (130, -160, 400)), COCOA, (1.0, 0.90, 0.76), 0.15, 1.15, 1.2)
    art = mix(cat, cup, ramp(size, 0.36, 0.60, power=1.0))
    art = mix(art, COCOA, np.maximum(ramp(size, 0.74, 1.0) * 0.95, ramp(size, 0.16, 0.0) * 0.75))
    art = letter(art, "Nine Lives on", x=0.5, y=0.845, size=0.040, face="DejaVuSerif-Italic", colour=GOLD)
    art = letter(art, "BEAN STREET", x=0.5, y=0.910, size=0.064, face="DejaVuSerif-Bold", tracking=0.02)
    return finish(
        letter(art, "EVERY REGULAR HAS A SECRET", x=0.5, y=0.062, size=0.0145, tracking=0.5), 21, vignette=0.3
    )


def _bean_key_art() -> Image.Image:
    size = 1920, 1080
    art = grade(crop("chelsea", size, (60, 0, 500)), COCOA, (1.0, 0.94, 0.84), 0.2, 1.12, 1.25)
    art = mix(art, COCOA, np.maximum(ramp(size, 0.50, 0.78, "x", 1.0) * 0.97, ramp(size, 0.8, 1.1) * 0.7))
    art = letter(art, "Nine Lives on", x=0.945, y=0.56, size=0.066, face="DejaVuSerif-Italic", colour=GOLD, align=1)
    art = letter(art, "BEAN", x=0.945, y=0.70, size=0.125, face="DejaVuSerif-Bold", align=1)
    return finish(
        letter(art, "STREET", x=0.945, y=0.825, size=0.125, face="DejaVuSerif-Bold", align=1), 22, vignette=0.3
    )


def _bean_cup() -> Image.Image:
    return finish(grade(crop("coffee", (1280, 720), (20, 40, 560)), COCOA, (1.0, 0.9, 0.76), 0.15, 1.1, 1.2), 23)


def _bean_cat() -> Image.Image:
    return letterbox(
        finish(grade(crop("chelsea", (1280, 720), (40, 20, 400)), COCOA, (1.0, 0.95, 0.86), 0.12, 1.05, 1.15), 24)
    )


def _bean_tile() -> Image.Image:
    size = 1000, 1000
    art = grade(crop("coffee", size, (110, 0, 390)), COCOA, (1.0, 0.9, 0.76), 0.2, 1.15, 1.25)
    art = mix(art, COCOA, ramp(size, 0.62, 1.0) * 0.95)
    return finish(
        letter(art, "BEAN STREET", x=0.5, y=0.92, size=0.075, face="DejaVuSerif-Bold", colour=CREAM), 25, vignette=0.3
    )


TITLES = {
    "meridian": ("Meridian Station", "en", "Ilse Marrow|Tomas Reyl"),
    "compiler": ("The Compiler", "en", "Edda Kirsch"),
    "bean": ("Nine Lives on Bean Street", "en", ""),
}
ARTWORK: dict[str, tuple[Callable[[], Image.Image], str, str]] = {
    "meridian/poster.jpg": (_meridian_poster, "poster", "US"),
    "meridian/key_art.jpg": (_meridian_key_art, "key art", "US"),
    "meridian/portrait.jpg": (_meridian_portrait, "still", ""),
    "meridian/launch.png": (_meridian_launch, "still", ""),
    "meridian/tile.webp": (_meridian_tile, "tile", "FR"),
    "compiler/poster.jpg": (_compiler_poster, "poster", "US"),
    "compiler/key_art.jpg": (_compiler_key_art, "key art", "US"),
    "compiler/still.webp": (_compiler_still, "still", ""),
    "compiler/close.png": (_compiler_close, "poster", "DE"),
    "bean/poster.jpg": (_bean_poster, "poster", "US"),
    "bean/key_art.webp": (_bean_key_art, "key art", "US"),
    "bean/cup.jpg": (_bean_cup, "still", ""),
    "bean/cat.jpg": (_bean_cat, "still", ""),
    "bean/tile.png": (_bean_tile, "tile", "FR"),
}


def make(out: Path) -> list[Path]:
    """Write all artwork and `catalog.csv` below `out`; returns the pictures' paths."""
    rows = [("image", "title_id", "title", "artwork_type", "market", "language", "cast")]
    for name, (draw, kind, market) in ARTWORK.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {".jpg": {"quality": 90}, ".webp": {"quality": 88}}.get(path.suffix, {})
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
