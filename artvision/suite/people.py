"""Who leads the pictures of a suite, and how near they are seen."""

from __future__ import annotations

from collections.abc import Sequence

from artvision.gallery import same_name
from artvision.pixels.medium import ILLUSTRATION
from artvision.suite.axis import Axis, LeftOut, Row, known

NOBODY, SOMEBODY, UNKNOWN = "nobody", "somebody", "unknown person"
NO_FACE = "no face"
# Of the cast, in its order: as many as a movie database credits on a title's card.
LEADS = 4
DRAWN = ("computer_animation", "comic_art")
SCALES = {
    "extreme_close_up": "close",
    "close_up": "close",
    "medium_close_up": "medium",
    "medium": "medium",
    "medium_long": "long",
    "long": "long",
    "extreme_long": "long",
}  # the three families of Bordwell & Thompson, «Film Art», and of CineScale: close, medium, long


def lead(rows: Sequence[Row]) -> Axis | LeftOut:
    """The enrolled actor who leads each picture, against the title's cast; faces alone where nobody was recognised."""
    if reason := _unfit(rows):
        return LeftOut("lead", reason)
    if not known(rows, "actors"):
        values = tuple(_face(row, SOMEBODY) for row in rows)
        return Axis(
            "lead", (SOMEBODY, NOBODY), values, "nobody was looked for by name; `extract --actors GALLERY` does"
        )
    names = _cast(rows)
    values = tuple(_named(row, names) for row in rows)
    wanted = names or sorted({value for value in values if value not in {None, UNKNOWN, NOBODY}})
    if not wanted:
        values = tuple(SOMEBODY if value == UNKNOWN else value for value in values)
        return Axis("lead", (SOMEBODY, NOBODY), values, "no cast in the catalogue, and nobody was recognised")
    unseen = bool(names) and not set(names) & set(values)
    return Axis("lead", (*wanted[:LEADS], NOBODY), values, "nobody of the cast was recognised" if unseen else "")


def lead_phrase(label: str) -> str:
    """The label after «this title lacks»."""
    return "a picture with people" if label == SOMEBODY else label


def shot(rows: Sequence[Row]) -> Axis | LeftOut:
    """Close, medium or long, by the lead face."""
    if reason := _unfit(rows):
        return LeftOut("shot", reason)
    values = tuple(SCALES.get(row.get("shot.scale") or "", _face(row, None)) for row in rows)
    return Axis("shot", ("medium", "close", "long", NO_FACE), tuple(NO_FACE if v == NOBODY else v for v in values))


def _unfit(rows: Sequence[Row]) -> str:
    """Why faces say nothing of these pictures; empty where they do."""
    if sum(_drawn(row) for row in rows) * 2 > len(rows):
        return "most of the pictures look drawn, and the face detector knows photographed faces"
    faces = known(rows, "face.count")
    if not faces:
        return "faces were not looked for"
    if not any(faces) and not _cast(rows):
        return "no picture shows a face, and the catalogue lists no cast"
    return ""


def _drawn(row: Row) -> bool:
    """A drawing on which faces were found for sure is none here: what was found counts."""
    if row.get("medium.kind") is not None:
        return bool(row["medium.kind"] == ILLUSTRATION and row.get("face.count") is None)
    styles = {name: value for name, value in row.items() if name.startswith("style.") and value is not None}
    return bool(styles) and max(styles, key=lambda name: styles[name]).removeprefix("style.") in DRAWN


def _face(row: Row, somebody: str | None) -> str | None:
    count = row.get("face.count")
    return None if count is None else somebody if count else NOBODY


def _named(row: Row, cast: Sequence[str]) -> str | None:
    """The most prominent actor, under the cast's spelling of the name."""
    actors = [actor for actor in row.get("actors") or [] if actor["actor_id"]]
    if not actors:
        return _face(row, UNKNOWN)
    name = str(max(actors, key=lambda actor: actor["prominence"])["name"])
    return next((other for other in cast if same_name(other) == same_name(name)), name)


def _cast(rows: Sequence[Row]) -> list[str]:
    """The longest cast list among the rows, each name once: a title has one, and a row may lack it."""
    names: dict[str, str] = {}
    for name in max((row.get("cast") or [] for row in rows), key=len, default=[]):
        names.setdefault(same_name(name), name)
    return list(names.values())
