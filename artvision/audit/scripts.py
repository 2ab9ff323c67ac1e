"""Which languages are near each other, and their scripts by a table with its source, `artvision/data/scripts.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from artvision.bundled import data_text
from artvision.extras import extra

LATIN = "Latn"
NEAR = 25  # default of langcodes.closest_match


def scripts_of(language: str) -> frozenset[str] | None:
    """ISO 15924 codes of the scripts that a BCP 47 tag allows, `zh-Hant-TW` or `pt_BR`; None where none is known.

    A script in the tag itself decides.
    """
    tag = _read(language)
    if tag is None:
        return None
    if tag.script:
        return _parts(tag.script)
    found = frozenset(script for script, languages in _table()["languages"].items() if tag.language in languages)
    return found or None


def near(first: str, second: str) -> bool | None:
    """Whether readers of one language read the other, whatever region and script: `nb` and `da`; None for no tag.

    By CLDR's distance of languages, with the limit that langcodes has for a match. `und` names none.
    """
    langcodes = extra("langcodes", "audit")
    languages = [tag and tag.language for tag in (_read(first), _read(second))]
    if None in languages:
        return None
    return bool(langcodes.tag_distance(*languages) < NEAR)


def script_of(name: str) -> frozenset[str] | None:
    """Codes of a script that is given by code or name, `Cyrl` or `cyrillic`; None for one that is not known."""
    code = name.strip().title()
    if code in _table()["names"] or code in _table()["parts"]:
        return _parts(code)
    found = frozenset(code for code, names in _table()["names"].items() if name.strip().lower() in names)
    return found or None


def _read(language: str) -> Any:
    """The tag, normalised; None for what is none."""
    langcodes = extra("langcodes", "audit")
    try:
        return langcodes.get(language)
    except langcodes.LanguageTagError:
        return None


def _parts(code: str) -> frozenset[str]:
    return frozenset(_table()["parts"].get(code, [code]))


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(data_text("scripts.toml"))
