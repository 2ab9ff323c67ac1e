"""One repetition: a world, its logs, every policy trained on the past and judged on warm titles and on new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from evaluation import Value, directions, expected_rewards, value
from logs import draw_log, lines
from policies import Policy, action_lines, choose, options, train
from truth import Truth
from world import CANDIDATES, World, make_world

import artvision
from artvision.export.recipe import Scale
from artvision.export.scaling import apply
from artvision.export.statistics import fit, read_statistics, save


@dataclass(frozen=True)
class Size:
    """Visits in the past of the warm titles, and in each of the two logs that policies are judged on."""

    past: int = 16_000
    test: int = 8_000


RANDOM, BEST = "any artwork, at random", "the best artwork for each visit (unknown)"


def run_trial(
    place: Path, truth: Truth, policies: Sequence[Policy], size: Size, seed: int, folder: Path
) -> dict[str, dict[str, Value]]:
    """«cold» and «warm» -> policy -> value. Nothing of a cold title is in the past, nor in the statistics."""
    rng = np.random.default_rng(seed)
    world = make_world(truth, rng)
    folder.mkdir(parents=True, exist_ok=True)
    statistics, vectors = scaled(place, world, folder)
    warm, cold = np.arange(world.warm), np.arange(world.warm, len(world.titles))
    past = draw_log(world, warm, size.past, rng, uniform=False)
    tests = {name: draw_log(world, own, size.test, rng, uniform=True) for name, own in (("cold", cold), ("warm", warm))}
    expected = {name: expected_rewards(world, log, vectors, rng) for name, log in tests.items()}
    found: dict[str, dict[str, Value]] = {name: {} for name in tests}
    for name, log in tests.items():
        any_of = rng.integers(0, CANDIDATES, len(log.title))
        found[name][RANDOM] = value(log, any_of, expected[name])
        found[name][BEST] = value(log, log.chance.argmax(axis=1), expected[name])
    model, scratch = folder / "model.vw", folder / "log.txt"
    for policy in policies:
        actions = action_lines(policy, place, truth.asset_ids, statistics, folder)
        train(lines(world, past, actions, labels=True), options(actions, policy), model, scratch)
        for name, log in tests.items():
            chosen = choose(lines(world, log, actions, labels=False), model, scratch)
            found[name][policy.name] = value(log, chosen, expected[name])
    return found


def scaled(place: Path, world: World, folder: Path) -> tuple[Path, np.ndarray]:
    """(file of statistics fitted on the artwork of warm titles, main directions of all scaled vectors (N, PARTS))."""
    rows, assets = artvision.open_rows(place), world.truth.asset_ids
    matrix = artvision.read_matrix(rows, artvision.Choice(("all", "embedding")))
    row = {asset: number for number, asset in enumerate(matrix.asset_ids)}
    known = np.array([row[assets[art]] for art in world.titles[: world.warm].ravel()])
    own = artvision.Matrix(matrix.values[known], matrix.mask[known], matrix.slots, matrix.keys.take(known))
    path = folder / "statistics.json"
    save(fit(own, "artwork of titles with a past", rows.run.info), path)
    scaled = apply(matrix, artvision.Recipe(Scale.ZSCORE), read_statistics(path))
    return path, directions(scaled.values[[row[asset] for asset in assets]])
