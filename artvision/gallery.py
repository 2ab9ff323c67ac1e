"""Enrolled actors and the file they live in: who may be recognised, on what basis, where and until when.

A gallery is one safetensors file: the templates as one tensor, everything else as JSON in its header, and a checksum
over both. It is replaced in one step, so a kill leaves the old one or the new one. Readable by its owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import BaseFileLock, FileLock, Timeout
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from artvision.errors import GalleryError, one_line
from artvision.settings import suggest

GALLERY_FORMAT = "1"


def today() -> date:
    """The day by which entries expire, the same for every machine of a fleet: UTC's."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Portrait:
    """A picture that an actor was enrolled from: where it lay, and the sha256 of its bytes. The picture is not kept."""

    path: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Actor:
    """One enrolled person; `templates` (portraits, width) float32 has a row a portrait.

    `basis` is the right to do so in the user's words; an empty one means there is none. An empty `scope` is every
    title, otherwise only the title ids in it; `expires` is the last day on which the entry is used.
    """

    actor_id: str
    name: str
    # Biometric: must not reach a log.
    templates: NDArray[np.float32] = field(repr=False)
    portraits: tuple[Portrait, ...]
    aliases: tuple[str, ...] = ()
    basis: str = ""
    scope: tuple[str, ...] = ()
    added: date = field(default_factory=today)
    expires: date | None = None
    # Being forgotten: only the names stand until every run is done.
    leaving: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return self.name, *self.aliases

    def barred(self, today: date) -> str:
        """Why the entry must not be used on that day; empty where it may."""
        if self.leaving:
            return "being forgotten"
        if not self.basis:
            return "no rights basis"
        if self.expires is not None and self.expires < today:
            return f"expired {self.expires.isoformat()}"
        return ""

    def covers(self, title_id: str | None) -> bool:
        """Whether the entry may be used for artwork of that title."""
        return not self.scope or title_id in self.scope


@dataclass(frozen=True)
class Decision:
    """From which score on two templates are one person, and by how much the best must beat the next.

    `source` says where the threshold comes from; what `actors calibrate` measured stands in the rest.
    """

    threshold: float
    margin: float
    source: str
    wanted_rate: float | None = None  # false-match rate asked for
    measured_rate: float | None = None  # and the one on the data
    impostors: int = 0  # pairs of different people in the data
    data_sha256: str = ""


@dataclass(frozen=True, eq=False)
class Gallery:
    """All enrolled actors under one embedder; `weights` are the sha256 of its weight files, `width` that of a template.

    `gallery_id` is drawn once, when the gallery is made, and tells it from another one of the same people.
    """

    embedder: str
    weights: tuple[str, ...]
    width: int
    decision: Decision
    actors: tuple[Actor, ...] = ()
    gallery_id: str = field(default_factory=lambda: secrets.token_hex(8))

    def find(self, name: str) -> list[Actor]:
        """The actors called so: by id, or else by name or alias, however written (see `same_name`)."""
        by_id = [actor for actor in self.actors if actor.actor_id == name]
        return by_id or [actor for actor in self.actors if normal_forms([name]) & normal_forms(actor.names)]

    def with_actors(self, actors: Iterable[Actor]) -> Gallery:
        """The gallery in which these actors, by id, replace or join those that are there."""
        return replace(self, actors=tuple({actor.actor_id: actor for actor in (*self.actors, *actors)}.values()))

    def without(self, actor_id: str) -> Gallery:
        """The gallery without one actor."""
        return replace(self, actors=tuple(actor for actor in self.actors if actor.actor_id != actor_id))


