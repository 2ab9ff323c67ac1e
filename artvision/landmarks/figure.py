"""How much of a picture is people: MediaPipe's selfie segmentation, whose last layer LiteRT does not know.

The network ends in a transposed convolution with a bias, an operation of MediaPipe's own. It is cut off, and done here:
with a stride as large as its window no two windows overlap, so it is one product.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from artvision.extras import extra
from artvision.image import Pixels
from artvision.landmarks.network import Array, Network
from artvision.logistic import Doubles, sigmoid

SIDE = 256  # pixels squared that the network sees
_OWN = b"Convolution2DTransposeBias"


class Segmenter:
    """Which parts of a picture show people; safe to share between threads."""

    def __init__(self, content: bytes) -> None:
        """Take the bytes of selfie_segmentation.tflite. Raises UsageError without the extra `people`."""
        shortened, self._kernel, self._bias = _split(content)
        self._network = Network(shortened)

    def mask(self, pixels: Pixels) -> Doubles:
        """Probability of a person (256, 256) for a picture (256, 256, 3)."""
        (features,) = self._network(pixels)
        logits = transposed_convolution(features, self._kernel, self._bias)
        return sigmoid(logits.astype(np.float64))

    def share(self, pixels: Pixels) -> float:
        """Share of a picture (H, W, 3) that shows people, in [0, 1]: the mean of the mask."""
        squashed = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        return float(self.mask(np.asarray(squashed)).mean())


def transposed_convolution(features: Array, kernel: Array, bias: Array) -> Array:
    """(k H, k W) of features (H, W, C), a kernel (k, k, C) and a bias (1,): each cell becomes a window of its own."""
    height, width, _ = features.shape
    side = len(kernel)
    windows = np.einsum("hwc,ijc->hiwj", features, kernel) + bias
    found: Array = windows.reshape(side * height, side * width)
    return found


def _split(content: bytes) -> tuple[bytes, Array, Array]:
    """The network up to its last layer, and that layer's kernel (2, 2, channels) and bias (1,)."""
    schema, flatbuffers = extra("ai_edge_litert.schema_py_generated", "people"), extra("flatbuffers", "people")
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    graph, own = model.subgraphs[0], [code.customCode for code in model.operatorCodes].index(_OWN)
    at = next(at for at, operator in enumerate(graph.operators) if operator.opcodeIndex == own)
    image, kernel, bias = graph.operators[at].inputs
    constants = [_constant(model, index) for index in (kernel, bias)]
    graph.outputs, graph.operators = [image], graph.operators[:at]
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output()), constants[0][0], constants[1]


def _constant(model: Any, index: int) -> Array:
    """A tensor that the graph widens from float16."""
    graph = model.subgraphs[0]
    (source,) = next(operator.inputs for operator in graph.operators if index in operator.outputs)
    tensor = graph.tensors[source]
    halves = np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.float16)
    return halves.reshape(tensor.shape).astype(np.float32)
