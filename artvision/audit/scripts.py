"""In which scripts a language is written; the table, with its source, is `artvision/data/scripts.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from artvision.extras import extra

LATIN = "Latn"


def scripts_of(language: str) -> frozenset[str] | None:
    """ISO 15924 codes of the scripts that a BCP 47 tag allows, `zh-Hant-TW` or `pt_BR`; None where none is known.

    A script in the tag itself decides.
    """
    langcodes = extra("langcodes", "audit")
    try:
        tag = langcodes.get(language)
    except langcodes.LanguageTagError:
        return None
    if tag.script:
        return _parts(tag.script)
    found = frozenset(script for script, languages in _table()["languages"].items() if tag.language in languages)
    return found or None


def script_of(name: str) -> frozenset[str] | None:
    """Codes of a script that is given by code or name, `Cyrl` or `cyrillic`; None for one that is not known."""
    code = name.strip().title()
    if code in _table()["names"] or code in _table()["parts"]:
        return _parts(code)
    found = frozenset(code for code, names in _table()["names"].items() if name.strip().lower() in names)
    return found or None


def _parts(code: str) -> frozenset[str]:
    return frozenset(_table()["parts"].get(code, [code]))


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("artvision") / "data" / "scripts.toml").read_text(encoding="utf-8"))
