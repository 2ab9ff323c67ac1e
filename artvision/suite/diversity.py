"""How different the pictures of a suite are, as one number that repeating a picture cannot raise."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from artvision.suite.similarity import Vectors


def diversity(embeddings: Vectors) -> float:
    """Expected distance, 1 - cosine, of two draws from the best mix of the pictures: [0, 1], of (N, D) unit vectors.

    max over mixes p of 1 - Σ pᵢ pⱼ xᵢ·xⱼ, Rao's quadratic entropy (Rao 1982, Theor. Popul. Biol. 21) at its maximum
    over p, after Leinster & Meckes 2016, Entropy 18:88: the best mix gives a duplicate no more than its original had,
    so a duplicate changes nothing, and another picture never lowers it. 0: one picture, or all the same; N pictures
    that have nothing in common: 1 - 1/N. 1 / (1 - index) is the number of such pictures that are as different.
    Solved exactly: the mix is the point of the pictures' convex hull that is nearest to 0, by non-negative least
    squares (Lawson & Hanson 1974, ch. 23).
    """
    rows = np.asarray(embeddings, np.float64)
    vectors = np.array(list({row.tobytes(): row for row in rows}.values()))
    if len(vectors) < 2:
        return 0.0
    system = np.concatenate([vectors.T, np.ones((1, len(vectors)))])
    weights, _ = nnls(system, np.append(np.zeros(vectors.shape[1]), 1.0))
    mean = weights @ vectors / weights.sum()
    return float(np.clip(1.0 - mean @ mean, 0.0, 1.0))
