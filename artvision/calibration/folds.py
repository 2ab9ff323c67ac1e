"""Repeated cross-validation by title: which pictures are judged by a fit that has seen none of their title."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Folds = NDArray[np.intp]  # (repeats, N): the fold in which a picture is judged


def deal(names: Sequence[str], titles: NDArray[np.intp], folds: int, repeats: int) -> Folds:
    """Titles in `folds` parts of one size, `repeats` times anew, by the hash of the title's name.

    `titles` (N,) indexes `names`. A hash, so that neither the order of rows nor a generator's version moves a title.
    """
    dealt = np.empty((repeats, len(names)), np.intp)
    for repeat in range(repeats):
        order = sorted(range(len(names)), key=lambda at: hashlib.sha256(f"{repeat} {names[at]}".encode()).digest())
        dealt[repeat, order] = np.arange(len(names)) % folds
    return dealt[:, titles]
