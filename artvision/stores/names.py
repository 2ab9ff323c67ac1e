"""Names of objects: their endings, and what a catalogue in a store may name."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from artvision.errors import DecodeError, SourceError
from artvision.stores.objects import read_object
from artvision.stores.schemes import inner_path, is_uri, lists

DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True)
class Remote:
    """An object as a catalogue's readers use a path: its ending, where it lies, its bytes."""

    uri: str

    def __str__(self) -> str:
        return self.uri

    @property
    def suffix(self) -> str:
        """Its ending with the dot, as written."""
        return suffix_of(self.uri)

    def read_bytes(self) -> bytes:
        """Its content. Raises SourceError where it is not to be had."""
        try:
            return read_object(self.uri).data
        except DecodeError as error:
            raise SourceError(str(error)) from error.__cause__


def name_of(uri: str) -> str:
    """The last part of the path of `uri`; the question part of a web address does not belong to it."""
    return PurePosixPath(_path(uri)).name


def suffix_of(uri: str) -> str:
    """The ending of its name with the dot."""
    return PurePosixPath(_path(uri)).suffix


def located(cell: str, catalog: str) -> str:
    """The URI that a cell of the catalogue at the URI `catalog` means.

    ValueError where it names a file of this machine, or climbs out of the bucket or server: whoever wrote a
    catalogue in a store must not choose what is read here.
    """
    if cell.startswith(("file://", "/", "\\")) or DRIVE.match(cell):
        raise ValueError("a catalogue in a store cannot name a file of this machine")
    if is_uri(cell):
        return cell
    root, path = _divided(catalog)
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), cell))
    if found == ".." or found.startswith("../"):
        raise ValueError("it leads out of the bucket in which the catalogue lies")
    return f"{root}/{found}"


def _path(uri: str) -> str:
    return inner_path(uri) if lists(uri) else urlsplit(uri).path


def _divided(uri: str) -> tuple[str, str]:
    """(`s3://bucket`, the path in it without a leading slash)."""
    scheme, _, rest = uri.partition("://")
    if not lists(uri):
        rest = urlsplit(uri).netloc + urlsplit(uri).path
    bucket, _, path = rest.partition("/")
    return f"{scheme}://{bucket}", path
