"""Which files were being decoded when a process died, and whether one of them was the reason.

A native crash in a decoder takes the whole process with it, and would do so again on every resume. So each file is
noted while it is decoded. Whoever resumes after a death decodes the noted files in a process of their own first: a file
that ends this one too fails alone, one that does not had merely been there when somebody pulled the plug.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from artvision import interpreter

PREFIX, END = "decoding-", b"\0"


class Notes:
    """Notes in `folder` of what is being decoded, a file a thread; they outlive the process, whatever becomes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        return Notes, (self.folder,)

    @contextmanager
    def noted(self, path: str) -> Iterator[None]:
        """Note `path` while the block runs; costs some ten microseconds."""
        self._write(path.encode("utf-8", "surrogateescape") + END)
        try:
            yield
        finally:
            self._write(END)

    def _write(self, line: bytes) -> None:
        with suppress(OSError):  # a full disk says so where it matters
            if not hasattr(self._own, "note"):
                self._own.note = _Note(self.folder / f"{PREFIX}{os.getpid()}-{threading.get_native_id()}")
            self._own.note.write(line)


class _Note:
    """One file, whose first line counts; open as long as the thread that writes it lives."""

    def __init__(self, path: Path) -> None:
        self._file = -1
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)

    def write(self, line: bytes) -> None:
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, line)

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)


def noted(folder: Path) -> set[str]:
    """Paths that were being decoded when the process before this one died."""
    return {path for file in folder.glob(f"{PREFIX}*") if (path := _read(file))}


def forget(folder: Path, keep: Collection[str]) -> None:
    """Remove the notes of earlier processes, but those of the paths in `keep`: this process may die early too."""
    for file in folder.glob(f"{PREFIX}*"):
        if _read(file) not in keep:
            file.unlink(missing_ok=True)


def convict(paths: Iterable[str], decoding: Mapping[str, Any], seconds: float) -> dict[str, str]:
    """path -> how a process that decoded it ended, for those that ended badly; `decoding` as for `image.decode`."""
    tried = {path: _try(path, decoding, seconds) for path in paths}
    return {path: end for path, end in tried.items() if end}


def _read(file: Path) -> str:
    return file.read_bytes().partition(END)[0].decode("utf-8", "surrogateescape")


def _try(path: str, decoding: Mapping[str, Any], seconds: float) -> str | None:
    command = interpreter.command("artvision.suspects", json.dumps({"path": path, **decoding}))
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=seconds or None, env=interpreter.environment()
        )
    except subprocess.TimeoutExpired:
        return f"it was not done within {seconds:g} s"
    except (OSError, ValueError):  # no second process here: nothing is proved
        return None
    if done.returncode >= 0:
        return None
    with suppress(ValueError):
        return signal.Signals(-done.returncode).name
    return f"signal {-done.returncode}"


def _decode(path: str, **decoding: Any) -> None:
    from artvision import image
    from artvision.errors import DecodeError

    decoding["background"] = tuple(decoding["background"])
    with suppress(DecodeError):
        image.decode(image.read_bytes(path), name=path, **decoding)


if __name__ == "__main__":
    _decode(**json.loads(sys.argv[1]))
