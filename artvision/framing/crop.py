"""The best crop of a picture for a frame: exact, over all positions of the largest crop of the frame's aspect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.framing.box import SLACK, Box, Boxes
from artvision.framing.canvas import Frame
from artvision.framing.scene import Scene, Shares

TIE = 1e-9  # scores that differ by less are equal


def largest(aspect: float, picture: float) -> tuple[float, float]:
    """(width, height), shares of a picture of the aspect `picture`, of its largest crop of the aspect `aspect`."""
    return (aspect / picture, 1.0) if aspect < picture else (1.0, picture / aspect)


def best_crop(frame: Frame, scene: Scene) -> Box:
    """The crop that keeps most in the frame's safe area: share of salient mass + share of faces kept whole.

    Both shares weigh the same (ours); a face weighs its area, and one under the badge is not kept. The score is
    linear between places where an edge meets a cell or a face, so its greatest value lies at one of these, and all are
    tried. Of equal ones the nearest to the middle is taken, then the left or upper one.
    """
    size = largest(frame.aspect, scene.aspect)
    axis = int(size[0] >= 1)
    starts = _starts(frame, scene, axis, size[axis])
    scores = _mass(frame, scene, axis, starts, size[axis]) + _faces(frame, scene, axis, starts, size[axis])
    best = starts[scores >= scores.max() - TIE]
    start = float(best[np.argmin(np.round(np.abs(best - (1 - size[axis]) / 2), 9))])
    end = min(1.0, start + size[axis])
    return Box(start, 0.0, end, 1.0) if axis == 0 else Box(0.0, start, 1.0, end)


def _starts(frame: Frame, scene: Scene, axis: int, length: float) -> Shares:
    """Where the crop may begin, sorted: the ends, the middle, and wherever an edge of the frame meets one below."""
    cells = 1 if scene.mass is None else len(scene.mass)
    below = np.concatenate([np.linspace(0, 1, cells + 1), scene.faces[:, axis], scene.faces[:, axis + 2]])
    edges = [frame.safe[axis], frame.safe[axis + 2]]
    edges += [frame.badge[axis], frame.badge[axis + 2]] if frame.badge else []
    met = np.subtract.outer(below, np.multiply(edges, length)).reshape(-1)
    room = max(0.0, 1 - length)
    return np.unique(np.concatenate([[0.0, room / 2, room], met[(met > 0) & (met < room)]]))


def _mass(frame: Frame, scene: Scene, axis: int, starts: Shares, length: float) -> Shares:
    """(S,): share of the salient mass in the safe area, for each start."""
    profile = scene.profile(axis, frame.safe[1 - axis], frame.safe[3 - axis])
    edges = np.linspace(0, 1, len(profile))
    low, high = (np.interp(starts + frame.safe[side] * length, edges, profile) for side in (axis, axis + 2))
    return high - low


def _faces(frame: Frame, scene: Scene, axis: int, starts: Shares, length: float) -> Shares:
    """(S,): share of the faces that lie whole in the safe area and not under the badge, for each start."""
    kept = _within(scene.faces, frame.safe, axis, starts, length)
    if frame.badge:
        kept &= ~_under(scene.faces, frame.badge, axis, starts, length)
    share: Shares = kept @ scene.weights
    return share


def _within(faces: Boxes, window: Box, axis: int, starts: Shares, length: float) -> NDArray[np.bool_]:
    """(S, F): whether a face lies in the window of the crop at each start. Across the axis the crop is the picture."""
    low, high = (starts[:, None] + window[side] * length for side in (axis, axis + 2))
    along = (faces[:, axis] >= low - SLACK) & (faces[:, axis + 2] <= high + SLACK)
    across = (faces[:, 1 - axis] >= window[1 - axis] - SLACK) & (faces[:, 3 - axis] <= window[3 - axis] + SLACK)
    return along & across


def _under(faces: Boxes, window: Box, axis: int, starts: Shares, length: float) -> NDArray[np.bool_]:
    """(S, F): whether a face shares an area with the window of the crop at each start."""
    low, high = (starts[:, None] + window[side] * length for side in (axis, axis + 2))
    along = (faces[:, axis] < high - SLACK) & (faces[:, axis + 2] > low + SLACK)
    across = (faces[:, 1 - axis] < window[3 - axis] - SLACK) & (faces[:, 3 - axis] > window[1 - axis] + SLACK)
    return along & across
