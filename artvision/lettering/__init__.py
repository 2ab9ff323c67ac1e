"""Finding text on artwork: where it lies, how much of it there is, in which script. What it says is not kept.

What follows decides the numbers and enters the fingerprint; it is here, so that reading it loads no library.
"""

from __future__ import annotations

from artvision.image import SCORE_SIDE

MODEL = "pp-ocrv6"  # id in models/manifest.toml
LIBRARIES = ("rapidocr", "onnxruntime", "opencv-python-headless", "pyclipper", "shapely")

SIDE = SCORE_SIDE  # long side in pixels at which text is looked for
UPSCALE = 4  # a picture smaller than that is enlarged this much at most
FLOOR = 0.5  # the detector's own: what scores less is no find
BELIEVED = 0.7  # score from which a find counts as text
# Share of the picture's height beyond which a find that cannot be read is no line of text.
TALLEST = 0.25
# Length over height from which a find that cannot be read has the shape of a line.
SLENDER = 2.0
SURE = 0.9  # reader's score from which a reading tells the script
FEWEST = 2  # letters that tell a script; signs that make a reading
SEARCH = {
    "side": SIDE,
    "upscale": UPSCALE,
    "floor": FLOOR,
    "believed": BELIEVED,
    "line": [TALLEST, SLENDER],
    "script": [SURE, FEWEST],
}
