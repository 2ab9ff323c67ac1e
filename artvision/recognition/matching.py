"""Who of the gallery a face is: first who may be named at all on this artwork, then who is near enough and alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artvision.gallery import Actor, Decision, Gallery, normal_forms
from artvision.recognition.embedder import scores

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Match:
    """The outcome for one face. `actor` is None for unknown; `score` is the likeness to the nearest candidate.

    `margin` is by how much the nearest candidate beats the next one; None where there was no other.
    """

    actor: Actor | None
    score: float
    margin: float | None


@dataclass(frozen=True)
class Roster:
    """The actors of a gallery who may be named on a day; `closed`: only the cast, where the catalogue lists one."""

    gallery: Gallery
    today: date
    closed: bool = True

    @cached_property
    def usable(self) -> tuple[Actor, ...]:
        """Those with a rights basis that has not expired."""
        return tuple(actor for actor in self.gallery.actors if not actor.barred(self.today))

    def candidates(self, title_id: str | None, cast: Sequence[str]) -> tuple[Actor, ...]:
        """Who may be named on artwork of a title with that cast (no name in it: the catalogue does not say)."""
        names = normal_forms(cast) if self.closed else set()
        inside = (actor for actor in self.usable if actor.covers(title_id))
        return tuple(actor for actor in inside if not names or names & self._names[actor.actor_id])

    def digest(self, candidates: Sequence[Actor]) -> str:
        """sha256 over who the candidates are and what they look like."""
        return hashlib.sha256(
            "".join(sorted(self._digests[actor.actor_id] for actor in candidates)).encode()
        ).hexdigest()

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        return {actor.actor_id: normal_forms(actor.names) for actor in self.usable}

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {actor.actor_id: _digest(actor) for actor in self.usable}


def identify(template: NDArray[np.float32], candidates: Sequence[Actor], decision: Decision) -> Match:
    """Match one template (width,) with at least one candidate.

    A candidate's likeness is the mean over their templates: a stranger often resembles one portrait of somebody, seldom
    all (docs/decisions.md has the figures).
    """
    likeness = [float(scores(template[None], actor.templates).mean()) for actor in candidates]
    first, *rest = sorted(range(len(candidates)), key=lambda at: (-likeness[at], candidates[at].actor_id))
    margin = likeness[first] - likeness[rest[0]] if rest else None
    sure = likeness[first] >= decision.threshold and (margin is None or margin >= decision.margin)
    return Match(candidates[first] if sure else None, likeness[first], margin)


def billing(actor: Actor, cast: Sequence[str]) -> int | None:
    """Place of the actor in the catalogue's cast list, from 1; None where it does not list them."""
    names = normal_forms(actor.names)
    return next((place for place, name in enumerate(cast, 1) if normal_forms([name]) & names), None)


def _digest(actor: Actor) -> str:
    told = json.dumps([actor.actor_id, actor.name, actor.aliases])
    return hashlib.sha256(told.encode() + actor.templates.tobytes()).hexdigest()
