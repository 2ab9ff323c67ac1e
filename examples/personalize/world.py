"""The simulated world: titles with candidate artwork, members with hidden tastes, and how likely they are to play."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from truth import Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CANDIDATES = 4  # artworks a title
SEGMENTS = 8  # of members; what they share beyond genres: a taste for faces and for light
HABIT = 0.8  # how often what a member's history shows is the true taste
BASE = -2.2  # logit of a play where nothing speaks for or against it: 10 %


@dataclass(frozen=True)
class World:
    """`titles` (T, CANDIDATES): rows of the truth; the first `warm` titles have a past. `appeal` (N,): what makes a
    picture good or bad for everybody, and that no vector tells.
    """

    truth: Truth
    titles: Ints
    warm: int
    appeal: Floats
    title_pull: Floats
    face_taste: Floats
    light_taste: Floats


@dataclass(frozen=True)
class Members:
    """n visits: hidden tastes (genres liked and disliked, star), the segment, and what the history shows of them."""

    segment: Ints
    likes: Ints
    dislikes: Ints
    star: Ints
    shown_likes: Ints
    shown_star: Ints


def make_world(truth: Truth, rng: np.random.Generator, cold: float = 1 / 3) -> World:
    """Shuffle the pictures into titles and draw what is hidden."""
    order = rng.permutation(len(truth.asset_ids))
    titles = order[: len(order) // CANDIDATES * CANDIDATES].reshape(-1, CANDIDATES)
    return World(
        truth,
        titles,
        round(len(titles) * (1 - cold)),
        rng.normal(0, 0.4, len(truth.asset_ids)),
        rng.normal(0, 0.5, len(titles)),
        rng.normal(0, 0.9, SEGMENTS),
        rng.normal(0, 0.6, SEGMENTS),
    )


def draw_members(world: World, n: int, rng: np.random.Generator) -> Members:
    """n visits of members."""
    genres, stars = len(world.truth.genre_names), max(len(world.truth.star_names), 1)
    picks = rng.permuted(np.tile(np.arange(genres), (n, 1)), axis=1)
    likes, star = picks[:, :2], rng.integers(0, stars, n)
    told = rng.random((n, 2)) < HABIT
    shown_likes = np.where(told, likes, rng.integers(0, genres, (n, 2)))
    shown_star = np.where(rng.random(n) < HABIT, star, rng.integers(0, stars, n))
    return Members(rng.integers(0, SEGMENTS, n), likes, picks[:, 2], star, shown_likes, shown_star)


def chances(world: World, members: Members, titles: Ints) -> Floats:
    """(n, CANDIDATES): how likely each visit is to end in a play under each artwork. Known here, and to no policy."""
    truth, art = world.truth, world.titles[titles]
    likes = np.take_along_axis(truth.genres[art], members.likes[:, None, :], axis=2).sum(axis=2)
    dislikes = np.take_along_axis(truth.genres[art], members.dislikes[:, None, None], axis=2)[:, :, 0]
    logit = BASE + world.title_pull[titles][:, None] + world.appeal[art] + 0.8 * likes - 0.6 * dislikes
    logit = logit + world.face_taste[members.segment][:, None] * truth.face[art]
    logit = logit + world.light_taste[members.segment][:, None] * truth.bright[art]
    if truth.star_names:
        logit = logit + 1.2 * np.take_along_axis(truth.stars[art], members.star[:, None, None], axis=2)[:, :, 0]
    return 1 / (1 + np.exp(-logit))
