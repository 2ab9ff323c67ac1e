"""Measure what int8 costs in fidelity and gains in speed: one model on real pictures, in alternating passes.

    python scripts/measure_precision.py FOLDER [--model starter] [--images 200]

Prints the cosine of each embedding to that of fp32, how far tag scores move, and milliseconds of a core a picture.
Only real weights say anything: quantisation of random ones is harmless.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision import image
from artvision.clip.exported import ExportedEncoder
from artvision.clip.model import resolve
from artvision.clip.vocabulary import read_vocabulary
from artvision.clip.zero_shot import Tagger, prompt_embeddings
from artvision.settings import FP32, INT8

ROUNDS = 3


def main() -> None:
    """Parse, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--images", type=int, default=200)
    given = parser.parse_args()
    model = resolve(given.model)
    encoders = {precision: ExportedEncoder(model, precision) for precision in (FP32, INT8)}
    inputs = _inputs(given.folder, given.images, encoders[FP32])
    embeddings, spent = _embed(encoders, inputs)
    cosines = (embeddings[FP32] * embeddings[INT8]).sum(axis=1)
    vocabulary, plain = read_vocabulary(None), encoders[FP32]
    prompts = prompt_embeddings(vocabulary, plain.fingerprint(), plain.width, plain.encode_texts)
    tagger = Tagger.of(vocabulary, prompts, plain.logit_scale)
    scores = {name: _scores(tagger, rows) for name, rows in embeddings.items()}
    moved = np.abs(scores[FP32] - scores[INT8])
    first = _first_of_each_group(tagger, scores[FP32]) == _first_of_each_group(tagger, scores[INT8])
    told = {
        "model": model.name,
        "pictures": len(inputs),
        "cosine": dict(zip(("smallest", "5 %", "median"), np.quantile(cosines, [0, 0.05, 0.5]).tolist(), strict=True)),
        "scores moved": dict(zip(("median", "95 %", "most"), np.quantile(moved, [0.5, 0.95, 1]).tolist(), strict=True)),
        "same first label of a group": float(first.mean()),
        "ms of a core a picture": {name: round(float(np.median(times)), 2) for name, times in spent.items()},
    }
    print(json.dumps(told, indent=1))


def _inputs(folder: Path, count: int, encoder: ExportedEncoder) -> NDArray[np.float32]:
    """(N, 3, h, w) float32 of N pictures drawn evenly from the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = paths[:: max(1, len(paths) // count)][:count]
    need = {"long_side": 0, "short_side": 2 * encoder.image_size, "max_pixels": 10**9, "background": (128, 128, 128)}
    pictures = [image.decode(path.read_bytes(), name=str(path), **need) for path in paths]  # type: ignore[arg-type]
    return np.stack([encoder.preprocess(picture.pixels) for picture in pictures])


def _embed(
    encoders: dict[str, ExportedEncoder], inputs: NDArray[np.float32]
) -> tuple[dict[str, NDArray[np.float32]], dict[str, list[float]]]:
    """(embeddings, milliseconds of this thread a picture, by round) of each encoder, which take turns."""
    found: dict[str, NDArray[np.float32]] = {}
    spent: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(ROUNDS):
        for name, encoder in encoders.items():
            start = time.thread_time()
            found[name] = encoder.encode_images(inputs)
            spent[name].append((time.thread_time() - start) / len(inputs) * 1e3)
    return found, spent


def _scores(tagger: Tagger, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N, labels) scores in [0, 1]."""
    return np.array([[score.value for score in tagger.score(row)] for row in embeddings])


def _first_of_each_group(tagger: Tagger, scores: NDArray[np.float64]) -> NDArray[Any]:
    """(N, groups): place of the best label within its group."""
    ends = np.cumsum([len(group.labels) for group in tagger.vocabulary.groups])
    return np.stack([part.argmax(axis=1) for part in np.split(scores, ends[:-1], axis=1)], axis=1)


if __name__ == "__main__":
    main()
