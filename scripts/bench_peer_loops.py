"""What a user would write with open_clip or facenet-pytorch; each is a process of its own for `bench_peers.py`.

    python scripts/bench_peer_loops.py LOOP PICTURES OUT [WEIGHTS]

It runs where the peers are installed, so nothing of artvision is imported. OUT is an .npz of names and embeddings, or
a JSON object: name -> {"size": [width, height], "faces": [[left, top, right, bottom, score], …]}, in pixels.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

MODEL = "ViT-B-32-256"
BATCH, WORKERS = 32, 2  # what gives a plain loop most on two cores
FRAMES = 4  # of one size at once: of 3840×2160 pixels more would take gigabytes
REDUCED, REDUCED_FRAMES = 960, 16


class Pictures:
    """A dataset as torch's DataLoader wants it: a file opened and preprocessed."""

    def __init__(self, paths: Sequence[Path], preprocess: Any) -> None:
        self.paths, self.preprocess = paths, preprocess

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> Any:
        return self.preprocess(Image.open(self.paths[number]))


def draw_weights(path: Path) -> None:
    """Write the seeded random weights that all sides use: those of artvision's NAME/random."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model, _, _ = open_clip.create_model_and_transforms(MODEL)
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, path)


def open_clip_loop(folder: Path, out: Path, weights: Path) -> None:
    """open_clip's `encode_image` on the batches of a DataLoader."""
    import open_clip
    import torch
    from torch.utils.data import DataLoader

    model, _, preprocess = open_clip.create_model_and_transforms(MODEL, pretrained=str(weights))
    model.eval()
    paths = sorted(folder.iterdir())
    pictures: Any = Pictures(paths, preprocess)
    with torch.no_grad():
        parts = [
            model.encode_image(batch, normalize=True).numpy()
            for batch in DataLoader(pictures, batch_size=BATCH, num_workers=WORKERS)
        ]
    with out.open("wb") as file:
        np.savez(file, names=[path.name for path in paths], embeddings=np.concatenate(parts))


def mtcnn_one_by_one(folder: Path, out: Path) -> None:
    """MTCNN as shipped, one full frame after another."""
    _detect(([path] for path in sorted(folder.iterdir())), out)


def mtcnn_batches(folder: Path, out: Path) -> None:
    """MTCNN on lists of full frames of one size."""
    by_size = defaultdict(list)
    for path in sorted(folder.iterdir()):
        with Image.open(path) as picture:
            by_size[picture.size].append(path)
    _detect((part for paths in by_size.values() for part in _parts(paths, FRAMES)), out)


def mtcnn_reduced(folder: Path, out: Path) -> None:
    """MTCNN on lists of frames that Pillow reduced to the long side that artvision looks at: all have one size then."""
    _detect(_parts(sorted(folder.iterdir()), REDUCED_FRAMES), out, longest=REDUCED)


def _parts(paths: Sequence[Path], count: int) -> Iterable[Sequence[Path]]:
    return (paths[start : start + count] for start in range(0, len(paths), count))


def _detect(groups: Iterable[Sequence[Path]], out: Path, longest: int = 0) -> None:
    """Write what MTCNN finds in groups of pictures of one size."""
    from facenet_pytorch import MTCNN

    detector = MTCNN(keep_all=True, device="cpu")
    found = {}
    for paths in groups:
        frames = [_frame(path, longest) for path in paths]
        boxes, scores = detector.detect(frames)
        for path, frame, corners, sure in zip(paths, frames, boxes, scores, strict=True):
            faces = [] if corners is None else np.column_stack([corners, sure]).astype(float).tolist()
            found[path.name] = {"size": frame.size, "faces": faces}
    out.write_text(json.dumps(found), encoding="utf-8")


def _frame(path: Path, longest: int) -> Image.Image:
    picture = Image.open(path)
    if longest:
        picture.thumbnail((longest, longest))
    return picture.convert("RGB")


LOOPS: dict[str, Callable[..., None]] = {
    "open_clip": open_clip_loop,
    "one_by_one": mtcnn_one_by_one,
    "batches": mtcnn_batches,
    "reduced": mtcnn_reduced,
    "weights": draw_weights,
}

if __name__ == "__main__":
    LOOPS[sys.argv[1]](*map(Path, sys.argv[2:]))
