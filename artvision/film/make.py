"""What decides which stills a film gives and what they look like: where it changes, films are looked through anew."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from artvision.settings import Settings

SCAN = "2"  # raise when the same film would give other stills
DECODE = "2"  # raise when the same frame would become other pixels
DECODER = "av"
CHOOSERS = ("scenedetect", "scenedetect-headless", "imagehash")  # one of the first two


def make_of_still() -> dict[str, str]:
    """What decides the pixels of a still."""
    return {"decode": DECODE, **_versions((DECODER,))}


def make_of_film(settings: Settings) -> dict[str, str | int]:
    """What decides the stills of a film."""
    asked = {"stills": settings.stills, "max_stills": settings.max_stills}
    return {"scan": SCAN, **asked, **make_of_still(), **_versions(CHOOSERS)}


@cache
def _versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
