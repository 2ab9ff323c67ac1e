"""Logged choices: who saw which artwork of which title, how likely that was, and whether they played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from world import CANDIDATES, Floats, Ints, Members, World, chances, draw_members


@dataclass(frozen=True)
class Log:
    """n visits. `action` (n,): place of the artwork shown; `propensity` (n,): how likely it was; `reward` (n,): 0 or 1.

    `chance` (n, CANDIDATES) is the truth, for the last column of the table only.
    """

    members: Members
    title: Ints
    action: Ints
    propensity: Floats
    reward: Floats
    chance: Floats


def draw_log(world: World, titles: Ints, n: int, rng: np.random.Generator, *, uniform: bool) -> Log:
    """n visits to `titles`. Uniform: each artwork is as likely; otherwise as a catalogue does it that mostly shows what
    it takes for the best artwork of a title, and a tenth of the time any.
    """
    members, title = draw_members(world, n, rng), rng.choice(titles, n)
    chance = chances(world, members, title)
    shown = np.full((n, CANDIDATES), 1 / CANDIDATES)
    if not uniform:
        score = np.exp(2 * world.appeal[world.titles[title]])
        shown = 0.1 / CANDIDATES + 0.9 * score / score.sum(axis=1, keepdims=True)
    action = (rng.random(n)[:, None] > np.cumsum(shown, axis=1)).sum(axis=1).clip(max=CANDIDATES - 1)
    rows = np.arange(n)
    reward = (rng.random(n) < chance[rows, action]).astype(np.float64)
    return Log(members, title, action, shown[rows, action], reward, chance)


def lines(world: World, log: Log, actions: Mapping[str, str], *, labels: bool) -> Iterator[str]:
    """The log for Vowpal Wabbit: a shared line, a line an artwork from the export, the label where `labels`."""
    assets = world.truth.asset_ids
    for row in range(len(log.title)):
        yield shared(world, log.members, row)
        for place, art in enumerate(world.titles[log.title[row]].tolist()):
            label = f"{place}:{-log.reward[row]}:{log.propensity[row]:.6f} " if place == log.action[row] else ""
            yield f"{label if labels else ''}{actions[assets[art]]}"
        yield ""


def shared(world: World, members: Members, row: int) -> str:
    """What the model knows of a visit: the segment, and what the history shows of genres and of a favourite actor."""
    liked = " ".join(sorted({f"plays{genre}" for genre in members.shown_likes[row].tolist()}))
    star = f" star{members.shown_star[row]}" if world.truth.star_names else ""
    return f"shared |member segment{members.segment[row]} {liked}{star}"


def part(log: Log, rows: Ints) -> Log:
    """Some visits of a log."""
    own = Members(**{name: values[rows] for name, values in vars(log.members).items()})
    names = ("title", "action", "propensity", "reward", "chance")
    return replace(log, members=own, **{name: getattr(log, name)[rows] for name in names})
