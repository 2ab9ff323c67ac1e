"""How a face is lit, read off its shading: from which side, how strongly, how hard.

A face is taken for the front of an ellipsoid that fills its box: where the light comes from one side, one half is
lighter than the other. Eyes, beards and hair are not modelled; what they do to the figures is in docs/benchmarks.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.image import Pixels
from artvision.pixels.color import to_luminance
from artvision.pixels.figure import Box

SIDE = 48  # of the canonical face
# Of the box's radii: what lies beyond may be hair or background; ours.
WITHIN = 0.85
# Of white, added to what ratios are taken of: the light that no shadow of a screen goes below; ours.
FLARE = 0.002
MAX_STOPS = 9.0  # log2((1 + FLARE) / FLARE) is 8.97
# Width over height of a face's box: median of 831 stills whose lead face the frame does not touch.
SHAPE = 0.77
# Of a face beyond the frame, from which halves of its box are none of the face: 0.25 stops on a ball; ours.
CUT = 0.2
# Of the profile across the terminator, and the bins within which a hard one lies: ours.
BINS, STEP = 16, 3

_PLACE = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
_U, _V = np.broadcast_arrays(_PLACE[None, :], _PLACE[:, None])
_FACE = _U**2 + _V**2 <= WITHIN**2

Values = NDArray[np.float64]  # (N,)
RIGHT: Values = _U[_FACE]
DOWN: Values = _V[_FACE]


def cut_off(box: Box, aspect: float) -> tuple[bool, bool]:
    """Whether the frame takes CUT or more of a face's width, and of its height, as the box's shape tells.

    `box` is clipped to the picture, `aspect` the picture's width over its height. A box that touches sides of both
    kinds tells nothing of its face's shape, and counts as cut both ways.
    """
    x0, y0, x1, y1 = box
    across, along = x0 <= 0 or x1 >= 1, y0 <= 0 or y1 >= 1
    if across and along:
        return True, True
    shape = (x1 - x0) * aspect / (y1 - y0) / SHAPE
    return across and shape < 1 - CUT, along and 1 / shape < 1 - CUT


@dataclass(frozen=True, eq=False)
class Shading:
    """Linear luminance `light` (N,) in [0, 1] of a face, at RIGHT and DOWN of its middle in radii of its box."""

    light: Values

    @classmethod
    def of(cls, pixels: Pixels, box: Box) -> Shading:
        """From (H, W, 3) uint8 sRGB and a box x0, y0, x1, y1 in shares of the picture, resampled to 48 × 48."""
        height, width = pixels.shape[:2]
        place = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
        face = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=place)
        return cls(to_luminance(np.asarray(face)).astype(np.float64)[_FACE])

    @property
    def side(self) -> float:
        """Stops by which the picture's right half is lighter than the left one, −9..9."""
        return self._stops(RIGHT)

    @property
    def above(self) -> float:
        """Stops by which the upper half is lighter than the lower one, −9..9."""
        return self._stops(-DOWN)

    @cached_property
    def tilt(self) -> float:
        """Direction from which the light comes in the picture plane, degrees clockwise from above, −180..180.

        That of the plane which fits the luminance best. A matt ellipsoid is lit symmetrically about it, so it is exact
        there for any height of the lamp: Pentland, «Local shading analysis», IEEE TPAMI 6(2), 1984, calls it the tilt.
        """
        return float(np.degrees(np.arctan2(self.light @ RIGHT, -(self.light @ DOWN))))

    @property
    def ratio(self) -> float:
        """Stops between the half towards the light and the half away from it, 0..9: the key-to-fill ratio of a face."""
        return max(0.0, self._stops(self._towards))

    @property
    def hardness(self) -> float | None:
        """How abruptly the light ends: 0 an even slope, 0.25 a ball lit from the side, 1 an edge.

        The largest change of the mean profile along the tilt within 3 of 16 bins, over its whole range; an even slope
        has 3/15 of it there, which is taken off. None where the range is no more than FLARE. Ours.
        """
        edges = np.linspace(-WITHIN, WITHIN, BINS + 1)[1:-1]
        bins = np.digitize(self._towards, edges)
        profile = np.bincount(bins, self.light, BINS) / np.maximum(np.bincount(bins, minlength=BINS), 1)
        reach, even = float(np.ptp(profile)), STEP / (BINS - 1)
        if reach <= FLARE:
            return None
        steepest = float((profile[STEP:] - profile[:-STEP]).max())
        return float(np.clip((steepest / reach - even) / (1 - even), 0, 1))

    @cached_property
    def _towards(self) -> Values:
        """Distance of each point from the face's middle towards the light, in radii."""
        angle = np.radians(self.tilt)
        towards: Values = RIGHT * np.sin(angle) - DOWN * np.cos(angle)
        return towards

    def _stops(self, towards: Values) -> float:
        """log2 of the mean light where `towards` is positive over that where it is negative."""
        lit, shaded = self.light[towards > 0].mean(), self.light[towards < 0].mean()
        return float(np.log2((lit + FLARE) / (shaded + FLARE)))
