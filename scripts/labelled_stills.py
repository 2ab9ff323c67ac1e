"""Film stills with the shot that people called them, cut into a part to fit on and a part that is held out.

Stills that show nearly the same frame share a part: the data has frames of one shot, and some frames twice.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import measuring
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from artvision import Settings, extract, read_run
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels.pyramid import Pyramid
from artvision.shots.evidence import evidence
from artvision.shots.shoulder import beside

FIT = 0.6  # share of the frames that are fitted on
NEAR = 6  # bits of 64 in which the difference hashes of two pictures of one frame may differ
FRAMINGS = ("extreme_close_up", "close_up", "medium", "long", "extreme_long")  # as CinemaNet labels them
NAMES = dict(zip(("Extreme Close Up", "Close Up", "Medium", "Long Shot", "Extreme Long Shot"), FRAMINGS, strict=True))
SETTINGS = Settings(stages="clip,faces,light,composition", model="starter")


@dataclass(frozen=True)
class Still:
    """One still: its label, the file, and the row of columns that a run has for it."""

    name: str
    shot: str
    kind: str
    path: Path
    row: dict[str, Any]
    frame: str  # the same for pictures of one frame
    in_starter: bool  # the starter was trained on it, with its label

    @property
    def fitted(self) -> bool:
        """Whether it belongs to the part that is fitted on."""
        return _share(self.frame) < FIT

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The row, with what lies beside the lead face."""
        return self.row | beside(self.picture.derived(Pyramid.of, SCORE_SIDE), self.row["faces"])

    @property
    def picture(self) -> Picture:
        """Decoded as `extract` does it."""
        return measuring.read(self.path)


def evidence_of(still: Still, names: tuple[str, ...]) -> NDArray[np.float64]:
    """(len(names),): the evidence that the stage `shots` would have, NaN where there is none."""
    return evidence(still.columns, names)


def read(table: Path, work: Path) -> list[Still]:
    """The stills of `table` (stills.parquet), with the columns of the run in `work`, which is made if it is not there.

    It is to be deleted where a stage changed that it was made by; that `shots` was fitted anew changes none of them.
    """
    rows = pq.read_table(table).to_pylist()
    paths = _unpacked([row["image"] for row in rows], work / "stills")
    made = (work / "run" / "run.json").is_file()
    run = read_run(work / "run") if made else extract(str(work / "stills"), work / "run", SETTINGS).run
    columns = {row["asset_id"]: row for row in run.table().to_pylist()}
    named = frames([row["image"] for row in rows])
    return [
        Still(
            path.name, NAMES.get(row["shot"], row["shot"]), row["kind"], path, columns[path.name], frame,
            _share_of_bytes(row["image"]) < 0.75,
        )
        for row, path, frame in zip(rows, paths, named, strict=True)
    ]  # fmt: skip


def data_sha256(table: Path) -> str:
    """Hash of the file that was fitted on."""
    return hashlib.sha256(table.read_bytes()).hexdigest()


def _unpacked(pictures: list[bytes], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:04d}.webp" for number in range(len(pictures))]
    for path, content in zip(paths, pictures, strict=True):
        if not path.is_file():
            path.write_bytes(content)
    return paths


def frames(pictures: list[bytes]) -> list[str]:
    """A name for each picture, the same for those whose difference hashes are near, also by way of others."""
    signs = np.stack([_difference_hash(content) for content in pictures]) * 2.0 - 1
    near = (signs.shape[1] - signs @ signs.T) / 2 <= NEAR
    names = np.arange(len(pictures))
    for _ in range(len(pictures)):
        spread = np.where(near, names[None], len(pictures)).min(1)
        if (spread == names).all():
            break
        names = spread
    return [hashlib.sha256(pictures[name]).hexdigest() for name in names]


def _difference_hash(content: bytes) -> NDArray[np.bool_]:
    with Image.open(io.BytesIO(content)) as still:
        grey = np.asarray(still.convert("L").resize((9, 8), Image.Resampling.LANCZOS), int)
    found: NDArray[np.bool_] = (grey[:, 1:] > grey[:, :-1]).ravel()
    return found


def _share(name: str) -> float:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32


def _share_of_bytes(content: bytes) -> float:
    """As scripts/starter/corpus.py cuts its parts: below 0.75 the starter was trained on the still."""
    return int(hashlib.sha256(content).hexdigest()[:8], 16) / 2**32
