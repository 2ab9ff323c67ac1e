"""Small pictures for the page, made from the files that rows name; a file that is gone is said, not an error."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from artvision.device import available_cores
from artvision.errors import DecodeError
from artvision.image import Picture, decode, default_max_pixels, read_bytes
from artvision.settings import Settings

# (assets on a page up to which, long side in pixels).
SIDES = ((150, 480), (1_000, 320))
SIDE = 200  # of a page with more
# Bytes a squared side: 5,000 of them are 48 MB in base64, and 60 with all beside them.
DENSITY = 7_200 / SIDE**2
# Quality of WebP and reduction: the first step that keeps to DENSITY.
LADDER = ((62, 1), (40, 1), (20, 1), (20, 2))


@dataclass(frozen=True)
class Thumbnail:
    """WebP bytes, empty where there are none; `note` says why, or that the file is not the one the row describes."""

    webp: bytes = b""
    note: str = ""


def side_for(assets: int) -> int:
    """Long side in pixels of the thumbnails on a page with so many assets."""
    return next((side for most, side in SIDES if assets <= most), SIDE)


def thumbnails(files: Sequence[tuple[str, str]], side: int) -> Iterator[Thumbnail]:
    """A thumbnail of long side at most `side` for each (path, content sha256), in order, made in threads."""
    workers = available_cores()
    cap = default_max_pixels(workers)
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda file: thumbnail(*file, side=side, max_pixels=cap), files)


def thumbnail(path: str, sha256: str | None, *, side: int, max_pixels: int) -> Thumbnail:
    """One thumbnail; whatever keeps the file from being read is its note."""
    try:
        data = read_bytes(path)
        background = Settings().background_rgb
        picture = decode(data, name=path, long_side=side, short_side=0, max_pixels=max_pixels, background=background)
    except DecodeError as error:
        return Thumbnail(note=f"{error.reason}: {str(error).removeprefix(f'{path}: ')}")
    changed = sha256 is not None and hashlib.sha256(data).hexdigest() != sha256
    return Thumbnail(
        _webp(picture, side), "the file has changed since: the numbers are those of the earlier one" * changed
    )


def _webp(picture: Picture, side: int) -> bytes:
    image, found = Image.fromarray(picture.pixels), b""
    for quality, reduction in LADDER:
        out = BytesIO()
        image.reduce(reduction).save(out, "WEBP", quality=quality, method=4)
        found = out.getvalue()
        if len(found) <= DENSITY * side**2:
            break
    return found
