"""The CLIP image encoder as onnxruntime runs it: exported once from open_clip's network, in fp32 or int8.

int8: dynamic quantisation of the matrix products, weights per channel (Jacob et al. 2018, CVPR; onnxruntime's
`quantize_dynamic`). The scale of the activations comes from all that passes together, so pictures pass one by one.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.cache import remembered
from artvision.clip.model import ClipModel
from artvision.clip.preprocess import Input, preprocess
from artvision.device import processor
from artvision.errors import WeightsError
from artvision.exported import Session, exported
from artvision.image import Pixels
from artvision.passes import ConstantPasses, Floats
from artvision.settings import FP32, INT8

# Raise when `_build` writes another network: what the cache has is of no use then.
EXPORT = 1
# Pictures; 4 run as fast as 32, docs/benchmarks.md has the figures.
PASS = {FP32: 4, INT8: 1}
NETWORK, FACTS = "image.onnx", "facts.json"


class ExportedEncoder(ConstantPasses):
    """The image tower of an open_clip model in onnxruntime, on the CPU; texts go through open_clip itself."""

    def __init__(self, model: ClipModel, precision: str = FP32) -> None:
        """Export, or load what was exported. Raises WeightsError where the model is broken or cannot be exported."""
        super().__init__(model.name, model.width, (3, *model.preprocess.size), PASS[precision])
        self.model = model
        self.precision = precision
        self.image_size = model.image_size
        key = export_key(model, precision)
        folder = exported(key, partial(_build, model, precision))
        self.logit_scale = float(json.loads((folder / FACTS).read_text(encoding="utf-8"))["logit_scale"])
        self._session = Session(folder / NETWORK)
        self._micro_batch = int(remembered("passes", {**key, "processor": processor()}, self._checked))

    def preprocess(self, pixels: Pixels) -> Input:
        """(H, W, 3) uint8 sRGB -> (3, h, w) float32, as open_clip's transform makes it."""
        return preprocess(pixels, self.model.preprocess)

    def encode_images(self, batch: NDArray[np.float32]) -> Floats:
        """(B, 3, h, w) float32 -> (B, width) float32, L2-normalised; always in passes of one constant size."""
        return self._in_passes(batch)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """N texts -> (N, width) float32, L2-normalised; loads open_clip's network for it."""
        from artvision.clip.texts import load_texts

        return load_texts(self.model, "cpu").encode(texts)

    def fingerprint(self) -> dict[str, Any]:
        """The model's own, with what computes it, the precision and the size of a pass."""
        return fingerprint(self.model, self.precision)

    def _forward(self, filled: Floats) -> Floats:
        return self._session(filled)[0]

    def _checked(self) -> int:
        """The size of a pass after the check, which takes as long as some pictures: done once on a machine."""
        self._check()
        return self._micro_batch


def fingerprint(model: ClipModel, precision: str) -> dict[str, Any]:
    """What decides an embedding of the exported model. Raises WeightsError where its weights are missing."""
    runtime = {"onnxruntime": version("onnxruntime")}
    return {**model.fingerprint(), **runtime, "precision": precision, "micro_batch": PASS[precision]}


def export_key(model: ClipModel, precision: str) -> dict[str, Any]:
    """What decides the exported network's bytes."""
    return {**fingerprint(model, precision), "export": EXPORT}


def _build(model: ClipModel, precision: str, folder: Path) -> None:
    """Write network and facts; this once, torch and open_clip are imported."""
    import torch

    from artvision.clip.encoder import load

    network, _ = load(model, torch.device("cpu"))
    (folder / FACTS).write_text(json.dumps({"logit_scale": float(network.logit_scale.detach().exp())}))
    plain = folder / ("plain.onnx" if precision == INT8 else NETWORK)
    try:
        _export(network, torch.zeros(PASS[precision], 3, *model.preprocess.size), plain)
    except Exception as error:  # the exporter's own, of many kinds
        told = f"{model.name} cannot be exported for onnxruntime ({type(error).__name__}: {error})"
        raise WeightsError(f"{told}; use --runtime torch") from error
    if precision == INT8:
        _quantise(plain, folder / NETWORK)
        for left in folder.glob("plain.onnx*"):
            left.unlink()


def _quantise(plain: Path, path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from artvision.clip.encoder import quiet_and_offline

    # It advises its own preprocessing, which changes nothing here.
    with quiet_and_offline():
        quantize_dynamic(plain, path, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])


def _export(network: Any, pictures: Any, path: Path) -> None:
    """`encode_image` of the network for a batch of this very shape, weights in a file beside the graph."""
    import torch

    class Images(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, x: torch.Tensor) -> Any:
            return self.network.encode_image(x)

    fast = torch.backends.mha.get_fastpath_enabled()
    # An operator of its own, which no other library knows.
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the exporter's own inside
            program = torch.onnx.export(Images().eval(), (pictures,), dynamo=True, verbose=False, input_names=["x"])
        if program is None:
            raise RuntimeError("nothing was exported")
        program.save(path, external_data=True)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
