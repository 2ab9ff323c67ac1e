"""Reading ahead: objects that will be wanted soon are on their way while others are computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from threading import Lock
from typing import TypeVar

from artvision.catalog import Asset
from artvision.errors import DecodeError, StoreError
from artvision.film.address import file_of, moment
from artvision.image import read_bytes
from artvision.stores.films import bring_film
from artvision.stores.objects import Content, read_object
from artvision.stores.schemes import is_uri
from artvision.stores.stamp import stamp_of_file

AT_ONCE = 16  # transfers under way
# Objects on their way or waiting to be taken: what reading ahead may hold in memory.
HELD = 32
# Objects in a row that the network did not bring, and the run ends.
GIVEN_UP = 32

Chunk = TypeVar("Chunk", bound=Sequence[Asset])


class Reader:
    """Gives the content of assets; of those it was told of in `expect`, remote ones have been begun.

    Every order of `expect` and `read` gives the same bytes. Threads may share one; a copy in another process begins
    empty.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        # By path, in the order in which they will be wanted.
        self._waiting: dict[str, Asset] = {}
        self._begun: dict[str, Future[Content]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._lost = 0  # objects in a row that the network did not bring

    def __reduce__(self) -> tuple[type[Reader], tuple[()]]:
        return Reader, ()

    def expect(self, assets: Iterable[Asset]) -> None:
        """Begin to read those of the assets that lie in a store, as far as there is room; of stills bring the films."""
        there = [asset for asset in assets if is_uri(asset.path)]
        for film, stamp in {file_of(asset.path): asset.stamp for asset in there if moment(asset.path)}.items():
            with suppress(DecodeError):  # it is told when the still is read
                bring_film(film, stamp)
        if remote := [asset for asset in there if not moment(asset.path)]:
            with self._lock:
                self._waiting |= {asset.path: asset for asset in remote if asset.path not in self._begun}
                self._fill()

    def ahead(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks as they are; as many pictures as can be held are expected before they are given out."""
        source, held = iter(chunks), list[Chunk]()
        while True:
            while sum(map(len, held)) < HELD and (more := list(islice(source, 1))):
                self.expect(more[0])
                held += more
            if not held:
                return
            yield held.pop(0)

    def read(self, asset: Asset) -> Content:
        """The content of an asset and its stamp. Raises DecodeError, and StoreError where none can be read."""
        if is_uri(asset.path) and moment(asset.path):
            film = bring_film(file_of(asset.path), asset.stamp)
            return Content(read_bytes(asset.path), film.stamp)
        if not is_uri(asset.path):
            # Before the bytes: a file that changes meanwhile is read again next time.
            stamp = stamp_of_file(asset.path)
            return Content(read_bytes(asset.path), stamp)
        with self._lock:
            begun = self._begun.pop(asset.path, None)
            self._waiting.pop(asset.path, None)
        try:
            content = begun.result() if begun else _read(asset)
        except DecodeError as error:
            self._count_lost(asset, error)
            raise
        else:
            self._lost = 0
        finally:
            with self._lock:
                self._fill()
        return content

    def close(self) -> None:
        """Drop what nobody took."""
        with self._lock:
            self._waiting.clear()
            self._begun.clear()
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)

    def _count_lost(self, asset: Asset, error: DecodeError) -> None:
        """Raises StoreError where nothing comes any more: a million objects would each wait for their time-out."""
        with self._lock:
            self._lost = self._lost + 1 if error.reason == "network" else 0
            if self._lost >= GIVEN_UP:
                raise StoreError(  # by then another thread may have lost one more
                    f"{asset.path}: nothing came for {GIVEN_UP} objects in a row; the same command goes on from here"
                ) from error

    def _fill(self) -> None:
        """Begin what there is room for."""
        if self._pool is None and self._waiting:
            self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="artvision-read")
        while self._pool is not None and self._waiting and len(self._begun) < HELD:
            path = next(iter(self._waiting))
            self._begun[path] = self._pool.submit(_read, self._waiting.pop(path))


def _read(asset: Asset) -> Content:
    return read_object(asset.path, known=asset.stamp)
