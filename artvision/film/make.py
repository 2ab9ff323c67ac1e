"""What decides which stills a film gives and what they look like: where it changes, films are looked through anew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from artvision.settings import Settings

SCAN = "2"  # raise when the same film would give other stills
EYES = "1"  # raise when shut eyes would give way to others
DECODE = "2"  # raise when the same frame would become other pixels
DECODER = "av"
# One of the first two.
CHOOSERS = ("scenedetect", "scenedetect-headless", "imagehash")


def make_of_still() -> dict[str, str]:
    """What decides the pixels of a still."""
    return {"decode": DECODE, **_versions((DECODER,))}


def make_of_film(settings: Settings, eyes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What decides the stills of a film. `eyes`: what decides the second look, where there is one."""
    second = {"eyes": EYES, "stages": eyes} if eyes else {}
    asked = {"stills": settings.stills, "max_stills": settings.max_stills}
    return {"scan": SCAN, **second, **asked, **make_of_still(), **_versions(CHOOSERS)}


@cache
def _versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
