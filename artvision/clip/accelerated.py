"""An open_clip model on an accelerator: bytes go there once a pass, and embeddings come back once.

In bfloat16 the matrix products and convolutions run under autocast, with weights that are cast once instead of in every
pass. What the blocks of a vision transformer add up stays float32: that halves what bfloat16 moves a tag by.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from artvision.clip.encoder import load
from artvision.clip.model import ClipModel, Preprocess
from artvision.clip.preprocess import fitted
from artvision.clip.texts import TextTower
from artvision.image import Pixels
from artvision.lanes import Lanes
from artvision.passes import ConstantPasses, Floats
from artvision.settings import BF16, FP32

# Pictures; on CUDA as many as a chunk has.
PASS = {"cpu": 4, "mps": 16, "cuda": 128}


class AcceleratedEncoder(ConstantPasses):
    """The image tower in float32 or bfloat16 on one device, and the text tower in float32."""

    def __init__(self, model: ClipModel, device: str, precision: str = FP32, *, exact: bool = False) -> None:
        """Load and check the model; `exact` as in `ConstantPasses`. Raises WeightsError."""
        self.model = model
        self.precision = precision
        self.device = torch.device(device)
        size = PASS[self.device.type]
        super().__init__(model.name, model.width, (*model.preprocess.size, 3), size, np.uint8, exact=exact)
        self.image_size = model.image_size
        self._network, tokenize = load(model, self.device)
        self._texts = TextTower(self._network, tokenize, self.device, model.width)
        with torch.inference_mode():
            self.logit_scale = float(self._network.logit_scale.exp())
        prepare(self._network.visual, precision)
        self._normal = Normal(model.preprocess, self.device)
        self._lanes = Lanes(self.device)
        self._check_as_worker()

    def preprocess(self, pixels: Pixels) -> Pixels:
        """(H, W, 3) uint8 sRGB -> (h, w, 3) uint8, resized and cut as open_clip does it; scaled on the device."""
        return fitted(pixels, self.model.preprocess)

    def encode_images(self, batch: NDArray[np.uint8]) -> Floats:
        """(B, h, w, 3) uint8 -> (B, width) float32, L2-normalised; always in passes of one constant size."""
        return self._in_passes(batch)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """N texts -> (N, width) float32, L2-normalised."""
        return self._texts.encode(texts)

    def fingerprint(self) -> dict[str, Any]:
        """The model's own, with the kind of device, the precision and the size of a pass."""
        size = PASS[self.device.type]
        kind = self.device.type
        return {**self.model.fingerprint(), "device": kind, "precision": self.precision, "micro_batch": size}

    def forward(self, pixels: Tensor) -> Tensor:
        """(B, h, w, 3) uint8 on the device -> (B, width) float32 there, of any length; the host waits for nothing."""
        with computing(self.device, self.precision):
            features: Tensor = self._network.encode_image(self._normal(pixels))
        rows: Tensor = features.float()
        return rows

    def _forward(self, filled: NDArray[Any]) -> Floats:
        with self._lanes.borrowed() as lane:
            lane.buffer(filled.size)[:] = filled.ravel()
            return lane.download(self.forward(lane.upload(filled.size).view(filled.shape)))


class Normal:
    """Bytes to a network's input, to the same bits as `preprocess` makes on the host."""

    def __init__(self, cfg: Preprocess, device: torch.device) -> None:
        # divisors are tensors of the device: by a number of the host CUDA multiplies with its inverse, to other bits
        values = torch.tensor([[255.0] * 3, cfg.mean, cfg.std], dtype=torch.float32)
        self._top, self._mean, self._spread = values.to(device)

    def __call__(self, pixels: Tensor) -> Tensor:
        """(B, h, w, 3) uint8 -> (B, 3, h, w) float32, channels last in memory."""
        scaled: Tensor = (pixels.float() / self._top - self._mean) / self._spread
        return scaled.permute(0, 3, 1, 2)


def computing(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """The arithmetic of a pass."""
    return torch.autocast(device.type, torch.bfloat16) if precision == BF16 else nullcontext()


def prepare(visual: nn.Module, precision: str) -> None:
    """Lay an image tower out for an accelerator: channels last; in bfloat16 what autocast would cast in every pass."""
    from open_clip.model import convert_weights_to_lp
    from open_clip.transformer import VisionTransformer

    visual.to(memory_format=torch.channels_last)
    if precision == BF16:
        convert_weights_to_lp(visual, dtype=torch.bfloat16)
        if isinstance(visual, VisionTransformer):
            visual.conv1.register_forward_hook(_widened)


def _widened(_: nn.Module, __: Any, patches: Tensor) -> Tensor:
    """Everything is added to the patches' embedding, so its dtype is that of all sums."""
    return patches.float()
