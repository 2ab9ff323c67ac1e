"""How sharp a face is, on a canonical face size so that two resolutions of the same art agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Side of the canonical face; a smaller face holds no detail to judge.
FACE_PIXELS = 48
# The four-neighbour Laplacian multiplies the finest checkerboard by 8.
MAX_SHARPNESS = 8.0
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def face_sharpness(pixels: NDArray[np.uint8], box: Sequence[float]) -> float:
    """Spread of the Laplacian over the spread of luma in a face, in [0, 8]; 0 for a face without contrast.

    `pixels` (H, W, 3) uint8; `box` x0, y0, x1, y1 in its pixels and inside it, resampled to FACE_PIXELS squared. The
    variance of the Laplacian is Pech-Pacheco et al. 2000 (ICPR); over that of BT.709 luma it ignores the contrast.
    """
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int)
    crop = Image.fromarray(pixels[y0:y1, x0:x1])
    face = np.asarray(crop.resize((FACE_PIXELS, FACE_PIXELS), Image.Resampling.BICUBIC)) @ _LUMA
    ring = face[:-2, 1:-1] + face[2:, 1:-1] + face[1:-1, :-2] + face[1:-1, 2:]
    contrast = float(face.std())
    return min(MAX_SHARPNESS, float((ring - 4 * face[1:-1, 1:-1]).std()) / contrast) if contrast > 0.5 else 0.0
