"""A suite as plain JSON values, for scripts."""

from __future__ import annotations

from typing import Any

from artvision.suite.axis import Axis
from artvision.suite.gap import Gap
from artvision.suite.overview import Suite


def document(suite: Suite) -> dict[str, Any]:
    """Everything that is known of the suite; assets by their ids, shares and gains as they are, not rounded."""
    shown, possible = suite.coverage.cells
    return {
        "title_id": suite.title_id,
        "title": suite.title,
        "size": len(suite.assets),
        "diversity": suite.diversity,
        "coverage": {
            "value": suite.coverage.value if suite.coverage.axes else None,
            "cells": {"shown": shown, "possible": possible},
            "dimensions": [_axis(axis, suite.assets) for axis in suite.coverage.axes],
            "left_out": [vars(axis) for axis in suite.left_out],
        },
        "order": [
            {
                "asset_id": suite.assets[pick.index],
                "plate_id": suite.plates[pick.index],
                "gain": pick.gain,
                "reached": pick.reached,
                "why": suite.reason(step),
            }
            for step, pick in enumerate(suite.picks)
        ],
        "repeats": [
            {
                "asset_id": suite.assets[one.index],
                "of": suite.assets[one.of],
                "same_plate": one.same_plate,
                "cosine": None if one.same_plate else one.similarity,
            }
            for one in suite.repeated
        ],
        "gap": gap_document(suite.gap),
    }


def gap_document(gap: Gap | None) -> dict[str, Any] | None:
    """The gap: the cell, what of it no picture shows, and the sentence; None where nothing is missing."""
    if gap is None:
        return None
    return {
        "cell": dict(gap.cell),
        "unseen": [dict(labels) for labels in gap.unseen],
        "coverage_before": gap.before,
        "coverage_after": gap.after,
        "sentence": gap.sentence,
    }


def _axis(axis: Axis, assets: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": axis.name,
        "counts": axis.counts,
        "missing": list(axis.missing),
        "others": axis.others,
        "note": axis.note,
        "labels": dict(zip(assets, axis.values, strict=True)),
    }
