"""Actors of a gallery on a picture: who, how sure, how prominent. Off unless a gallery is given.

A template is computed of a face only where somebody may be named on the picture, and dropped unless it matched and
`--keep-face-vectors` asks for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from artvision.contract import Column, Field, Kind, Missing, Privacy
from artvision.detection.geometry import FaceRow
from artvision.errors import GalleryError
from artvision.gallery import Actor, Gallery, read_gallery, today
from artvision.image import FACE_SIDE, Picture
from artvision.recognition.binding import require_same_make
from artvision.recognition.embedder import Embedder, Make, Templates, get_make, library_versions, load
from artvision.recognition.found import prominence, sighting
from artvision.recognition.matching import UNKNOWN, Match, Roster, billing, identify
from artvision.recognition.register import note_run
from artvision.settings import Settings
from artvision.stages.base import Result, Stage, Title, Value

MIN_FACE = 24  # pixels of the original on the face's shorter side; see docs/benchmarks.md for what is lost below
MAX_BILLING = 10_000

_LEAD = "of the lead actor, the most prominent one recognised"


def _field(name: str, meaning: str, unit: str, high: float, source: str, **more: Any) -> Field:
    return Field(
        name, meaning, unit, more.pop("low", 0), high, source, kind=Kind.DETECTED, privacy=Privacy.PERSON, **more
    )


_FIELDS = (
    _field(
        "actor.known_count",
        "different actors of the gallery recognised",
        "actors",
        10_000,
        "ours",
        higher="more known actors",
        dtype="int32",
        tolerance=1,
    ),
    _field(
        "actor.lead_score",
        f"likeness, 1 - distance / 2, {_LEAD}",
        "score",
        1,
        "King 2017, dlib; Schroff et al. 2015, arXiv 1503.03832",
        higher="surer",
        tolerance=0.05,
    ),
    _field(
        "actor.lead_prominence",
        f"area × centrality × sharpness × facing of the face {_LEAD}",
        "share",
        1,
        "ours, after Netflix's actor prominence",
        higher="larger, more central, sharper, more frontal",
        tolerance=0.02,
    ),
    _field(
        "actor.lead_billing",
        f"place in the catalogue's cast list {_LEAD}",
        "place",
        MAX_BILLING,
        "catalogue",
        low=1,
        higher="billed later",
        dtype="int32",
        fill=MAX_BILLING,
    ),
)
_ACTORS = pa.struct(
    [
        ("face", pa.int32()),
        ("actor_id", pa.string()),
        ("name", pa.string()),
        ("score", pa.float32()),
        ("margin", pa.float32()),
        ("prominence", pa.float32()),
        ("rank", pa.int32()),
    ]
)
_VECTORS = pa.struct([("face", pa.int32()), ("actor_id", pa.string()), ("vector", pa.list_(pa.float32()))])


@dataclass(frozen=True)
class Look:
    """One picture: its rows of `faces`, who may be named on it, and the faces (by index) large enough to be tried."""

    picture: Picture
    faces: Sequence[FaceRow]
    candidates: tuple[Actor, ...]
    worth: list[int]


@dataclass(frozen=True)
class Seen:
    """One face that was tried; the template lives as long as this does."""

    face: int
    match: Match
    prominence: float
    template: Templates


class Actors(Stage):
    """Compares each face with the templates of the gallery's actors who may be named on the picture."""

    name: ClassVar[str] = "actors"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.1.0"
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    min_long_side: ClassVar[int] = FACE_SIDE
    summary: ClassVar[str] = "which enrolled actors are on it, how prominent; only with --actors"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._embedder: Embedder | None = None
        self._told: dict[tuple[str | None, tuple[str, ...]], dict[str, Any]] = {}  # titles have many assets

    def fields(self) -> tuple[Field, ...]:
        """One block: actor."""
        return _FIELDS

    def columns(self) -> tuple[Column, ...]:
        """A struct a face looked at; face vectors only where they are asked for."""
        about = (
            f"faces looked at, by prominence; {UNKNOWN} below the threshold or margin; `face` counts in `faces` from 0"
        )
        columns = (Column("actors", about, pa.list_(_ACTORS), Privacy.PERSON),)
        if not self.settings.keep_face_vectors:
            return columns
        kept = Column("actor_vectors", "templates of recognised faces", pa.list_(_VECTORS), Privacy.BIOMETRIC)
        return (*columns, kept)

    def off(self) -> str:
        """Nobody is recognised unasked."""
        return "" if self.settings.actors else "needs a gallery: name one with --actors"

    def fingerprint(self) -> dict[str, Any]:
        """Which gallery, under which embedder and threshold. Who is in it is asked asset by asset, see `depends`."""
        if not self.settings.actors:
            return {}
        return {
            "gallery": self._gallery.gallery_id,
            "embedder": {"name": self._make.name, "weights": list(self._gallery.weights)},
            "libraries": library_versions(self._make),
            "threshold": self._gallery.decision.threshold,
            "margin": self._gallery.decision.margin,
            "smallest": MIN_FACE,
            "closed_set": self.settings.closed_set,
            "vectors": self.settings.keep_face_vectors,
        }

    def depends(self, title_id: str | None, cast: Sequence[str]) -> Any:
        """The actors who may be named on the title's artwork, and the cast list that places them."""
        if not self.settings.actors:
            return None
        title = title_id, tuple(cast)
        if title not in self._told:
            candidates = self._roster.digest(self._roster.candidates(*title))
            self._told[title] = {"candidates": candidates, "cast": list(cast)}
        return self._told[title]

    def announce(self, folder: Path, titles: Collection[Title]) -> list[str]:
        """Note the run beside the gallery, so that forgetting an actor finds it; then look who is in the gallery now.

        Somebody who was forgotten since the gallery was first read is not in this run, and who is forgotten from now
        on finds the run noted and locked. Raises GalleryError where the gallery became another one.
        """
        made, notes = self.fingerprint(), []
        try:
            note_run(Path(self.settings.actors), folder)
        except OSError as error:
            notes.append(
                f"the run could not be noted beside {self.settings.actors} ({error.strerror or error}); when an actor "
                f"is to be forgotten, name it: `artvision actors forget NAME --run {folder}`"
            )
        finally:
            self._told = {}
            for name in ("_gallery", "_make", "_roster"):
                self.__dict__.pop(name, None)
        if self.fingerprint() != made:
            raise GalleryError(f"{self.settings.actors} was changed while the run began; run the same command again")
        nobody = self._roster.digest(())
        if empty := sum(self.depends(*title)["candidates"] == nobody for title in titles):
            notes.append(
                f"on artwork of {empty} of {len(titles)} titles nobody may be recognised, and no face is looked at: "
                "nobody enrolled is in their cast (names joined by |), or in scope; --no-closed-set ignores casts"
            )
        return notes

    def notices(self) -> tuple[str, ...]:
        """Entries that may not be used, where there are some."""
        if not self.settings.actors or len(self._roster.usable) == len(self._gallery.actors):
            return ()
        usable, enrolled, path = len(self._roster.usable), len(self._gallery.actors), self.settings.actors
        text = f"{usable} of {enrolled} actors in {path} may be recognised; `artvision actors list -g {path}` says why"
        return (text,)

    def setup(self, device: str) -> None:
        """Load the embedder. Raises WeightsError, UsageError, or GalleryError for templates of other weights."""
        require_same_make(self._gallery, self._make, Path(self.settings.actors))
        self._embedder = load(self._make, device)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Match the faces of all pictures, embedded together."""
        if self._embedder is None:
            raise RuntimeError("actors: run before setup")
        looks = list(map(self._look, batch, (result.columns["faces"] for result in upstream["faces"])))
        templates = self._embedder.embed(
            [sighting(look.picture, look.faces[face]) for look in looks for face in look.worth]
        )
        ends = np.cumsum([len(look.worth) for look in looks])
        return [self._result(look, own) for look, own in zip(looks, np.split(templates, ends[:-1]), strict=True)]

    def close(self) -> None:
        """Forget the embedder."""
        self._embedder = None

    @cached_property
    def _gallery(self) -> Gallery:
        return read_gallery(Path(self.settings.actors))

    @cached_property
    def _make(self) -> Make:
        return get_make(self._gallery.embedder)

    @cached_property
    def _roster(self) -> Roster:
        return Roster(self._gallery, today(), self.settings.closed_set)

    def _look(self, picture: Picture, faces: Sequence[FaceRow] | None) -> Look:
        if faces is None:  # on an illustration nobody may be named
            return Look(picture, (), (), [])
        candidates = self._roster.candidates(picture.title_id, picture.cast)
        worth = [at for at, face in enumerate(faces) if candidates and sighting(picture, face).shorter_side >= MIN_FACE]
        return Look(picture, faces, candidates, worth)

    def _result(self, look: Look, templates: Templates) -> Result:
        found = [
            Seen(
                face,
                identify(template, look.candidates, self._gallery.decision),
                prominence(look.faces[face]),
                template,
            )
            for face, template in zip(look.worth, templates, strict=True)
        ]
        found.sort(key=lambda seen: (seen.match.actor is None, -seen.prominence, seen.face))
        columns = {"actors": [_row(seen, rank) for rank, seen in enumerate(found, 1)]}
        if self.settings.keep_face_vectors:
            columns["actor_vectors"] = [
                {"face": seen.face, "actor_id": seen.match.actor.actor_id, "vector": seen.template}
                for seen in found
                if seen.match.actor
            ]
        return Result(_values(look, found), columns)


def _values(look: Look, found: Sequence[Seen]) -> dict[str, Value]:
    """`not_applicable` where nobody may be named or there is no face; `abstained` where no face was recognised."""
    known = [(seen, seen.match.actor) for seen in found if seen.match.actor]
    values: dict[str, Value] = dict.fromkeys((field.name for field in _FIELDS), Missing.NOT_APPLICABLE)
    if not look.candidates:
        return values
    values["actor.known_count"] = len({actor.actor_id for _, actor in known})
    if known:
        lead, actor = known[0]
        place = billing(actor, look.picture.cast)
        values |= {"actor.lead_score": lead.match.score, "actor.lead_prominence": lead.prominence}
        values["actor.lead_billing"] = Missing.NOT_APPLICABLE if place is None else min(place, MAX_BILLING)
    elif look.faces:
        values |= dict.fromkeys(("actor.lead_score", "actor.lead_prominence", "actor.lead_billing"), Missing.ABSTAINED)
    return values


def _row(seen: Seen, rank: int) -> dict[str, Any]:
    actor = seen.match.actor
    return {
        "face": seen.face,
        "actor_id": actor.actor_id if actor else None,
        "name": actor.name if actor else UNKNOWN,
        "score": seen.match.score,
        "margin": seen.match.margin,
        "prominence": seen.prominence,
        "rank": rank if actor else None,
    }
