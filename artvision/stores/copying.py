"""A run in a store copied into a folder of this machine: to be indexed, or to be gone on with."""

from __future__ import annotations

import shutil
from pathlib import Path

from artvision.errors import RunError
from artvision.run import STAGING
from artvision.stores.manifest import MANIFEST, Manifest, Stored, run_uri
from artvision.stores.snapshot import bring, lay
from artvision.writing.staging import alone_in, finish_commit, writing_to


def copied(uri: str, folder: Path) -> Path:
    """Make `folder` a copy of the run at `uri`, in one step. Raises RunError where there is none, or it is not to be.

    What was in the folder stays readable until the copy is whole.
    """
    found = bring(run_uri(uri))
    if found is None:
        raise RunError(f"{uri} holds no finished run; `artvision extract … -o {uri}` makes one")
    with alone_in(folder), writing_to(folder):
        waiting = folder / STAGING
        shutil.rmtree(waiting, ignore_errors=True)
        (waiting / "commit.tmp").mkdir(parents=True)
        laid(*found, waiting / "commit.tmp")
        (waiting / "commit.tmp").rename(waiting / "commit")
        finish_commit(folder)
    return folder


def emptied(folder: Path) -> None:
    """Remove everything but the lock that is held on it."""
    for old in folder.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
        elif old.name != ".lock":
            old.unlink()


def laid(manifest: Manifest, snapshot: Path, folder: Path) -> None:
    """Put the files of a snapshot into a folder; what makes it a run comes last."""
    lay({name: Stored(name, 0, "") for name in manifest.objects}, snapshot, folder)
    (folder / MANIFEST).write_bytes(manifest.text)
