"""Two public-domain portraits as sightings: in their picture, cut out, and with boxes at the frame."""

from __future__ import annotations

from functools import cache

import matplotlib.cbook
import numpy as np
import skimage.data
from PIL import Image

from artvision.recognition.embedder import Sighting

BOXES = {"astronaut": (0.347, 0.115, 0.523, 0.344), "grace_hopper": (0.33, 0.199, 0.683, 0.564)}  # as MTCNN finds them
EDGES = [
    (0.1, 0.2, 0.6, 0.9),
    (0, 0, 1, 1),
    (0, 0.5, 0.31, 1),
    (0.5, 0.5, 0.503, 0.503),
    (0.9999, 0.9999, 1, 1),
    (1, 1, 1, 1),
]


@cache
def portrait(name):
    if name == "astronaut":
        return skimage.data.astronaut()
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        return np.array(image.convert("RGB"))


def sighting(name, change=lambda pixels: pixels, box=None):
    """The portrait's face after a change that leaves relative places alone; `points` are not read by either."""
    return Sighting(change(portrait(name)), box or BOXES[name], ((0.5, 0.5),) * 5)


def cropped(name, around):
    """The face alone in the frame, with `around` times its box on each side; at 0 it fills the frame."""
    pixels = portrait(name)
    height, width = pixels.shape[:2]
    left, top, right, bottom = np.rint(np.array(BOXES[name]) * [width, height, width, height]).astype(int)
    x, y = int(around * (right - left)), int(around * (bottom - top))
    inside = pixels[top - y : bottom + y, left - x : right + x]
    share = around / (1 + 2 * around)
    return Sighting(inside, (share, share, 1 - share, 1 - share), ((0.5, 0.5),) * 5)
