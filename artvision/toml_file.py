"""TOML files that people write: one that cannot be read, or is none, is an error of one line that names it."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from artvision.errors import UsageError, one_line


class TomlFile(NamedTuple):
    """What a file says; `source` is what messages call it, `sha256` that of its text."""

    source: str
    sha256: str
    tables: dict[str, Any]


def read_toml(path: Path, option: str = "") -> TomlFile:
    """The file at `path`, which was named with `option`. Raises UsageError."""
    try:
        # Editors of Windows begin a file with a mark that TOML forbids.
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{option} {path} cannot be read: {one_line(error)}".lstrip()) from None
    return parse_toml(text, str(path))


def parse_toml(text: str, source: str) -> TomlFile:
    """The file with that text. Raises UsageError."""
    try:
        return TomlFile(source, hashlib.sha256(text.encode()).hexdigest(), tomllib.loads(text))
    except ValueError as error:
        raise UsageError(f"{source} is not TOML: {one_line(error)}") from None
