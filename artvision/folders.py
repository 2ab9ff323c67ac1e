"""The files below a folder, each folder once, with what is left out said."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from artvision.catalog import Skipped
from artvision.decoding.formats import PICTURES


def files_below(folder: str, skipped: list[Skipped]) -> Iterator[str]:
    """Files below `folder`, sorted within each; each folder once, even where links lead back to it."""
    seen: set[tuple[int, int]] = set()
    open_folders = [folder]
    while open_folders:
        current = open_folders.pop()
        try:
            identity = os.stat(current)  # noqa: PTH116 - the path is a string here
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            skipped.append(Skipped(printable(current), f"unreadable folder: {error.strerror}"))
            continue
        if (identity.st_dev, identity.st_ino) in seen:
            skipped.append(Skipped(printable(current), "a link to a folder that is read already"))
            continue
        seen.add((identity.st_dev, identity.st_ino))
        folders, files = _sorted_out(entries, skipped)
        open_folders += reversed(folders)
        yield from files


def _sorted_out(entries: Iterable[os.DirEntry[str]], skipped: list[Skipped]) -> tuple[list[str], list[str]]:
    folders: list[str] = []
    files: list[str] = []
    for entry in entries:
        if entry.name.startswith("."):
            skipped.append(Skipped(printable(entry.path), "hidden"))
        elif not _is_folder(entry):
            files.append(entry.path)
        else:
            folders.append(entry.path)
            if Path(entry.name).suffix.lower() in PICTURES:
                skipped.append(Skipped(printable(entry.path), "a folder named like a picture: what is in it is read"))
    return folders, files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: it fails later, as an input of its own
        return False


def printable(path: str) -> str:
    """`path` with bytes that are no UTF-8 shown as escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
