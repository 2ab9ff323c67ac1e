"""Measure artvision against a straightforward script, in one alternating run on the same made pictures.

    python scripts/bench.py                 speed, split by step, faces and embeddings compared (200 pictures)
    python scripts/bench.py --actors        what recognition costs on top of finding faces, for each embedder
    python scripts/bench.py --index         the index over 1,000,000 vectors of 512 numbers: build, recall, queries
    python scripts/bench.py --peers         open_clip, facenet-pytorch and clip-retrieval by themselves: bench_peers.py
    python scripts/bench.py --device cuda   an accelerator: speed, encoder's share of the peak, agreement with the CPU
    python scripts/bench.py --memory        peak memory of 500 and of 10,000 pictures, each in a process of its own
    python scripts/bench.py --images 40     a quick look

Both sides use the same ViT-B-32-256 with the same seeded random weights: weights do not change speed. Model loading
is not in the rates of the plain script, and in `artvision` it is: `artvision_steady` leaves it out as well. Timings on
a shared machine are noisy: read the ratio, which alternates.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_pictures import make_pictures, make_small

MODEL = "ViT-B-32-256/random"
FRAME, FACE_PIXELS, SURE = 1920, 40, 0.95  # sure faces of this height, in a frame of this width, must be found by both
ROUNDS = 4


@dataclass(frozen=True)
class Seen:
    """One side on one picture: unit embedding (D,), face boxes (N, 4) in [0, 1], heights at FRAME, scores (N,)."""

    embedding: NDArray[np.float32]
    boxes: NDArray[np.float64]
    heights: NDArray[np.float64]
    scores: NDArray[np.float64]


class Straightforward:
    """One picture after another: Pillow, open_clip's own transform, MTCNN as shipped, numpy on the full frame."""

    def __init__(self) -> None:
        import open_clip
        import torch
        from facenet_pytorch import MTCNN

        torch.manual_seed(0)  # the seed of artvision's NAME/random, so that both sides have one set of weights
        self.model, _, self.transform = open_clip.create_model_and_transforms(MODEL.split("/", maxsplit=1)[0])
        self.model.eval()
        self.detector = MTCNN(keep_all=True, device="cpu")

    def __call__(self, path: Path) -> Seen:
        """Embedding, faces and statistics of one file."""
        import torch

        picture = Image.open(path).convert("RGB")
        with torch.inference_mode():
            embedding = self.model.encode_image(self.transform(picture)[None], normalize=True)[0].numpy()
            boxes, scores = self.detector.detect(picture)
        statistics_of(np.asarray(picture))
        found = np.zeros((0, 4)) if boxes is None else np.asarray(boxes, dtype=np.float64)
        sure = np.zeros(0) if boxes is None else np.asarray(scores, dtype=np.float64)
        width, height = picture.size
        return Seen(
            embedding, found / [width, height, width, height], (found[:, 3] - found[:, 1]) * FRAME / width, sure
        )


