"""Writing a run into a store: worked out in a folder of the cache, published by putting `run.json` last.

Sealed chunks go to the store at once, so that another machine goes on where this one was killed. What was published
before stays whole until the new `run.json` is there, and is removed after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from artvision.errors import RunError, UsageError
from artvision.run import STAGING, Run, find_run
from artvision.stores.copying import emptied, laid
from artvision.stores.lock import Lock, locked
from artvision.stores.manifest import MANIFEST, OWN, Manifest, Stored, read_manifest, run_uri
from artvision.stores.place import Place
from artvision.stores.schemes import is_uri
from artvision.stores.snapshot import AT_ONCE, bring, cache_of
from artvision.writing.staging import Staging, alone_in, open_staging, writing_to


@contextmanager
def open_run(out: str | Path, fingerprint: dict[str, Any], *, overwrite: bool = False) -> Iterator[Staging]:
    """Staging for the run in the folder or at the prefix `out`; what is committed in it is published at the end.

    Raises RunError where the run is taken, foreign or cannot be written, and where another published meanwhile.
    """
    if not is_uri(str(out)):
        with open_staging(Path(out), fingerprint, overwrite=overwrite) as staging:
            yield staging
        return
    uri = run_uri(str(out))
    place = Place(uri)
    with locked(place) as lock:
        before = bring(uri)
        work = cache_of(uri) / "work"
        _prepare(work, place, before)
        with open_staging(work, fingerprint, overwrite=overwrite) as staging:
            chunks = Chunks(place, staging)
            chunks.begin()
            staging.on_sealed = chunks.send
            yield staging
            if (run := find_run(work)) is not None:
                publish(place, lock, run, before)


def refuse_people(out: str | Path) -> None:
    """Raises UsageError for a run in a store: forgetting a person reaches the runs of this machine only."""
    if is_uri(str(out)):
        raise UsageError(
            f"{out}: recognised actors are not written into a store, where `artvision actors forget` could not follow; "
            "use a folder, or leave --actors out"
        )


class Chunks:
    """The work in progress of a run in a store, kept like the local one."""

    def __init__(self, place: Place, staging: Staging) -> None:
        self.place, self.staging = place, staging
        self._sent: set[str] = set()

    def begin(self) -> None:
        """Remove chunks that the staging does not go on with; say which make the others are of."""
        kept = [chunk.name for chunk in self.staging.chunks()]
        self._sent = {*kept, *(Path(name).stem + ".ledger.parquet" for name in kept)}
        stale = [name for name in self.place.names(STAGING) if name.rpartition("/")[2] not in self._sent]
        # Marks go first, as they come last: rows that nothing vouches for are not trusted.
        self.place.remove(sorted(stale, key=lambda name: ".ledger." not in name))
        self._put(self.staging.path / "fingerprint.json")

    def send(self) -> None:
        """Put what was sealed since: rows first, then the ledger rows that vouch for them."""
        files = [file for file in self.staging.path.glob("chunk-*.parquet") if file.name not in self._sent]
        for file in sorted(files, key=lambda file: ".ledger." in file.name):
            self._put(file)
            self._sent.add(file.name)

    def _put(self, file: Path) -> None:
        self.place.put(f"{STAGING}/{file.name}", file.read_bytes())


def publish(place: Place, lock: Lock, run: Run, before: tuple[Manifest, Path] | None) -> None:
    """Make `run` what readers at the place see. Raises RunError where another has published since `before`."""
    manifest = before[0] if before else None
    if manifest is None or manifest.info["run_id"] != run.run_id:
        manifest = Manifest.build(run.info, _stored(run, before))
        _put_files(place, run, manifest, before[0].objects if before else {})
        lock.check()
        _refuse_replaced(place, before)
        place.put(MANIFEST, manifest.text)
    _clean(place, manifest)


def _put_files(place: Place, run: Run, manifest: Manifest, there: Mapping[str, Stored]) -> None:
    fresh = {name: stored for name, stored in manifest.objects.items() if there.get(name) != stored}

    def put(name: str) -> None:
        place.put(fresh[name].object, run.file(name).read_bytes())

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="artvision-put") as pool:
        for _ in pool.map(put, fresh):
            pass


def _stored(run: Run, before: tuple[Manifest, Path] | None) -> dict[str, Stored]:
    """Where each file of the run is or will be; a part that stood keeps its object."""
    found = {}
    for name in [*run.info["parts"], *run.info["extras"], "ledger.parquet", "contract.json"]:
        file, old = run.file(name), before[0].objects.get(name) if before else None
        stored = Stored.of(file, run.run_id)
        found[name] = old if old is not None and old.sha256 == stored.sha256 else stored
    return found


def _refuse_replaced(place: Place, before: tuple[Manifest, Path] | None) -> None:
    now = read_manifest(place.uri)
    if (now and now.text) != (before and before[0].text):
        raise RunError(f"{place.uri} was published by another artvision meanwhile; run the same command again")


def _clean(place: Place, manifest: Manifest) -> None:
    """Remove the unfinished work, and the objects of earlier runs and of publications that were killed."""
    listed = {stored.object for stored in manifest.objects.values()}
    place.remove([name for name in place.names() if OWN.fullmatch(name) and name not in listed])
    # The note goes first: without it whatever a kill leaves is not trusted.
    place.remove(sorted(place.names(STAGING), key=lambda name: not name.endswith("/fingerprint.json")))


def _prepare(work: Path, place: Place, before: tuple[Manifest, Path] | None) -> None:
    """Make the working folder what the store has: its run, and its unfinished work."""
    with alone_in(work), writing_to(work):
        emptied(work)
        for name in place.names(STAGING):
            if (content := place.get(name)) is not None:
                target = work / STAGING / name.rpartition("/")[2]
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(content)
        if before is not None:
            laid(*before, work)
