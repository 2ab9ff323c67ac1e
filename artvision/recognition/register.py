"""Which runs were made with a gallery: noted beside it before a run's first row, so that forgetting finds them all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from glob import escape
from pathlib import Path

from artvision.cache import write_atomic
from artvision.errors import GalleryError, one_line
from artvision.gallery import beside, real_path


def known_runs(path: Path) -> list[Path]:
    """Folders of the runs that were made with the gallery, as far as they were noted beside it.

    Raises GalleryError where the note cannot be read.
    """
    register = _register(path)
    try:
        lines = register.read_bytes().split(b"\n") if register.exists() else []
        return [Path(line) for line in dict.fromkeys(json.loads(line) for line in lines if line.strip())]
    except (OSError, ValueError, TypeError) as error:
        raise GalleryError(
            f"{register}, the list of runs made with the gallery, cannot be read ({one_line(error)}); restore it, or "
            "remove it and name the runs with --run"
        ) from None


def note_run(path: Path, folder: Path) -> None:
    """Remember that a run uses the gallery, so that `forget` finds it. Raises OSError where it cannot be noted."""
    if folder.resolve() not in known_runs(path):
        with _register(path).open("a", encoding="ascii") as file:
            # One line, whatever the name is made of.
            file.write(json.dumps(str(folder.resolve())) + "\n")


def drop_runs(path: Path, folders: Iterable[Path]) -> None:
    """Take runs that no longer exist off the list. Raises OSError."""
    gone = {folder.resolve() for folder in folders}
    kept = [json.dumps(str(folder)) + "\n" for folder in known_runs(path) if folder not in gone]
    write_atomic(_register(path), "".join(kept).encode("ascii"))


def files_beside(path: Path) -> list[Path]:
    """The gallery, and what lies beside it under names that contain its own: copies, locks, lists."""
    real = real_path(path)
    return sorted(real.parent.glob(f"*{escape(real.name)}*"))


def _register(path: Path) -> Path:
    return beside(path, "{}.runs")
