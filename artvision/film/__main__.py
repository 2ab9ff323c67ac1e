"""Looks through one film for a parent process (`looking.py`), and tells it in JSON lines what it finds."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from artvision.errors import ArtvisionError, DecodeError, one_line
from artvision.film.scanning import Asked, content_sha256, scan


def main(task: dict[str, Any]) -> None:
    """One task: `path`, `asked`, and `known`, the hash of bytes that need no look."""
    path = task["path"]
    try:
        sha256 = content_sha256(path, _progress)
        found = None if sha256 == task["known"] else asdict(scan(path, sha256, Asked(**task["asked"]), _progress))
        _tell(found=found)
    except DecodeError as error:
        _tell(error=(error.reason, str(error)))
    except ArtvisionError as error:  # of this installation, and not of the film
        _tell(error=("unsupported", f"{path}: {error}"))
    except MemoryError:
        _tell(error=("memory", f"{path}: not enough memory to decode it; convert it to a smaller size"))
    except Exception as error:  # libraries raise nearly any type on bytes that are not what they promise
        _tell(error=("corrupt", f"{path}: cannot be looked through ({one_line(error)}); convert it"))


def _progress(step: str, done: float, of: float) -> None:
    _tell(at=(step, done, of))


def _tell(**said: Any) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
