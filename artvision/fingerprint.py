"""What a number depends on beside the picture; two runs with one fingerprint can be mixed, others never."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from artvision.contract import Contract
from artvision.device import Device
from artvision.settings import Settings
from artvision.stages.base import Stage

# Raise when image.py would decode the same bytes to other pixels.
DECODE_PATH = "2"
CHECKSUM = re.compile(r"[0-9a-f]{64}")
# Decoding and resampling; stages add their own.
LIBRARIES = ("numpy", "pillow", "scipy")


def fingerprint(contract: Contract, stages: Sequence[Stage], settings: Settings, device: Device) -> dict[str, Any]:
    """JSON values that decide the numbers: contract, stages with weights, decode path, settings, libraries, device."""
    return {
        "contract": contract.sha256,
        "decode": {
            "path": DECODE_PATH,
            "long_side": long_side(stages),
            "short_side": short_side(stages),
            "background": "#{:02x}{:02x}{:02x}".format(*settings.background_rgb),
        },
        "device": device.kind,
        "libraries": {name: version(name) for name in LIBRARIES},
        "deterministic": bool(settings.deterministic),
        "stages": {stage.name: {"version": stage.version, **stage.fingerprint()} for stage in stages},
    }


def long_side(stages: Sequence[Stage]) -> int:
    """Pixels that the long side of a decoded picture keeps where the original has them."""
    return max((stage.min_long_side for stage in stages), default=0)


def short_side(stages: Sequence[Stage]) -> int:
    """The same for the short side."""
    return max((stage.min_short_side() for stage in stages), default=0)


def digest(value: dict[str, Any]) -> str:
    """sha256 of a fingerprint."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """«name: old -> new» for every leaf that differs, sorted."""
    before, after = _leaves(old), _leaves(new)
    names = sorted(set(before) | set(after))
    return [
        f"{name}: {_shown(before.get(name, 'absent'))} -> {_shown(after.get(name, 'absent'))}"
        for name in names
        if before.get(name, ...) != after.get(name, ...)
    ]


def told(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The differences for people: a stage that only one of the two has is a name, and not a line for each leaf."""
    before, after = old.get("stages", {}), new.get("stages", {})
    added, gone = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    sets = (("stages that it lacks", added), ("stages that were not asked for now", gone))
    lines = [f"{what}: {', '.join(names)}" for what, names in sets if names]
    kept = (one | {"stages": {name: one["stages"][name] for name in set(before) & set(after)}} for one in (old, new))
    return lines + differences(*kept)


def _shown(value: Any) -> str:
    """As text; a checksum by its first digits, which tell two apart."""
    return f"{str(value)[:12]}…" if CHECKSUM.fullmatch(str(value)) else str(value)


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {path: value}
    inner = (_leaves(item, f"{path}.{key}" if path else str(key)) for key, item in value.items())
    return {name: leaf for leaves in inner for name, leaf in leaves.items()}
