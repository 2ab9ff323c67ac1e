"""Reading objects: the bytes of one, its stamp, what lies below a prefix. A transfer that breaks off is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from artvision.errors import DecodeError
from artvision.extras import extra
from artvision.stores.failures import explained, is_passing
from artvision.stores.schemes import connect, inner_path, scheme_of
from artvision.stores.stamp import VALIDATORS, Stamp, stamp_of_info

# No artwork file is a gibibyte; a disk image given by mistake is.
MAX_BYTES = 1 << 30
# Of a web server, whose library repeats nothing; seconds before the second, then doubled.
ATTEMPTS, PAUSE = 4, 0.5
BLOCK = 1 << 20
# Packed, a picture has another size and ETag than `HEAD` says.
AS_IT_IS = {"Accept-Encoding": "identity"}

Found = TypeVar("Found")


@dataclass(frozen=True)
class Content:
    """The bytes of an object, and the stamp that they had."""

    data: bytes
    stamp: Stamp


@dataclass(frozen=True)
class Listed:
    """One object below a prefix."""

    uri: str
    stamp: Stamp


def read_object(uri: str, max_bytes: int = MAX_BYTES, known: Stamp | None = None) -> Content:
    """The content of an object; more than `max_bytes` + 1 bytes are never asked for. `known`: its stamp as listed.

    DecodeError `missing`, `forbidden`, `network`, `unreadable`, `empty`, `too_large`, `unsupported`; StoreError where
    no object of the store can be read.
    """
    with told(uri):
        read = _streamed if not scheme_of(uri).lists else _ranged
        content = repeated(uri, lambda: read(uri, max_bytes, known))
    if not content.data:
        raise DecodeError("empty", f"{uri}: the object has no bytes; copy it there again")
    return content


def stamp_of_object(uri: str) -> Stamp:
    """The stamp of an object, by asking its store; an empty one where it is not to be had. Raises StoreError."""
    try:
        with told(uri):
            return stamp_of_info(repeated(uri, lambda: connect(uri).info(inner_path(uri))))
    except DecodeError:
        return Stamp()


def objects_below(prefix: str, *, pattern: bool = False) -> list[Listed]:
    """All objects below a prefix, or those that match a pattern; a prefix that is an object gives that one.

    Nothing is asked of the objects one by one. A pattern gives the prefixes that match too, with a stamp without a
    size. Raises DecodeError and StoreError as `read_object`.
    """
    if not scheme_of(prefix).lists:
        raise DecodeError(
            "unsupported",
            f"{prefix}: a web server does not say what it has; name each picture, in a catalogue or a list",
        )
    with told(prefix):
        store, inner = connect(prefix), inner_path(prefix)
        found = store.glob(inner, detail=True) if pattern else store.find(inner, detail=True)
    return [
        Listed(_uri(prefix, str(info["name"])), stamp_of_info(info) if info["type"] == "file" else Stamp())
        for info in found.values()
        if pattern or info["type"] == "file"
    ]


@contextmanager
def told(uri: str) -> Iterator[None]:
    """Whatever a library raises inside becomes an error of ours."""
    try:
        yield
    except Exception as error:
        meant = explained(uri, error)
        raise meant from error if meant is not error else error.__cause__


def repeated(uri: str, attempt: Callable[[], Found]) -> Found:
    """What `attempt` gives, tried again while it breaks off, unless the store's own library does so."""
    if scheme_of(uri).retries:
        return attempt()
    tenacity = extra("tenacity", scheme_of(uri).extra)
    again = tenacity.Retrying(
        retry=tenacity.retry_if_exception(is_passing),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=PAUSE),
        reraise=True,
    )
    found: Found = again(attempt)
    return found


def _ranged(uri: str, max_bytes: int, known: Stamp | None) -> Content:
    """From a store that has sizes and ranges."""
    store, inner = connect(uri), inner_path(uri)
    stamp = known or _asked(store, inner)
    _check_size(uri, stamp.bytes, max_bytes)
    if stamp.bytes == 0:
        return Content(b"", stamp)
    data = bytes(store.cat_file(inner, start=0, end=max_bytes + 1))
    _check_size(uri, len(data), max_bytes)
    return Content(data, stamp)


def _asked(store: Any, inner: str) -> Stamp:
    """The stamp; empty where the answer is only that we may not: the answer to reading says why."""
    try:
        return stamp_of_info(store.info(inner))
    except PermissionError:
        return Stamp()


def _streamed(uri: str, max_bytes: int, known: Stamp | None) -> Content:  # noqa: ARG001 - the answer has it
    """From a web server: one request, whose headers are the stamp, read no further than allowed."""
    with connect(uri).open(uri, block_size=0, size=1, headers=AS_IT_IS) as file:
        headers = file.r.headers
        stated = headers.get("Content-Length", "")
        size = int(stated) if stated.isdecimal() and "Content-Encoding" not in headers else None
        _check_size(uri, size, max_bytes)
        blocks, taken = [], 0
        while block := file.read(BLOCK):
            blocks.append(block)
            taken += len(block)
            _check_size(uri, taken, max_bytes)
    kept = {name: headers[name] for name in VALIDATORS if name in headers}
    return Content(b"".join(blocks), stamp_of_info({"size": size} | kept))


def _check_size(uri: str, size: int | None, max_bytes: int) -> None:
    if size is not None and size > max_bytes:
        raise DecodeError("too_large", f"{uri}: {size:,} bytes, {max_bytes:,} are read at most")


def _uri(like: str, inner: str) -> str:
    scheme = like.partition("://")[0]
    return f"{scheme}://{inner.partition('://')[2] if '://' in inner else inner.lstrip('/')}"
