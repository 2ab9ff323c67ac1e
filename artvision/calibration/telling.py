"""What came of a calibration, in lines for people, with the next step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from artvision.wording import counted

MEANS = ("auc", "ece_before", "ece")


def said(document: Mapping[str, Any], out: Path) -> list[str]:
    """The lines, of the content of an evidence file that was written to `out`."""
    tags, labels = document["tags"], document["labels"]
    offered = [entry for entry in tags.values() if entry["offered"]]
    lines = [
        f"{counted(labels['pictures'], 'labelled picture')} of {counted(labels['titles'], 'title')}; {len(offered)} of "
        f"{counted(len(tags), 'measured tag')} offered",
        document["rules"]["rule"],
    ]
    if not offered:
        return [*lines, f"{out}: with it every tag abstains; label more pictures, or other tags, and calibrate again"]
    auc, before, after = (np.mean([entry[name] for entry in offered]) for name in MEANS)
    return [
        *lines,
        f"offered tags: AUC {auc:.3f}, ECE {before:.3f} before and {after:.3f} after, out of fold (means)",
        f"{out}: artvision extract … --evidence {out}",
    ]
