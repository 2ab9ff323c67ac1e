"""What the plan must know of objects that no listing told of: their stamps, asked of the stores for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from artvision.catalog import Asset
from artvision.film.address import file_of
from artvision.stores.ahead import AT_ONCE
from artvision.stores.objects import stamp_of_object
from artvision.stores.schemes import is_uri

if TYPE_CHECKING:
    from artvision.ledger import Entry


def stamped(assets: Sequence[Asset], known: Mapping[str, Entry]) -> list[Asset]:
    """The assets; remote ones that a run already knows with their stamps. New ones are not asked for: they are read.

    Raises StoreError where a store does not let us in.
    """
    wanted = [asset for asset in assets if is_uri(asset.path) and asset.stamp is None and asset.asset_id in known]
    asked = {file_of(asset.path) for asset in wanted}
    if not asked:
        return list(assets)
    paths = sorted(asked)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="artvision-ask") as pool:
        stamps = dict(zip(paths, pool.map(stamp_of_object, paths), strict=True))
    return [replace(asset, stamp=stamps.get(file_of(asset.path), asset.stamp)) for asset in assets]
