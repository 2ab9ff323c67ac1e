"""An answer as one picture: thumbnails in order, each with its rank, score, asset id and title."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from artvision import image
from artvision.cache import cache_dir
from artvision.errors import ArtvisionError, DecodeError, UsageError
from artvision.searching.finding import Hit

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

# Pixels: the most a thumbnail takes, and what lies between.
CELL, TALL, GAP = 220, 260, 14
# Pixels: a line, and all that stands below a thumbnail.
LINE, TEXT = 19, 3 * 19 + 6
MOST = 200  # thumbnails: the sheet stays under 10,000 pixels a side
WIDEST = 8  # columns
PAPER, FRAME, INK, FAINT = (24, 24, 27), (52, 52, 57), (235, 235, 238), (160, 160, 168)

# Pillow's own font has no letter with an accent, so one of the system's is taken where there is one.
BARE = "Aileron"
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf")


def draw_sheet(hits: Sequence[Hit], heading: str) -> Image.Image:
    """An RGB image with a cell a hit, `MOST` at most, in reading order; the heading says what is left out.

    A picture that cannot be read has the reason in its place.
    """
    cells = [(hit, _thumbnail(hit.row["path"])) for hit in hits[:MOST]]
    columns = min(WIDEST, max(3, round(len(cells) ** 0.5 * 1.2)))
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    heights = [max(thumbnail.height for _, thumbnail in row) for row in rows]
    tall = 2 * GAP + LINE + sum(height + TEXT + GAP for height in heights)
    sheet = Image.new("RGB", (GAP + columns * (CELL + GAP), tall), PAPER)
    more = f" (first {MOST} of {len(hits)})" if len(hits) > MOST else ""
    _line(sheet, (GAP, GAP // 2), heading + more, sheet.width - 2 * GAP, INK, 16)
    top = 2 * GAP + LINE
    for row, height in zip(rows, heights, strict=True):
        for place, (hit, thumbnail) in enumerate(row):
            left = GAP + place * (CELL + GAP)
            sheet.paste(thumbnail, (left + (CELL - thumbnail.width) // 2, top + height - thumbnail.height))
            _caption(sheet, (left, top + height + 6), hit)
        top += height + TEXT + GAP
    return sheet


def save_sheet(hits: Sequence[Hit], heading: str, path: Path | None = None) -> Path:
    """Write the sheet as PNG to `path`, or into the cache folder; returns where. Raises ArtvisionError."""
    target = path or _own_place(hits, heading)
    if target.suffix.lower() != ".png":
        raise UsageError(f"--sheet {target}: a contact sheet is a PNG; end its name in .png")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draw_sheet(hits, heading).save(target, "PNG")
    except OSError as error:
        raise ArtvisionError(f"cannot write {target}: {error.strerror or error}; name another with --sheet") from None
    return target


def _own_place(hits: Sequence[Hit], heading: str) -> Path:
    """One file a question, so that asking it again fills no disk."""
    asked = json.dumps([heading, [hit.row["asset_id"] for hit in hits]])
    return cache_dir() / "sheets" / f"{hashlib.sha256(asked.encode()).hexdigest()[:16]}.png"


def _caption(sheet: Image.Image, corner: tuple[int, int], hit: Hit) -> None:
    score = "" if hit.score is None else f" ({hit.score:.3f})"
    texts = f"{hit.rank}{score}", str(hit.row["asset_id"]), str(hit.row.get("title") or hit.row.get("title_id") or "")
    for number, text in enumerate(texts):
        _line(sheet, (corner[0], corner[1] + number * LINE), text, CELL, FAINT if number else INK)


def _thumbnail(path: str) -> Image.Image:
    """The picture, in the frame that a cell has for it; where it cannot be read, a card with the reason."""
    try:
        data = image.read_bytes(path)
        cap = image.default_max_pixels(1)
        picture = image.decode(data, name=path, long_side=TALL, short_side=0, max_pixels=cap, background=FRAME)
    except DecodeError as error:
        card = Image.new("RGB", (CELL, CELL // 2), FRAME)
        _line(card, (10, CELL // 4 - LINE), "not shown:", CELL - 20, FAINT)
        _line(card, (10, CELL // 4), error.reason.replace("_", " "), CELL - 20, INK)
        return card
    return ImageOps.contain(Image.fromarray(picture.pixels), (CELL, TALL))


def _line(
    sheet: Image.Image, corner: tuple[int, int], text: str, width: int, ink: tuple[int, int, int], size: int = 13
) -> None:
    """One line, shortened in its middle where it is too wide: ids often differ at both ends."""
    draw, font = ImageDraw.Draw(sheet), _font(size)
    plain = shown = _writable(" ".join(text.split()), font)
    length = min(len(plain), width)
    while length and draw.textlength(shown, font) > width:
        length -= 1
        shown = f"{plain[: length - length // 2]}…{plain[len(plain) - length // 2 :]}"
    draw.text(corner, shown, fill=ink, font=font)


def _writable(text: str, font: Font) -> str:
    """The text with nothing that Pillow's own font would show as a box."""
    if not isinstance(font, ImageFont.FreeTypeFont) or font.getname()[0] == BARE:
        letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
        return "".join(letters).encode("ascii", "replace").decode()
    return text


@cache
def _font(size: int) -> Font:
    for name in FONTS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)
