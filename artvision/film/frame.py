"""The picture that a film shows at one time, as the bytes of a file: what whoever opens an asset reads for a still."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from artvision.errors import DecodeError, one_line
from artvision.film.address import Moment, timecode
from artvision.film.colors import upright
from artvision.film.reading import LEAD, Film, Shown, opened

HALF = Fraction(1, 2000)  # of a millisecond, to which addresses round
PAST = 10  # seconds that the last frame may stand
# Seconds before the time to look for a key frame, where it comes too late.
BACK = tuple(map(Fraction, (0, 2, 10, 60)))


class Around(NamedTuple):
    """The frame that is on the screen at a time, with the frames before and after it."""

    before: Shown | None
    shown: Shown
    after: Shown | None


def still_bytes(moment: Moment, max_pixels: int) -> bytes:
    """An uncompressed 8-bit sRGB picture (BMP), upright, of square pixels, of what is shown at that moment.

    The same film gives the same bytes. DecodeError as `reading.opened`, `corrupt`, `memory`, and `missing` beyond the
    end; never another exception.
    """
    try:
        return _bytes(moment, max_pixels)
    except DecodeError:
        raise
    except MemoryError:
        raise DecodeError("memory", f"{moment.film}: not enough memory to decode it; lower --workers") from None
    except Exception as error:  # libraries raise nearly any type on bytes that are not what they promise
        raise DecodeError("corrupt", f"{moment.film}: cannot be decoded ({one_line(error)}); convert it") from error


def _bytes(moment: Moment, max_pixels: int) -> bytes:
    with opened(moment.film, max_pixels=max_pixels) as film:
        if found := _sought(film, moment.time):
            return _file(film, found, moment.time)
    with opened(moment.film, max_pixels=max_pixels) as film:
        if found := _at(film.frames(), moment.time, or_first=True):
            return _file(film, found, moment.time)
    raise DecodeError("corrupt", f"{moment.film}: nothing in it can be decoded; is it encrypted or damaged?")


def _sought(film: Film, time: Fraction) -> Around | None:
    """Decoded from a key frame before; from further back where a container leads past the time, or else not at all."""
    for seconds in BACK:
        if _seeks(film, time - seconds) and (found := _at(film.frames(time), time)):
            # What has stood for longer may hide a frame that was left out.
            return found if found.shown.time >= time - LEAD else _whole(film, time, seconds)
    return None


def _whole(film: Film, time: Fraction, seconds: Fraction) -> Around | None:
    """The same with no frame left out."""
    return _at(film.frames(), time) if _seeks(film, time - seconds) else None


def _file(film: Film, found: Around, time: Fraction) -> bytes:
    last = found.shown.time
    if found.after is None and time > last + PAST:
        raise DecodeError("missing", f"{film.path}: it ends at {timecode(last)}, before {timecode(time)}")
    file = BytesIO()
    Image.fromarray(upright(film, found)).save(file, "BMP")
    return file.getvalue()


def _seeks(film: Film, time: Fraction) -> bool:
    """Whether the container could look for that time."""
    from av.error import FFmpegError

    try:
        film.seek(time)
    except FFmpegError:
        return False
    return True


def _at(frames: Iterator[Shown], time: Fraction, *, or_first: bool = False) -> Around | None:
    """The last frame that begins by `time`; where there is none, the first one after or None."""
    before: Shown | None = None
    shown: Shown | None = None
    for frame in frames:
        if frame.time > time + HALF and (shown or not or_first):
            return Around(before, shown, frame) if shown else None
        before, shown = shown, frame
    return Around(before, shown, None) if shown else None
