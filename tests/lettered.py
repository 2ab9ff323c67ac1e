"""Pictures with lines of text at known places, set in fonts that matplotlib carries."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from pictures import photo
from PIL import Image, ImageDraw, ImageFont

from artvision.image import Picture

FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
INK = (245, 240, 225)


def lettered(*lines, size=(1280, 720), face="DejaVuSans-Bold", scene=None):
    """(picture as an array, boxes of the lines); a line is (text, x, y, height), x and y its top left; all shares."""
    ground = photo(*size, seed=3) // 2 if scene is None else scene
    art = Image.fromarray(ground)
    draw, boxes = ImageDraw.Draw(art), []
    for text, x, y, height in lines:
        font = ImageFont.truetype(str(FONTS / f"{face}.ttf"), round(height * size[1]))
        draw.text((x * size[0], y * size[1]), text, font=font, fill=INK)
        box = draw.textbbox((x * size[0], y * size[1]), text, font=font)
        boxes.append([edge / size[axis % 2] for axis, edge in enumerate(box)])
    return np.asarray(art), boxes


def as_picture(pixels):
    return Picture(pixels, pixels.shape[1], pixels.shape[0])
