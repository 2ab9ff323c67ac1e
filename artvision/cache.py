"""The cache folder: what may be thrown away and comes back. A read-only or full cache costs time, never a result."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs


def cache_dir() -> Path:
    """`$ARTVISION_CACHE` where it is set, otherwise the user's cache folder of this platform. May not exist yet."""
    return Path(os.environ.get("ARTVISION_CACHE") or platformdirs.user_cache_dir("artvision"))


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, never half. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def hash_file(path: Path) -> str:
    """sha256 of a file's bytes, lower-case hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def known_hash(path: Path, *, fresh: bool = False) -> str:
    """`hash_file`, remembered for as long as size and both time stamps of the file stay what they were.

    `fresh` reads the bytes again and renews the memory. Raises OSError where the file cannot be read.
    """
    status = path.stat()
    # ctime too: `cp -p` and `rsync` give a replaced file the old size and modification time
    stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    memory = cache_dir() / "hashes" / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()}.json"
    if not fresh and (remembered := _recall(memory, stamp)):
        return remembered
    found = hash_file(path)
    with suppress(OSError):
        write_atomic(memory, json.dumps({"path": str(path), "stamp": stamp, "sha256": found}).encode())
    return found


def remembered(kind: str, key: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
    """A JSON value that `compute` gives, computed once for a `key`, which says all that decides it."""
    digest = hashlib.sha256(json.dumps(dict(key), sort_keys=True).encode()).hexdigest()
    memory = cache_dir() / kind / f"{digest[:32]}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return json.loads(memory.read_text(encoding="utf-8"))["value"]
    value = compute()
    with suppress(OSError):
        write_atomic(memory, json.dumps({"value": value}).encode())
    return value


def _recall(memory: Path, stamp: list[int]) -> str:
    try:
        remembered = json.loads(memory.read_text())
        return str(remembered["sha256"]) if remembered["stamp"] == stamp else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
