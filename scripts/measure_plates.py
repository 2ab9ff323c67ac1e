"""Measure plates on families made from pictures: crops, mirrored, recoloured and retitled ones, and series.

    python scripts/measure_plates.py PICTURES [--families N] [--part 0|1] [--seed S] [--wrong FOLDER]

PICTURES is searched for pictures; each of N becomes a family of nine, six families a title, and one member of each
shares the title, badge and frame of a series. `--part` takes one half of the pictures, by their names: thresholds are
chosen on one and reported on the other. Pairs within a family are right, all others wrong. `--wrong` keeps pictures of
wrong joins, for somebody to judge: a collection has true near-duplicates.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from plate_families import Variant, family  # type: ignore[import-not-found]  # lies beside the tests

from artvision.device import one_thread_each
from artvision.plates.grouping import ALL_PAIRS, Sketch, plates, sketch
from artvision.plates.opencv import cv2
from artvision.plates.proposing import proposed
from artvision.plates.verifying import same_plate

A_TITLE = 6  # families of a title: with nine members each, every pair of it is verified
ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
Pair = frozenset[str]


def main() -> None:
    """Parse the call and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--families", type=int, default=60)
    parser.add_argument("--part", type=int, choices=(0, 1))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wrong", type=Path)
    call = parser.parse_args()
    one_thread_each()
    cv2.setNumThreads(1)
    threadpool_limits(1, "blas")
    files = chosen(call.pictures, call.part, call.families, call.seed)
    members = {
        f"{index:03}/{place}": variant
        for index, file in enumerate(files)
        for place, variant in enumerate(members_of(file, index, call.seed))
    }
    sketches = sketched(members)
    within(members, sketches, call.wrong)
    whole(members, sketches)


def chosen(folder: Path, part: int | None, count: int, seed: int) -> list[Path]:
    """Pictures, evenly from every folder that has some."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in ENDINGS and part in (None, hashlib.sha256(path.name.encode()).digest()[0] % 2):
            found[path.parent].append(path)
    draw = random.Random(seed)
    shuffled = [draw.sample(paths, len(paths)) for paths in found.values()]
    turns = [paths[turn] for turn in range(count) for paths in shuffled if turn < len(paths)]
    return turns[:count]


def members_of(file: Path, index: int, seed: int) -> list[Variant]:
    """The family of a picture; its title is the same for six in a row."""
    pixels = np.asarray(Image.open(file).convert("RGB"))
    made: list[Variant] = family(pixels, 1_000_000 * seed + index, 1_000 * seed + index // A_TITLE)
    return made


def sketched(members: Mapping[str, Variant]) -> dict[str, Sketch]:
    """The sketch of each, and what one takes."""
    start = time.process_time()
    sketches = {name: sketch(variant.pixels) for name, variant in members.items()}
    print(f"{len(sketches)} sketches, {(time.process_time() - start) / len(sketches) * 1e3:.0f} ms of CPU each")
    return sketches


def pairs(groups: Iterable[frozenset[str]]) -> set[Pair]:
    """All pairs within groups."""
    return {frozenset(pair) for group in groups for pair in combinations(sorted(group), 2)}


def true_pairs(names: Iterable[str]) -> set[Pair]:
    """All pairs within families."""
    families = defaultdict(set)
    for name in names:
        families[name.split("/")[0]].add(name)
    return pairs(frozenset(group) for group in families.values())


def score(what: str, found: set[Pair], right: set[Pair]) -> None:
    """Print precision and recall over pairs."""
    hits = len(found & right)
    precision = hits / len(found) if found else 1.0
    print(f"{what}: precision {precision:.4f}, recall {hits / len(right):.4f} ({len(found - right)} wrong pairs)")


def within(members: Mapping[str, Variant], sketches: Mapping[str, Sketch], wrong: Path | None) -> None:
    """Title by title, every pair verified: single decisions, then groups; recall by what was done to a picture."""
    titles = defaultdict(list)
    for name in sketches:
        titles[int(name.split("/")[0]) // A_TITLE].append(name)
    tried = [pair for names in titles.values() for pair in combinations(sorted(names), 2)]
    right, direct = true_pairs(sketches), set()
    for what, of_one in (("one plate", True), ("different plates", False)):
        some = [pair for pair in tried if (frozenset(pair) in right) == of_one]
        start = time.process_time()
        direct |= {frozenset(pair) for pair in some if same_plate(sketches[pair[0]], sketches[pair[1]])}
        print(
            f"{len(some)} pairs of {what}, {(time.process_time() - start) / max(1, len(some)) * 1e3:.1f} ms of CPU each"
        )
    found = pairs(group for names in titles.values() for group in plates({name: sketches[name] for name in names}))
    score("single decisions within titles", direct, right)
    score("groups within titles          ", found, right)
    series = [pair for pair in map(frozenset, tried) if all(name.endswith("/1") for name in pair)]
    print(f"same title on different plates: {sum(pair in direct for pair in series)} of {len(series)} joined")
    by_step(members, direct, found, right)
    if wrong is not None:
        show(members, (direct | found) - right, wrong)


def by_step(members: Mapping[str, Variant], direct: set[Pair], found: set[Pair], right: set[Pair]) -> None:
    """Recall over the pairs in which at least one picture was made with a step."""
    with_step = defaultdict(set)
    for pair in right:
        for step in {step for name in pair for step in members[name].made.split("+")}:
            with_step[step].add(pair)
    for step, those in sorted(with_step.items()):
        one, all_ = len(those & direct) / len(those), len(those & found) / len(those)
        print(f"  {step:12} {len(those):5} pairs, recall {one:.3f} single, {all_:.3f} grouped")


def whole(members: Mapping[str, Variant], sketches: Mapping[str, Sketch]) -> None:
    """All of them as one catalogue without titles: proposals by hash."""
    if len(members) <= ALL_PAIRS:
        return
    names, start = sorted(sketches), time.process_time()
    candidates = {frozenset((names[i], names[j])) for i, j in proposed([sketches[name] for name in names])}
    seconds = time.process_time() - start
    right, every = true_pairs(names), len(names) * (len(names) - 1) // 2
    reached = len(candidates & right) / len(right)
    print(f"proposed {len(candidates)} of {every} pairs in {seconds:.1f} s, {reached:.3f} of the right ones")
    start = time.process_time()
    score("groups of the whole catalogue ", pairs(plates(sketches)), right)
    print(f"in {time.process_time() - start:.0f} s of a core")


def show(members: Mapping[str, Variant], wrong: set[Pair], folder: Path) -> None:
    """Keep up to 40 wrong pairs as pictures, side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, pair in enumerate(sorted(map(sorted, wrong))[:40]):
        sheet = Image.new("RGB", (810, 400))
        for place, name in enumerate(pair):
            picture = Image.fromarray(members[name].pixels)
            picture.thumbnail((400, 400))
            sheet.paste(picture, (place * 410, 0))
        sheet.save(folder / f"{index:02}.png")


if __name__ == "__main__":
    main()
