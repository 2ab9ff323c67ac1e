"""The model behind the clip stage: a Protocol, and open_clip's implementation of it.

open_clip: Ilharco et al., "OpenCLIP", 2021, doi:10.5281/zenodo.5143773; Cherti et al., "Reproducible scaling laws for
contrastive language-image learning", CVPR 2023.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from artvision.clip.model import ClipModel
from artvision.clip.packing import pack
from artvision.clip.preprocess import Input, preprocess
from artvision.clip.texts import TextTower
from artvision.errors import WeightsError
from artvision.image import Pixels
from artvision.passes import ConstantPasses, Floats

# Pictures in one pass. On the CPU 4 runs as fast as 32 and wastes least where a chunk does not fill it;
# docs/benchmarks.md has the figures.
MICRO_BATCH = {"cpu": 4, "mps": 16, "cuda": 32}


class Encoder(Protocol):
    """Embeds pictures and texts into one space; thread-safe after construction."""

    width: int
    image_size: int
    logit_scale: float

    def preprocess(self, pixels: Pixels) -> NDArray[Any]:
        """(H, W, 3) uint8 sRGB -> one picture as `encode_images` takes it: resized and cut the model's own way."""

    def encode_images(self, batch: NDArray[Any]) -> Floats:
        """B preprocessed pictures -> (B, width) float32, L2-normalised; a row depends on its own picture alone."""

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """N texts -> (N, width) float32, L2-normalised."""

    def fingerprint(self) -> dict[str, Any]:
        """JSON values that decide the numbers."""


class OpenClipEncoder(ConstantPasses):
    """An open_clip model on one device, in evaluation mode and float32, with its own logit scale: the reference."""

    def __init__(self, model: ClipModel, device: str) -> None:
        """Load and check the model. Raises WeightsError where the weights do not fit or the model is not stable."""
        self.model = model
        self.device = torch.device(device)
        super().__init__(model.name, model.width, (3, *model.preprocess.size), MICRO_BATCH[self.device.type])
        self.image_size = model.image_size
        self._network, tokenize = load(model, self.device)
        self._texts = TextTower(self._network, tokenize, self.device, model.width)
        with torch.inference_mode():
            self.logit_scale = float(self._network.logit_scale.exp())
        if self.device.type == "cpu":
            patch = getattr(self._network.visual, "patch_size", (32, 32))
            tokens = 1 + math.prod(side // step for side, step in zip(model.preprocess.size, patch, strict=True))
            pack(self._network.visual, self._micro_batch * tokens)
        self._check_as_worker()

    def preprocess(self, pixels: Pixels) -> Input:
        """(H, W, 3) uint8 sRGB -> (3, h, w) float32, as open_clip's transform makes it."""
        return preprocess(pixels, self.model.preprocess)

    def encode_images(self, batch: NDArray[np.float32]) -> Floats:
        """(B, 3, h, w) float32 -> (B, width) float32, L2-normalised; always in passes of one constant size."""
        return self._in_passes(batch)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """N texts -> (N, width) float32, L2-normalised."""
        return self._texts.encode(texts)

    def fingerprint(self) -> dict[str, Any]:
        """The model's own, with the kind of device and the size of a pass."""
        return {**self.model.fingerprint(), "device": self.device.type, "micro_batch": MICRO_BATCH[self.device.type]}

    def _forward(self, filled: Floats) -> Floats:
        with torch.inference_mode():
            rows: Floats = self._network.encode_image(torch.from_numpy(filled).to(self.device)).cpu().numpy()
        return rows


def load(model: ClipModel, device: torch.device) -> tuple[Any, Any]:
    """(open_clip's network in evaluation mode on the device, tokenizer). Never downloads. Raises WeightsError."""
    with quiet_and_offline():
        import open_clip

        try:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(model.seed)
                network = open_clip.create_model(
                    model.source, load_weights=False, pretrained_text=False, force_quick_gelu=model.quick_gelu
                )
            if model.checkpoint:
                open_clip.load_checkpoint(network, str(model.checkpoint), strict=True, weights_only=True)
            tokenizer = open_clip.get_tokenizer(model.source)
        except Exception as error:
            raise WeightsError(f"{model.name} cannot be loaded: {type(error).__name__}: {error}") from error
    return network.to(device).eval(), tokenizer


@contextmanager
def quiet_and_offline() -> Iterator[None]:
    """open_clip logs to the root logger, which would configure it for the whole process, and would ask a hub."""
    from huggingface_hub import constants

    handler, disabled, offline = logging.NullHandler(), logging.root.manager.disable, constants.HF_HUB_OFFLINE
    logging.root.addHandler(handler)
    logging.disable(logging.WARNING)
    # The environment variable is read once, when the library is first imported.
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = offline
        logging.disable(disabled)
        logging.root.removeHandler(handler)
