"""What scripts that measure stages on folders of pictures share: decoding as `extract` does, stages that are ready."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from artvision import image, stages
from artvision.image import FACE_SIDE, Picture
from artvision.settings import Settings
from artvision.stages.base import Result, Stage


def pictures(folder: Path, every: int = 1) -> list[Path]:
    """Every n-th picture of a folder, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix in {".jpg", ".png", ".webp"})[::every]


def read(path: Path) -> Picture:
    """The file as the stages see it."""
    return image.decode(
        path.read_bytes(),
        name=str(path),
        long_side=FACE_SIDE,
        short_side=0,
        max_pixels=image.MAX_CAP,
        background=(128, 128, 128),
    )


def ready(names: str) -> list[Stage]:
    """The stages named, with the starter's weights, in an order that suits them."""
    _, chosen = stages.create(Settings(stages=names, model="starter"))
    for stage in chosen:
        stage.setup("cpu")
    return chosen


def extracted(chosen: Sequence[Stage], picture: Picture) -> dict[str, Result]:
    """What all stages say of a picture."""
    found: dict[str, Result] = {}
    for stage in chosen:
        found[stage.name] = stage.run([picture], {name: [result] for name, result in found.items()})[0]
    return found
