"""Hold every step of `extract` against what this machine could do at best, on made pictures and one core.

    python scripts/roofline.py              for people
    python scripts/roofline.py --markdown   the table of docs/performance.md
    python scripts/roofline.py --images 8   a quick look

A bound comes from bytes and operations counted (`roofline_counts.py`) over rates measured here (`roofline_peaks.py`);
for decoding it is the library's own decode of the same bytes and nothing else. Times are of the processor, quickest of
some rounds a picture, mean over pictures.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile

sys.path.insert(0, str(Path(__file__).resolve().parent))

import roofline_counts as counts
from bench_pictures import make_pictures
from roofline_peaks import Peaks, measure

from artvision import stages
from artvision.detection.cascade import Cascade, Network
from artvision.detection.reading import find_faces
from artvision.device import available_cores, one_thread_each
from artvision.fingerprint import long_side, short_side
from artvision.image import SCORE_SIDE, Picture, decode, read_bytes
from artvision.pixels.pyramid import Pyramid
from artvision.settings import Settings

MODEL = "ViT-B-32-256/random"  # weights do not change speed
BATCH = 4
ROUNDS = 5


@dataclass(frozen=True)
class Row:
    """A step: milliseconds at best with each plane moved once, at best as numpy moves them, and measured."""

    step: str
    ideal: float | None
    bound: float
    measured: float

    @property
    def share(self) -> float:
        """Of the bound that is reached."""
        return self.bound / self.measured


def spent(job: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    start = time.process_time()
    job()
    return 1000 * (time.process_time() - start)


def elementwise(peaks: Peaks, found: counts.Counts, pixels: int) -> tuple[float, float]:
    """(each plane moved once, numpy's passes) in milliseconds; what is no pass over a plane is the same in both."""
    work = pixels * (found.roots / peaks.roots + found.bins / peaks.bins + found.lookups / peaks.lookups)
    work += found.small / peaks.triad_plane + found.taps / peaks.taps
    ideal = pixels * found.fused / peaks.triad_plane
    passes = pixels * (found.bytes / peaks.triad_plane + found.gathers / peaks.gathers)
    return 1000 * (ideal + work), 1000 * (passes + work + found.calls / peaks.calls)


def reading(path: Path) -> str:
    """What a worker does first with a file."""
    return hashlib.sha256(read_bytes(str(path))).hexdigest()


def library_decode(data: bytes, wanted: tuple[int, int]) -> None:
    """What Pillow alone takes for the pixels of a JPEG at the scale `wanted` asks for."""
    image = JpegImageFile(BytesIO(data))
    image.draft(None, wanted)
    image.load()


def files(paths: Iterable[Path], peaks: Peaks) -> tuple[list[Row], list[Picture]]:
    """Rows of reading and decoding, and the pictures as the stages get them."""
    chosen = stages.create(Settings(model=MODEL))[1]
    long, short = long_side(chosen), short_side(chosen)
    pictures, table = [], defaultdict(list)
    for path in paths:
        data = path.read_bytes()
        decoded = partial(
            decode, data, name=path.name, long_side=long, short_side=short, max_pixels=10**9, background=(0, 0, 0)
        )
        pictures.append(decoded())
        wanted = pictures[-1].width // 2, pictures[-1].height // 2
        wanted = wanted if max(wanted) >= long and min(wanted) >= short else (pictures[-1].width, pictures[-1].height)
        jobs: dict[str, Callable[[], object]] = {
            "read": partial(reading, path),
            "decode": decoded,
            "pillow": partial(library_decode, data, wanted),
        }
        for name, job in jobs.items():
            table[name].append(min(spent(job) for _ in range(ROUNDS)))
        table["bytes"].append(len(data))
    mean = {name: float(np.mean(values)) for name, values in table.items()}
    hashing = 1000 * mean["bytes"] * (1 / peaks.sha256 + 2 / peaks.copy_memory)
    return [
        Row("read, sha256", None, hashing, mean["read"]),
        Row("decode to the working copy", None, mean["pillow"], mean["decode"]),
    ], pictures


def measures(pictures: list[Picture], peaks: Peaks) -> list[Row]:
    """Rows of the pyramid, light and composition."""
    light, composition = (stage for stage in stages.create(Settings(stages="composition,light"))[1])
    if light.name != "light":
        light, composition = composition, light
    table = defaultdict(list)
    for picture in pictures:
        pixels, rounds = picture.at(SCORE_SIDE), []
        for _ in range(ROUNDS):
            fresh = [Picture(pixels, picture.width, picture.height)]
            jobs = (
                partial(fresh[0].derived, Pyramid.of, SCORE_SIDE),
                partial(light.run, fresh, {}),
                partial(composition.run, fresh, {}),
            )
            rounds.append([spent(job) for job in jobs])
        for name, best in zip(("pyramid", "light", "composition"), np.min(rounds, axis=0), strict=True):
            table[name].append((*elementwise(peaks, counts.BY_STAGE[name], pixels.shape[0] * pixels.shape[1]), best))
    return [Row(name, *np.mean(rows, axis=0).tolist()) for name, rows in table.items()]


class Watched:
    """A network of the cascade that counts its operations and the milliseconds in which onnxruntime had it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.flops = self.spent = 0.0

    def __call__(self, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """As the network."""
        self.flops += counts.mtcnn_flops(x.shape[0], *x.shape[2:])
        start = time.thread_time()
        found = self.network(x)
        self.spent += 1000 * (time.thread_time() - start)
        return found


def encoding(pictures: list[Picture], peaks: Peaks) -> Row:
    """The row of clip, by its stage's public interface alone."""
    (stage,) = stages.create(Settings(model=MODEL, stages="clip"))[1]
    stage.setup("cpu")
    one_thread_each()
    batches = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
    best = [min(spent(partial(stage.run, batch, {})) for _ in range(3)) for batch in batches]
    stage.close()
    return Row("clip", None, 1000 * counts.vit_flops() / peaks.flops, sum(best) / len(pictures))


def faces(pictures: list[Picture], peaks: Peaks) -> list[Row]:
    """Rows of faces: the whole search, and its networks by themselves."""
    cascade, rounds = Cascade(), []
    networks = [Watched(network) for network in cascade.networks]
    cascade.networks = tuple(networks)
    for _ in range(3):
        for network in networks:
            network.flops = network.spent = 0.0
        whole = sum(spent(partial(find_faces, cascade, [picture])) for picture in pictures)
        rounds.append((whole, sum(network.spent for network in networks)))
    whole, inside = np.min(rounds, axis=0) / len(pictures)
    bound = 1000 * sum(network.flops for network in networks) / peaks.flops / len(pictures)
    return [Row("faces", None, bound, whole), Row("faces, inside onnxruntime", None, bound, inside)]


def show(rows: list[Row], peaks: Peaks, command: str) -> str:
    """Everything as Markdown, which people read as well."""
    lines = ["| rate, one core unless it says otherwise | |", "| --- | --- |"]
    lines += [f"| {what} | {rate} |" for what, rate in peaks.lines()]
    lines += [
        "",
        "| step | each plane moved once | bound | measured | share of the bound |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.step} | {'-' if row.ideal is None else f'{row.ideal:.2f} ms'} | {row.bound:.2f} ms "
        f"| {row.measured:.2f} ms | {row.share:.2f} |"
        for row in rows
    ]
    machine = (
        f"{available_cores()} cores, {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"
    )
    return "\n".join([f"`{command}` on {machine}:", "", *lines])


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--markdown", action="store_true", help="the tables alone")
    arguments = parser.parse_args()
    one_thread_each()
    peaks = measure(available_cores())
    one_thread_each()
    with tempfile.TemporaryDirectory() as folder:
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # what making leaves in memory slows decoding
            paths = apart.submit(make_pictures, Path(folder) / "images", arguments.images).result()
        rows, pictures = files(paths, peaks)
        rows += [*measures(pictures, peaks), encoding(pictures, peaks), *faces(pictures, peaks)]
    if not arguments.markdown:
        print("Bounds and times of one picture, by step. See docs/performance.md.\n")
    print(show(rows, peaks, f"python scripts/roofline.py --markdown --images {arguments.images}"))


if __name__ == "__main__":
    main()
