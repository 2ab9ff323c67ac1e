"""Writing a run so that a reader never sees half of it, and a kill at any moment costs only what was open.

A chunk of finished pictures is written as rows, then marked by its ledger rows; unmarked rows are not trusted.
At the end everything is compacted into `.staging/commit.tmp`, and renaming that folder to `commit` is the one
moment at which the new run becomes the run. Moving its files out can be repeated until it is done.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from artvision import ledger
from artvision.damage import WORK, read_table
from artvision.errors import RunError
from artvision.fingerprint import told
from artvision.ledger import Entry
from artvision.run import STAGING, Run, find_run

NOTE = "fingerprint.json"  # in the staging folder, see `Staging._note`


class Staging:
    """Work in progress inside one run folder. Use `open_staging`."""

    def __init__(self, folder: Path, fingerprint: dict[str, Any], *, overwrite: bool) -> None:
        self.folder = folder
        self.path = folder / STAGING
        finish_commit(folder)
        found = _existing(folder, overwrite=overwrite)
        fresh = self._begin(fingerprint, found, overwrite=overwrite)
        self.base: Run | None = None if fresh else found
        self.next_chunk = 1 + max(map(_number, self.chunks()), default=-1)
        # Told of every chunk that is kept.
        self.on_sealed: Callable[[], None] = lambda: None

    def chunks(self) -> list[Path]:
        """Marked chunks in the order they were begun."""
        marks = sorted(self.path.glob(f"{WORK}*.ledger.parquet"), key=lambda mark: (_number(mark), mark.name))
        return [mark.with_name(mark.name.replace(".ledger", "")) for mark in marks]

    def entries(self) -> dict[str, Entry]:
        """asset_id -> entry of what is finished but not yet committed."""
        found: dict[str, Entry] = {}
        for chunk in self.chunks():
            found |= ledger.by_id(read_table(_mark(chunk)))
        return found

    def add(self, rows: pa.Table, entries: list[Entry]) -> None:
        """Keep finished pictures."""
        with writing_to(self.folder):
            seal_chunk(self.path / chunk_name(self.next_chunk), rows, entries)
        self.next_chunk += 1
        self.on_sealed()

    def discard(self) -> None:
        """Forget the work in progress. Its note goes first: without it whatever a kill leaves is not trusted."""
        self._note.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def leave(self) -> None:
        """Forget work that has not begun: what is refused leaves nothing behind."""
        if not self.chunks():
            self.discard()

    def restart(self, fingerprint: dict[str, Any], *, fresh: bool = False) -> None:
        """Forget the work in progress and begin with none."""
        self.discard()
        self.path.mkdir(parents=True)
        write_text(json.dumps({"fingerprint": fingerprint, "fresh": fresh}), self._note)
        self.next_chunk = 0

    @property
    def note(self) -> str:
        """The text of the note that vouches for the work in progress."""
        return self._note.read_text(encoding="utf-8")

    @property
    def _note(self) -> Path:
        """Says which fingerprint the work in progress has, and whether it is to replace the run that is there."""
        return self.path / NOTE

    def _found_note(self) -> dict[str, Any] | None:
        """The note of work in progress; without one that can be read nothing there is trusted."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return note if isinstance(note, dict) and {"fingerprint", "fresh"} <= note.keys() else None

    def _begin(self, fingerprint: dict[str, Any], found: Run | None, *, overwrite: bool) -> bool:
        """Resume, start or refuse; True where the run that is there is to be replaced and not extended."""
        work = self._found_note()
        extends = found is None or found.info["fingerprint"] == fingerprint
        if work and work["fingerprint"] == fingerprint and (work["fresh"] if overwrite else extends):
            return overwrite
        if not overwrite:
            if found is not None and not extends:
                _refuse(self.folder, fingerprint, found.info["fingerprint"], "a run")
            if work and found is None:
                _refuse(self.folder, fingerprint, work["fingerprint"], "an unfinished run")
        # What is left is work that nobody goes on with: an --overwrite that was abandoned for the run it would replace.
        self.restart(fingerprint, fresh=overwrite)
        return overwrite


