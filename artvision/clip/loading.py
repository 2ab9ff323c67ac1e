"""Which encoder a run's settings mean: open_clip's own, as an accelerator likes it, or the one exported from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artvision.clip.model import ClipModel
from artvision.device import ONNXRUNTIME
from artvision.settings import FP32, Settings

if TYPE_CHECKING:
    from artvision.clip.encoder import Encoder


def load_encoder(model: ClipModel, device: str, settings: Settings) -> Encoder:
    """The encoder on `device`, as `settings` (those of `Settings.on`) have it. Raises WeightsError."""
    if settings.runtime == ONNXRUNTIME:
        from artvision.clip.exported import ExportedEncoder

        return ExportedEncoder(model, settings.precision or FP32)
    if device == "cpu":
        from artvision.clip.encoder import OpenClipEncoder

        return OpenClipEncoder(model, device)
    from artvision.clip.accelerated import AcceleratedEncoder

    return AcceleratedEncoder(model, device, settings.precision or FP32, exact=bool(settings.deterministic))
