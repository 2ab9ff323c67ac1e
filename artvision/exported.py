"""Networks as onnxruntime runs them: written once from their weights, kept in the cache folder, loaded in a moment.

onnxruntime is imported in a fifth of the time that torch takes, and gives the same numbers in float32.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.cache import cache_dir, known_hash
from artvision.errors import WeightsError

# File name -> checksum, written last: a folder without it is not complete.
SUMS = "sha256.json"


class Session:
    """A loaded network; threads share one, and each call computes on the thread that made it."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own, of no common kind
            raise WeightsError(f"{path} cannot be loaded by onnxruntime: {error}; remove the file") from error
        self._input = self._session.get_inputs()[0].name

    def __call__(self, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs for one input."""
        found: list[NDArray[np.float32]] = self._session.run(None, {self._input: x})
        return found


def exported(key: Mapping[str, Any], build: Callable[[Path], None]) -> Path:
    """A folder with what `build` writes into it, from the cache where it is.

    `key` says all that decides the content. Files that were altered are written again; where the cache cannot be
    written, the folder is a temporary one until the program ends.
    """
    folder = _place(key)
    if _complete(folder):
        return folder
    with suppress(OSError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-", ignore_cleanup_errors=True) as making:
            made = Path(making) / "made"
            _write(made, build)
            _put(made, folder)
            return folder
    made = Path(_temporary_folder().name) / folder.name
    if not _complete(made):
        _write(made, build)
    return made


def is_exported(key: Mapping[str, Any]) -> bool:
    """Whether the cache seems to have what `exported` gives for this key; nothing is checked."""
    return (_place(key) / SUMS).exists()


def _place(key: Mapping[str, Any]) -> Path:
    digest = hashlib.sha256(json.dumps(dict(key), sort_keys=True).encode()).hexdigest()
    return cache_dir() / "networks" / digest[:32]


def _write(folder: Path, build: Callable[[Path], None]) -> None:
    folder.mkdir(exist_ok=True)
    build(folder)
    sums = {path.name: known_hash(path, fresh=True) for path in sorted(folder.iterdir())}
    (folder / SUMS).write_text(json.dumps(sums), encoding="utf-8")


def _put(made: Path, folder: Path) -> None:
    """Give a finished folder its name; another process may have been faster, or an altered one may be in the way."""
    if folder.exists():
        folder.rename(made.with_name("old"))
    made.rename(folder)


def _complete(folder: Path) -> bool:
    """Whether all files are there and have the bytes that were written."""
    try:
        sums: dict[str, str] = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        return all(known_hash(folder / name) == checksum for name, checksum in sums.items())
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=1)
def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="artvision-", ignore_cleanup_errors=True)
