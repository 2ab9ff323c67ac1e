"""Films of stores, brought whole into the cache: a decoder jumps about in them, and every still asks for its own again.

CACHE/films/KEY/VERSION.mp4         one film as it was under one stamp
CACHE/films/KEY/VERSION.mp4.part    what has come of it so far; the next call goes on from there
What nobody has used for a day goes when another film comes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock

from artvision.cache import cache_dir
from artvision.errors import DecodeError
from artvision.stores.names import suffix_of
from artvision.stores.objects import AS_IT_IS, repeated, stamp_of_object, told
from artvision.stores.schemes import connect, inner_path, is_uri, scheme_of
from artvision.stores.stamp import Stamp

KEPT_SECONDS = 86_400.0
# Seconds for which the answer to what stamp a film has holds: a thousand stills ask for it.
ASKED_EVERY = 60.0
BLOCK = 1 << 24

# Bytes that are here, bytes in all (0: nobody knows).
Tell = Callable[[float, float], None]


class Here(NamedTuple):
    """A film on this machine, and the stamp of the object that it is a copy of."""

    path: str
    stamp: Stamp


_asked: dict[str, tuple[float, Stamp]] = {}


def film_here(path: str) -> str:
    """The file of a film: `path` itself, or the copy of the object that a URI names. Raises DecodeError, StoreError."""
    return bring_film(path).path if is_uri(path) else path


def bring_film(uri: str, known: Stamp | None = None, tell: Tell = lambda *_: None, *, anew: bool = False) -> Here:
    """The film at `uri`, brought here unless it is. `known`: its stamp, if it was asked for.

    `anew`: a copy that might be of another version, as its stamp does not tell, is not good enough. DecodeError as
    `read_object`; `unreadable` where the cache has no room.
    """
    stamp = known or _stamp(uri)
    _asked[uri] = time.monotonic(), stamp
    path = _home(uri) / f"{hashlib.sha256(repr(stamp).encode()).hexdigest()[:20]}{suffix_of(uri).lower()}"
    with _writing(uri):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if anew and not stamp.tells:
                path.unlink(missing_ok=True)
            if path.exists():
                os.utime(path)
            else:
                _sweep()
                _fetch(uri, stamp, path, tell)
    return Here(str(path), stamp)


@contextmanager
def called(path: str, name: str) -> Iterator[None]:
    """What is said of the copy at `path` is said of `name`."""
    try:
        yield
    except DecodeError as error:
        raise DecodeError(error.reason, str(error).replace(path, name)) from error.__cause__


def _home(uri: str) -> Path:
    return cache_dir() / "films" / hashlib.sha256(uri.encode()).hexdigest()[:20]


def _stamp(uri: str) -> Stamp:
    when, stamp = _asked.get(uri, (-ASKED_EVERY, Stamp()))
    return stamp if time.monotonic() - when < ASKED_EVERY else stamp_of_object(uri)


def _fetch(uri: str, stamp: Stamp, path: Path, tell: Tell) -> None:
    """Complete the part that is here; it becomes the film when it is whole and the object still what it was."""
    part = path.with_name(f"{path.name}.part")
    size = stamp.bytes or 0
    if size > shutil.disk_usage(path.parent).free + (part.stat().st_size if part.exists() else 0):
        raise _no_room(uri, f"{size:,} bytes")
    with told(uri):
        if scheme_of(uri).lists and size and stamp.tells:
            with part.open("ab") as file:
                _ranged(uri, size, file, tell)
        else:
            repeated(uri, lambda: _streamed(uri, size, part, tell))
    if stamp.bytes not in {None, part.stat().st_size} or (stamp.tells and stamp_of_object(uri) != stamp):
        part.unlink()
        raise DecodeError("network", f"{uri}: it changed while it was read; the next call reads it again")
    part.replace(path)


def _ranged(uri: str, size: int, file: BinaryIO, tell: Tell) -> None:
    """From a store that has sizes and ranges, and whose library repeats what breaks off."""
    store, inner = connect(uri), inner_path(uri)
    while (done := file.tell()) < size:
        tell(done, size)
        block = store.cat_file(inner, start=done, end=min(size, done + BLOCK))
        if not block:
            return
        _write(uri, file, block)


def _streamed(uri: str, size: int, part: Path, tell: Tell) -> None:
    """In one request, from the beginning."""
    source = connect(uri)
    options = {} if scheme_of(uri).lists else {"block_size": 0, "size": 1, "headers": AS_IT_IS}
    with source.open(inner_path(uri), **options) as answer, part.open("wb") as file:
        while block := answer.read(BLOCK):
            _write(uri, file, block)
            tell(file.tell(), size)


def _write(uri: str, file: BinaryIO, block: bytes) -> None:
    with _writing(uri):
        file.write(block)


@contextmanager
def _writing(uri: str) -> Iterator[None]:
    """A cache that cannot be written is one film that cannot be read."""
    try:
        yield
    except OSError as error:
        raise _no_room(uri, error.strerror or str(error)) from error


def _no_room(uri: str, what: str) -> DecodeError:
    return DecodeError("unreadable", f"{uri}: no room in the cache ({what}); ARTVISION_CACHE names a larger disk")


def _sweep() -> None:
    for old in (cache_dir() / "films").glob("*/*"):
        with suppress(OSError):  # another command sweeps too
            if time.time() - old.stat().st_mtime > KEPT_SECONDS:
                old.unlink()
