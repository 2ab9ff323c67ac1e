"""From logits to probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def softmax(logits: Doubles) -> Doubles:
    """exp(x) / sum exp(x) over (N,), shifted by the largest so that nothing overflows; sums to 1."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float64)


def sigmoid(logits: Doubles) -> Doubles:
    """1 / (1 + exp(-x)) over (N,), by way of tanh, which cannot overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), dtype=np.float64)
