"""Which embedding a number was fitted on: what decides the vectors of a model, and under which checksum that goes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What must agree for two vectors to be comparable; a model's name may differ where its weights do not.
DECIDES = ("weights_sha256", "architecture", "dtype", "quick_gelu", "preprocess")


@dataclass(frozen=True)
class Mark:
    """The embedding of one model; `name` is for people, `sha256` decides whether two are the same."""

    name: str
    sha256: str

    @classmethod
    def of(cls, fingerprint: Mapping[str, Any]) -> Mark:
        """From the model's own fingerprint, or from that of a run's stage clip."""
        told = json.dumps([fingerprint[key] for key in DECIDES], sort_keys=True)
        return cls(str(fingerprint["model"]), hashlib.sha256(told.encode()).hexdigest())

    def differs(self, other: Mark) -> str:
        """«NAME (checksum), not NAME (checksum)» where they are not the same embedding; empty where they are."""
        if self.sha256 == other.sha256:
            return ""
        return f"{self.name} ({self.sha256[:12]}), not {other.name} ({other.sha256[:12]})"
