"""All canvases of a picture as one drawing: crops, what is covered, faces, and a word set in each title slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from artvision.framing.box import Box
from artvision.framing.canvas import Canvas, Frame, Title
from artvision.framing.telling import contrast, survivors
from artvision.image import Pixels

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont
Row = Mapping[str, Any]  # a struct of the column `canvases`, `faces`

WORD = "TITLE"
ACROSS = 4  # cells in a row
# Pixels: the most a crop takes, what lies between, a line of writing.
CELL, TALL, GAP, LINE = 340, 300, 18, 18
HATCH = 9  # pixels between the lines over what is reserved
PAPER, INK, FAINT = (24, 24, 27), (235, 235, 238), (160, 160, 168)
COVERED, YELLOW, GREEN, RED = (220, 40, 40), (255, 205, 40), (40, 220, 120), (255, 90, 90)
LEGEND = ((YELLOW, "faces"), (GREEN, "title slot"), (COVERED, "reserved: unsafe bands, badge"))
INKS = {"white": (255, 255, 255), "black": (0, 0, 0)}


def draw_sheet(pixels: Pixels, faces: Sequence[Row], fits: Sequence[tuple[Canvas, Row]]) -> Image.Image:
    """An RGB image with a cell a canvas, in order, and a legend; `pixels` (H, W, 3) uint8 are the whole picture."""
    cells = [_cell(pixels, faces, canvas, row) for canvas, row in fits]
    rows = [cells[start : start + ACROSS] for start in range(0, len(cells), ACROSS)]
    heights = [max(cell.height for cell in row) for row in rows]
    height = GAP + sum(height + GAP for height in heights) + LINE + GAP
    sheet = Image.new("RGB", (GAP + ACROSS * (CELL + GAP), height), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for place, cell in enumerate(row):
            sheet.paste(cell, (GAP + place * (CELL + GAP), top + height - cell.height))
        top += height + GAP
    _legend(ImageDraw.Draw(sheet), top)
    return sheet


@dataclass(frozen=True)
class Shown:
    """A crop as it is drawn: `crop` in the picture comes to `size` pixels."""

    crop: Box
    size: tuple[int, int]

    def place(self, box: Box) -> tuple[float, float, float, float]:
        """A box of the picture in pixels of the drawing, at least one."""
        (wide, high), crop = self.size, self.crop
        x, y = wide / crop.width, high / crop.height
        left, top = (box.x0 - crop.x0) * x, (box.y0 - crop.y0) * y
        return left, top, max(left, (box.x1 - crop.x0) * x - 1), max(top, (box.y1 - crop.y0) * y - 1)


def _cell(pixels: Pixels, faces: Sequence[Row], canvas: Canvas, row: Row) -> Image.Image:
    crop, aspect = _box(row), canvas.frame.aspect
    size = (CELL, max(1, round(CELL / aspect))) if aspect > CELL / TALL else (max(1, round(TALL * aspect)), TALL)
    shown = Shown(crop, size)
    image = _cut(pixels, crop).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image, "RGBA")
    _reserved(draw, shown, canvas.frame)
    for face in faces:
        draw.rectangle(shown.place(_box(face)), outline=(*YELLOW, 255), width=2)
    if row["slot"] and canvas.title is not Title.FORBIDDEN:
        _title(draw, shown, row["slot"])
    lines = _caption(canvas, row)
    cell = Image.new("RGB", (CELL, size[1] + 6 + LINE * len(lines)), PAPER)
    cell.paste(image, ((CELL - size[0]) // 2, 0))
    for number, (text, ink) in enumerate(lines):
        ImageDraw.Draw(cell).text((4, size[1] + 6 + LINE * number), text, fill=ink, font=_font(14))
    return cell


def _box(row: Row) -> Box:
    return Box(row["x0"], row["y0"], row["x1"], row["y1"])


def _cut(pixels: Pixels, crop: Box) -> Image.Image:
    """The crop in whole pixels, at least one."""
    height, width = pixels.shape[:2]
    left, top = min(width - 1, round(crop.x0 * width)), min(height - 1, round(crop.y0 * height))
    right, bottom = max(left + 1, round(crop.x1 * width)), max(top + 1, round(crop.y1 * height))
    return Image.fromarray(pixels).crop((left, top, right, bottom))


def _reserved(draw: ImageDraw.ImageDraw, shown: Shown, frame: Frame) -> None:
    """Unsafe bands and the badge, shaded and hatched."""
    x0, y0, x1, y1 = frame.safe
    bands = Box(0, 0, 1, y0), Box(0, y1, 1, 1), Box(0, y0, x0, y1), Box(x1, y0, 1, y1)
    for area in (*bands, frame.badge):
        if area and area.width > 0 and area.height > 0:
            place = shown.place(area.placed(shown.crop))
            draw.rectangle(place, fill=(*COVERED, 90))
            _hatch(draw, place)


def _hatch(draw: ImageDraw.ImageDraw, place: tuple[float, float, float, float]) -> None:
    """Slanted lines over a box and its outline, in light ink: on red and on dark art the shade alone is lost."""
    x0, y0, x1, y1 = place
    for offset in range(round(x0 + y0) + HATCH, round(x1 + y1), HATCH):
        low, high = max(x0, offset - y1), min(x1, offset - y0)
        draw.line((low, offset - low, high, offset - high), fill=(*INK, 110))
    draw.rectangle(place, outline=(*INK, 160))


def _title(draw: ImageDraw.ImageDraw, shown: Shown, slot: Row) -> None:
    """The slot's outline, and the word as large as it fits, in the better ink."""
    x0, y0, x1, y1 = shown.place(_box(slot))
    draw.rectangle((x0, y0, x1, y1), outline=(*GREEN, 255), width=2)
    font = _fitting((x1 - x0) * 0.9, (y1 - y0) * 0.8)
    draw.text(((x0 + x1) / 2, (y0 + y1) / 2), WORD, fill=INKS[slot["ink"]], font=font, anchor="mm")


