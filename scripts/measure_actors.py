"""Measure recognition on people whose names are known, through the code that a run uses.

    python scripts/measure_actors.py PEOPLE                       pairs, splits, strangers among the cast, sizes, speed
    python scripts/measure_actors.py PEOPLE --strangers STILLS    and how many faces of strangers are given a name

PEOPLE has `cast/NAME/*` (five portraits each, the largest face counts) and `groups/*` (stills; who is named is printed,
to be compared by eye). Nothing is written.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artvision.device import one_thread_each
from artvision.errors import DecodeError
from artvision.gallery import Actor, Decision
from artvision.image import resize
from artvision.recognition.embedder import MAKES, Embedder, Make, Sighting, Templates, get_make, load, scores
from artvision.recognition.looking import Looker
from artvision.recognition.matching import Match, identify

ENROLLED = 3  # portraits of each actor in a split; the others are probes
SIZES = (150, 100, 75, 50, 40, 30, 24, 16)  # long side in pixels to which a probe is reduced
SMALLEST, SURE = 24, 0.9  # faces of strangers count from this height in pixels and detector's score


@dataclass(frozen=True)
class Cast:
    """Portraits of actors: `names` (N,), the `faces` in them and their `templates` (N, width)."""

    names: NDArray[np.str_]
    faces: tuple[Sighting, ...]
    templates: Templates

    def actors(self, rows: Sequence[int], but: str = "") -> list[Actor]:
        """The actors of those portraits, enrolled, without the one called `but`."""
        chosen = self.names[list(rows)]
        return [
            Actor(name, name, self.templates[list(rows)][chosen == name], ())
            for name in np.unique(chosen)
            if name != but
        ]

    def splits(self) -> list[tuple[list[int], list[int]]]:
        """Every choice of ENROLLED portraits, by their order in each actor's folder: enrolled rows, probe rows."""
        place = np.array([int((self.names[:at] == name).sum()) for at, name in enumerate(self.names)])
        chosen = (np.isin(place, choice) for choice in combinations(range(place.max() + 1), ENROLLED))
        return [(np.flatnonzero(inside).tolist(), np.flatnonzero(~inside).tolist()) for inside in chosen]


def main() -> None:
    """Parse the call and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=Path)
    parser.add_argument("--embedder", choices=list(MAKES), default="dlib")
    parser.add_argument("--strangers", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=1500, help="pictures of strangers")
    call = parser.parse_args()
    one_thread_each()
    make = get_make(call.embedder)
    embedder, looker = load(make, "cpu"), Looker()
    cast = read_cast(call.people / "cast", looker, embedder)
    decision = Decision(make.threshold, make.margin, make.source)
    print(f"{make.name}: threshold {make.threshold:g}, margin {make.margin:g}; {len(cast.names)} portraits")
    pairs(cast, make)
    splits(cast, decision)
    sizes(cast, decision, embedder)
    groups(sorted((call.people / "groups").glob("*")), cast, decision, looker, embedder)
    if call.strangers:
        strangers(call.strangers, call.count, cast, decision, looker, embedder)
    speed(cast, embedder)


def read_cast(folder: Path, looker: Looker, embedder: Embedder) -> Cast:
    """The largest face of every portrait; one without a face is named and left out."""
    names, faces = [], []
    for path in sorted(folder.glob("*/*")):
        looked = looker.look(path)
        if not looked.faces:
            print(f"no face: {path}")
            continue
        largest = max(range(len(looked.faces)), key=lambda at: looked.faces[at].area)
        names.append(path.parent.name)
        faces.append(looked.sightings[largest])
    return Cast(np.array(names), tuple(faces), embedder.embed(faces))


def pairs(cast: Cast, make: Make) -> None:
    """AUC (Mann and Whitney 1947), accuracy and errors of all pairs at the threshold."""
    one, other = np.triu_indices(len(cast.names), 1)
    likeness, same = scores(cast.templates, cast.templates)[one, other], cast.names[one] == cast.names[other]
    genuine, impostor = likeness[same], likeness[~same]
    auc = (genuine[:, None] > impostor).mean() + (genuine[:, None] == impostor).mean() / 2
    right = (likeness >= make.threshold) == same
    print(f"pairs: {len(same)}, AUC {auc:.5f}, right {right.sum()} ({right.mean():.2%})")
    print(f"  of one person {len(genuine)}: lowest score {genuine.min():.3f}, missed {(~right & same).sum()}")
    print(
        f"  of two {len(impostor)}: highest score {impostor.max():.3f}, matched {(~right & ~same).sum()}; "
        f"were it none, the rate is below {3 / len(impostor):.2%} (95 %)"
    )


def splits(cast: Cast, decision: Decision) -> None:
    """Every split: probes given their name, another's, none; and with their own actor left out of the gallery."""
    right, wrong, margins, named, probes = [], 0, [], 0, 0
    for enrolled, rest in cast.splits():
        found = [identify(cast.templates[row], cast.actors(enrolled), decision) for row in rest]
        hits = [_name(match) == cast.names[row] for match, row in zip(found, rest, strict=True)]
        right.append(sum(hits) / len(rest))
        wrong += sum(bool(_name(match)) and not hit for match, hit in zip(found, hits, strict=True))
        margins += [match.margin for match, hit in zip(found, hits, strict=True) if hit and match.margin is not None]
        without = [identify(cast.templates[row], cast.actors(enrolled, cast.names[row]), decision) for row in rest]
        named += sum(bool(_name(match)) for match in without)
        probes += len(rest)
    print(
        f"identify: first {ENROLLED} enrolled, the others named right {right[0]:.1%}; all {len(right)} splits "
        f"{statistics.mean(right):.1%} ({min(right):.1%} to {max(right):.1%}), named wrong {wrong} of {probes}, "
        f"smallest margin of a right name {min(margins):.3f}"
    )
    print(f"left out: {probes - named} of {probes} probes unknown ({1 - named / probes:.1%}) without their own actor")


