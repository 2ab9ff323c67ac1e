"""A turned square of a picture: cut out at a network's size, and the way back from its pixels to the picture's."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.image import Pixels

Points = NDArray[np.float64]  # (N, 2) x, y or (N, 3) x, y, z, in pixels


@dataclass(frozen=True)
class Square:
    """`side` pixels of the picture about x, y; `angle` radians by which its upper side is turned, clockwise."""

    x: float
    y: float
    side: float
    angle: float

    @classmethod
    def about(cls, points: Points, eyes: tuple[Points, Points], room: float) -> Square:
        """The square over the points' box, turned so that the line between the two eyes is level; `room` times it."""
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        across = eyes[1] - eyes[0]
        x, y = (low + high) / 2
        return cls(float(x), float(y), room * float((high - low).max()), math.atan2(across[1], across[0]))

    def cut(self, pixels: Pixels, size: int) -> Pixels:
        """(size, size, 3) uint8: the square as a network sees it, antialiased; black beyond the picture.

        The upright box around the square is resampled first, which is where detail is averaged, and then turned.
        """
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        reach, half = math.ceil(size * (abs(cos) + abs(sin)) / 2), size / 2
        upright = self._upright(pixels, reach, size / self.side)
        across, down = reach - cos * half + sin * half, reach - sin * half - cos * half
        turn = (cos, -sin, across, sin, cos, down)
        return np.asarray(upright.transform((size, size), Image.Transform.AFFINE, turn, Image.Resampling.BILINEAR))

    def _upright(self, pixels: Pixels, reach: int, scale: float) -> Image.Image:
        """The box that reaches `reach` pixels to all sides of the middle, at `scale`."""
        canvas = Image.new("RGB", (2 * reach, 2 * reach))
        corner = np.array([self.x, self.y]) - reach / scale
        edge = np.array(pixels.shape[1::-1], np.float64)
        low = np.maximum(0, np.ceil(-corner * scale)).astype(int)
        high = np.minimum(2 * reach, np.floor((edge - corner) * scale)).astype(int)
        if (low < high).all():
            box = np.concatenate([corner + low / scale, corner + high / scale]).clip(0, np.tile(edge, 2))
            canvas.paste(_part(pixels, box, (high - low).tolist()), tuple(low.tolist()))
        return canvas

    def back(self, points: Points, size: int) -> Points:
        """Points of the cut (N, 2 or 3) in pixels of the picture; z is scaled like x."""
        scale = self.side / size
        x, y = (points[:, 0] - size / 2) * scale, (points[:, 1] - size / 2) * scale
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        placed = [self.x + cos * x - sin * y, self.y + sin * x + cos * y]
        return np.stack([*placed, *(points[:, 2:] * scale).T], axis=1)


def _part(pixels: Pixels, box: NDArray[np.float64], size: list[int]) -> Image.Image:
    """`box` (x0, y0, x1, y1, in pixels and fractions) resampled to `size`; only that part is handed over."""
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int)
    inside = tuple((box - [x0, y0, x0, y0]).tolist())
    part = Image.fromarray(pixels[y0:y1, x0:x1])
    return part.resize((size[0], size[1]), Image.Resampling.BILINEAR, inside)
