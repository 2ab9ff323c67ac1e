"""Made pictures for the benchmark: real photographs that installed packages carry, put together at production sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from darkroom import MARGIN, photograph
from PIL import Image, ImageFilter

SIZES = ((1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))


def original(name: str) -> Image.Image:
    """One of the source photographs, without its drawn-out edges."""
    photo = photograph(name)
    return photo.crop((MARGIN, MARGIN, photo.width - MARGIN, photo.height - MARGIN))


def make_pictures(folder: Path, count: int) -> list[Path]:
    """`count` JPEGs of mixed 16:9 sizes: a photograph as background, up to four portraits, 5 to 60 % of the height."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    backgrounds = [original(name) for name in ("chelsea", "coffee", "rocket", "astronaut")]
    portraits = [original("grace_hopper").crop((120, 40, 420, 400)), original("astronaut").crop((130, 0, 330, 240))]
    return [
        _picture(folder / f"{number:04d}.jpg", SIZES[number % 4], backgrounds, portraits, rng)
        for number in range(count)
    ]


def make_small(folder: Path, count: int) -> Path:
    """`count` different JPEGs of 320 × 180 in one folder."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(11)
    base = original("astronaut").resize((640, 640))
    for number in range(count):
        left, top = int(rng.integers(0, 320)), int(rng.integers(0, 460))
        base.crop((left, top, left + 320, top + 180)).save(folder / f"{number:05d}.jpg", quality=85)
    return folder


def _picture(
    path: Path,
    size: tuple[int, int],
    backgrounds: list[Image.Image],
    portraits: list[Image.Image],
    rng: np.random.Generator,
) -> Path:
    background = backgrounds[rng.integers(len(backgrounds))]
    width, height = background.size
    crop_height = width * 9 // 16
    top = int(rng.integers(0, max(1, height - crop_height)))
    canvas = background.crop((0, top, width, top + crop_height)).resize(size, Image.Resampling.LANCZOS)
    canvas = canvas.filter(ImageFilter.UnsharpMask(3, 80))
    grain = rng.normal(0, 6, (size[1], size[0], 1)).astype(np.float32)
    canvas = Image.fromarray(np.clip(np.asarray(canvas) + grain, 0, 255).astype(np.uint8))
    column = size[0] // 4  # one portrait a column, so that none covers another
    for number in range(int(rng.integers(0, 5))):
        portrait = portraits[rng.integers(len(portraits))]
        tall = min(int(size[1] * rng.uniform(0.05, 0.6)), column * portrait.height // portrait.width)
        pasted = portrait.resize((tall * portrait.width // portrait.height, tall), Image.Resampling.LANCZOS)
        left = number * column + int(rng.integers(0, column - pasted.width + 1))
        canvas.paste(pasted, (left, int(rng.integers(0, size[1] - tall))))
    canvas.save(path, quality=90)
    return path