def sizes(cast: Cast, decision: Decision, embedder: Embedder) -> None:
    """All splits again with probes reduced before they are embedded; the box is the one found at full size."""
    for side in SIZES:
        small = [replace(face, pixels=resize(face.pixels, side)) for face in cast.faces]
        shorter = statistics.median(_shorter(face) for face in small)
        templates = embedder.embed(small)
        hits = [
            _name(identify(templates[row], cast.actors(enrolled), decision)) == cast.names[row]
            for enrolled, rest in cast.splits()
            for row in rest
        ]
        print(f"probes of {side} px (face's shorter side {shorter:.0f}): named right {statistics.mean(hits):.1%}")


def groups(paths: Sequence[Path], cast: Cast, decision: Decision, looker: Looker, embedder: Embedder) -> None:
    """Who is named on each still, with the first portraits enrolled."""
    enrolled = cast.actors(cast.splits()[0][0])
    for path in paths:
        looked = looker.look(path)
        for face, row in zip(looked.faces, embedder.embed(looked.sightings), strict=True):
            match = identify(row, enrolled, decision)
            turned = "?" if face.yaw is None else f"{face.yaw:.0f}°"
            print(
                f"{path.name} x {face.centre[0]:.2f}: {_name(match) or 'unknown'} (score {match.score:.3f}, margin "
                f"{match.margin or 0:.3f}, turned {turned})"
            )


def strangers(
    folders: Sequence[Path], count: int, cast: Cast, decision: Decision, looker: Looker, embedder: Embedder
) -> None:
    """How many faces of people who are not enrolled are named, and how many comparisons pass the threshold."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    random.Random(5).shuffle(paths)
    faces = [face for path in paths[:count] for face in _sure_faces(path, looker)]
    rows = embedder.embed(faces)
    enrolled = cast.actors(cast.splits()[0][0])
    named = sum(bool(_name(identify(row, enrolled, decision))) for row in rows)
    matched = scores(rows, cast.templates) >= decision.threshold
    print(
        f"strangers: {len(faces)} faces, {named} named ({named / max(1, len(faces)):.2%}); "
        f"{matched.sum()} of {matched.size} pairs match ({matched.mean():.3%})"
    )


def speed(cast: Cast, embedder: Embedder) -> None:
    """Milliseconds a face on one thread, median of five."""
    for count in (1, 4, 16):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            embedder.embed(cast.faces[:count])
            times.append((time.perf_counter() - start) / count * 1e3)
        print(f"{count} faces at once: {statistics.median(times):.0f} ms a face")


def _name(match: Match) -> str:
    return match.actor.name if match.actor else ""


def _shorter(face: Sighting) -> float:
    height, width = face.pixels.shape[:2]
    return float(min((face.box[2] - face.box[0]) * width, (face.box[3] - face.box[1]) * height))


def _sure_faces(path: Path, looker: Looker) -> list[Sighting]:
    try:
        looked = looker.look(path)
    except DecodeError:
        return []
    height = looked.picture.pixels.shape[0]
    return [
        sighting
        for face, sighting in zip(looked.faces, looked.sightings, strict=True)
        if face.score >= SURE and face.height * height >= SMALLEST
    ]


if __name__ == "__main__":
    main()
