"""Groups of assets that share a plate, and names for them that last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import DisjointSet, fcluster, linkage

from artvision.plates.proposing import proposed
from artvision.plates.sketch import Sketch, sketch
from artvision.plates.verifying import same_plate

__all__ = ["VERSION", "Sketch", "expected_pairs", "libraries", "named", "plates", "plates_of_titles", "sketch"]

# Of what a plate is: raised whenever a sketch or a decision changes.
VERSION = "2"
# Whose versions decide as well.
libraries = ("opencv-python-headless", "imagehash", "numpy", "scipy")
# Share of pairs that may disagree where two parts are joined: fewer than half.
HALF = 0.5 - 1e-9
ALL_PAIRS = 64  # assets up to which every pair is verified: 2,016 pairs
PROPOSED = 5  # pairs an asset that are verified where only likely ones are

Pair = tuple[int, int]
Verdict = tuple[Pair, bool]
Spread = Callable[[Callable[[Pair], Verdict], Iterable[Pair]], Iterable[Verdict]]


def plates(sketches: Mapping[str, Sketch]) -> list[frozenset[str]]:
    """The groups of one title."""
    return plates_of_titles([sketches])[0]


def plates_of_titles(titles: Sequence[Mapping[str, Sketch]], spread: Spread = map) -> list[list[frozenset[str]]]:
    """Of each title, groups of two or more asset ids that show one plate, ordered by their smallest id; whatever the
    order given.

    Up to 64 assets of a title every pair is verified, of more only pairs that share hashes, and those of groups of up
    to 64. No pair is verified twice. `spread` is `map`, or does the same on several workers.
    """
    names = [(place, name) for place, title in enumerate(titles) for name in sorted(title)]
    kept = [titles[place][name] for place, name in names]

    def looked_at(pair: Pair) -> Verdict:
        return pair, same_plate(kept[pair[0]], kept[pair[1]])

    joined = DisjointSet(range(len(kept)))
    verdicts: dict[Pair, bool] = {}
    unjoined = (pair for pair in _candidates(titles, kept) if not joined.connected(*pair))
    for pair, same in spread(looked_at, unjoined):
        verdicts[pair] = same
        if same:
            joined.merge(*pair)
    chains = [sorted(chain) for chain in joined.subsets()]
    verdicts |= spread(looked_at, [pair for chain in chains for pair in _to_agree(chain) if pair not in verdicts])
    found: list[list[frozenset[str]]] = [[] for _ in titles]
    for group in sorted(group for chain in chains for group in _agreeing(chain, verdicts)):
        if len(group) > 1:
            found[names[group[0]][0]].append(frozenset(names[index][1] for index in group))
    return found


def expected_pairs(assets: int) -> int:
    """How many pairs are verified in a title of so many assets; of more than 64 a guess."""
    return assets * (assets - 1) // 2 if assets <= ALL_PAIRS else assets * PROPOSED


def _candidates(titles: Sequence[Mapping[str, Sketch]], kept: Sequence[Sketch]) -> Iterator[Pair]:
    """Pairs of places in `kept`, where title follows title, that are worth a look."""
    start = 0
    for title in titles:
        end = start + len(title)
        yield from (
            combinations(range(start, end), 2)
            if len(title) <= ALL_PAIRS
            else ((start + i, start + j) for i, j in proposed(kept[start:end]))
        )
        start = end


def _to_agree(chain: list[int]) -> Iterable[Pair]:
    """The pairs of a chain that are asked whether they agree: none in a chain that is too long, or but one pair."""
    return combinations(chain, 2) if 2 < len(chain) <= ALL_PAIRS else ()


def _agreeing(chain: list[int], verdicts: Mapping[Pair, bool]) -> list[list[int]]:
    """The parts of a chain of joined pictures: two are joined where more than half of the pairs between them agree.

    A poster composed of two photographs agrees with the crops of both; the photographs are not one plate for that.
    Average linkage (Sokal and Michener 1958) on whether pairs agree.
    """
    apart = [not verdicts[pair] for pair in _to_agree(chain)]
    if not apart:
        return [chain]
    parts = fcluster(linkage(np.asarray(apart, np.float64), "average"), HALF, criterion="distance")
    return [[index for index, part in zip(chain, parts, strict=True) if part == own] for own in sorted(set(parts))]


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
