"""Groups of assets that share a plate, and names for them that last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from artvision.plates.proposing import proposed
from artvision.plates.sketch import Sketch, sketch
from artvision.plates.verifying import same_plate

__all__ = ["VERSION", "Sketch", "libraries", "named", "plates", "sketch"]

VERSION = "1"  # of what a plate is: raised whenever a sketch or a decision changes
libraries = ("opencv-python-headless", "imagehash", "numpy", "scipy")  # whose versions decide as well
HALF = 0.5 - 1e-9  # share of pairs that may disagree where two parts are joined: fewer than half
ALL_PAIRS = 64  # assets up to which every pair is verified: 2,016 pairs


def plates(sketches: Mapping[str, Sketch]) -> list[frozenset[str]]:
    """Groups of two or more asset ids that show one plate, ordered by their smallest id; whatever the order given.

    Up to 64 assets every pair is verified, of more only pairs that share hashes.
    """
    ids = sorted(sketches)
    kept = [sketches[name] for name in ids]
    pairs: Iterable[tuple[int, int]] = combinations(range(len(ids)), 2) if len(ids) <= ALL_PAIRS else proposed(kept)
    root = list(range(len(ids)))
    for i, j in pairs:
        one, other = _root(root, i), _root(root, j)
        if one != other and same_plate(kept[i], kept[j]):
            root[max(one, other)] = min(one, other)
    chains: dict[int, list[int]] = {}
    for index in range(len(ids)):
        chains.setdefault(_root(root, index), []).append(index)
    groups = [group for chain in chains.values() for group in _agreeing(chain, kept)]
    return [frozenset(ids[index] for index in group) for group in sorted(groups) if len(group) > 1]


def _agreeing(chain: list[int], kept: Sequence[Sketch]) -> list[list[int]]:
    """The parts of a chain of joined pictures: two are joined where more than half of the pairs between them agree.

    A poster composed of two photographs agrees with the crops of both; the photographs are not one plate for that.
    Average linkage (Sokal and Michener 1958) on whether pairs agree.
    """
    if not 2 < len(chain) <= ALL_PAIRS:
        return [chain]
    apart = [not same_plate(kept[i], kept[j]) for i, j in combinations(chain, 2)]
    parts = fcluster(linkage(np.asarray(apart, np.float64), "average"), HALF, criterion="distance")
    return [[index for index, part in zip(chain, parts, strict=True) if part == own] for own in sorted(set(parts))]


def _root(root: list[int], index: int) -> int:
    """The smallest index known to be joined with `index`; the way there is shortened."""
    while root[index] != index:
        root[index] = root[root[index]]
        index = root[index]
    return index


def named(
    groups: Iterable[frozenset[str]],
    content_sha256: Mapping[str, str],
    before: Mapping[str, str],
    taken: Collection[str] = (),
) -> dict[str, str]:
    """Asset id -> plate id, for the assets in `groups`.

    A group keeps the id that most of its members had in `before` (asset id -> plate id). Where two groups claim one,
    the larger claim wins, then the smaller id, then the group with the smaller asset. A group without an id of old gets
    «p-» and the first 12 digits of the smallest of its members' content hashes that is not taken, here or in `taken`.
    """
    ordered = sorted(groups, key=min)
    claims = sorted(
        (-count, plate, index)
        for index, group in enumerate(ordered)
        for plate, count in Counter(before[name] for name in group if name in before).items()
    )
    given: dict[int, str] = {}
    for _, plate, index in claims:
        if index not in given and plate not in given.values():
            given[index] = plate
    taken = {*taken, *given.values()}
    for index, group in enumerate(ordered):
        if index not in given:
            given[index] = _new(sorted(content_sha256[name] for name in group), taken)
            taken.add(given[index])
    return {name: given[index] for index, group in enumerate(ordered) for name in sorted(group)}


def _new(hashes: list[str], taken: set[str]) -> str:
    """The first free name; the whole hash, then a number, where copies of one file lie in several groups."""
    short = [f"p-{content[:12]}" for content in hashes]
    whole = [f"p-{content}" for content in hashes]
    numbered = (f"{short[0]}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (*short, *whole, *numbered) if name not in taken)
