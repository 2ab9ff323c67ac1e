"""Rim light: a bright line around a head that is lighter than both the head and what lies behind it."""

from __future__ import annotations

import numpy as np

from artvision.pixels.figure import HEAD, Box
from artvision.pixels.grid import Grid
from artvision.pixels.plane import Plane

ANGLES, RADII = 64, 28
# Radii of the head between which its outline is looked for: a box errs, and hair adds.
NEAR, FAR = 0.55, 1.75
# Steps of the radius between a line and what it is compared with: 0.18 of the head's radius.
GAP = 4
# Degrees to each side of straight down where there is no outline but a neck.
NECK = 50.0
# L* above its surroundings from which a line counts, and counts in full; ours.
FAINT, PLAIN = 8.0, 24.0

# Clockwise from above.
_TURN = np.radians(np.linspace(180 + NECK - 360, 180 - NECK, ANGLES))
_REACH = np.linspace(NEAR, FAR, RADII)


def rim(half: Plane, box: Box) -> float | None:
    """Share of a head's outline that is a bright line, 0..1; None where too little of it is in the picture.

    L* (H, W) is read along 64 rays from the middle of the head (the face's `box` grown to HEAD about the chin). A point
    counts by its excess over the lighter of both sides along the ray, from 8 L* (0) to 24 L* (1); the outline is the
    line around the head that gathers most, moving by one step of the radius at most from ray to ray. Ours.
    """
    rays = _around(_rays(half, box))
    excess = rays[:, GAP:-GAP] - np.maximum(rays[:, : -2 * GAP], rays[:, 2 * GAP :])
    seen = np.isfinite(excess).any(axis=1)
    if seen.mean() < 0.5:
        return None
    counts = np.clip((np.nan_to_num(excess, nan=-np.inf) - FAINT) / (PLAIN - FAINT), 0, 1)
    return min(1.0, _best_way(counts) / float(seen.sum()))


def _best_way(counts: Grid) -> float:
    """The most that a way through all rows of (N, M) gathers whose column changes by one at most from row to row."""
    # A border that no way goes through.
    framed = np.full(counts.shape[1] + 2, -1.0)
    left, gathered, right = framed[:-2], framed[1:-1], framed[2:]
    gathered[:] = counts[0]
    for row in counts[1:]:
        gathered[:] = row + np.maximum(np.maximum(left, right), gathered)
    return float(gathered.max())


def _rays(half: Plane, box: Box) -> Grid:
    """L* at each angle and radius, (64, 28) float64, bilinear; NaN beyond the picture."""
    height, width = half.shape
    x0, y0, x1, y1 = box
    radii = np.array([(x1 - x0) * width, (y1 - y0) * height]) * HEAD / 2
    x = (x0 + x1) / 2 * width - 0.5 + radii[0] * np.outer(np.sin(_TURN), _REACH)
    y = y1 * height - radii[1] - 0.5 - radii[1] * np.outer(np.cos(_TURN), _REACH)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = np.minimum(x.astype(np.intp), max(0, width - 2)), np.minimum(y.astype(np.intp), max(0, height - 2))
    right, low = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = x - left, y - top
    upper = half[top, left] * (1 - across) + half[top, right] * across
    lower = half[low, left] * (1 - across) + half[low, right] * across
    return np.where(inside, upper * (1 - down) + lower * down, np.nan)


def _around(rays: Grid) -> Grid:
    """Mean of three neighbouring angles; the first and the last stand alone."""
    smooth = rays.copy()
    smooth[1:-1] = (rays[:-2] + rays[1:-1] + rays[2:]) / 3
    return smooth
