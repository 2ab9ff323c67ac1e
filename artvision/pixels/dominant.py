"""The colour that fills most of a picture, found so that two resolutions of the picture agree on it."""

from __future__ import annotations

import numpy as np

from artvision.pixels.cells import LabCells, squared_gaps

# ΔE*ab: σ of the window; a shade of one surface is inside, the next colour outside; ours.
WIDTH = 8.0
_CANDIDATES, _STEPS = 32, 6


def dominant(cells: LabCells) -> tuple[tuple[float, float, float], float]:
    """((L*, a*, b*), share): where colours are densest, and the share of the picture around it, in (0, 1].

    The mode of a Gaussian window of σ ΔE 8 by mean shift, started from the densest of the 32 commonest cells. Source:
    Comaniciu & Meer, «Mean shift», IEEE TPAMI 24(5), 2002. Clusters of k-means would not do: on 240 posters and
    stills one in twenty gave another first colour at another resolution; the mode gave none.
    """
    common = cells.points[np.argsort(-cells.shares, kind="stable")[:_CANDIDATES]]
    window = np.exp(-squared_gaps(common, cells.points) / (2 * WIDTH**2))
    mode = common[[np.einsum("km,m->k", window, cells.shares).argmax()]]
    for _ in range(_STEPS):
        weight = np.exp(-squared_gaps(cells.points, mode)[:, 0] / (2 * WIDTH**2)) * cells.shares
        mode = np.einsum("m,mc->c", weight, cells.points)[None] / weight.sum()
    l, a, b = mode[0].tolist()  # noqa: E741 - the names of the coordinates
    return (l, a, b), min(1.0, float(weight.sum()))
