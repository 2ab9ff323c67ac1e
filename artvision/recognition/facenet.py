"""FaceNet as facenet-pytorch ported it: 512 numbers a face, on the CPU or a CUDA device, weights by `models fetch`.

Schroff et al. 2015, "FaceNet", arXiv 1503.03832, by way of D. Sandberg's Inception-ResNet-v1 trained on VGGFace2 (Cao
et al. 2018, arXiv 1710.08092), model 20180402-114759, in T. Esler's port to PyTorch, whose architecture is used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from artvision.errors import WeightsError, one_line
from artvision.passes import ConstantPasses, Floats
from artvision.recognition.embedder import Make, Sighting, Templates
from artvision.weights import Model, get_model, require

SIDE = 160  # pixels of the square that the network was trained on
# Names the 8,631 people of the training data; a template needs it not.
CLASSIFIER = ("logits.weight", "logits.bias")

# Faces in one pass. One CPU core takes 63 ms a face alone, 48 in fours, 39 in sixteens, which few chunks fill.
MICRO_BATCH = {"cpu": 4, "cuda": 16}


class FacenetEmbedder(ConstantPasses):
    """Inception-ResNet-v1 in evaluation mode and float32; templates of unit length."""

    def __init__(self, make: Make, device: str) -> None:
        """Load and check the network. Raises WeightsError where the file is missing, altered or of another network."""
        self.make = make
        self.device = torch.device(device if device.startswith("cuda") else "cpu")
        super().__init__(make.model, make.width, (3, SIDE, SIDE), MICRO_BATCH[self.device.type])
        model = get_model(make.model)
        self._network = _load(require(model)[0], model).to(self.device, memory_format=torch.channels_last)
        self._check_as_worker()

    def embed(self, faces: Sequence[Sighting]) -> Templates:
        """N faces -> (N, 512) float32, rows of unit length."""
        if not faces:
            return np.zeros((0, self.make.width), dtype=np.float32)
        return self._in_passes(np.stack([crop(face) for face in faces]))

    def _forward(self, filled: Floats) -> Floats:
        batch = torch.from_numpy(filled).to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode():
            rows: Floats = self._network(batch).cpu().numpy()
        return rows


def crop(face: Sighting) -> Floats:
    """What the network sees of a face, (3, 160, 160) float32 in [-1, 1]: its box without margin, stretched square.

    The same numbers as facenet_pytorch's `extract_face` and `fixed_image_standardization` for a Pillow picture.
    """
    height, width = face.pixels.shape[:2]
    x0, y0, x1, y1 = (int(share * side) for share, side in zip(face.box, (width, height) * 2, strict=True))
    x0, y0 = min(x0, width - 1), min(y0, height - 1)
    inside = face.pixels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    square = Image.fromarray(np.ascontiguousarray(inside)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return (np.asarray(square, dtype=np.float32).transpose(2, 0, 1) - np.float32(127.5)) / np.float32(128)


def _load(path: Path, model: Model) -> Any:
    """The network with the file's weights. It is built without storage, so no random number is drawn for it."""
    from facenet_pytorch import InceptionResnetV1

    with torch.device("meta"):
        network = InceptionResnetV1(pretrained=None, classify=False)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        for name in CLASSIFIER:
            state.pop(name, None)
        network.load_state_dict(state, strict=True, assign=True)
    except Exception as error:
        reason = one_line(error)
        raise WeightsError(f"{path} cannot be loaded: {type(error).__name__}: {reason}; run `{model.mend}`") from error
    return network.float().eval()
