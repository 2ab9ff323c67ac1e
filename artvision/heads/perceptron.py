"""LAION's detector of explicit pictures: a small perceptron on an embedding, as `torch.save` stored its weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artvision.errors import WeightsError, one_line
from artvision.logistic import sigmoid

Doubles = NDArray[np.float64]
MEAN, VARIANCE = "norm.mean", "norm.variance"


@dataclass(frozen=True)
class Perceptron:
    """(e - mean) / √variance, then linear layers with ReLU between them and a sigmoid at the end.

    `layers` are (weights (out, in), bias (out,)), float64. LAION-AI/CLIP-based-NSFW-Detector.
    """

    mean: Doubles
    variance: Doubles
    layers: tuple[tuple[Doubles, Doubles], ...]

    def chance(self, embedding: NDArray[np.float32]) -> float:
        """In [0, 1]; plain sums and no BLAS, so that it depends on nothing but the width."""
        found = (embedding.astype(np.float64) - self.mean) / (np.sqrt(self.variance) + 1e-10)
        for place, (weights, bias) in enumerate(self.layers):
            found = (weights * (np.maximum(found, 0) if place else found)).sum(axis=1) + bias
        return float(sigmoid(found)[0])


def read_perceptron(path: Path, width: int) -> Perceptron:
    """The perceptron in a file, for embeddings of `width` numbers. Raises WeightsError where it is none."""
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        found = {name: tensor.double().numpy() for name, tensor in state.items()}
        names = sorted(name.removesuffix(".weight") for name in found if name.endswith(".weight"))
        layers = tuple((found[f"{name}.weight"], found[f"{name}.bias"]) for name in names)
        made = Perceptron(found[MEAN], found[VARIANCE], layers)
    except Exception as error:  # torch raises nearly anything on a file that is none of its own
        raise WeightsError(f"{path} holds no perceptron: {one_line(error)}; fetch it again") from None
    shapes = [weights.shape for weights, _ in layers]
    inner = [outputs for outputs, _ in shapes]
    if not shapes or [inputs for _, inputs in shapes] != [width, *inner[:-1]] or inner[-1] != 1:
        raise WeightsError(f"{path} holds layers of {shapes}, which do not lead from {width} numbers to one")
    return made
