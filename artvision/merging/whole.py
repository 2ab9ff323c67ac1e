"""Whether shards make up the whole they were cut from, and which are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from artvision.errors import RunError
from artvision.run import Run
from artvision.sharding import named, shown


def remainder(runs: Sequence[Run], *, partial: bool) -> dict[str, Any] | None:
    """The entry `shard` of the merged run: None where the shards are the whole, or there are none.

    Raises RunError for shards of different wholes, and, unless `partial`, for missing ones.
    """
    shards = [run for run in runs if run.info.get("shard")]
    if not shards:
        return None
    _refuse_other_wholes(shards, partial=partial)
    told = dict(shards[0].info["shard"])
    told["numbers"] = sorted({number for run in shards for number in run.info["shard"]["numbers"]})
    missing = [number for number in range(1, told["of"] + 1) if number not in told["numbers"]]
    if missing and not partial:
        raise RunError(
            f"{named(missing, told['of'])} {'is' if len(missing) == 1 else 'are'} missing; name every shard, or "
            "--partial for a run without"
        )
    return told if missing else None


def _refuse_other_wholes(shards: Sequence[Run], *, partial: bool) -> None:
    first = shards[0]
    for run in shards[1:]:
        one, other = first.info["shard"], run.info["shard"]
        both = f"{first.folder} is {shown(one)}, {run.folder} is {shown(other)}"
        if one["of"] != other["of"]:
            raise RunError(f"{both}: parts of different divisions do not make a whole; extract one of them again")
        if one["inputs_sha256"] != other["inputs_sha256"] and not partial:
            raise RunError(
                f"{both}, but of other inputs ({one['inputs']} and {other['inputs']} pictures); extract every shard "
                "of the same inputs, or --partial for a run of what there is"
            )
