"""A published run, brought here as a run folder that never changes, so that one command sees one version throughout.

CACHE/runs/KEY/objects/    objects by their names
CACHE/runs/KEY/VERSION/    a run folder made of links to them
What is superseded stays for an hour, for who has it open.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from artvision.cache import cache_dir, write_atomic
from artvision.errors import DecodeError, RunError
from artvision.stores.manifest import MANIFEST, Manifest, Stored, read_manifest, run_uri
from artvision.stores.objects import read_object
from artvision.stores.place import MAX_FILE
from artvision.stores.schemes import is_uri
from artvision.stores.stamp import Stamp

AT_ONCE = 4  # files on their way, each whole in memory
TRIES = 5  # a run may be replaced while it is read, but not again and again
KEPT_SECONDS = 3600.0


def local_run(place: str | Path) -> Path:
    """The folder that `place` names; a run in a store is brought here first. Raises RunError where there is none."""
    if not is_uri(str(place)):
        return Path(place)
    uri = run_uri(str(place))
    found = bring(uri)
    if found is None:
        raise RunError(f"{uri} holds no finished run; `artvision extract … -o {uri}` makes one")
    return found[1]


def bring(uri: str) -> tuple[Manifest, Path] | None:
    """What is published at `uri` and a folder with all of it, or None. Raises RunError."""
    manifest = read_manifest(uri)
    for _ in range(TRIES):
        if manifest is None:
            return None
        try:
            return manifest, _folder(uri, manifest)
        except _GoneError as error:
            before, manifest = manifest, read_manifest(uri)
            if manifest is not None and manifest.text == before.text:
                raise RunError(f"{uri}: {error}, but {MANIFEST} names it: the run is damaged; make it anew") from None
    raise RunError(f"{uri} was replaced {TRIES} times while it was read; try again when its writers are done")


def cache_of(uri: str) -> Path:
    """The folder in the cache that belongs to a run in a store."""
    return cache_dir() / "runs" / hashlib.sha256(uri.encode()).hexdigest()[:20]


class _GoneError(Exception):
    """An object of the version that is being read is not there."""


def _folder(uri: str, manifest: Manifest) -> Path:
    home = cache_of(uri)
    folder = home / manifest.version
    try:
        if not folder.is_dir():
            _sweep(home, manifest)
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="artvision-run") as pool:
                for _ in pool.map(lambda stored: _fetch(uri, stored, home), manifest.objects.values()):
                    pass
            _assemble(home, manifest, folder)
    except OSError as error:
        what = f"the cache {error.filename or home} cannot be written ({error.strerror or error})"
        raise RunError(f"{uri} cannot be brought here: {what}; point ARTVISION_CACHE to a larger disk") from error
    return folder


def _fetch(uri: str, stored: Stored, home: Path) -> None:
    """Bring one object here, unless it is; what arrives altered is refused."""
    path = home / "objects" / stored.object
    if path.exists():
        return
    try:
        data = read_object(f"{uri}/{stored.object}", MAX_FILE, Stamp(stored.bytes)).data
    except DecodeError as error:
        if error.reason == "missing":
            raise _GoneError(f"{stored.object} is gone") from None
        raise RunError(str(error)) from error.__cause__
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise RunError(f"{uri}/{stored.object} is not what {MANIFEST} says: it was altered; make the run anew")
    write_atomic(path, data)


def _assemble(home: Path, manifest: Manifest, folder: Path) -> None:
    staged = Path(tempfile.mkdtemp(dir=home, prefix=".new-"))
    try:
        lay(manifest.objects, home / "objects", staged)
        (staged / MANIFEST).write_bytes(manifest.text)
        # Another command brought the same version meanwhile.
        with suppress(FileExistsError, OSError):
            staged.rename(folder)
        if not folder.is_dir():
            raise FileNotFoundError(2, "No such folder", str(folder))
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def lay(objects: Mapping[str, Stored], source: Path, target: Path) -> None:
    """Put files of a run into a folder under their names in it, as links where the disk has them."""
    for name, stored in objects.items():
        try:
            os.link(source / stored.object, target / name)
        except OSError:
            shutil.copyfile(source / stored.object, target / name)


def _sweep(home: Path, manifest: Manifest) -> None:
    """Drop superseded versions and objects that no other command should have in use any more."""
    wanted = {"objects", "work", *(stored.object for stored in manifest.objects.values())}
    for old in (*home.glob("*"), *(home / "objects").glob("*")):
        with suppress(FileNotFoundError):  # another command sweeps too
            if old.name in wanted or time.time() - old.stat().st_mtime < KEPT_SECONDS:
                continue
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()