def statistics_of(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """What such a script computes with numpy on the full frame: brightness, contrast, colourfulness, sharpness."""
    values = pixels.astype(np.float32)
    red, green, blue = values[..., 0], values[..., 1], values[..., 2]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    one, two = red - green, (red + green) / 2 - blue
    across, down = np.gradient(luma)
    return {
        "brightness": float(luma.mean()),
        "contrast": float(luma.std()),
        "p5": float(np.percentile(luma, 5)),
        "p95": float(np.percentile(luma, 95)),
        "sharpness": float(np.hypot(across, down).mean()),
        "colorfulness": float(np.hypot(one.std(), two.std()) + 0.3 * np.hypot(one.mean(), two.mean())),
    }


def product(paths: Sequence[Path], out: Path, precision: str | None) -> tuple[Any, float]:
    """(summary, seconds) of `artvision.extract` on the same files."""
    from artvision import Settings, extract

    start = time.perf_counter()
    summary = extract(paths, out, Settings(model=MODEL, precision=precision))
    return summary, time.perf_counter() - start


def read_product(folder: Path) -> dict[str, Seen]:
    """path -> what the run says."""
    from artvision import read_run

    found = {}
    for row in read_run(folder).table(["path", "width", "height", "embedding", "faces"]).to_pylist():
        boxes = np.array([[face[side] for side in ("x0", "y0", "x1", "y1")] for face in row["faces"]]).reshape(-1, 4)
        heights = (boxes[:, 3] - boxes[:, 1]) * row["height"] * FRAME / row["width"]
        scores = np.array([face["score"] for face in row["faces"]])
        found[row["path"]] = Seen(np.array(row["embedding"], np.float32), boxes, heights, scores)
    return found


def overlap(one: NDArray[np.float64], many: NDArray[np.float64]) -> float:
    """Largest intersection over union of a box (4,) with boxes (N, 4)."""
    if not len(many):
        return 0.0
    low, high = np.maximum(one[:2], many[:, :2]), np.minimum(one[2:], many[:, 2:])
    inside = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(one[2:] - one[:2]) + np.prod(many[:, 2:] - many[:, :2], axis=1)
    return float((inside / (areas - inside)).max())


def compare(plain: dict[str, Seen], ours: dict[str, Seen]) -> dict[str, float]:
    """Sure faces of one side that the other has too (IoU >= 0.5), both ways; cosines of the embeddings."""

    def found(one: dict[str, Seen], other: dict[str, Seen]) -> tuple[int, int]:
        hits = [
            overlap(box, other[path].boxes) >= 0.5
            for path, seen in one.items()
            for box, height, score in zip(seen.boxes, seen.heights, seen.scores, strict=True)
            if height >= FACE_PIXELS and score >= SURE
        ]
        return sum(hits), len(hits)

    cosines = [float(plain[path].embedding @ ours[path].embedding) for path in plain]
    (kept, total), (confirmed, own) = found(plain, ours), found(ours, plain)
    return {
        "faces_plain": total,
        "of_these_found": kept,
        "faces_artvision": own,
        "of_these_in_plain": confirmed,
        "smallest_cosine": min(cosines),
        "median_cosine": statistics.median(cosines),
    }


def speed(count: int, precision: str | None) -> dict[str, Any]:
    """Rates of both sides in alternating rounds, with the split by step and the comparison of what was found."""
    with tempfile.TemporaryDirectory() as folder:
        paths = make_pictures(Path(folder) / "images", count)
        start = time.perf_counter()
        plain_side = Straightforward()
        loading = time.perf_counter() - start
        rounds: list[dict[str, float]] = []
        plain: dict[str, Seen] = {}
        steps: dict[str, float] = {}
        for number in range(ROUNDS):
            part = paths[number * count // ROUNDS : (number + 1) * count // ROUNDS]  # all sizes in each round
            start = time.perf_counter()
            plain |= {str(path): plain_side(path) for path in part}
            slow = len(part) / (time.perf_counter() - start)
            summary, seconds = product(part, Path(folder) / f"run{number}", precision)
            steps = {name: steps.get(name, 0) + spent for name, spent in summary.steps.items()}
            steady = len(part) / (seconds - summary.steps["load"])
            rounds.append({"plain": slow, "artvision": len(part) / seconds, "artvision_steady": steady})
            print(f"round {number + 1}: {rounds[-1]}", file=sys.stderr)
        ours = {
            path: seen for number in range(ROUNDS) for path, seen in read_product(Path(folder) / f"run{number}").items()
        }
    milliseconds = {
        name: round(1000 * spent / count, 1) for name, spent in sorted(steps.items(), key=lambda step: -step[1])
    }
    return {
        "images": count,
        "rounds": rounds,
        "ratio": ratio(rounds, "artvision"),
        "ratio_steady": ratio(rounds, "artvision_steady"),
        "milliseconds_by_step": milliseconds,
        "loading_seconds": loading,
        **compare(plain, ours),
    }


def ratio(rounds: Sequence[dict[str, float]], side: str) -> float:
    """Median over the rounds of this side's rate over the plain one's."""
    return statistics.median(row[side] / row["plain"] for row in rounds)


def memory() -> dict[str, Any]:
    """Peak resident memory in MiB of runs over 500 and over 10,000 small pictures, each in its own process."""
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in (500, 10_000):
            images = make_small(Path(folder) / str(count), count)
            command = [sys.executable, __file__, "--peak-of", str(images)]
            peaks[count] = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"peak_MiB": peaks, "ratio": peaks[10_000] / peaks[500]}


def peak_of(folder: Path) -> float:
    """MiB that this process held at most while extracting a folder with the starter."""
    from artvision import Settings, extract

    extract([folder], folder.with_suffix(".run"), Settings(model="starter"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def accelerator(given: argparse.Namespace) -> dict[str, Any]:
    """What `bench_device.py` measures; one line where there is no such device."""
    from artvision import Settings
    from artvision.device import DRIVEN
    from artvision.errors import UsageError

    try:
        from bench_device import measure

        name = DRIVEN if given.as_accelerator and given.device == "cpu" else given.device
        asked = Settings(model=given.model, device=name, precision=given.precision)
        return measure(asked, given.images, given.batch, compiled=given.compile)
    except UsageError as error:
        sys.exit(f"nothing was measured: {error}")


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--actors", action="store_true")
    parser.add_argument("--index", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peers-python", action="append", default=[], help="with --peers: see bench_peers.py")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--device", help="measure this one: cuda, cuda:N, mps")
    parser.add_argument("--as-accelerator", action="store_true", help="with --device cpu: drive it as if it were one")
    parser.add_argument("--model", default=MODEL, help="with --device: another than the benchmark's")
    parser.add_argument("--precision", help="fp32, bf16 or int8, if not the device's own choice")
    parser.add_argument("--batch", type=int, default=256, help="with --device: pictures in the encoder's pass")
    parser.add_argument("--compile", action="store_true", help="with --device: the encoder also compiled by torch")
    parser.add_argument("--peak-of", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak_of:
        print(peak_of(arguments.peak_of))
    elif arguments.device:
        print(json.dumps(accelerator(arguments), indent=2, ensure_ascii=False))
    elif arguments.actors:
        from bench_actors import actors

        print(json.dumps(actors(arguments.images), indent=2))
    elif arguments.index:
        from bench_index import MIXTURES, large_index

        print(json.dumps({mixture: large_index(1_000_000, mixture) for mixture in MIXTURES}, indent=2))
    elif arguments.peers:
        from bench_peers import ROUNDS as PEER_ROUNDS
        from bench_peers import peers

        print(json.dumps(peers(arguments.images, PEER_ROUNDS, arguments.peers_python), indent=2, default=vars))
    else:
        print(json.dumps(memory() if arguments.memory else speed(arguments.images, arguments.precision), indent=2))


if __name__ == "__main__":
    main()
