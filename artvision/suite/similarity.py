"""How alike the pictures of a suite are: one matrix that order, novelty, redundancy and repeats share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vectors = NDArray[np.floating]

# Pictures of a title that are compared pair by pair: a matrix of 128 MB.
MAX_PAIRED = 4_000


def similarities(embeddings: Vectors, plates: Sequence[str | None] = ()) -> Matrix:
    """(N, N) in [0, 1], symmetric, 1 on the diagonal, of (N, D) L2-normalised embeddings.

    The cosine, where negative 0: facility location wants no negative similarity, and less alike than unrelated says
    nothing. Two pictures of one plate (`plates`: N ids, None where alone) have 1.
    """
    vectors = np.asarray(embeddings, np.float64)
    matrix: Matrix = np.clip(vectors @ vectors.T, 0.0, 1.0)
    np.fill_diagonal(matrix, 1.0)
    for plate in {plate for plate in plates if plate is not None}:
        members = [at for at, other in enumerate(plates) if other == plate]
        matrix[np.ix_(members, members)] = 1.0
    return matrix
