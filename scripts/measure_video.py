"""What `extract film.mp4` finds in a film whose cuts are known: shots, times, speed.

`measure_video.py cuts [--art FOLDER] [--shots N] [--seed S]` makes a film of still, panned, zoomed and shaken shots
with cuts, dissolves, fades, flashes and credits, three times: at a steady rate, with a tenth of the frames dropped, and
with a rate that changes. It counts the shots that are found and compares the times with those of other ways to tell.
`speed` looks through 1920 × 1080 and 1280 × 720, once with one thread and once with two. `alike FOLDER` compares
perceptual hashes of different film stills and of one still moved, scaled and compressed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from made_film import RATE, Plan, held_out, plans, write
from PIL import Image

from artvision.film.candidates import perceptual_hash
from artvision.film.reading import opened
from artvision.film.scanning import Asked, content_sha256, scan, small_of, small_size
from artvision.film.shots import SHORTEST, Cutter

NEAR = 1.5 / RATE  # seconds: a cut that is found at the frame beside the true one still counts as found
ALONE = ("AdaptiveDetector", "ContentDetector", "HistogramDetector")


def ours(path: Path, *detectors: Any) -> list[float]:
    """The cuts as `extract` finds them, or as other detectors would, fed alike."""
    with opened(str(path), max_pixels=10**9, threads=2) as film:
        cutter, end = Cutter(film.rate, detectors), Fraction(0)
        for frame, at in film.frames():
            cutter.feed(at, small_of(frame, small_size(frame)))
            end = at
        return [float(shot.start) for shot in cutter.shots(end)][1:]


def by(path: Path, name: str) -> list[float]:
    """The same by one of PySceneDetect's detectors, with its own limits."""
    import scenedetect.detectors

    return ours(path, getattr(scenedetect.detectors, name)(min_scene_len=SHORTEST))


def by_counting(path: Path, cuts: list[float]) -> list[float]:
    """The same cuts, told by the number of the frame over the mean rate."""
    with opened(str(path), max_pixels=10**9, threads=2) as film:
        rate, times = film.rate, [float(at) for _, at in film.frames()]
    return [int(np.argmin(np.abs(np.array(times) - cut))) / rate for cut in cuts]


def by_backend(path: Path, backend: str) -> list[float]:
    """What PySceneDetect says by itself."""
    from scenedetect import AdaptiveDetector, detect

    found = detect(str(path), AdaptiveDetector(min_scene_len=SHORTEST), backend=backend)
    return [scene[0].seconds for scene in found][1:]


def compared(found: list[float], truth: list[tuple[float, str]]) -> dict[str, Any]:
    """Recall by kind of join, precision, and the largest and mean error in seconds of cuts that were found."""
    times = np.array(found or [np.inf])
    errors, missed = [], {"cut": [0, 0], "dissolve": [0, 0], "fade": [0, 0]}
    for at, join in truth:
        reach = NEAR if join == "cut" else 0.6
        error = float(np.abs(times - at).min())
        missed[join][0] += error <= reach
        missed[join][1] += 1
        if join == "cut" and error <= NEAR:
            errors.append(error)
    right = sum(any(abs(time - at) <= (NEAR if join == "cut" else 0.6) for at, join in truth) for time in found)
    return {
        "found": {join: f"{hit} of {of}" for join, (hit, of) in missed.items()},
        "precision": f"{right} of {len(found)}",
        "largest_error_s": round(max(errors, default=0.0), 4),
    }


def shift(one: list[float], other: list[float]) -> float | None:
    """The largest difference of two lists of the same cuts; None where they are not the same."""
    return round(float(np.abs(np.array(one) - np.array(other)).max()), 3) if len(one) == len(other) else None


