"""Which tags held-out data supports under a model: `evidence.json` beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artvision.clip.vocabulary import Group
from artvision.errors import WeightsError

FILE = "evidence.json"


@dataclass(frozen=True)
class Evidence:
    """`tags` maps «group.label» to what was measured, for the weights and the prompts that stand in each entry."""

    weights_sha256: str
    tags: Mapping[str, Mapping[str, Any]]

    def offers(self, group: Group, label: str, weights_sha256: str) -> bool:
        """Whether the tag beat chance, with these very weights and this very group of prompts."""
        entry = self.tags.get(f"{group.name}.{label}", {})
        return (
            entry.get("offered") is True
            and entry.get("group_sha256") == group.sha256
            and self.weights_sha256 == weights_sha256
        )

    def of(self, group: Group, label: str, weights_sha256: str) -> dict[str, Any] | None:
        """The measured figures (auc with its interval, positives, negatives), or None where none apply."""
        entry = self.tags.get(f"{group.name}.{label}", {})
        if entry.get("group_sha256") != group.sha256 or self.weights_sha256 != weights_sha256:
            return None
        return {name: value for name, value in entry.items() if name != "group_sha256"}


NOTHING = Evidence("", {})


def read_evidence(folder: Path) -> Evidence | None:
    """The evidence of a model folder, None where it has none. Raises WeightsError where the file is broken."""
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Evidence(str(content["weights_sha256"]), dict(content["tags"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} cannot be read: {error}; restore it or remove it") from None
