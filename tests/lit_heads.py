"""Drawn heads: balls lit from a known side, people as flat shapes, rims of light; the faces a detector would tell."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from artvision.image import Picture
from artvision.stages.base import Result

BOX = (0.42, 0.25, 0.58, 0.45)  # of the face, in a picture as wide as high


def srgb(linear):
    """Linear light in [0, 1] as 8-bit sRGB."""
    linear = np.clip(linear, 0, 1)
    code = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(code * 255).astype(np.uint8)


def ball(side, tilt, height, ambient=0.05, box=BOX):
    """(side, side, 3): a matt ellipsoid that fills `box`, lit by a far lamp `tilt` degrees clockwise from above and
    `height` degrees out of the picture plane."""
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side
    u, v = ((c - (lo + hi) / 2) / (hi - lo) * 2 for c, lo, hi in ((x, box[0], box[2]), (y, box[1], box[3])))
    out = np.sqrt(np.clip(1 - u**2 - v**2, 0, 1))
    turn, up = np.radians(tilt), np.radians(height)
    lamp = np.sin(turn) * np.cos(up), -np.cos(turn) * np.cos(up), np.sin(up)
    lit = ambient + 0.9 * np.clip(u * lamp[0] + v * lamp[1] + out * lamp[2], 0, None)
    return srgb(np.where(u**2 + v**2 <= 1, lit, 0.02))[..., None].repeat(3, axis=2)


def person(side, tone, ground, box=BOX, loose=1.2):
    """(side, side, 3): a head, shoulders and a body of one colour before a ground of another, antialiased."""
    large, scale = Image.new("RGB", (4 * side,) * 2, ground), 4 * side
    draw = ImageDraw.Draw(large)
    x0, y0, x1, y1 = (edge * scale for edge in box)
    middle, face = (x0 + x1) / 2, y1 - y0
    wide, high = 1.25 * (x1 - x0) / 2, 1.25 * face / 2
    head, reach = (middle, y1 - high), 1.25 * face
    draw.ellipse(_around(*head, loose * wide, loose * high), fill=tone)
    draw.ellipse(_around(middle, y1 + reach, loose * reach, loose * reach), fill=tone)
    draw.rectangle((middle - loose * reach, y1 + reach, middle + loose * reach, scale), fill=tone)
    return np.asarray(large.resize((side, side), Image.Resampling.BOX))


def ringed(side, head, line, ground, box=BOX):
    """(side, side, 3): a head of one colour with a line of another around it."""
    large, scale = Image.new("RGB", (4 * side,) * 2, ground), 4 * side
    draw = ImageDraw.Draw(large)
    x0, y0, x1, y1 = (edge * scale for edge in box)
    wide, high = 1.25 * (x1 - x0) / 2, 1.25 * (y1 - y0) / 2
    for factor, colour in ((1.15, line), (1.0, head)):
        draw.ellipse(_around((x0 + x1) / 2, y1 - high, factor * wide, factor * high), fill=colour)
    return np.asarray(large.resize((side, side), Image.Resampling.BOX))


def shown(pixels):
    """The picture as a stage gets it."""
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def told(*boxes, score=0.99):
    """What the stage `faces` says of faces with these boxes."""
    rows = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes]
    return Result({}, {"faces": [row | {"score": score, "height": row["y1"] - row["y0"]} for row in rows]})


def seen(stage, pixels, *boxes, score=0.99):
    """The values that the stage gives a picture with such faces."""
    return stage.run([shown(pixels)], {"faces": [told(*boxes, score=score)]})[0].values


def _around(x, y, wide, high):
    return x - wide, y - high, x + wide, y + high
