"""How a still is named: the path of its film and its time, `film.mp4#t=12.480` (W3C Media Fragments URI 1.0, 4.2.1)."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

ENDINGS = frozenset({
    ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv",
    ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip
# 0x47, with which every packet of an MPEG transport stream begins (ISO/IEC 13818-1, 2.4.3.2).
SYNC = b"G"

_STILL = re.compile(
    rf"(.*(?:{'|'.join(map(re.escape, sorted(ENDINGS)))}))#t=([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?)",
    re.IGNORECASE | re.DOTALL,
)


class Moment(NamedTuple):
    """A time in seconds from the start of the film at a path."""

    film: str
    time: Fraction


def is_film(path: str) -> bool:
    """Whether the ending is that of a film."""
    return Path(path).suffix.lower() in ENDINGS


def looks_like_film(path: str) -> bool:
    """The same for a file that nobody named: TypeScript's sources end in `.ts` too."""
    if not is_film(path) or Path(path).suffix.lower() != ".ts":
        return is_film(path)
    try:
        with Path(path).open("rb") as file:
            return file.read(1) == SYNC
    except OSError:  # it fails as unreadable
        return True


def moment(path: str) -> Moment | None:
    """The film and the time that the path of a still names; None for every other path."""
    found = _STILL.fullmatch(path)
    return Moment(found[1], Fraction(found[2])) if found else None


def file_of(path: str) -> str:
    """The file in which the picture lies: the film of a still, otherwise the path itself."""
    found = moment(path)
    return found.film if found else path


def still_of(film: str, time: Fraction | float) -> str:
    """The still of a film, named by its path or its asset id, at a time; to the millisecond."""
    return f"{film}#t={float(milliseconds(time)):.3f}"


def timecode(time: Fraction | float) -> str:
    """`HH:MM:SS.mmm`."""
    seconds, rest = divmod(milliseconds(time), 1)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{round(1000 * rest):03d}"


def milliseconds(time: Fraction | float) -> Fraction:
    """The time as addresses name it: in seconds, rounded to a thousandth."""
    return Fraction(round(Fraction(time) * 1000), 1000)