@contextmanager
def open_staging(folder: Path, fingerprint: dict[str, Any], *, overwrite: bool = False) -> Iterator[Staging]:
    """Lock the folder and resume or start work in it. Raises RunError where it is taken, foreign or unwritable."""
    with alone_in(folder):
        with writing_to(folder):
            _refuse_foreign(folder)
            staging = Staging(folder, fingerprint, overwrite=overwrite)
        yield staging


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else writes to the folder meanwhile. Raises RunError where it is taken or unwritable."""
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise RunError(
                f"{folder} is being written by another artvision; wait for it or use another --out"
            ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn what the disk says against writing into one line with the way out."""
    try:
        yield
    except OSError as error:
        way = "sealed chunks are kept: mend it and run the same command again"
        raise RunError(f"cannot write {error.filename or folder}: {error.strerror or error}; {way}") from error


def finish_commit(folder: Path) -> None:
    """Move the files of a committed run to their places, `run.json` last, and drop what it no longer lists."""
    commit = folder / STAGING / "commit"
    if not commit.exists():
        return
    for file in sorted(commit.iterdir(), key=lambda file: (file.name == "run.json", file.name)):
        file.replace(folder / file.name)
    if (run := find_run(folder)) is not None:
        listed = {*run.info["parts"], *run.info["extras"]}
        for old in (*folder.glob("part-*.parquet"), *folder.glob("part-*.jsonl")):
            if old.name not in listed:
                old.unlink()
    (folder / STAGING / NOTE).unlink(missing_ok=True)  # see `discard`
    shutil.rmtree(folder / STAGING)


def sweep(folder: Path) -> None:
    """Finish an interrupted commit, and remove what a killed writer left half done; be `alone_in` the folder."""
    finish_commit(folder)
    shutil.rmtree(folder / STAGING / "commit.tmp", ignore_errors=True)
    for partial in (*folder.glob("*.tmp"), *(folder / STAGING).glob("*.tmp")):
        partial.unlink(missing_ok=True)


def chunk_name(number: int, writer: int | None = None) -> str:
    """The name of a chunk's rows; a `writer` that is not alone has a number of its own in it."""
    return f"chunk-{number:06d}{'' if writer is None else f'-{writer:010d}'}.parquet"


def seal_chunk(chunk: Path, rows: pa.Table, entries: list[Entry]) -> None:
    """Rows first, then the ledger rows that vouch for them."""
    write_table(rows, chunk)
    write_table(ledger.to_table(entries), _mark(chunk))


def write_table(table: pa.Table, path: Path) -> None:
    """Write, flush to the disk, rename: the name exists only when the content does."""
    partial = path.with_name(path.name + ".tmp")
    pq.write_table(table, partial, compression="zstd", write_page_checksum=True)
    seal(partial, path)


def write_text(text: str, path: Path) -> None:
    """The same for text."""
    partial = path.with_name(path.name + ".tmp")
    partial.write_text(text, encoding="utf-8")
    seal(partial, path)


def seal(partial: Path, path: Path) -> None:
    """Flush a finished file and give it its name."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def _number(chunk: Path) -> int:
    return int(chunk.name.split(".")[0].split("-")[1])


def _mark(chunk: Path) -> Path:
    return chunk.with_name(chunk.stem + ".ledger.parquet")


def _existing(folder: Path, *, overwrite: bool) -> Run | None:
    """The run that is there; one that cannot be read stops everything but its replacement."""
    try:
        return find_run(folder)
    except RunError:
        if overwrite:
            return None
        raise


def _refuse(folder: Path, new: dict[str, Any], old: dict[str, Any], what: str) -> None:
    if changed := told(old, new):
        lines = "\n  ".join(changed)
        raise RunError(
            f"{folder} holds {what} made differently; use another --out, or --overwrite to start anew:\n  {lines}"
        )


def _refuse_foreign(folder: Path) -> None:
    if (folder / STAGING).exists() or (folder / "run.json").exists():
        return
    if stray := next(folder.glob("part-*.parquet"), None):
        raise RunError(f"{stray} belongs to no run of artvision; use another --out")
