"""Made-up asset ids that hold from call to call: what stands in a run keeps its id, and no other picture takes it.

An id that a catalogue states is the user's and is left alone. One made up from a path can meet another picture's, made
up in an earlier call from another folder; and it can differ between calls, where it depends on the other inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from artvision.film.address import file_of
from artvision.ledger import Entry, Outcome
from artvision.sources import Asset
from artvision.stores.schemes import is_uri

Place = tuple[str, str | None]  # path, title_id


def settled(assets: Sequence[Asset], known: Mapping[str, Entry], *, prune: bool = False) -> list[Asset]:
    """The assets under the ids that the run `known` (by id) already has for them, and otherwise under free ones.

    `prune`: what is not among the assets leaves the run, so its id is free.
    """
    entries = [entry for entry in known.values() if entry.status is not Outcome.SKIPPED]
    standing: dict[Place, str] = {(entry.path, entry.title_id): entry.asset_id for entry in entries}
    stated = {asset.asset_id for asset in assets if asset.stated_id}
    given = {(asset.path, asset.title_id) for asset in assets}
    if prune:
        known = {name: entry for name, entry in known.items() if (entry.path, entry.title_id) in given}
    return [asset if asset.stated_id else _settle(asset, known, standing, stated, given) for asset in assets]


def _settle(
    asset: Asset, known: Mapping[str, Entry], standing: Mapping[Place, str], stated: set[str], given: set[Place]
) -> Asset:
    before = standing.get((asset.path, asset.title_id))
    untitled = (asset.path, None)
    if before is None and untitled not in given:
        # A picture that a catalogue now gives its title.
        before = standing.get(untitled)
    if before is not None and before not in stated:
        return replace(asset, asset_id=before)
    other = known.get(asset.asset_id)
    if other is None or (other.path == asset.path and other.title_id == asset.title_id) or _gone(other.path):
        return asset
    return replace(asset, asset_id=f"{asset.path}#{asset.title_id}" if other.path == asset.path else asset.path)


def _gone(path: str) -> bool:
    """Whether the file that had the id is no longer there: the catalogue was moved, and this is the same one.

    An object counts as there: asking would open a connection for each, in a run that may read none.
    """
    return not is_uri(path) and not Path(file_of(path)).exists()
