"""The job of one worker: a chunk of assets becomes rows and ledger entries, and no asset can spoil another's."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from artvision.errors import DecodeError
from artvision.exhaustion import Portions
from artvision.film.still import Still
from artvision.guard import Decoding, Guard
from artvision.image import Picture
from artvision.isolation import Found, run_stage
from artvision.ledger import Entry, Outcome, catalogue_cells, catalogue_sha256, stamp_of
from artvision.record import Record
from artvision.sources import Asset
from artvision.stages.base import Result, Stage
from artvision.stores.ahead import Reader
from artvision.stores.stamp import Stamp

FILM = "film"  # the format of a still

# An asset, and the content hash under which a row of it is already known.
Job = tuple[Asset, str | None]


@dataclass
class Done:
    """What became of a chunk: an entry an asset, a record for those that have a row, seconds by step.

    `halved` counts, by stage, batches that were too large for the memory. `sealed`: the worker that computed it has
    written it to the staging folder, and the records stayed there.
    """

    entries: list[Entry] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    halved: Counter[str] = field(default_factory=Counter)
    sealed: bool = False

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time spent inside to `step`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start

    def add(self, other: Done) -> None:
        """Take what became of another chunk in."""
        self.entries += other.entries
        self.records += other.records
        for step, spent in other.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + spent
        self.halved += other.halved


@dataclass(frozen=True)
class Loaded:
    """A decoded asset on its way through the stages."""

    asset: Asset
    picture: Picture
    entry: Entry


def standing(
    jobs: Sequence[Job], run_id: str, depends: Callable[[Asset], str | None], reader: Reader
) -> tuple[Done, list[Asset]]:
    """Entries of the jobs whose content is known after all, and the assets that are left; nothing is decoded.

    A checkout touches every file: finding that out must not cost the loading of a model.
    """
    done, left = Done(), []
    reader.expect(asset for asset, known_sha256 in jobs if known_sha256 is not None)
    for asset, known_sha256 in jobs:
        with done.timed("read"):
            same = known_sha256 is not None and _content_sha256(asset, reader) == known_sha256
        if same:
            done.entries.append(replace(_opened(asset, run_id, depends), content_sha256=known_sha256))
        else:
            left.append(asset)
    return done, left


class Worker:
    """Callable on a chunk of assets; holds only what all threads share."""

    def __init__(
        self,
        stages: Sequence[Stage],
        decoding: Decoding,
        run_id: str,
        depends: Callable[[Asset], str | None],
        guard: Guard,
        reader: Reader,
    ) -> None:
        self.stages = stages
        self.depends = depends
        self.decoding = decoding
        self.run_id = run_id
        self.guard = guard
        self.portions = Portions()
        self.reader = reader

    def __call__(self, assets: Sequence[Asset]) -> Done:
        """Read, decode, run every stage, lay out."""
        done = Done()
        self.reader.expect(assets)
        loaded = [item for asset in assets if (item := self._load(asset, done))]
        found = self._run_stages(loaded, done)
        for index, item in enumerate(loaded):
            results, failures = _divided(found, index)
            done.records.append(Record(_cells(item, self.run_id), results, failures))
            done.entries.append(_closed(item.entry, failures))
        return done

    def given_up(self, asset: Asset, reason: str, message: str) -> Entry:
        """The entry of an asset that is not looked at."""
        entry = _opened(asset, self.run_id, self.depends)
        return replace(entry, status=Outcome.FAILED, has_row=False, reason=reason, message=message)

    def examine(self, asset: Asset) -> tuple[Loaded, dict[str, Result], dict[str, str]]:
        """(what was loaded, results by stage, failure messages by stage) of one asset. Raises DecodeError."""
        done = Done()
        loaded = self._load(asset, done)
        if loaded is None:
            failed = done.entries[0]
            raise DecodeError(failed.reason or "", failed.message or "")
        return loaded, *_divided(self._run_stages([loaded], done), 0)

    def _load(self, asset: Asset, done: Done) -> Loaded | None:
        """The decoded asset; or None, with the entry of its failure written."""
        entry = _opened(asset, self.run_id, self.depends)
        try:
            with done.timed("read"):
                content = self.guard.read(asset.path, lambda: self.reader.read(asset))
                entry = replace(entry, **content.stamp._asdict())
                entry = replace(entry, content_sha256=hashlib.sha256(content.data).hexdigest())
            with done.timed("decode"):
                picture = self.guard.decode(content.data, asset.path, self.decoding)
        except DecodeError as error:
            # Nothing was learnt of the object: the next call asks again.
            if error.reason == "network":
                entry = replace(entry, **Stamp()._asdict())
            done.entries.append(
                replace(entry, status=Outcome.FAILED, has_row=False, reason=error.reason, message=str(error))
            )
            return None
        still = asset.still or Still.named(asset.path)
        advertised = replace(picture, title_id=asset.title_id, cast=asset.cast, still=still)
        if still:
            advertised = replace(advertised, format=FILM)
        return Loaded(asset, advertised, replace(entry, notes=picture.notes))

    def _run_stages(self, loaded: Sequence[Loaded], done: Done) -> dict[str, list[Found]]:
        """What each stage found, by stage name, one entry a picture."""
        pictures = [item.picture for item in loaded]
        found: dict[str, list[Found]] = {}
        for stage in self.stages:
            with done.timed(stage.name):
                found[stage.name] = run_stage(stage, pictures, found, self.portions, done.halved)
        return found


def _divided(found: Mapping[str, Sequence[Found]], index: int) -> tuple[dict[str, Result], dict[str, str]]:
    """(results, failure messages) by stage, of the picture at `index`."""
    own = {name: column[index] for name, column in found.items()}
    results = {name: result for name, result in own.items() if isinstance(result, Result)}
    failures = {
        name: f"{name}: {type(error).__name__}: {error}" for name, error in own.items() if isinstance(error, Exception)
    }
    return results, failures


def _content_sha256(asset: Asset, reader: Reader) -> str | None:
    try:
        return hashlib.sha256(reader.read(asset).data).hexdigest()
    except DecodeError:
        return None


def _opened(asset: Asset, run_id: str, depends: Callable[[Asset], str | None]) -> Entry:
    return Entry(
        asset.asset_id,
        asset.path,
        Outcome.OK,
        asset.title_id,
        **stamp_of(asset)._asdict(),
        run_id=run_id,
        catalogue_sha256=catalogue_sha256(asset),
        depends_sha256=depends(asset),
        has_row=True,
    )


def _closed(entry: Entry, failures: Mapping[str, str]) -> Entry:
    """A picture in which a stage failed keeps its row, and counts as failed."""
    if not failures:
        return entry
    return replace(
        entry, status=Outcome.FAILED, reason="stage", message=f"{entry.path}: " + "; ".join(failures.values())
    )


def _cells(item: Loaded, run_id: str) -> dict[str, object]:
    picture = item.picture
    shape = {"width": picture.width, "height": picture.height, "format": picture.format}
    keys = {"asset_id": item.asset.asset_id, "content_sha256": item.entry.content_sha256, "run_id": run_id}
    return keys | shape | catalogue_cells(item.asset)
