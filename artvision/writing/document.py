"""One file that a person asked for: written whole or not at all, and said where that fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artvision.errors import RunError
from artvision.writing.staging import write_text


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """`write_document` of content as JSON, without NaN."""
    write_document(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", path)


def write_document(text: str, path: Path) -> None:
    """Write a text, in folders that are made where they lack. Raises RunError where it cannot be written."""
    if path.is_dir():
        raise RunError(f"{path} cannot be written: it is a folder; name a file in it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(text, path)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}; name another file") from None
