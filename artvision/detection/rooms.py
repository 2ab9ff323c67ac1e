"""Lists of a fixed length on a device: what is chosen of a larger list, in order, without the host knowing how much.

A mask as an index (`x[mask]`, `nonzero`) makes the host wait for the device, because it decides a shape. Here shapes
are decided beforehand, and what finds no room is told by a flag for its picture.
"""

from __future__ import annotations

import torch
from torch import Tensor

ROUNDS = 12  # of greedy suppression; chains on posters and stills end after 7


def listed(flags: Tensor, room: int) -> tuple[Tensor, Tensor]:
    """Indices of the true `flags` (N,) in order: (room,) int64, and which of them are meant, (room,) bool.

    Where fewer are true the rest are 0; those beyond `room` are left out.
    """
    places, filled = seats(flags[None], room)
    return places[0], filled[0]


def seats(flags: Tensor, room: int) -> tuple[Tensor, Tensor]:
    """The same for every row of `flags` (B, N): (B, room) int64 and bool."""
    batch, length = flags.shape
    rank = flags.cumsum(1) - 1
    # One seat more for all that is not listed.
    seat = torch.where(flags & (rank < room), rank, room)
    source = torch.arange(length, device=flags.device).expand(batch, length)
    places = torch.zeros((batch, room + 1), dtype=torch.int64, device=flags.device).scatter_(1, seat, source)[:, :room]
    filled = torch.arange(room, device=flags.device) < flags.sum(1, keepdim=True)
    return torch.where(filled, places, 0), filled


def best_first(scores: Tensor, filled: Tensor) -> Tensor:
    """Order (B, S) int64 of the filled seats by falling `scores` (B, S), ties as they stand; empty seats come last."""
    return scores.masked_fill(~filled, -torch.inf).argsort(dim=1, descending=True, stable=True)


def greedy(close: Tensor, candidates: Tensor, rounds: int = ROUNDS) -> tuple[Tensor, Tensor]:
    """Greedy non-maximum suppression of lists that stand best first: kept (B, S) bool, and settled (B,) bool.

    `close` (B, S, S) says which boxes exceed the overlap. Each round drops what a kept better one covers, beginning
    with all `candidates` (B, S); it ends where greedy suppression does, after at most as many rounds as the longest
    chain of boxes that cover one another (Cluster-NMS, Zheng et al. 2020, arXiv 2005.03572). A list whose last round
    still changed it is not settled.
    """
    covers = close.triu(1) & candidates[:, :, None]
    kept, before = candidates, candidates
    for _ in range(rounds):
        kept, before = candidates & ~(covers & kept[:, :, None]).any(1), kept
    return kept, (kept == before).all(1)


def taken(rows: Tensor, order: Tensor) -> Tensor:
    """`rows` (B, S, …) in the `order` (B, T): (B, T, …)."""
    index = order.reshape(*order.shape, *(1,) * (rows.dim() - 2)).expand(*order.shape, *rows.shape[2:])
    return rows.gather(1, index)
