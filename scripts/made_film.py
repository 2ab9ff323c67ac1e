"""A film whose cuts are known, made of pictures: shots that stand and move, joined in several ways, with credits.

`made_film.py film.mp4` makes one of public photographs, to try `artvision extract film.mp4` on.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from darkroom import crop, grade
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Frame = NDArray[np.uint8]
RATE = 24
WAYS = ("still", "pan", "zoom", "shake", "flash", "whip")
JOINS = ("cut", "cut", "cut", "cut", "dissolve", "fade")
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "grace_hopper")


@dataclass(frozen=True)
class Plan:
    """One shot: its picture, how the camera moves, seconds, and how it is joined to the one before."""

    art: Image.Image
    way: str
    seconds: float
    join: str


def pictures(folder: Path | None, count: int, rng: np.random.Generator) -> list[Image.Image]:
    """Stills of a folder, drawn at random, or crops of public photographs, graded."""
    if folder is not None:
        paths = held_out(folder)
        return [Image.open(paths[at]).convert("RGB") for at in rng.choice(len(paths), count, replace=False)]
    found = []
    for number in range(count):
        name = PHOTOGRAPHS[number % len(PHOTOGRAPHS)]
        box = int(rng.integers(0, 250)), int(rng.integers(0, 150)), int(rng.integers(180, 320))
        dark, light = (tuple(map(float, rng.random(3) * scale + base)) for scale, base in ((0.2, 0), (0.4, 0.6)))
        canvas = grade(crop(name, (480, 270), box), dark, light, float(rng.random() * 0.6))  # type: ignore[arg-type]
        found.append(Image.fromarray((canvas * 255).astype(np.uint8)))
    return found


def held_out(folder: Path) -> list[Path]:
    """The fifth of the pictures on which nothing was chosen, told by the names."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".webp", ".jpg", ".png"})
    return [path for path in paths if hashlib.sha256(path.name.encode()).digest()[0] % 5 == 0]


def plans(folder: Path | None, count: int, seed: int) -> list[Plan]:
    """Shots of 0.8 to 4 seconds, the last one credits."""
    rng = np.random.default_rng(seed)
    made = [
        Plan(art, str(rng.choice(WAYS)), round(float(rng.uniform(0.8, 4)) * RATE) / RATE, str(rng.choice(JOINS)))
        for art in pictures(folder, count, rng)
    ]
    return [*made, Plan(credits_card(), "still", 3.0, "cut")]


def credits_card() -> Image.Image:
    """White names on black."""
    card = Image.new("RGB", (480, 270))
    font = ImageFont.load_default(14)
    for line in range(10):
        ImageDraw.Draw(card).text((100, 20 + 24 * line), f"ROLE {line}          A NAME {line}", "white", font)
    return card


def moved(plan: Plan, at: float, rng: np.random.Generator, size: tuple[int, int]) -> Frame:
    """The frame `at` a share of the shot, with grain."""
    width, height = plan.art.size
    room, x, y, scale = 0.2, 0.1, 0.1, 0.8
    if plan.way in ("pan", "whip"):
        x = room * at if plan.way == "pan" else room * (0.5 - 0.5 * np.cos(6 * np.pi * at))
    elif plan.way == "zoom":
        scale = 0.8 - 0.3 * at
        x = y = (1 - scale) / 2
    elif plan.way == "shake":
        x, y = 0.1 + rng.normal(0, 0.01, 2)
    box = x * width, y * height, (x + scale) * width, (y + scale) * height
    frame = np.asarray(plan.art.resize(size, Image.Resampling.BILINEAR, box), np.float32)
    if plan.way == "flash" and 0.5 <= at < 0.5 + 1.5 / (plan.seconds * RATE):
        frame = frame * 0.2 + 204
    return np.clip(frame + rng.normal(0, 3, (*frame.shape[:2], 1)), 0, 255).astype(np.uint8)


def frames(shots: list[Plan], size: tuple[int, int], seed: int) -> Iterator[Frame]:
    """All frames at a steady rate; a dissolve takes half a second of a shot, a fade as much and as much before."""
    rng = np.random.default_rng(seed)
    last: Frame | None = None
    for number, plan in enumerate(shots):
        count = round(plan.seconds * RATE)
        after = shots[number + 1].join if number + 1 < len(shots) else "cut"
        for index in range(count):
            frame = moved(plan, index / count, rng, size)
            if plan.join == "dissolve" and last is not None and index < RATE // 2:
                frame = (last * (1 - 2 * index / RATE) + frame * (2 * index / RATE)).astype(np.uint8)
            dark = min(index / 12 if plan.join == "fade" else 1, (count - 1 - index) / 12 if after == "fade" else 1, 1)
            yield (frame * dark).astype(np.uint8)
        last = moved(plan, 1.0, rng, size)


def stamps(kind: str, count: int, seed: int) -> list[float | None]:
    """When each frame is shown; None: it is dropped."""
    rng, at = np.random.default_rng(seed), np.arange(count) / RATE
    if kind == "dropped":
        gone = np.convolve(rng.random(count) < 0.02, np.ones(6), "same") > 0
        gone[0] = False
        return [None if lost else float(time) for time, lost in zip(at, gone, strict=True)]
    if kind == "uneven":
        rates = np.repeat(rng.choice([12, 24, 48], count // 96 + 1), 96)[:count]
        return [float(time) for time in np.cumsum(1 / rates) - 1 / rates[0]]
    return [float(time) for time in at]


def write(path: Path, shots: list[Plan], kind: str, size: tuple[int, int], seed: int) -> list[tuple[float, str]]:
    """Encode the film; returns when each later shot is first shown, and how it is joined."""
    count = sum(round(plan.seconds * RATE) for plan in shots)
    times, base = stamps(kind, count, seed), Fraction(1, 90_000)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = base
        for picture, at in zip(frames(shots, size, seed), times, strict=True):
            if at is not None:
                frame = av.VideoFrame.from_ndarray(picture, "rgb24")
                frame.pts, frame.time_base = round(at / base), base
                out.mux(stream.encode(frame))
        out.mux(stream.encode())
    starts = np.cumsum([round(plan.seconds * RATE) for plan in shots])[:-1]
    shown = [next(time for time in times[start:] if time is not None) for start in starts]
    return [(time, plan.join) for time, plan in zip(shown, shots[1:], strict=True)]


def main() -> None:
    """Write the film, and say where its cuts are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--shots", type=int, default=14)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    joins = write(asked.film, plans(None, asked.shots, asked.seed), "steady", (640, 360), asked.seed)
    print(f"{asked.film}: {len(joins) + 1} shots; " + ", ".join(f"{join} {at:.2f} s" for at, join in joins))


if __name__ == "__main__":
    main()
