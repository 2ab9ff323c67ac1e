"""MTCNN's three networks as ONNX graphs, for onnxruntime on a CPU: the same functions, arranged for its kernels.

Its convolutions are fast in blocks of 16 channels, which a rectifier with a slope a channel (PReLU, He et al. 2015)
would break up. So the rectifier is written as convolutions of one pixel, a x + relu((1 - a) x), and channels are
filled up to 16 with zeros. Where pooling follows, it comes first, on a quarter of the pixels: of a falling branch
(a < 0) the largest value in a window is max(max x, max a x), for which the layer before gives a x as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 16  # channels that onnxruntime's convolutions take at once
OPSET, IR_VERSION = 17, 9

Array = NDArray[np.float32]
# Parameters of a network by their names in facenet-pytorch's files.
State = Mapping[str, Array]


class Graph:
    """An ONNX graph that grows node by node; every method takes and gives names of values."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._arrays: dict[str, Array] = {}

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add one operator with one output."""
        from onnx import helper

        output = f"{kind.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, array: Array) -> str:
        """Add parameters."""
        name = f"constant{len(self._arrays)}"
        self._arrays[name] = np.ascontiguousarray(array, np.float32)
        return name

    def conv(self, x: str, weight: Array, bias: Array | None = None, *, group: int = 1) -> str:
        """Valid convolution of stride 1."""
        given = [self.constant(weight)] + ([] if bias is None else [self.constant(bias)])
        return self.node("Conv", x, *given, kernel_shape=list(weight.shape[2:]), group=group)

    def scaled(self, x: str, factors: Array) -> str:
        """Each channel times its factor."""
        return self.conv(x, factors.reshape(-1, 1, 1, 1), group=len(factors))

    def rectified(self, x: str, slopes: Array) -> str:
        """PReLU of slopes (C,), none above 1."""
        return self.node("Add", self.scaled(x, slopes), self.node("Relu", self.scaled(x, 1 - slopes)))

    def pooled(self, x: str, size: int) -> str:
        """Largest of size × size windows every 2 px, the last one cut at the edge."""
        return self.node("MaxPool", x, kernel_shape=[size, size], strides=[2, 2], ceil_mode=1)

    def dense(self, x: str, weight: Array, bias: Array) -> str:
        """Fully connected: (N, C) with weight (C', C) -> (N, C')."""
        return self.node("Gemm", x, self.constant(weight), self.constant(bias), transB=1)

    def model(self, shape: list[Any], outputs: Mapping[str, str], rank: int) -> bytes:
        """The serialized graph from input `x` of `shape` to the named outputs, all of one rank."""
        from onnx import TensorProto, checker, helper, numpy_helper

        ends = [helper.make_node("Identity", [value], [name]) for name, value in outputs.items()]
        graph = helper.make_graph(
            [*self._nodes, *ends],
            "mtcnn",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank) for name in outputs],
            [numpy_helper.from_array(array, name) for name, array in self._arrays.items()],
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        checker.check_model(made)
        content: bytes = made.SerializeToString()
        return content


def proposal(state: State) -> bytes:
    """P-Net: `x` (1, 3, H, W) in about [-1, 1] -> `y` (1, 5, h, w): face logit, then the offsets of four edges."""
    graph = Graph()
    x = _conv_pooled(graph, "x", state, 1, 2)
    for layer in (2, 3):
        weight = _filled(state[f"conv{layer}.weight"], 1) if layer == 2 else state["conv3.weight"]
        x = graph.rectified(graph.conv(x, weight, state[f"conv{layer}.bias"]), state[f"prelu{layer}.weight"])
    logit, bias = _logit(state, "conv4_1")
    weight = np.concatenate([logit.reshape(1, -1, 1, 1), state["conv4_2.weight"]])
    x = graph.conv(x, weight, np.concatenate([bias, state["conv4_2.bias"]]))
    return graph.model([1, 3, "H", "W"], {"y": x}, 4)


def refinement(state: State) -> bytes:
    """R-Net: `x` (N, 3, 24, 24) -> `logit` (N, 1) and `offsets` (N, 4)."""
    graph = Graph()
    x = _conv_pooled(graph, "x", state, 1, 3)
    x = _conv(graph, x, state, 2)
    x = _conv(graph, graph.pooled(x, 3), state, 3)
    return _heads(graph, x, state, 4, side=3)


def output(state: State) -> bytes:
    """O-Net: `x` (N, 3, 48, 48) -> `logit` (N, 1), `offsets` (N, 4) and `marks` (N, 10: five x, five y)."""
    graph = Graph()
    x = "x"
    for layer, size in ((1, 3), (2, 3), (3, 2)):
        x = graph.pooled(_conv(graph, x, state, layer), size)
    return _heads(graph, _conv(graph, x, state, 4), state, 5, side=3)


def _conv(graph: Graph, x: str, state: State, layer: int) -> str:
    """Convolution and rectifier; inputs are filled up where an earlier layer was."""
    weight = state[f"conv{layer}.weight"]
    weight = weight if weight.shape[1] == 3 else _filled(weight, 1)
    slopes = state[f"prelu{layer}.weight"]
    return graph.rectified(graph.conv(x, weight, state[f"conv{layer}.bias"]), slopes)


def _conv_pooled(graph: Graph, x: str, state: State, layer: int, size: int) -> str:
    """Convolution, rectifier and pooling, in the order convolution, pooling, rectifier."""
    weight, bias, slopes = (state[f"{name}{layer}.{kind}"] for name, kind in
                            (("conv", "weight"), ("conv", "bias"), ("prelu", "weight")))  # fmt: skip
    falling = np.flatnonzero(slopes < 0)
    weight = np.concatenate([weight, weight[falling] * slopes[falling, None, None, None]])
    bias = np.concatenate([bias, bias[falling] * slopes[falling]])
    x = graph.pooled(graph.conv(x, _filled(weight, 0), _filled(bias, 0)), size)
    given, wanted = _up(len(bias)), _up(len(slopes))
    bent, straight, sign = (np.zeros((wanted, columns), np.float32) for columns in (given, given, wanted))
    for channel, slope in enumerate(slopes.tolist()):
        sign[channel, channel] = 1 if slope <= 1 else -1
        bent[channel, channel] = 1 if slope < 0 else abs(1 - slope)
        straight[channel, channel] = max(slope, 0)
    for extra, channel in enumerate(falling.tolist(), start=len(slopes)):
        bent[channel, extra] = -1
        straight[channel, extra] = 1
    turned = graph.node("Relu", graph.conv(x, bent[..., None, None]))
    return graph.node("Add", graph.conv(x, straight[..., None, None]), graph.conv(turned, sign[..., None, None]))


def _heads(graph: Graph, x: str, state: State, layer: int, side: int) -> bytes:
    """A fully connected layer, and all that is read off it. The weights expect pixels column by column."""
    dense = state[f"dense{layer}.weight"]
    channels = dense.shape[1] // side**2
    dense = dense.reshape(-1, side, side, channels).transpose(0, 3, 2, 1).reshape(len(dense), -1)
    x = graph.dense(graph.node("Flatten", x, axis=1), dense, state[f"dense{layer}.bias"])
    x = graph.node("PRelu", x, graph.constant(state[f"prelu{layer}.weight"]))
    heads = {name: f"dense{layer + 1}_{place}" for place, name in ((2, "offsets"), (3, "marks"))}
    found = {"logit": graph.dense(x, *_logit(state, f"dense{layer + 1}_1"))} | {
        name: graph.dense(x, state[f"{head}.weight"], state[f"{head}.bias"])
        for name, head in heads.items()
        if f"{head}.weight" in state
    }
    size = {4: 24, 5: 48}[layer]
    return graph.model(["N", 3, size, size], found, 2)


def _logit(state: State, name: str) -> tuple[Array, Array]:
    """Weight (1, C) and bias (1,) of the logit of `face`: its sigmoid is the softmax of the head's pair."""
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    weight = weight.reshape(len(weight), -1)
    return weight[1:] - weight[:1], bias[1:] - bias[:1]


def _filled(array: Array, axis: int) -> Array:
    """Zeros appended along `axis` up to a whole number of blocks."""
    room = [(0, 0)] * array.ndim
    room[axis] = (0, _up(array.shape[axis]) - array.shape[axis])
    return np.pad(array, room)


def _up(count: int) -> int:
    return -(-count // BLOCK) * BLOCK
