"""From people and their pictures to a gallery with them: which portraits are fit, and what looks wrong about the rest.

Nothing is written here, and no picture is kept: of a fit portrait its path, its checksum and one template remain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artvision.device import available_cores, one_thread_each
from artvision.engines.local import run_local
from artvision.errors import DecodeError
from artvision.gallery import Actor, Gallery, Portrait
from artvision.recognition.binding import require_same_make
from artvision.recognition.embedder import Embedder
from artvision.recognition.likeness import displaced, doubts
from artvision.recognition.looking import Looked, Looker
from artvision.recognition.people import Person

# Pixels of a portrait's face: stricter than for artwork, for one bad template spoils every comparison.
MIN_FACE = 40
# Of faces blurred below it dlib no longer takes a third for their owner, above it 4 %.
MIN_SHARPNESS = 0.2
CHUNK = 8  # portraits a worker holds at once; their faces are embedded together


@dataclass(frozen=True)
class Rejected:
    """A picture that cannot serve as a portrait; `reason` is one line that does not repeat the path.

    For a person without pictures, `path` is the folder or line that names them.
    """

    path: Path
    person: Person = field(repr=False)
    reason: str


@dataclass(frozen=True, eq=False)
class Enrolment:
    """The outcome. `gallery` is the new one, not yet written; `enrolled` are its new or replaced entries.

    `left_out` are people without any fit portrait: where the gallery had an entry of theirs, it has it still.
    `warnings` are lines about entries that look wrong.
    """

    gallery: Gallery
    enrolled: tuple[Actor, ...]
    rejected: tuple[Rejected, ...]
    left_out: tuple[Person, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Fit:
    portrait: Portrait
    template: NDArray[np.float32] = field(repr=False)  # (width,)


def enrol(
    people: Sequence[Person],
    looker: Looker,
    embedder: Embedder,
    gallery: Gallery,
    path: Path,
    *,
    workers: int = 0,
    looked_at: Callable[[Path], None] = lambda _: None,
) -> Enrolment:
    """Enrol `people` into `gallery`, that of the file `path`; who is in it already is replaced, by actor id.

    `workers` threads, 0 for one a core. `looked_at` is called with each picture, in order, from the calling thread.
    Raises GalleryError where the gallery belongs to another embedder, or to other weights.
    """
    require_same_make(gallery, embedder.make, path)
    images = [image for person in people for image in person.images]
    looks = iter(list(_look(looker, embedder, images, workers, looked_at)))
    enrolled: list[Actor] = []
    rejected: list[Rejected] = []
    left_out: list[Person] = []
    for person in people:
        fit, unfit = _sorted_out(person, list(islice(looks, len(person.images))))
        rejected += unfit
        if fit:
            enrolled.append(_actor(person, fit))
        else:
            left_out.append(person)
    new = gallery.with_actors(enrolled)
    warnings = (*displaced(gallery, enrolled), *doubts(new, {actor.actor_id for actor in enrolled}))
    return Enrolment(new, tuple(enrolled), tuple(rejected), tuple(left_out), warnings)


def fault(looked: Looked) -> str:
    """Why a picture cannot serve as a portrait, in a line; empty where it can.

    It must be of one person: a face that is far smaller than the main one is overlooked, see `Looked.company`.
    """
    if not looked.faces:
        return "no face found in it"
    main = looked.faces[0]
    shorter = looked.sightings[0].shorter_side
    if looked.company > 1:
        return f"{looked.company} faces in it; crop it to the person's own"
    if shorter < MIN_FACE:
        return f"the face is too small ({shorter:.0f} pixels, {MIN_FACE} are needed)"
    if main.sharpness is not None and main.sharpness < MIN_SHARPNESS:
        return f"the face is too blurred (sharpness {main.sharpness:.2f}, {MIN_SHARPNESS} is needed)"
    return ""


def _look(
    looker: Looker, embedder: Embedder, images: Sequence[Path], workers: int, looked_at: Callable[[Path], None]
) -> Iterator[_Fit | str]:
    """For each image, in order, what it gives: a fit portrait, or the reason that it is none."""
    chunks = (images[at : at + CHUNK] for at in range(0, len(images), CHUNK))
    job = partial(_look_at, looker, embedder)
    found = run_local(job, chunks, workers=workers or available_cores(), prepare=one_thread_each)
    for image, item in zip(images, chain.from_iterable(found), strict=True):
        looked_at(image)
        yield item


def _look_at(looker: Looker, embedder: Embedder, images: Sequence[Path]) -> list[_Fit | str]:
    seen = [_opened(looker, image) for image in images]
    good = [item for item in seen if isinstance(item, Looked)]
    templates = iter(embedder.embed([item.sightings[0] for item in good]))
    return [
        item if isinstance(item, str) else _Fit(Portrait(str(image), item.sha256), next(templates))
        for image, item in zip(images, seen, strict=True)
    ]


def _opened(looker: Looker, image: Path) -> Looked | str:
    """The picture, or why it is no portrait."""
    try:
        looked = looker.look(image)
    except DecodeError as error:
        return str(error).removeprefix(f"{image}: ")
    return fault(looked) or looked


def _sorted_out(person: Person, seen: Sequence[_Fit | str]) -> tuple[list[_Fit], list[Rejected]]:
    """The portraits of a person, each picture once, and the pictures that are none."""
    fit: dict[str, _Fit] = {}
    unfit = [] if person.images else [Rejected(Path(person.where), person, "no picture in it")]
    for image, item in zip(person.images, seen, strict=True):
        if isinstance(item, str):
            unfit.append(Rejected(image, person, item))
        elif (first := fit.setdefault(item.portrait.sha256, item)) is not item:
            unfit.append(Rejected(image, person, f"the same picture as {first.portrait.path}"))
    return list(fit.values()), unfit


def _actor(person: Person, fit: Sequence[_Fit]) -> Actor:
    return Actor(
        person.actor_id,
        person.name,
        np.stack([item.template for item in fit]),
        tuple(item.portrait for item in fit),
        person.aliases,
        person.basis,
        person.scope,
        person.added,
        person.expires,
    )
