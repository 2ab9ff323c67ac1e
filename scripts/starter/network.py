"""The starter's architecture, in open_clip's configuration form, and its file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.model import CLIP
from safetensors.torch import save_file
from torch import Tensor, nn

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
MEAN = (0.485, 0.456, 0.406)  # per-channel mean and deviation of ImageNet, the usual input scale of the tower
STD = (0.229, 0.224, 0.225)
IMAGE_SIZE = 112


def configuration() -> dict[str, Any]:
    """The model and preprocessing configuration, as open_clip reads it from a `local-dir:` folder.

    The text tower is narrow because the 49,408 rows of the token table dominate the size of the file.
    """
    return {
        "model_cfg": {
            "embed_dim": 192,
            "vision_cfg": {
                "timm_model_name": "regnetx_004",
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "linear",
                "image_size": IMAGE_SIZE,
            },
            "text_cfg": {
                "context_length": 24,
                "vocab_size": 49408,
                "width": 96,
                "heads": 4,
                "layers": 2,
            },
        },
        "preprocess_cfg": {
            "mean": list(MEAN),
            "std": list(STD),
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }


def build() -> CLIP:
    """A CLIP with random weights, drawn from torch's generator."""
    model_cfg = configuration()["model_cfg"]
    model: CLIP = CLIP(**model_cfg)
    nn.init.constant_(model.logit_scale, 3.0)  # e^3 ≈ 20: sigmoid scores reach both ends within sims of ±0.25
    return model


class Distiller(nn.Module):
    """The image tower with two heads that imitate the teacher and are thrown away after training."""

    def __init__(self, clip: CLIP, features: int = 1024, classes: int = 1001) -> None:
        super().__init__()
        self.clip = clip
        width: int = clip.visual.trunk.num_features
        self.features = nn.Linear(width, features)
        self.classes = nn.Linear(width, classes)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (B, 3, S, S) → L2-normalised embedding (B, D), features (B, 1024), class logits (B, 1001)."""
        pooled = self.clip.visual.trunk(pictures)
        embedding = self.clip.visual.head(pooled)
        unit = nn.functional.normalize(embedding.float(), dim=-1)
        return unit, self.features(pooled).float(), self.classes(pooled).float()


def forget_unseen_tokens(clip: CLIP, seen: Tensor) -> None:
    """Zero the token rows that no training text contained, so that unknown words add nothing instead of noise."""
    keep = torch.zeros(clip.token_embedding.weight.shape[0], 1)
    keep[seen] = 1.0
    with torch.no_grad():
        clip.token_embedding.weight.mul_(keep.to(clip.token_embedding.weight.device))


def save(clip: CLIP, folder: Path) -> str:
    """Write configuration and half-precision weights; returns the sha256 of the weights file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(configuration(), indent=2) + "\n"
    (folder / CONFIG).write_text(text, encoding="utf-8")
    state = {name: value.detach().cpu().contiguous() for name, value in clip.state_dict().items()}
    save_file({name: v.half() if v.is_floating_point() else v for name, v in state.items()}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors writes for the owner alone; a package is read by others
    return weights_sha256(folder)


def weights_sha256(folder: Path) -> str:
    """The sha256 of the weights file of a starter folder, as hex."""
    return hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def tokenizer() -> open_clip.SimpleTokenizer:
    """open_clip's own byte-pair tokenizer at the starter's context length."""
    return open_clip.SimpleTokenizer(context_length=configuration()["model_cfg"]["text_cfg"]["context_length"])
