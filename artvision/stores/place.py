"""Writing objects below one prefix: whole or not at all, and where it is asked for only if nobody else did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from artvision.errors import DecodeError, RunError, UsageError
from artvision.stores.objects import read_object, told
from artvision.stores.schemes import connect, inner_path, scheme_of

MAX_FILE = 8 << 30  # bytes of one file of a run


class Place:
    """The objects below the prefix of one run, for writing. Raises RunError where the store refuses."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        if not scheme_of(uri).lists:
            raise UsageError(f"{uri}: a run can be read from the web and not be written there; use a folder or a store")

    def put(self, name: str, data: bytes) -> None:
        """Store an object whole, replacing what has the name."""
        with writing(f"{self.uri}/{name}"):
            connect(self.uri).pipe_file(self._inner(name), data)

    def create(self, name: str, data: bytes) -> bool:
        """Store an object unless there is one of the name; the store itself decides, for one writer only."""
        with writing(f"{self.uri}/{name}"):
            try:
                connect(self.uri).pipe_file(self._inner(name), data, mode="create")
            except FileExistsError:
                return False
        return True

    def get(self, name: str) -> bytes | None:
        """The content of an object, or None."""
        try:
            return read_object(f"{self.uri}/{name}", MAX_FILE).data
        except DecodeError as error:
            if error.reason in {"missing", "empty"}:
                return None
            raise RunError(str(error)) from error.__cause__

    def names(self, below: str = "") -> list[str]:
        """Names of the objects that lie directly below the prefix, or below a part of it, in order."""
        folder = self._inner(below).rstrip("/")
        with writing(f"{self.uri}/{below}"):
            try:
                found = connect(self.uri).ls(folder, detail=True)
            except FileNotFoundError:
                return []
        head = f"{below}/" if below else ""
        return sorted(head + str(info["name"]).rpartition("/")[2] for info in found if info["type"] == "file")

    def remove(self, names: Sequence[str]) -> None:
        """Remove objects; those that are gone already are no matter."""
        for name in names:
            with writing(f"{self.uri}/{name}"):
                try:
                    connect(self.uri).rm_file(self._inner(name))
                except FileNotFoundError:
                    continue

    def _inner(self, name: str) -> str:
        return f"{inner_path(self.uri)}/{name}"


@contextmanager
def writing(uri: str) -> Iterator[None]:
    """What a store says against writing becomes one line with the way out."""
    try:
        with told(uri):
            yield
    except DecodeError as error:
        way = "sealed chunks are kept: mend it and run the same command again"
        raise RunError(f"cannot write {error}; {way}") from error
