"""Made pictures that nobody would take for photographs: flat fills, outlines, hatching."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

INKS = ((250, 240, 225), (214, 60, 50), (40, 90, 160), (240, 180, 40), (30, 30, 40), (120, 170, 110), (235, 150, 120))


def cartoon(width=600, height=900, seed=0):
    """(H, W, 3) uint8: rounded shapes of flat colour with black outlines, and lines of hatching, antialiased."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (2 * width, 2 * height), INKS[int(random.integers(len(INKS)))])
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = random.uniform(0, 2 * width), random.uniform(0, 2 * height)
        a, b = random.uniform(30, 400, 2)
        ink = INKS[int(random.integers(len(INKS)))]
        draw.ellipse((x - a, y - b, x + a, y + b), fill=ink, outline=INKS[4], width=10)
        for step in range(int(random.integers(0, 12))):
            draw.line((x - a / 2, y + 18 * step, x + a / 2, y + 18 * step - b / 3), fill=INKS[4], width=5)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))