def same_name(name: str) -> str:
    """What two spellings of one name have in common: no case, no accents, no punctuation, single spaces."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(_plain(letter) for letter in plain).split())


def normal_forms(names: Iterable[str]) -> set[str]:
    """`same_name` of each; nothing for a name without a letter or digit, which would equal every other such name."""
    return {plain for name in names if (plain := same_name(name))}


def _plain(letter: str) -> str:
    """The letter; nothing for an accent, a point of Arabic or Hebrew, or a format character; otherwise a space."""
    place = unicodedata.combining(letter)
    if place >= 200 or 10 <= place <= 36 or unicodedata.category(letter) == "Cf":
        return ""
    # marks of other classes are vowels, voicing and tones: names of Hindi, Japanese or Thai differ in nothing else
    return letter if letter.isalnum() or unicodedata.category(letter) in {"Mn", "Mc"} else " "


def read_gallery(path: Path) -> Gallery:
    """The gallery in a file. Raises GalleryError where there is none, or it is of another version, or damaged."""
    if path.is_dir():
        raise GalleryError(f"{path} is a folder; a gallery is a file that `artvision actors enroll` makes")
    try:
        with safe_open(path, framework="numpy") as file:
            told: dict[str, str] = file.metadata() or {}
            if "artvision_gallery" not in told:
                raise GalleryError(f"{path} is no gallery of actors; `artvision actors enroll` makes one")
            if told["artvision_gallery"] != GALLERY_FORMAT:
                raise GalleryError(
                    f"{path} is a gallery of version {told['artvision_gallery']}, this artvision reads "
                    f"{GALLERY_FORMAT}; upgrade artvision, or enrol again into a new file"
                )
            templates = file.get_tensor("templates")
        if told["sha256"] != _checksum(told["people"], templates):
            raise GalleryError(
                f"{path} is damaged (its checksum differs); restore a copy, or enrol again into a new file"
            )
        return _from_json(json.loads(told["people"]), templates)
    except FileNotFoundError:
        near = suggest(path.name, [file.name for file in path.parent.glob("[!.]*") if file.suffix != ".runs"])
        raise GalleryError(
            f"{path}: there is no such gallery{near}; `artvision actors enroll FOLDER -g {path}` makes one"
        ) from None
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise GalleryError(
            f"{path} cannot be read as a gallery ({one_line(error)}); restore a copy, or enrol again into a new file"
        ) from None


def write_gallery(gallery: Gallery, path: Path) -> None:
    """Replace the file in one step; a kill leaves the old gallery or the new one. Hold `changing` around it."""
    templates = _stacked(gallery)
    people = json.dumps(_to_json(gallery), sort_keys=True, ensure_ascii=False)
    told = {"artvision_gallery": GALLERY_FORMAT, "people": people, "sha256": _checksum(people, templates)}
    partial = _partial(path)
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(save({"templates": templates}, metadata=told))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(real_path(path))
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise GalleryError(f"{path} cannot be written: {reason}; the gallery is as it was") from None
    finally:
        with suppress(OSError):
            # Templates: not even an interruption may leave them lying about.
            partial.unlink(missing_ok=True)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Alone with the gallery: nobody else changes it meanwhile, and what a killed writer left beside it is removed."""
    lock = _locked(path)
    try:
        yield
    finally:
        lock.release()


def _locked(path: Path) -> BaseFileLock:
    lock = FileLock(beside(path, ".{}.lock"), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        _partial(path).unlink(missing_ok=True)
    except Timeout:
        raise GalleryError(f"{path} is being changed by another artvision; wait for it and try again") from None
    except OSError as error:
        lock.release()
        raise GalleryError(
            f"{path}: its folder cannot be written to ({error.strerror or error}); use one that can"
        ) from None
    return lock


def _partial(path: Path) -> Path:
    return beside(path, ".{}.tmp")


def beside(path: Path, name: str) -> Path:
    """The file next to the gallery whose name is `name` with the gallery's own in the braces."""
    real = real_path(path)
    return real.with_name(name.format(real.name))


def real_path(path: Path) -> Path:
    """The file itself: replacing a link to it would leave the templates of the forgotten where they were."""
    return path.resolve()


def _checksum(people: str, templates: NDArray[np.float32]) -> str:
    return hashlib.sha256(people.encode() + str(templates.shape).encode() + templates.tobytes()).hexdigest()


def _stacked(gallery: Gallery) -> NDArray[np.float32]:
    empty = np.zeros((0, gallery.width), np.float32)
    return np.ascontiguousarray(np.concatenate([empty, *(actor.templates for actor in gallery.actors)]), np.float32)


def _to_json(gallery: Gallery) -> dict[str, Any]:
    people = [{**vars(actor), "portraits": [vars(item) for item in actor.portraits]} for actor in gallery.actors]
    for person in people:
        person["templates"] = len(person["templates"])
        person["added"] = person["added"].isoformat()
        person["expires"] = person["expires"] and person["expires"].isoformat()
    return {**vars(gallery), "decision": vars(gallery.decision), "actors": people}


def _from_json(told: dict[str, Any], templates: NDArray[np.float32]) -> Gallery:
    ends = np.cumsum([person["templates"] for person in told["actors"]], dtype=int)
    rows = np.split(templates, ends)
    actors = [_actor(person, own) for person, own in zip(told["actors"], rows, strict=False)]
    return Gallery(
        **told | {"weights": tuple(told["weights"]), "decision": Decision(**told["decision"]), "actors": tuple(actors)}
    )


def _actor(told: dict[str, Any], templates: NDArray[np.float32]) -> Actor:
    dates = {
        "added": date.fromisoformat(told["added"]),
        "expires": told["expires"] and date.fromisoformat(told["expires"]),
    }
    lists = {name: tuple(told[name]) for name in ("aliases", "scope")}
    portraits = tuple(Portrait(**item) for item in told["portraits"])
    return Actor(**told | dates | lists | {"templates": templates, "portraits": portraits})