def cuts(folder: Path | None, count: int, seed: int) -> dict[str, Any]:
    """All three films."""
    shots, table = plans(folder, count, seed), {}
    for kind in ("steady", "dropped", "uneven"):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "film.mp4"
            truth = write(path, shots, kind, (640, 360), seed)
            own = ours(path)
            table[kind] = {
                "extract": compared(own, truth),
                **{name: compared(by(path, name), truth) for name in ALONE},
                "numbers over the rate, largest shift": shift(own, by_counting(path, own)),
                "PySceneDetect with PyAV": compared(by_backend(path, "pyav"), truth),
                "PySceneDetect with OpenCV": compared(by_backend(path, "opencv"), truth),
                "stills": _stills(path, shots, truth),
            }
    return table


def _stills(path: Path, shots: list[Plan], truth: list[tuple[float, str]]) -> str:
    found = scan(str(path), "0" * 64, Asked(1, 0, 10**9, 2), lambda *_: None)
    credits_begin = truth[-1][0]
    late = sum(still.time >= credits_begin for still in found.stills)
    return (
        f"{len(found.stills)} of {found.looked} looked at, {len(shots) - 1} shots with a picture; {late} of the credits"
    )


def speed(seed: int) -> dict[str, Any]:
    """Times realtime, all of a look: hash, decode, shots, candidates."""
    table: dict[str, Any] = {}
    for size in ((1280, 720), (1920, 1080)):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "film.mp4"
            shots = plans(None, 3, seed)
            write(path, shots, "steady", size, seed)
            length = sum(plan.seconds for plan in shots)
            for threads in (1, 2):
                start, core = time.perf_counter(), time.process_time()
                found = scan(
                    str(path), content_sha256(str(path), lambda *_: None), Asked(1, 0, 10**9, threads), lambda *_: None
                )
                wall, core = time.perf_counter() - start, time.process_time() - core
                table[f"{size[0]}×{size[1]}, {threads} thread(s)"] = {
                    "film_s": round(length, 1), "realtime": round(length / wall, 1),
                    "core_ms_a_frame": round(1000 * core / (length * RATE), 2), "shots": found.shots,
                }  # fmt: skip
    return table


def alike(folder: Path, sample: int, seed: int) -> dict[str, Any]:
    """Share of pairs within so many bits: different stills, and one still that was changed; a held-out fifth."""
    held = held_out(folder)
    rng = np.random.default_rng(seed)
    chosen = [held[at] for at in rng.choice(len(held), min(sample, len(held)), replace=False)]
    art = [Image.open(name).convert("RGB").resize((320, 180)) for name in chosen]
    hashes = [perceptual_hash(np.asarray(one)) for one in art]
    different = [(a ^ b).bit_count() for n, a in enumerate(hashes) for b in hashes[:n]]
    changes = {
        name: [(perceptual_hash(np.asarray(make(one))) ^ own).bit_count() for one, own in zip(art, hashes, strict=True)]
        for name, make in CHANGES.items()
    }
    bits = (4, 6, 8, 10, 12, 16)
    shares = {"different stills": different, **changes}
    return {
        name: {f"<={most}": round(float((np.array(found) <= most).mean()), 5) for most in bits}
        for name, found in shares.items()
    }


def _compressed(one: Image.Image) -> Image.Image:
    file = BytesIO()
    one.save(file, "JPEG", quality=40)
    return Image.open(file).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "moved by 2 %": lambda one: one.crop((6, 3, one.width, one.height)).resize(one.size),
    "zoomed by 5 %": lambda one: one.resize(one.size, box=(8, 4, one.width - 8, one.height - 5)),
    "zoomed by 15 %": lambda one: one.resize(one.size, box=(24, 13, one.width - 24, one.height - 14)),
    "JPEG at 40": _compressed,
    "brighter by a tenth": lambda one: one.point(lambda value: min(255, value * 1.1)),
}


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cuts", "speed", "alike"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--art", type=Path, help="pictures to make the film from; by default public photographs")
    parser.add_argument("--shots", type=int, default=60)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    if arguments.what == "cuts":
        found = cuts(arguments.art, arguments.shots, arguments.seed)
    elif arguments.what == "speed":
        found = speed(arguments.seed)
    else:
        found = alike(arguments.folder, arguments.sample, arguments.seed)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
