"""Who is to be enrolled, as the user gives it: a folder for each person, or a manifest (CSV, TSV, JSON lines, Parquet).

Pictures are not opened here; one that is missing or holds no face costs its person one portrait, at enrolment.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from artvision.errors import UsageError
from artvision.gallery import same_name
from artvision.recognition.manifest import Row, pictures_in, read_manifest, visible
from artvision.recognition.matching import UNKNOWN


@dataclass(frozen=True)
class Rights:
    """What the command line says of everybody whose manifest says nothing of it; of a folder, always.

    An empty `scope` is every title, otherwise the title ids in it; `expires` is the last day of use.
    """

    basis: str = ""
    scope: tuple[str, ...] = ()
    added: date = field(default_factory=date.today)
    expires: date | None = None


@dataclass(frozen=True)
class Person:
    """One person to enrol; `images` are absolute paths, `where` the line or folder that names the person."""

    actor_id: str
    name: str
    images: tuple[Path, ...]
    where: str
    aliases: tuple[str, ...] = ()
    basis: str = ""
    scope: tuple[str, ...] = ()
    added: date = field(default_factory=date.today)
    expires: date | None = None


def read_people(source: Path, given: Rights) -> list[Person]:
    """The people of a folder or manifest, in its order; each has an id of their own and at least a name.

    A folder has one folder a person; its name is the person's, underscores read as spaces (a hyphen can belong to a
    name). A manifest has a row a person; rows that state one id are one person, their images joined. Raises UsageError
    naming the file and line.
    """
    if source.is_dir():
        people = _from_folders(source, given)
    else:
        people = [_from_row(row, given) for row in read_manifest(source)]
    if not any(person.images for person in people):
        raise UsageError(f"{source}: nobody in it has a picture; give a folder a person, or a manifest with images")
    _refuse_doubles(people)
    return people


def make_id(name: str) -> str:
    """«Uma Thurman» -> `uma-thurman`; other scripts keep their letters. Empty where it has none."""
    return unicodedata.normalize("NFC", same_name(name)).replace(" ", "-")


def _from_folders(source: Path, given: Rights) -> list[Person]:
    if loose := pictures_in(source):
        raise UsageError(
            f"{loose[0]} lies beside the folders of people; move it into the folder of the person it shows"
        )
    folders = [path for path in visible(source) if path.is_dir()]
    if not folders:
        raise UsageError(f"{source}: no folder in it; make one a person, named like them, with their pictures inside")
    return [_from_folder(folder, given) for folder in folders]


def _from_folder(folder: Path, given: Rights) -> Person:
    # files of macOS have decomposed names: the same text as the catalogue's only after composition
    name = " ".join(unicodedata.normalize("NFC", folder.name).replace("_", " ").split())
    images = pictures_in(Path(os.path.abspath(folder)))  # noqa: PTH100 - as for catalogues, links stay as written
    person = Person(_own_id("", name, str(folder)), name, images, str(folder))
    return _checked(replace(person, **vars(given)))


def _from_row(row: Row, given: Rights) -> Person:
    return _checked(
        Person(
            _own_id(row.id, row.name, row.where),
            row.name,
            row.images,
            row.where,
            row.aliases,
            row.basis or given.basis,
            row.scope or given.scope,
            row.added or given.added,
            row.expires or given.expires,
        )
    )


def _own_id(stated: str, name: str, where: str) -> str:
    found = stated or make_id(name)
    if not found:
        raise UsageError(f"{where}: the name {name!r} has no letter or digit to make an id of; state one in a manifest")
    return found


def _checked(person: Person) -> Person:
    for text in (person.name, *map(str, person.images)):
        if (printable := text.encode("utf-8", "replace").decode("utf-8")) != text:
            raise UsageError(f"{printable}: the name is not UTF-8; rename the file or folder")
    for name in (person.name, *person.aliases):
        if same_name(name) == UNKNOWN:
            raise UsageError(
                f"{person.where}: nobody can be called {name!r}: a run says so of faces not recognised; "
                "give another name or alias"
            )
    if person.expires is not None and person.expires < person.added:
        raise UsageError(
            f"{person.where}: {person.name} expires on {person.expires}, before being added on {person.added}"
        )
    return person


def _refuse_doubles(people: Sequence[Person]) -> None:
    first: dict[str, Person] = {}
    for person in people:
        other = first.setdefault(person.actor_id, person)
        if other is not person:
            raise UsageError(
                f"{person.where} and {other.where} both mean {person.actor_id!r}; join them, "
                "or state different ids in a manifest"
            )
