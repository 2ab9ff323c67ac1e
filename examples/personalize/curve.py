"""New titles day by day: policies that go on learning from what they show, from the first visit on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vowpalwabbit
from logs import draw_log, lines, shared
from policies import Policy, action_lines, options, train
from trial import scaled
from truth import Truth
from world import CANDIDATES, Floats, World, chances, draw_members, make_world

EXPLORED = 0.1  # share of visits at which any artwork is shown


@dataclass(frozen=True)
class Course:
    """How many visits each new title gets, and by how many they are averaged."""

    visits: int = 40
    bin: int = 4


def run_curve(
    place: Path, truth: Truth, policies: tuple[Policy, ...], past: int, course: Course, seed: int, folder: Path
) -> dict[str, list[float]]:
    """Policy -> share of what a perfect choice would win over a random one, a number for each bin of visits."""
    rng = np.random.default_rng(seed)
    world = make_world(truth, rng)
    folder.mkdir(parents=True, exist_ok=True)
    statistics, _ = scaled(place, world, folder)
    log = draw_log(world, np.arange(world.warm), past, rng, uniform=False)
    found = {}
    for policy in policies:
        actions = action_lines(policy, place, truth.asset_ids, statistics, folder)
        model = folder / "model.vw"
        train(lines(world, log, actions, labels=True), options(actions, policy), model, folder / "log.txt")
        found[policy.name] = _learn_on(world, actions, model, course, np.random.default_rng(seed + 1))
    return found


def _learn_on(
    world: World, actions: dict[str, str], model: Path, course: Course, rng: np.random.Generator
) -> list[float]:
    cold = np.arange(world.warm, len(world.titles))
    titles = np.concatenate([rng.permutation(cold) for _ in range(course.visits)])
    members = draw_members(world, len(titles), rng)
    chance = chances(world, members, titles)
    learner = vowpalwabbit.Workspace(f"-i {model} --quiet")
    won = np.zeros(len(titles))
    for row, title in enumerate(titles.tolist()):
        arts = [actions[world.truth.asset_ids[art]] for art in world.titles[title].tolist()]
        visit = [shared(world, members, row), *arts]
        best = int(np.argmax(learner.predict(visit)))
        won[row] = chance[row, best]
        shown = int(rng.integers(CANDIDATES)) if rng.random() < EXPLORED else best
        likely = EXPLORED / CANDIDATES + (1 - EXPLORED) * (shown == best)
        cost = -float(rng.random() < chance[row, shown])
        visit[shown + 1] = f"{shown}:{cost}:{likely} {visit[shown + 1]}"
        learner.learn(visit)
    learner.finish()
    return _shares(won, chance, len(cold) * course.bin)


def _shares(won: Floats, chance: Floats, size: int) -> list[float]:
    bins = range(0, len(won), size)
    means = ((won[at : at + size].mean(), chance[at : at + size]) for at in bins)
    return [float((mean - own.mean()) / (own.max(axis=1).mean() - own.mean())) for mean, own in means]
