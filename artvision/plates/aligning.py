"""Laying one picture over another: matches vote for a scale and a shift, the best votes are fitted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artvision.plates.features import Features

Chosen = NDArray[np.bool_]

ALIKE = 0.8  # product of two rooted words from which they may be one point
# Pixels at 384: how far the vote of one match is trusted, how well a fit must explain.
ROUGH, FINE = 14.0, 6.0
OCTAVES = 0.5  # by which the size of one feature may err
LEAST = 6  # matches that must agree; among 150 wrong ones 3 or 4 do by chance
TRIES = 3  # alignments of a pair: type that lies on both may win the first
ROUNDS = 8  # of fitting; two or three are usual
SQUEEZE = 1.18  # times that one axis may be stretched against the other
SPAN = 5.0  # times that one picture may be enlarged against the other
# Pictures, mirrored ones too, whose rooted words are kept while others are compared with them: 64 MB.
REMEMBERED = 256


class Alignment(NamedTuple):
    """x' = scale · x + shift, both (2,) by axis, from pixels of one picture to those of another; how many say so."""

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]
    matches: int

    def inverse(self) -> Alignment:
        """The way back."""
        return Alignment(1 / self.scale, -self.shift / self.scale, self.matches)


class Matches(NamedTuple):
    """M pairs of points (M, 2) that look alike, and the binary logarithm of the ratio of their sizes (M,)."""

    here: NDArray[np.float64]
    there: NDArray[np.float64]
    ratio: NDArray[np.float64]

    def only(self, chosen: Chosen) -> Matches:
        """Those chosen (M,)."""
        return Matches(self.here[chosen], self.there[chosen], self.ratio[chosen])


def alignments(one: Features, other: Features) -> Iterator[Alignment]:
    """Up to three ways to lay `one` over `other`, the best supported first.

    Every match is a hypothesis of its own (features have a size and stand upright), so nothing is drawn at random, as
    RANSAC does: the same pair gives the same answer.
    """
    left = matches(one, other)
    for _ in range(TRIES):
        if len(left.ratio) < LEAST:
            return
        votes = _votes(left)
        explained = votes[votes.sum(axis=1).argmax()]
        if explained.sum() < LEAST:
            return
        fit, near = _fitted(left, explained)
        if fit is not None:
            yield fit
        left = left.only(~(explained | near))


rooted = lru_cache(REMEMBERED)(Features.rooted)


def matches(one: Features, other: Features) -> Matches:
    """The features that are each other's likest, and alike enough."""
    if not len(one.points) or not len(other.points):
        return Matches(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))
    product = rooted(one) @ rooted(other).T
    there = product.argmax(axis=1)
    a = np.flatnonzero(product[np.arange(len(there)), there] >= ALIKE)
    a = a[product[:, there[a]].argmax(axis=0) == a]
    b = there[a]
    ratio = np.log2(other.sizes[b].astype(float) / one.sizes[a])
    return Matches(one.points[a].astype(float), other.points[b].astype(float), ratio)


def _votes(found: Matches) -> NDArray[np.bool_]:
    """(M, M): whether the scale and shift of match i explain match j."""
    scale = np.exp2(found.ratio)[:, None]
    agree: NDArray[np.bool_] = np.abs(found.ratio[:, None] - found.ratio) <= OCTAVES
    for here, there in zip(found.here.T, found.there.T, strict=True):
        agree &= np.abs(scale * (here - here[:, None]) - (there - there[:, None])) <= ROUGH
    return agree


def _fitted(found: Matches, chosen: Chosen) -> tuple[Alignment | None, Chosen]:
    """Least squares on the chosen matches, then on those that it explains, until nothing changes."""
    fit = None
    for _ in range(ROUNDS):
        if chosen.sum() < LEAST:
            return None, chosen
        fit = _fit(found.only(chosen))
        if not 1 / SPAN <= fit.scale[0] <= SPAN:
            return None, chosen
        near = np.abs(fit.scale * found.here + fit.shift - found.there).max(axis=1) <= FINE
        if (near == chosen).all():
            break
        chosen = near
    return fit, chosen


def _fit(found: Matches) -> Alignment:
    """Least squares by axis; with one scale for both where theirs are too far apart to be a squeeze."""
    mean_here, mean_there = found.here.mean(axis=0), found.there.mean(axis=0)
    here, there = found.here - mean_here, found.there - mean_there
    product, square = (here * there).sum(axis=0), np.maximum((here**2).sum(axis=0), 1e-9)
    whole = product.sum() / square.sum()
    own = product / square
    squeezed = whole > 0 and bool(((own > whole / SQUEEZE) & (own < whole * SQUEEZE)).all())
    scale = own if squeezed else np.array([whole, whole])
    return Alignment(scale, mean_there - scale * mean_here, len(here))
