"""The three networks of MTCNN as facenet-pytorch's wheel carries them (MIT); the only place that knows the wheel.

Its Python code is never imported: that would pull torchvision in for an operator that is not needed here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from pathlib import Path

import torch
from torch import Tensor

from artvision.detection import WEIGHTS
from artvision.errors import WeightsError

MEND = "pip install --force-reinstall --no-deps facenet-pytorch==2.5.3"


def folder() -> Path:
    """Where the installed wheel keeps its weights. Raises WeightsError where it is not installed."""
    spec = importlib.util.find_spec("facenet_pytorch")
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(f"the face weights are missing: facenet-pytorch is not installed; run `{MEND}`")
    return Path(spec.submodule_search_locations[0]) / "data"


def load(name: str, source: Path | None = None) -> dict[str, Tensor]:
    """Parameters of `pnet`, `rnet` or `onet`, float32, by their names in the file.

    `source` is a folder to read instead of the wheel's. Raises WeightsError where the file is missing or not the
    one whose checksum is written here; nothing is unpickled before the checksum agrees.
    """
    path = (source or folder()) / f"{name}.pt"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"the face weights are missing: {path}: {error.strerror}; run `{MEND}`") from None
    if hashlib.sha256(content).hexdigest() != WEIGHTS[name]:
        raise WeightsError(f"the face weights were altered: {path} is not the published file; run `{MEND}`")
    state: dict[str, Tensor] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state
