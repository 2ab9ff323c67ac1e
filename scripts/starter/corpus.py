"""The training corpus: posters, stills and what the teacher network said of them, split by picture."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
from PIL import Image
from torch import Tensor

PARTS = ("train", "validation", "test")
SHARES = (0.75, 0.10)  # of train and validation; the rest is the test part
SIDE = 144  # px of the square copy kept in memory; crops are taken from it
SHOTS = (
    "extreme close up",
    "close up",
    "medium",
    "long shot",
    "extreme long shot",
    "over the shoulder",
    "master",
)


@dataclass(frozen=True)
class Corpus:
    """N pictures as parallel tensors.

    pixels (N, SIDE, SIDE, 3) uint8 · part (N,) int64 index into PARTS · poster (N,) bool ·
    genres (N, G) float32 in {0, 1}, zero for stills · shot (N,) int64 index into SHOTS, -1 for posters ·
    views (N, 2, 4) float32 boxes x0, y0, x1, y1 in [0, 1] · features (N, 2, 1024) float32 ·
    classes (N, 2, 8) int64 and scores (N, 2, 8) float32: the teacher's best 8 of 1,001 labels for each view.
    """

    pixels: Tensor
    part: Tensor
    poster: Tensor
    genres: Tensor
    shot: Tensor
    views: Tensor
    features: Tensor
    classes: Tensor
    scores: Tensor

    def rows(self, part: str, *, posters_only: bool = False) -> Tensor:
        """Indices (n,) int64 of the pictures of one part."""
        mask = self.part == PARTS.index(part)
        return torch.nonzero(mask & self.poster if posters_only else mask)[:, 0]


def part_of(key: bytes) -> int:
    """Index into PARTS from the sha256 of a key: the same picture always falls into the same part."""
    share = int(hashlib.sha256(key).hexdigest()[:8], 16) / 2**32
    return int(np.searchsorted(np.cumsum(SHARES), share, side="right"))


def genre_label(name: str) -> str:
    """Catalogue name to label: «Sci-Fi» → «sci_fi»."""
    return name.lower().replace("-", "_").replace(" ", "_")


def square(encoded: bytes, side: int = SIDE) -> np.ndarray:
    """Decode to (side, side, 3) uint8 sRGB; the whole picture is squashed, nothing is cut off."""
    with Image.open(io.BytesIO(encoded)) as image:
        return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC))


def read_pictures(folder: Path) -> list[bytes]:
    """Encoded pictures in the order of the corpus: posters, then stills."""
    tables = [pq.read_table(folder / name, columns=["image"]) for name in ("posters.parquet", "stills.parquet")]
    return [data for table in tables for data in table["image"].to_pylist()]


def read_corpus(folder: Path, genre_labels: list[str]) -> Corpus:
    """Read posters.parquet, stills.parquet and teacher.parquet of a folder."""
    posters = pq.read_table(folder / "posters.parquet", columns=["image", "imdb_id", "genres"]).to_pylist()
    stills = pq.read_table(folder / "stills.parquet", columns=["image", "shot"]).to_pylist()
    keys = [row["imdb_id"].encode() for row in posters] + [row["image"] for row in stills]
    genres = torch.zeros(len(keys), len(genre_labels))
    for index, row in enumerate(posters):
        found = {genre_label(name) for name in row["genres"]}
        genres[index] = torch.tensor([float(label in found) for label in genre_labels])
    shots = [-1] * len(posters) + [SHOTS.index(row["shot"].lower()) for row in stills]
    views, features, classes, scores = _read_teacher(folder / "teacher.parquet", len(posters), len(stills))
    return Corpus(
        pixels=torch.from_numpy(np.stack([square(row["image"]) for row in posters + stills])),
        part=torch.tensor([part_of(key) for key in keys]),
        poster=torch.arange(len(keys)) < len(posters),
        genres=genres,
        shot=torch.tensor(shots),
        views=views,
        features=features,
        classes=classes,
        scores=scores,
    )


def _read_teacher(path: Path, posters: int, stills: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Views, features, classes and scores, each (N, 2, …); posters first, in row order, two views a picture."""
    table = pq.read_table(path)
    expected = [("posters", row) for row in range(posters) for _ in range(2)]
    expected += [("stills", row) for row in range(stills) for _ in range(2)]
    if list(zip(table["table"].to_pylist(), table["row"].to_pylist(), strict=True)) != expected:
        raise ValueError(f"{path}: rows are not two views of each poster, then of each still, in order")
    scale = float(table.schema.metadata[b"embedding_scale"])
    zero = float(table.schema.metadata[b"embedding_zero_point"])
    raw = np.frombuffer(b"".join(table["embedding"].to_pylist()), np.uint8).reshape(-1, 2, 1024)
    features = torch.from_numpy(scale * (raw.astype(np.float32) - zero))
    return (
        _pairs(table["view"]).float(),
        features,
        _pairs(table["top_class"]).long(),
        _pairs(table["top_score"]).float(),
    )


def _pairs(column: object) -> Tensor:
    """A list column of 2N rows as a tensor (N, 2, width)."""
    values = np.asarray(column.to_pylist())  # type: ignore[attr-defined]
    return torch.from_numpy(values).reshape(-1, 2, values.shape[-1])


def teacher_names(path: Path) -> list[str]:
    """The teacher's 1,001 labels, first synonym only, lower case."""
    return [line.split(",")[0].strip().lower() for line in path.read_text(encoding="utf-8").splitlines()]
