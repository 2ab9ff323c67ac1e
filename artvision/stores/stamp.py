"""By what a file or object is known to be unchanged without reading it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from artvision.film.address import file_of

VALIDATORS = ("ETag", "etag", "md5Hash", "Last-Modified", "LastModified", "last_modified", "updated", "created")


class Stamp(NamedTuple):
    """Size and, of a file, its modification time in nanoseconds; of an object, what its store tells versions by."""

    bytes: int | None = None
    mtime_ns: int | None = None
    etag: str | None = None

    @property
    def tells(self) -> bool:
        """Whether the same stamp means the same content."""
        return self.mtime_ns is not None or self.etag is not None


def stamp_of_file(path: str) -> Stamp:
    """The stamp of a file, for a still that of its film; an empty one where there is no such file."""
    try:
        stat = Path(file_of(path)).stat()
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return Stamp()
    return Stamp(stat.st_size, stat.st_mtime_ns)


def stamp_of_info(info: Mapping[str, Any]) -> Stamp:
    """The stamp of an object, from what fsspec tells of it: the ETag, or else the time of the last change."""
    found = next((str(info[name]) for name in VALIDATORS if info.get(name)), None)
    return Stamp(info.get("size"), None, found)
