"""Which pairs of a large catalogue are worth a look: those that share hashes, in time that grows with the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from artvision.plates.sketch import Sketch

# Keys a feature, bits a key: with 4 of 22, four in five of all pairs were proposed.
TABLES, BITS = 8, 32
# Parts of a perceptual hash: two that differ in up to 3 of 64 bits share one, and most that do in 8.
BANDS = 4
# Keys that must be shared; a band of the perceptual hash counts as so many.
VOTES = 5
# Assets that may share a key: above, it is a logo, a frame or a sky, and would cost the square.
COMMON = 40
# What the rooted words of artwork have on average in each of their 128 places.
EVEN = 0.065

Keys = NDArray[np.int64]


def proposed(sketches: Sequence[Sketch]) -> list[tuple[int, int]]:
    """Pairs of places in `sketches`, the smaller first, in order, that share five keys of features or a band.

    Keys of features are the signs of random projections (Charikar, STOC 2002), bands those of a perceptual hash; each
    picture asks as it is and mirrored.
    """
    plain, turned = [_keys(kept) for kept in sketches], [_keys(kept.mirrored()) for kept in sketches]
    names, places = np.unique(np.concatenate([*plain, *turned]), return_inverse=True)
    cut = sum(map(len, plain))
    seen, asked = _table(plain, places[:cut], len(names)), _table(turned, places[cut:], len(names))
    weight = np.where(names < 0, VOTES, 1) * (seen.sum(axis=0) <= COMMON)
    weighted = sparse.csr_array(seen * weight)
    votes = weighted @ seen.T, weighted @ asked.T
    pairs = [np.column_stack(sparse.triu(part >= VOTES, 1).nonzero()) for part in votes]
    return [(int(i), int(j)) for i, j in np.unique(np.concatenate(pairs), axis=0)]


def _table(keys: list[Keys], places: NDArray[np.intp], width: int) -> sparse.csr_array:
    """(assets, keys) of 0 and 1."""
    rows = np.repeat(np.arange(len(keys)), [len(row) for row in keys])
    return sparse.csr_array((np.ones(len(rows), np.int32), (rows, places)), shape=(len(keys), width))


def _keys(kept: Sketch) -> Keys:
    """The different keys of a picture: of its features from 0 up, of its perceptual hash below. None of a blank one."""
    if not len(kept.features.points):
        return np.zeros(0, np.int64)
    signs = ((kept.features.rooted() - EVEN) @ _directions() > 0).reshape(-1, TABLES, BITS)
    words = (signs @ (1 << np.arange(BITS, dtype=np.int64))) + (np.arange(TABLES, dtype=np.int64) << BITS)
    width = 64 // BANDS
    bands = [-1 - (band << width | kept.hash >> band * width & (1 << width) - 1) for band in range(BANDS)]
    return np.unique(np.concatenate([words.ravel(), np.array(bands, np.int64)]))


@cache
def _directions() -> NDArray[np.float32]:
    """(128, TABLES · BITS) random directions, the same in every process."""
    return np.random.default_rng(0).standard_normal((128, TABLES * BITS), np.float32)
