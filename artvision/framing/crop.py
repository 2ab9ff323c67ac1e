"""The best crop of a picture for a frame: exact, over all positions of the largest crop of the frame's aspect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.framing.box import SLACK, WHOLE, Box
from artvision.framing.canvas import Frame
from artvision.framing.scene import Scene, Shares

# What a face adds by being whole and by being clear, to the share of it that is there.
WHOLE_FACE = CLEAR_FACE = 0.5
TIE = 1e-9  # scores that differ by less are equal


def largest(aspect: float, picture: float) -> tuple[float, float]:
    """(width, height), shares of a picture of the aspect `picture`, of its largest crop of the aspect `aspect`."""
    return (aspect / picture, 1.0) if aspect < picture else (1.0, picture / aspect)


def best_crop(frame: Frame, scene: Scene) -> Box:
    """The crop that keeps most: share of the salient mass in the frame's safe area + what it keeps of the faces.

    Of the faces, by area: the share that lies in the crop, + ½ that of faces which lie there whole, + ½ that of faces
    which are also clear of unsafe bands and badge. The weights are ours. The score is linear between places where an
    edge of the frame meets one of a cell or a face, so its greatest value lies at one of these, and all are tried. Of
    equal ones the nearest to the middle is taken, then the left or upper one.
    """
    width, height = largest(frame.aspect, scene.aspect)
    axis, length = (0, width) if width < 1 else (1, height)
    if length >= 1:
        return WHOLE
    starts = _starts(frame, scene, axis, length)
    scores = _mass(frame, scene, axis, starts, length)
    if len(scene.faces):
        scores += _faces(frame, scene, axis, starts, length)
    best = starts[scores >= scores.max() - TIE]
    order = np.lexsort((best, np.round(np.abs(best - (1 - length) / 2), 9)))
    start = float(best[order[0]])
    end = min(1.0, start + length)
    return Box(start, 0.0, end, 1.0) if axis == 0 else Box(0.0, start, 1.0, end)


def _starts(frame: Frame, scene: Scene, axis: int, length: float) -> Shares:
    """Where the crop may begin: at the ends, in the middle, and wherever an edge of the frame meets one below."""
    below = np.concatenate([scene.edges, scene.faces[:, axis], scene.faces[:, axis + 2]])
    edges = {0.0, 1.0, frame.safe[axis], frame.safe[axis + 2]}
    edges |= {frame.badge[axis], frame.badge[axis + 2]} if frame.badge else set()
    met = np.concatenate([below - edge * length for edge in sorted(edges)])
    room = 1 - length
    return np.concatenate([[0.0, room / 2, room], met[(met > 0) & (met < room)]])


def _mass(frame: Frame, scene: Scene, axis: int, starts: Shares, length: float) -> Shares:
    """(S,): share of the salient mass in the safe area, for each start."""
    profile = scene.profile(axis, frame.safe[1 - axis], frame.safe[3 - axis])
    low, high = starts + frame.safe[axis] * length, starts + frame.safe[axis + 2] * length
    kept: Shares = np.interp(high, scene.edges, profile) - np.interp(low, scene.edges, profile)
    return kept


def _faces(frame: Frame, scene: Scene, axis: int, starts: Shares, length: float) -> Shares:
    """(S,): what is kept of the faces, in [0, 2], for each start. Across the axis the crop is the whole picture."""
    low, high = scene.faces[:, axis] - starts[:, None], scene.faces[:, axis + 2] - starts[:, None]
    extent = np.maximum(high - low, SLACK)
    part = np.clip(np.minimum(high, length) - np.maximum(low, 0), 0, None) / extent
    whole = (low >= -SLACK) & (high <= length + SLACK)
    clear = _within(frame.safe, scene, axis, (low, high), length)
    if frame.badge:
        clear &= ~_under(frame.badge, scene, axis, (low, high), length)
    kept: Shares = (part + WHOLE_FACE * whole + CLEAR_FACE * clear) @ scene.weights
    return kept


def _within(window: Box, scene: Scene, axis: int, span: tuple[Shares, Shares], length: float) -> NDArray[np.bool_]:
    """(S, F): whether a face, which spans that much of the crop at each start, lies in the window."""
    across = scene.faces[:, 1 - axis] >= window[1 - axis] - SLACK
    across &= scene.faces[:, 3 - axis] <= window[3 - axis] + SLACK
    return (span[0] >= window[axis] * length - SLACK) & (span[1] <= window[axis + 2] * length + SLACK) & across


def _under(window: Box, scene: Scene, axis: int, span: tuple[Shares, Shares], length: float) -> NDArray[np.bool_]:
    """(S, F): whether such a face shares an area with the window."""
    across = scene.faces[:, 1 - axis] < window[3 - axis] - SLACK
    across &= scene.faces[:, 3 - axis] > window[1 - axis] + SLACK
    return (span[0] < window[axis + 2] * length - SLACK) & (span[1] > window[axis] * length + SLACK) & across
