"""A manifest of people: one table row a person, or several that state one id, read as strictly as rights deserve.

A column that is not known is an error, never ignored: a misspelt `expires` would keep somebody in a gallery for good.
"""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from artvision.catalog import READERS, locate
from artvision.decoding.formats import EXTENSIONS
from artvision.errors import UsageError
from artvision.gallery import same_name
from artvision.settings import suggest

COLUMNS = ("name", "images", "id", "aliases", "basis", "scope", "added", "expires")
REQUIRED = COLUMNS[:2]
_ALSO = {"rights basis": "basis", "actor id": "id"}
_PICTURES = frozenset(ending for endings in EXTENSIONS.values() for ending in endings)


@dataclass(frozen=True)
class Row:
    """What a manifest says of one person; what it does not say is empty. `images` are absolute paths."""

    where: str
    name: str
    images: tuple[Path, ...]
    id: str = ""
    aliases: tuple[str, ...] = ()
    basis: str = ""
    scope: tuple[str, ...] = ()
    added: date | None = None
    expires: date | None = None


def read_manifest(path: Path) -> list[Row]:
    """The people of a manifest, in its order; rows that state one id are one. Raises UsageError naming the line.

    A cell holds several images, aliases or titles parted by `|`; titles (`scope`) also by `,`, as on the command line.
    Where the format has lists, a cell may be one, and its items stay whole.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    if path.suffix.lower() not in READERS:
        raise UsageError(f"{path} is neither a folder nor a manifest of people ({', '.join(READERS)})")
    names, rows = READERS[path.suffix.lower()](path)
    columns = _known_columns(path, names)
    found = [_row(path, number, {columns[name]: cell for name, cell in cells.items()}) for number, cells in rows]
    if not found:
        raise UsageError(f"{path}: no person in it")
    return _joined(found)


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The files directly in a folder that have a picture's ending, sorted by name. Raises UsageError."""
    return tuple(path for path in visible(folder) if path.suffix.lower() in _PICTURES and path.is_file())


def visible(folder: Path) -> list[Path]:
    """What lies directly in a folder, sorted by name, without what is hidden. Raises UsageError."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror or error}") from None


def _known_columns(path: Path, names: list[str]) -> dict[str, str]:
    """Column as written -> one of COLUMNS."""
    plain = {name: " ".join(name.replace("_", " ").casefold().split()) for name in names}
    columns = {name: _ALSO.get(text, text) for name, text in plain.items()}
    for name, column in columns.items():
        if column not in COLUMNS:
            raise UsageError(
                f"{path}: line 1: the column {name!r} is none of {', '.join(COLUMNS)}{suggest(column, COLUMNS)}"
            )
    for column in REQUIRED:
        if column not in columns.values():
            raise UsageError(f"{path}: line 1: no column {column!r}; it has {', '.join(names) or 'none'}")
    written = [columns[name] for name in names]
    if doubled := [column for column in COLUMNS if written.count(column) > 1]:
        raise UsageError(f"{path}: line 1: the column {doubled[0]!r} occurs twice; remove one of them")
    return columns


def _row(path: Path, number: int, cells: Mapping[str, Any]) -> Row:
    where = f"{path}:{number}"
    name = " ".join(_text(where, cells, "name").split())
    if not name:
        raise UsageError(f"{where}: no name; state whom the images show")
    images = [image for entry in _texts(where, cells, "images") for image in _images(where, entry, path.parent)]
    return Row(
        where,
        name,
        tuple(images),
        id=_text(where, cells, "id"),
        aliases=_texts(where, cells, "aliases"),
        basis=_text(where, cells, "basis"),
        scope=_scope(where, cells),
        added=_day(where, cells, "added"),
        expires=_day(where, cells, "expires"),
    )


def _images(where: str, entry: str, folder: Path) -> tuple[Path, ...]:
    """What an entry means: a picture, a folder's pictures, or those of a glob; itself where that is nothing."""
    if "://" in entry:
        raise UsageError(f"{where}: {entry}: object stores are not supported yet; copy the file here first")
    path = Path(locate(entry, str(folder)))
    if path.is_dir():
        return pictures_in(path) or (path,)
    if not path.exists() and glob.has_magic(entry):
        matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - pathlib cannot match an absolute pattern
        return tuple(Path(match) for match in matches if Path(match).suffix.lower() in _PICTURES) or (path,)
    return (path,)


def _scope(where: str, cells: Mapping[str, Any]) -> tuple[str, ...]:
    """The title ids of a cell. Raises UsageError where it holds something and yet none: that must not mean all."""
    cell = cells.get("scope")
    told = isinstance(cell, list) or _text(where, cells, "scope")
    titles = _texts(where, {"scope": cell.replace(",", "|") if isinstance(cell, str) else cell}, "scope")
    if told and not titles:
        raise UsageError(f"{where}: the scope names no title; leave the cell empty for every title")
    return titles


def _texts(where: str, cells: Mapping[str, Any], column: str) -> tuple[str, ...]:
    cell = cells.get(column)
    items = cell if isinstance(cell, list) else _text(where, cells, column).split("|")
    return tuple(text for item in items if (text := _text(where, {column: item}, column)))


def _text(where: str, cells: Mapping[str, Any], column: str) -> str:
    """A cell as text. An integer column that once had a gap has floats: 7.0 is `7`, as in a catalogue."""
    cell = cells.get(column)
    if isinstance(cell, float):
        cell = None if cell != cell else int(cell) if cell.is_integer() else cell  # noqa: PLR0124 - NaN
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | date):
        raise UsageError(f"{where}: {column!r} must be text, not {type(cell).__name__}")
    return str(cell).strip()


def _day(where: str, cells: Mapping[str, Any], column: str) -> date | None:
    cell = cells.get(column)
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    text = _text(where, cells, column)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{where}: {column} {text!r} is no date; write YYYY-MM-DD") from None


def _joined(rows: list[Row]) -> list[Row]:
    """One row a stated id; a name without one may occur once only."""
    by_id: dict[str, Row] = {}
    by_name: dict[str, Row] = {}
    for number, row in enumerate(rows):
        key = row.id or f"\0{number}"
        other = by_name.setdefault(same_name(row.name) or key, row)
        if other is not row and not (row.id and other.id):
            raise UsageError(
                f"{row.where}: {row.name} is named on {other.where} too; state one id in both if they are one person, "
                "otherwise one each"
            )
        by_id[key] = _join(by_id[key], row) if key in by_id else row
    return list(by_id.values())


def _join(first: Row, more: Row) -> Row:
    """Both rows in one: all images, and what either says. Raises UsageError where they contradict each other."""
    told = {field.name: getattr(more, field.name) for field in fields(Row) if getattr(more, field.name)}
    images = first.images + told.pop("images", ())
    del told["where"]
    for column, value in told.items():
        before = getattr(first, column)
        if before and before != value:
            raise UsageError(
                f"{more.where}: {column} of {first.id!r} is not what {first.where} says; make both the same, "
                "or state different ids"
            )
    return replace(first, images=images, **told)
