"""What came of a calibration, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from artvision.wording import counted

MEANS = ("auc", "ece_before", "ece")


def said(document: Mapping[str, Any]) -> list[str]:
    """The lines, of the content of an evidence file."""
    tags, labels = document["tags"], document["labels"]
    offered = [entry for entry in tags.values() if entry["offered"]]
    lines = [
        f"{counted(labels['pictures'], 'labelled picture')} of {counted(labels['titles'], 'title')}; {len(offered)} of "
        f"{counted(len(tags), 'measured tag')} offered",
        document["rules"]["rule"],
    ]
    if not offered:
        return lines
    auc, before, after = (np.mean([entry[name] for entry in offered]) for name in MEANS)
    return [
        *lines,
        f"offered tags: AUC {auc:.3f}, ECE {before:.3f} before and {after:.3f} after, out of fold (means)",
    ]
