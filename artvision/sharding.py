"""One of n parts of the inputs, cut by asset id alone: the same part whatever the order, the call or the machine.

Shards are named as GNU split and pytest-split name them, from 1: `2/4` is the second of four. All of them together
are exactly the whole, each input once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artvision.catalog import Asset
from artvision.errors import UsageError

WRITTEN = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclass(frozen=True)
class Shard:
    """The shard `number` (from 1) of `of`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From «2/4». Raises UsageError for anything else."""
        found = WRITTEN.fullmatch(text.strip())
        number, of = (int(found[1]), int(found[2])) if found else (0, 0)
        if not 1 <= number <= of:
            raise UsageError(f"--shard {text!r} is no shard: write 1/4 to 4/4 for the first to the last of four")
        return cls(number, of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def first(self) -> bool:
        """Whether this shard accounts for the inputs that were skipped, whose names may differ between machines."""
        return self.number == 1

    def has(self, asset_id: str) -> bool:
        """Whether an asset belongs to this shard: the first 8 bytes of the id's sha256, big-endian, modulo `of`."""
        digest = hashlib.sha256(asset_id.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    def cut(self, assets: Iterable[Asset]) -> list[Asset]:
        """Those of the assets that belong to this shard, in order."""
        return [asset for asset in assets if self.has(asset.asset_id)]

    def describe(self, assets: Sequence[Asset]) -> dict[str, Any]:
        """What `run.json` says under `shard`: which it is, and of which whole (all `assets`, before the cut)."""
        names = hashlib.sha256()
        for asset_id in sorted(asset.asset_id for asset in assets):
            names.update(asset_id.encode("utf-8", "surrogatepass") + b"\0")
        return {"numbers": [self.number], "of": self.of, "inputs": len(assets), "inputs_sha256": names.hexdigest()}


WHOLE = Shard(1, 1)


def shown(told: Mapping[str, Any]) -> str:
    """The entry `shard` of a `run.json` as people write it: «shard 2/4», «shards 1/4, 3/4»."""
    return named(told["numbers"], told["of"])


def named(numbers: Sequence[int], of: int) -> str:
    """«shard 2/4», «shards 1/4, 3/4»."""
    return f"shard{'s' * (len(numbers) != 1)} " + ", ".join(f"{number}/{of}" for number in numbers)
