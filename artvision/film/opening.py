"""Films among the inputs become their stills: looked through once, and known from the ledger from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from artvision.catalog import Asset
from artvision.device import available_cores
from artvision.errors import DecodeError, UsageError
from artvision.film import require_extra
from artvision.film.address import is_film, still_of
from artvision.film.looking import Limits, look
from artvision.film.make import make_of_film
from artvision.film.scanning import CHECKSUM, EYES, SHOTS, Asked, Scanned
from artvision.film.still import Still
from artvision.fingerprint import digest
from artvision.image import available_memory, default_max_pixels
from artvision.landmarks import MODEL
from artvision.ledger import Entry, Outcome, catalogue_sha256, refreshed, stamp_of
from artvision.reporting import Reporter
from artvision.settings import Settings
from artvision.stores.films import bring_film, called
from artvision.stores.objects import stamp_of_object
from artvision.stores.schemes import is_uri
from artvision.stores.stamp import Stamp
from artvision.weights import get_model, require
from artvision.wording import counted

NO_FILMS = "a film, and --no-films leaves films out"

NAME = 32  # signs of a film's name beside a bar: a terminal has 80
COPY = "copy"  # the step before those of a look
# As people count them.
UNITS = {COPY: ("MB", 1e6), CHECKSUM: ("MB", 1e6), SHOTS: ("s", 1.0), EYES: ("shots", 1.0)}

Keep = Callable[[Entry], None]  # what was found of a film, so that it survives


@dataclass
class Opened:
    """`assets`: pictures as they were, and in the place of each film its stills.

    `standing`: entries of films that were looked through before; `skipped`: of those that are left out; `gone`: ids of
    stills that their films no longer give.
    """

    assets: list[Asset] = field(default_factory=list)
    standing: list[Entry] = field(default_factory=list)
    skipped: list[Entry] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)


class Films:
    """Opens the films among the inputs of a call, one after the other, each with all cores. Raises WeightsError."""

    def __init__(
        self, settings: Settings, reporter: Reporter, *, retry_failed: bool, eyes: Mapping[str, Any] | None = None
    ) -> None:
        """`eyes`: fingerprints of the stages by which shut eyes are to give way; None where they are not looked at."""
        self.settings, self.reporter, self.retry_failed, self.eyes = settings, reporter, retry_failed, bool(eyes)
        self.make = digest(make_of_film(settings, eyes))
        # By path: a film may advertise several titles.
        self._scans: dict[str, Scanned] = {}
        if eyes:
            # Now, and not as the failure of every film.
            require(get_model(MODEL))

    def opened(self, assets: Sequence[Asset], known: Mapping[str, Entry], run_id: str, keep: Keep) -> Opened:
        """The assets, films as their stills. `known`: entries of earlier calls by id; `keep` is told of new ones."""
        opened = Opened()
        named = {(asset.path, asset.title_id) for asset in assets}
        if self.settings.films:
            assets = [_stamped(asset) if is_film(asset.path) else asset for asset in assets]
            self._announce([asset for asset in assets if is_film(asset.path)], known)
        for asset in assets:
            if not is_film(asset.path):
                opened.assets.append(asset)
                continue
            before = known.get(asset.asset_id)
            earlier = before.stills if before else ()
            if not self.settings.films:
                left = _entry(asset, run_id, Outcome.SKIPPED, NO_FILMS, f"{asset.path}: {NO_FILMS}")
                opened.skipped.append(replace(left, stills=earlier))
                continue
            entry = self._film(asset, before, run_id, opened, keep)
            opened.gone |= {still_of(asset.asset_id, still.time) for still in earlier}
            stills = [_asset(asset, still) for still in entry.stills]
            opened.assets += [still for still in stills if (still.path, still.title_id) not in named]
        return opened

    def _announce(self, films: Sequence[Asset], known: Mapping[str, Entry]) -> None:
        """Nobody should wait for hours without knowing for what: a folder may hold more films than one thinks of."""
        open_ = [film for film in films if not ((before := known.get(film.asset_id)) and self._stands(film, before))]
        far = [film for film in open_ if is_uri(film.path)]
        if far or len(open_) > 1:
            size = sum(stamp_of(film).bytes or 0 for film in open_)
            copied = f", {len(far)} of them copied from stores" if far else ""
            first = f"{counted(len(open_), 'film')}, {size / 1e9:.1f} GB, to look through first{copied}"
            self.reporter.notice(f"{first}; --no-films: none")

    def _film(self, film: Asset, before: Entry | None, run_id: str, opened: Opened, keep: Keep) -> Entry:
        """The entry of a film: the one that stands, or a new one."""
        if before and self._stands(film, before):
            entry = refreshed(before, film)
            opened.standing.append(entry)
        else:
            entry = self._looked(film, before, run_id)
            keep(entry)
        return entry

    def _stands(self, film: Asset, before: Entry) -> bool:
        if before.status is Outcome.SKIPPED or (before.status is Outcome.FAILED and self.retry_failed):
            return False
        same = before.path == film.path and before.depends_sha256 == self.make
        now = stamp_of(film)
        return same and now.tells and now == (before.bytes, before.mtime_ns, before.etag)

    def _looked(self, film: Asset, before: Entry | None, run_id: str) -> Entry:
        """What is found now; a film that was only moved, copied or checked out again keeps what it had."""
        entry = _entry(film, run_id, depends_sha256=self.make)
        earlier = before if before and before.depends_sha256 == self.make and before.stills else entry
        try:
            found = self._scans.get(film.path) or self._look(film, earlier.content_sha256)
        except DecodeError as error:
            failed = replace(entry, status=Outcome.FAILED, reason=error.reason, message=str(error))
            # Nothing was learnt of the film: the next call looks again.
            if error.reason in {"unsupported", "network"}:
                failed = replace(failed, **Stamp()._asdict())
            self.reporter.advance(failed)
            return failed
        if found is None:
            stills = tuple(replace(still, film=film.path) for still in earlier.stills)
            return refreshed(earlier, film, **stamp_of(film)._asdict(), stills=stills)
        self._scans[film.path] = found
        return self._told(entry, found)

    def _told(self, entry: Entry, found: Scanned) -> Entry:
        kept = f"{counted(len(found.stills), 'still')} kept of {found.looked:,} looked at"
        said = f"{counted(found.shots, 'shot')}, {kept}"
        self.reporter.notice("; ".join([f"{entry.asset_id}: {said}", *found.notes]))
        return replace(entry, content_sha256=found.sha256, notes=(said, *found.notes), stills=found.stills)

    def _look(self, film: Asset, known: str | None) -> Scanned | None:
        try:
            require_extra()
        except UsageError as error:
            raise DecodeError("unsupported", f"{film.path}: {error}") from None
        threads = self.settings.workers or available_cores()
        cap = round(self.settings.max_megapixels * 1e6) or default_max_pixels(threads)
        asked = Asked(self.settings.stills, self.settings.max_stills, cap, threads, self.eyes)
        limits = Limits(self.settings.max_seconds, available_memory() // 2)
        progress = _Progress(self.reporter, film.asset_id)
        try:
            path = self._here(film, progress)
            with called(path, film.path):
                found = look(path, asked, limits, known, progress)
        finally:
            self.reporter.end()
        return found and replace(found, stills=tuple(replace(still, film=film.path) for still in found.stills))

    def _here(self, film: Asset, progress: _Progress) -> str:
        """The file of a film; one of a store is brought into the cache."""
        if not is_uri(film.path):
            return film.path
        return bring_film(film.path, film.stamp, partial(progress, COPY), anew=True).path


class _Progress:
    """Tells a reporter how far a look is: one count a step of it, as far as its whole is known."""

    def __init__(self, reporter: Reporter, name: str) -> None:
        self._reporter, self._step, self._done = reporter, "", 0
        self._name = name if len(name) <= NAME else f"…{name[1 - NAME :]}"
        self._count: Callable[[int], None] = lambda _: None

    def __call__(self, step: str, done: float, of: float) -> None:
        unit, size = UNITS[step]
        if step != self._step:
            self._reporter.end()
            self._step, self._done = step, 0
            self._count = self._reporter.count(f"{self._name}: {step}", round(of / size), unit)
        now = min(int(done / size), round(of / size))
        self._count(now - self._done)
        self._done = now


def _entry(
    film: Asset, run_id: str, status: Outcome = Outcome.OK, reason: str | None = None, message: str | None = None,
    depends_sha256: str | None = None,
) -> Entry:  # fmt: skip
    """The ledger row of a film: an input like any other, without a row in the table."""
    return Entry(
        film.asset_id,
        film.path,
        status,
        film.title_id,
        reason,
        message,
        **stamp_of(film)._asdict(),
        catalogue_sha256=catalogue_sha256(film),
        depends_sha256=depends_sha256,
        run_id=run_id,
    )


def _asset(film: Asset, still: Still) -> Asset:
    """The still as an input, with all that the catalogue says of its film."""
    asset_id, path = (still_of(name, still.time) for name in (film.asset_id, film.path))
    return replace(film, asset_id=asset_id, path=path, stated_id=False, still=still)


def _stamped(film: Asset) -> Asset:
    """The film with the stamp that its store tells. Raises StoreError where none is told of any object."""
    return replace(film, stamp=stamp_of_object(film.path)) if is_uri(film.path) and not film.stamp else film
