"""Which candidates become stills: the best of each shot, nearly the same picture only once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from artvision.film.candidates import Candidate
from artvision.film.shots import Shot

# Of what letterbox leaves: credits on black leave 0.84 at least, one in 300 film stills as much.
BLACK = 0.8
FLAT = 4.0  # L*, standard deviation: the end of a fade, a card of one colour
# Bits of 64 in which the hashes of nearly the same picture differ at most.
ALIKE = 10
# Seconds from a cut where its traces end: half a dissolve, the first frames after a key frame.
AWAY = Fraction(1, 2)


@dataclass(frozen=True)
class Pick:
    """A candidate within its shot; `duplicates` counts the shots that show nearly the same and give none.

    `shut`: the lead face in it was seen with its eyes shut.
    """

    shot: Shot
    candidate: Candidate
    score: float
    duplicates: int = 0
    shut: bool = False


def chosen(
    candidates: Sequence[Candidate],
    shots: Sequence[Shot],
    each: int,
    most: int,
    second: Callable[[Sequence[list[Pick]]], Iterable[list[Pick]]] = lambda ranked: ranked,
) -> list[Pick]:
    """At most `each` of a shot and `most` of the film (0: no limit), in order of time.

    `second` is given the picks of every shot, best first, and may change the order in each.
    """
    usable = _usable(candidates)
    ranked = [_ranked(shot, [one for one in own if one.time in usable]) for shot, own in _by_shot(candidates, shots)]
    picks = [pick for found in second(ranked) for pick in different(found, each)]
    return _spread(_once(picks), most)


def _usable(candidates: Sequence[Candidate]) -> set[Fraction]:
    """Times at which there is something to see: no black, no flat colour, no credits on black.

    Nothing damaged either, unless there is nothing else.
    Letterbox is what bars take in every frame with a picture; more of it in some is what lies around letters.
    """
    whole = [one for one in candidates if not one.spoilt] or candidates
    pictures = [one for one in whole if one.contrast >= FLAT]
    letterbox = min((one.bars for one in pictures), default=0.0)
    return {one.time for one in pictures if one.dark - letterbox < BLACK * (1 - letterbox)}


def _by_shot(candidates: Sequence[Candidate], shots: Sequence[Shot]) -> list[tuple[Shot, list[Candidate]]]:
    starts = [shot.start for shot in shots]
    own: list[list[Candidate]] = [[] for _ in shots]
    for candidate in candidates:
        own[bisect_right(starts, candidate.time) - 1].append(candidate)
    return [(shot, _settled(found)) for shot, found in zip(shots, own, strict=True)]


def _settled(own: list[Candidate]) -> list[Candidate]:
    """Motion to either side, within the shot: what lies before the first belongs to another shot."""
    found = [replace(own[0], motion=None, stillness=None), *own[1:]] if own else []
    return [_between(one, after) for one, after in zip(found, [*found[1:], *found[:1]], strict=True)]


def _between(one: Candidate, after: Candidate) -> Candidate:
    """The candidate with the greater change, to the one before or to the one after."""
    motions = [found.motion for found in (one, after) if found.motion is not None]
    stillness = [found.stillness for found in (one, after) if found.stillness is not None]
    return replace(one, motion=max(motions, default=None), stillness=min(stillness, default=None))


def _ranked(shot: Shot, own: Sequence[Candidate]) -> list[Pick]:
    """Best first. Sharp, still, well exposed and away from cuts: factors in [0, 1], ours."""
    sharpest = max((candidate.focus for candidate in own), default=0.0) or 1.0
    found = [Pick(shot, candidate, _score(shot, candidate, sharpest)) for candidate in own]
    return sorted(found, key=lambda pick: (-pick.score, abs(pick.candidate.time - (shot.start + shot.end) / 2)))


def _score(shot: Shot, candidate: Candidate, sharpest: float) -> float:
    away = min(candidate.time - shot.start, shot.end - candidate.time)
    still = 0.5 if candidate.stillness is None else candidate.stillness
    near = float(min(Fraction(1), max(Fraction(0), away) / AWAY))
    return candidate.focus / sharpest * (1 - candidate.clipped) * (1 + still) / 2 * (1 + near) / 2


def different(ranked: Iterable[Pick], each: int) -> list[Pick]:
    """The first `each` that do not look alike."""
    kept: list[Pick] = []
    for pick in ranked:
        if len(kept) == each:
            break
        if not any(_alike(pick, other) for other in kept):
            kept.append(pick)
    return kept


def _once(picks: Iterable[Pick]) -> list[Pick]:
    """Of those that look alike the best, which counts the shots of the others; in order of time."""
    kept: list[tuple[Pick, set[int]]] = []
    for pick in sorted(picks, key=lambda pick: (pick.shut, -pick.score, pick.candidate.time)):
        like = next((repeats for other, repeats in kept if _alike(pick, other)), None)
        if like is None:
            kept.append((pick, set()))
        else:
            like.add(pick.shot.number)
    found = [replace(pick, duplicates=len(repeats)) for pick, repeats in kept]
    return sorted(found, key=lambda pick: pick.candidate.time)


def _alike(one: Pick, other: Pick) -> bool:
    return (one.candidate.hash ^ other.candidate.hash).bit_count() <= ALIKE


def _spread(picks: list[Pick], most: int) -> list[Pick]:
    """At most `most`, evenly over the list."""
    if not most or len(picks) <= most:
        return picks
    return [picks[(2 * number + 1) * len(picks) // (2 * most)] for number in range(most)]
