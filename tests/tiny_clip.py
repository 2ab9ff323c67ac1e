"""A CLIP of a few thousand numbers in open_clip's `local-dir:` form, with random weights, for tests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

CONFIG: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 24,
        "vision_cfg": {
            "image_size": 32,
            "patch_size": 8,
            "layers": 2,
            "width": 32,
            "head_width": 16,
            "patch_dropout": 0.5,
        },
        "text_cfg": {"context_length": 40, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    },
    "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "resize_mode": "squash"},
}
VOCABULARY = """
version = "1"
[groups.genre]
meaning = "What kind of film."
mode = "independent"
null = ["a picture"]
[groups.genre.labels]
war = ["soldiers", "tanks"]
space = ["stars"]
[groups.time]
meaning = "When it is."
mode = "exclusive"
[groups.time.labels]
day = ["by day"]
night = ["by night"]
"""
WEIGHTS = "open_clip_model.safetensors"


def write_tiny_clip(folder: Path, *, seed: int = 0, logit_scale: float = 3.0, config: dict[str, Any] = CONFIG) -> str:
    """Write configuration and weights; returns the sha256 of the weights. `logit_scale` is its logarithm."""
    import torch
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    network = CLIP(**config["model_cfg"])
    with torch.no_grad():
        network.logit_scale.fill_(logit_scale)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, folder / WEIGHTS)
    return hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def write_models_dir(folder: Path, sha256: str) -> None:
    """A manifest whose starter is the tiny model that lies in `folder/starter`, and a production model nobody has."""
    config = folder / "starter" / "open_clip_config.json"
    common = 'what = "w"\nkind = "clip"\nrevision = "1"\nlicence = "MIT"\ncommercial = true\npreprocess = {}\n'
    file = '{{ name = "{}", url = "{}", bytes = {}, sha256 = "{}", checksum = "measured" }}'
    nowhere = file.format("w.safetensors", "https://hub.invalid/w", 9, "0" * 64)
    bundled = file.format(config.name, "", 1, _sha256(config)), file.format(WEIGHTS, "", 1, sha256)
    (folder / "manifest.toml").write_text(f"""
[[model]]
id = "ViT-B-32-256/datacomp_s34b_b86k"
architecture = "ViT-B-32-256"
dims = 512
required = false
default = true
source = "download"
{common}
files = [{nowhere}]
[[model]]
id = "starter"
architecture = "local-dir"
dims = 24
required = true
default = false
source = "bundled"
{common}
files = [{", ".join(bundled)}]
""")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
