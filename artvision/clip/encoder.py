"""The model behind the clip stage: a Protocol, and open_clip's implementation of it.

open_clip: Ilharco et al., "OpenCLIP", 2021, doi:10.5281/zenodo.5143773; Cherti et al., "Reproducible scaling laws for
contrastive language-image learning", CVPR 2023.
"""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artvision.clip.model import ClipModel
from artvision.clip.packing import pack
from artvision.clip.preprocess import Input, preprocess
from artvision.device import available_cores, one_thread_each
from artvision.errors import WeightsError
from artvision.image import Pixels
from artvision.passes import ConstantPasses, Floats, normalised

# Pictures in one pass. On the CPU 4 runs as fast as 32 and wastes least where a chunk does not fill it;
# docs/benchmarks.md has the figures.
MICRO_BATCH = {"cpu": 4, "mps": 16, "cuda": 32}
TEXT_BATCH = 32
SHORT_TEXT = 24  # tokens: a prompt of fewer is encoded 4 times as fast in a tower cut to this length, to the same bits


class Encoder(Protocol):
    """Embeds pictures and texts into one space; thread-safe after construction."""

    width: int
    image_size: int
    logit_scale: float

    def preprocess(self, pixels: Pixels) -> Input:
        """(H, W, 3) uint8 sRGB -> (3, h, w) float32, the model's own way."""

    def encode_images(self, batch: NDArray[np.float32]) -> Floats:
        """(B, 3, h, w) float32 -> (B, width) float32, L2-normalised; a row depends on its own picture alone."""

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """N texts -> (N, width) float32, L2-normalised."""

    def fingerprint(self) -> dict[str, Any]:
        """JSON values that decide the numbers."""


class OpenClipEncoder(ConstantPasses):
    """An open_clip model on one device, in evaluation mode and float32, with its own logit scale."""

    def __init__(self, model: ClipModel, device: str) -> None:
        """Load and check the model. Raises WeightsError where the weights do not fit or the model is not stable."""
        self.model = model
        self.device = torch.device(device)
        super().__init__(model.name, model.width, (3, *model.preprocess.size), MICRO_BATCH[self.device.type])
        self.image_size = model.image_size
        self._network, self._tokenize = load(model, self.device)
        self._short_network = _shortened(self._network)
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
        """N texts -> (N, width) float32, L2-normalised; the last pass is filled up, so that all have one size."""
        chunks = [list(texts[start : start + TEXT_BATCH]) for start in range(0, len(texts), TEXT_BATCH)]
        with ThreadPoolExecutor(available_cores(), initializer=one_thread_each) as pool:
            parts = list(pool.map(self._text_pass, chunks))
        return np.concatenate(parts) if parts else np.zeros((0, self.width), dtype=np.float32)

    def fingerprint(self) -> dict[str, Any]:
        """The model's own, with the kind of device and the size of a pass."""
        return {**self.model.fingerprint(), "device": self.device.type, "micro_batch": MICRO_BATCH[self.device.type]}

    def _forward(self, filled: Floats) -> Floats:
        with torch.inference_mode():
            return _rows(self._network.encode_image(torch.from_numpy(filled).to(self.device)))

    def _text_pass(self, texts: Sequence[str]) -> Floats:
        tokens = self._tokenize([*texts, *[""] * (TEXT_BATCH - len(texts))]).to(self.device)
        with torch.inference_mode():
            if self._short_network is None or tokens[:, SHORT_TEXT:].any():
                features = self._network.encode_text(tokens)
            else:
                features = self._short_network.encode_text(tokens[:, :SHORT_TEXT])
        return normalised(_rows(features))[: len(texts)]


def _rows(features: Tensor) -> Floats:
    rows: Floats = features.float().cpu().numpy()
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


def _shortened(network: Any) -> Any | None:
    """The network for texts of up to `SHORT_TEXT` tokens: it shares all weights and looks at no padding beyond.

    Attention in CLIP's text tower is causal and its answer is read where the text ends, so what follows a text cannot
    change it. None for other towers.
    """
    import open_clip

    causal = isinstance(network, open_clip.CLIP) and network.attn_mask is not None
    if not causal or network.text_pool_type not in {"argmax", "eos"}:
        return None
    short = copy.copy(network)
    positions = torch.nn.Parameter(network.positional_embedding[:SHORT_TEXT], requires_grad=False)
    short._parameters = {**network._parameters, "positional_embedding": positions}
    short._buffers = {**network._buffers, "attn_mask": network.attn_mask[:SHORT_TEXT, :SHORT_TEXT]}
    return short


@contextmanager
def quiet_and_offline() -> Iterator[None]:
    """open_clip logs to the root logger, which would configure it for the whole process, and would ask a hub."""
    from huggingface_hub import constants

    handler, disabled, offline = logging.NullHandler(), logging.root.manager.disable, constants.HF_HUB_OFFLINE
    logging.root.addHandler(handler)
    logging.disable(logging.WARNING)
    constants.HF_HUB_OFFLINE = True  # the environment variable is read once, when the library is first imported
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = offline
        logging.disable(disabled)
        logging.root.removeHandler(handler)
