"""Catalogue columns that artvision does not know are carried through to the table, under their own names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from artvision.sources import Asset


def renamed(assets: Sequence[Asset], taken: Collection[str]) -> tuple[list[Asset], dict[str, str]]:
    """The assets with extra columns that would shadow one of ours as `catalog.<name>`, and what was renamed."""
    names = {name for asset in assets for name in asset.extra}
    changed = {name: f"catalog.{name}" for name in sorted(names & set(taken))}
    if not changed:
        return list(assets), {}
    return [replace(asset, extra=_with_names(asset.extra, changed)) for asset in assets], changed


def extra_types(assets: Sequence[Asset]) -> dict[str, pa.DataType]:
    """Arrow type of each extra column; text where the values agree on nothing else."""
    names = dict.fromkeys(name for asset in assets for name in asset.extra)
    return {name: _common_type([asset.extra.get(name) for asset in assets]) for name in names}


def as_types(assets: Sequence[Asset], types: Mapping[str, pa.DataType]) -> list[Asset]:
    """The assets with extra values as text where their column is text."""
    text = {name for name, kind in types.items() if pa.types.is_string(kind)}
    return [
        replace(asset, extra={name: _text(value) if name in text else value for name, value in asset.extra.items()})
        if asset.extra
        else asset
        for asset in assets
    ]


def _with_names(extra: Mapping[str, Any], changed: Mapping[str, str]) -> dict[str, Any]:
    return {changed.get(name, name): value for name, value in extra.items()}


def _common_type(values: list[Any]) -> pa.DataType:
    try:
        kind = pa.array(values).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()
    return pa.string() if pa.types.is_null(kind) else kind


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
