"""One file that a person asked for, a JSON of some kind: written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artvision.errors import RunError
from artvision.writing.staging import write_text


def write_document(content: Mapping[str, Any], path: Path) -> None:
    """Write the content, in folders that are made where they lack. Raises RunError where it cannot be written."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(text, path)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}; name another file with --out") from None