def _fitting(width: float, height: float) -> Font:
    """The largest font in which the word is no larger than that."""
    left, top, right, bottom = _font(100).getbbox(WORD)
    return _font(max(6, int(100 * min(width / (right - left), height / (bottom - top)))))


def _caption(canvas: Canvas, row: Row) -> list[tuple[str, tuple[int, int, int]]]:
    """The lines below a crop, each with its ink; text where it was looked for."""
    lines = [
        (f"{canvas.id}  {canvas.shape}", INK),
        (f"faces: {survivors(row, 'faces')}", RED if row["faces_cut"] else FAINT),
    ]
    textless, slot = canvas.title is Title.FORBIDDEN, row["slot"]
    if row["text_whole"] is not None:
        wrong = row["text_cut"] or (textless and row["text_whole"])
        lines.append((f"text: {survivors(row, 'text')}", RED if wrong else FAINT))
    if textless:
        return [*lines, ("no title: the artwork must be textless", FAINT)]
    return [*lines, (f"slot {slot['emptiness']:.0%} bare, {contrast(slot)}" if slot else "no room for a title", FAINT)]


def _legend(draw: ImageDraw.ImageDraw, top: int) -> None:
    """What each colour of the drawings stands for, in one line."""
    left, font = float(GAP), _font(14)
    for colour, meaning in LEGEND:
        swatch = left, top + 3, left + 12, top + 15
        if colour is COVERED:
            draw.rectangle(swatch, fill=colour)
            _hatch(draw, swatch)
        else:
            draw.rectangle(swatch, outline=colour, width=2)
        draw.text((left + GAP, top), meaning, fill=FAINT, font=font)
        left += 2 * GAP + font.getlength(meaning) + GAP


def _font(size: int) -> Font:
    return ImageFont.load_default(size)
