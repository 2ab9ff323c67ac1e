"""The text tower of an open_clip model: always float32, for prompts are embedded once."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from artvision.clip.model import ClipModel
from artvision.device import available_cores, one_thread_each
from artvision.passes import Floats, normalised

TEXT_BATCH = 32
# Tokens: a prompt of fewer is encoded 4 times as fast in a tower cut to this length, to the same bits.
SHORT_TEXT = 24


class TextTower:
    """Embeds texts with a loaded network on one device. Threads may share it."""

    def __init__(self, network: Any, tokenize: Any, device: torch.device, width: int) -> None:
        self.width = width
        self.device = device
        self._network, self._tokenize = network, tokenize
        self.short = _shortened(network)

    def encode(self, texts: Sequence[str]) -> Floats:
        """N texts -> (N, width) float32, L2-normalised; the last pass is filled up, so that all have one size."""
        chunks = [list(texts[start : start + TEXT_BATCH]) for start in range(0, len(texts), TEXT_BATCH)]
        with ThreadPoolExecutor(available_cores(), initializer=one_thread_each) as pool:
            parts = list(pool.map(self._pass, chunks))
        return np.concatenate(parts) if parts else np.zeros((0, self.width), dtype=np.float32)

    def _pass(self, texts: Sequence[str]) -> Floats:
        tokens = self._tokenize([*texts, *[""] * (TEXT_BATCH - len(texts))])
        network = self._network
        if self.short is not None and not tokens[:, SHORT_TEXT:].any():
            network, tokens = self.short, tokens[:, :SHORT_TEXT]
        with torch.inference_mode():
            features = network.encode_text(tokens.to(self.device))
        rows: Floats = features.float().cpu().numpy()
        return normalised(rows)[: len(texts)]


def load_texts(model: ClipModel, device: str) -> TextTower:
    """The tower of a model by itself: its pictures are neither prepared nor checked. Raises WeightsError."""
    from artvision.clip.encoder import load

    place = torch.device(device)
    return TextTower(*load(model, place), place, model.width)


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
