"""What each stage of `extract` has to move and compute for one picture, counted from shapes; read by `roofline.py`.

Counts of numpy's passes are of the code as it is: change them with it. A pass over float32 moves 8 bytes a pixel with
one operand and 12 with two.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """A pixel of the canonical size costs this much, and each picture what is the same whatever its size.

    `bytes` moved by the passes numpy makes, `fused` by code that moves each plane once; `gathers` are elements read
    with a stride, `lookups` reads of a table, `roots` cube roots, `bins` increments of a histogram. A picture:
    `small` bytes moved in arrays of some hundred colours or cells, `taps` of filters, `calls` of numpy.
    """

    bytes: float
    fused: float
    gathers: float = 0
    lookups: float = 0
    roots: float = 0
    bins: float = 0
    small: float = 0
    taps: float = 0
    calls: int = 0


THIRD, HALF, QUARTER = 1 / 3, 1 / 4, 1 / 16  # pixels of every third, of the half and of the quarter size
CELLS = 450  # occupied cells of Lab in a photograph

PYRAMID = Counts(
    bytes=(31 + 2 * 22)  # colourfulness in 16 bits, two exact moments
    + 174 * THIRD  # hue histogram
    + (3 * 78 + 64 + 48)  # XYZ to f, Lab, means
    + (24 + 16) * THIRD
    + 8  # every third pixel, pieces put together
    + 116 * THIRD,  # cells of Lab
    fused=3 + 4 + 12 * THIRD,
    gathers=3 + 3 * THIRD,
    lookups=3,
    roots=3,
    bins=5 * THIRD,
    calls=200,
)
LIGHT = Counts(
    bytes=28
    + 24  # levels, mean and deviation
    + 48
    + 24 * THIRD  # noise
    + 64  # blockiness
    + 11
    + (68 + 128) * HALF,  # half size; sharpness, motion blur
    fused=4 + 1,
    bins=1,
    small=12 * 10 * 8 * CELLS * 20 + 12 * 32 * CELLS * 20,  # rounds of k-means; the window of the dominant colour
    taps=2 * 400 * 9,  # trends of the profiles
    calls=500,
)
COMPOSITION = Counts(
    bytes=(20 + 84 + 20 + 24) * HALF  # cells, gradient, its means, how busy it is
    + 3
    + (180 + 60) * QUARTER,  # quarter size; tilt, where detail is
    fused=1 + QUARTER,
    small=27 * 28 / 2 * 48 * 8 * 19 + 100 * 64 * 64 * 8,  # the largest rectangle; saliency and symmetry
    taps=2 * (128 * 72 * 9 + 64 * 64 * (9 + 9 + 21)),  # Gaussians
    calls=600,
)
BY_STAGE = {"pyramid": PYRAMID, "light": LIGHT, "composition": COMPOSITION}


def vit_flops(side: int = 256, patch: int = 32, width: int = 768, layers: int = 12, out: int = 512) -> float:
    """Multiplications and additions of a vision transformer's pass over one picture; ViT-B-32-256 by default."""
    patches = (side // patch) ** 2
    tokens = patches + 1
    layer = 24 * width**2 * tokens + 4 * tokens**2 * width  # projections and MLP of 4 × width; attention
    return 2.0 * patches * 3 * patch**2 * width + layers * layer + 2 * width * out


REFINEMENT = 2.0 * (22**2 * 27 * 28 + 9**2 * 252 * 48 + 3**2 * 192 * 64 + 576 * 128 + 128 * 5)  # R-Net, one crop
OUTPUT = 2.0 * (46**2 * 27 * 32 + 21**2 * 288 * 64 + 8**2 * 576 * 64 + 3**2 * 256 * 128 + 1152 * 256 + 256 * 15)


def mtcnn_flops(count: int, height: int, width: int) -> float:
    """The same of a pass of MTCNN over inputs of this shape: crops of R-Net or O-Net, or a level that P-Net sees."""
    if height == width and height in (24, 48):
        return count * (REFINEMENT if height == 24 else OUTPUT)
    return count * _proposal(height, width)


def _proposal(height: int, width: int) -> float:
    """Three convolutions of 3 × 3, the first pooled by 2, and two heads of 1 × 1."""
    first = (height - 2) * (width - 2)
    rows, columns = -(-(height - 2) // 2), -(-(width - 2) // 2)
    second, third = (rows - 2) * (columns - 2), (rows - 4) * (columns - 4)
    return 2.0 * (27 * 10 * first + 90 * 16 * second + (144 * 32 + 32 * 6) * third)
