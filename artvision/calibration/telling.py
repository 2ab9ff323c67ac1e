"""What came of a calibration, in lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from artvision.wording import counted, listed

MEANS = ("auc", "ece_before", "ece")
SHOWN = 8  # withheld tags that a line names


def said(document: Mapping[str, Any]) -> list[str]:
    """The lines, of the content of an evidence file."""
    tags, labels = document["tags"], document["labels"]
    offered = [entry for entry in tags.values() if entry["offered"]]
    lines = [
        f"{labels['pictures']:,} labelled pictures of {counted(labels['titles'], 'title')}; {len(offered)} of "
        f"{counted(len(tags), 'measured tag')} offered: {document['rules']['rule']}"
    ]
    if offered:
        auc, before, after = (np.mean([entry[name] for entry in offered]) for name in MEANS)
        lines.append(f"offered tags: AUC {auc:.3f}, ECE {before:.3f} before and {after:.3f} after, out of fold (means)")
    return lines + _withheld(tags)


def _withheld(tags: Mapping[str, Any]) -> list[str]:
    few = [f"{tag} ({entry['why'].partition(',')[0]})" for tag, entry in tags.items() if "curve" not in entry]
    weak = [f"{tag} (may be {entry['low']:.2f})" for tag, entry in tags.items() if entry["why"] and "curve" in entry]
    told = (("too few labels", few), ("AUC not surely above chance", weak))
    return [f"withheld, {reason}: {listed(names, SHOWN)}" for reason, names in told if names]
