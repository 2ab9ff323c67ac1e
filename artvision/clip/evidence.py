"""Which tags data supports under a model: `evidence.json` beside its weights, or a file of `artvision calibrate`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from artvision.clip.curve import Curve, curve_of
from artvision.clip.mark import Mark
from artvision.clip.vocabulary import Group
from artvision.errors import UsageError, WeightsError

FILE = "evidence.json"
FORMAT = 1  # of the files that `artvision calibrate` writes
# Keys of an entry that decide what a tag says.
DECIDING = ("offered", "threshold", "band", "curve")


@dataclass(frozen=True)
class Decision:
    """What a calibrated tag says: the chance that it is right, or nothing between the ends of `band`.

    `threshold`: the probability from which the tag counts as seen; `band` lies around it and may be empty. `pictures`:
    how many were labelled with the tag.
    """

    curve: Curve
    threshold: float
    band: tuple[float, float]
    pictures: int = 0

    def chance(self, score: float) -> float | None:
        """The calibrated probability of a score in [0, 1]; None where the tag abstains."""
        found = float(self.curve(np.array([score]))[0])
        return None if self.band[0] < found < self.band[1] else found


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
        return {name: value for name, value in entry.items() if name not in {"group_sha256", "curve", "log_loss"}}

    def decision(self, tag: str) -> Decision | None:
        """How the tag is calibrated; None where it is not."""
        entry = self.tags.get(tag, {})
        if entry.get("offered") is not True or "curve" not in entry:
            return None
        low, high = map(float, entry["band"])
        pictures = int(entry["positives"]) + int(entry["negatives"])
        return Decision(curve_of(entry["curve"]), float(entry["threshold"]), (low, high), pictures)


@dataclass(frozen=True)
class Calibration:
    """A file of `artvision calibrate`: the evidence, and the embedding and the vocabulary that it holds for."""

    evidence: Evidence
    embedding: Mark
    vocabulary_sha256: str
    place: str

    @property
    def sha256(self) -> str:
        """Checksum of what decides a number: which tags are offered, and how they are calibrated."""
        told = {tag: [entry.get(key) for key in DECIDING] for tag, entry in self.evidence.tags.items()}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def require(self, embedding: Mark, vocabulary_sha256: str) -> None:
        """Raise UsageError where this is of another model or vocabulary."""
        if odd := self.embedding.differs(embedding):
            raise UsageError(f"{self.place} was calibrated for {odd}: calibrate this model, or choose it with --model")
        if self.vocabulary_sha256 != vocabulary_sha256:
            raise UsageError(
                f"{self.place} was calibrated for another vocabulary ({self.vocabulary_sha256[:12]}, not "
                f"{vocabulary_sha256[:12]}): calibrate again, or name that one with --vocabulary"
            )


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


def read_calibration(path: Path) -> Calibration:
    """A file of `artvision calibrate`. Raises UsageError where it is not one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["evidence_format"] != FORMAT:
            raise ValueError(f"its format is {content['evidence_format']}, this artvision reads {FORMAT}")
        evidence = Evidence(str(content["weights_sha256"]), dict(content["tags"]))
        for tag in evidence.tags:
            evidence.decision(tag)
        embedding = Mark(str(content["model"]), str(content["embedding_sha256"]))
        return Calibration(evidence, embedding, str(content["vocabulary_sha256"]), str(path))
    except OSError as error:
        raise UsageError(f"--evidence {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"--evidence {path} is no file of `artvision calibrate` ({type(error).__name__}: {error}); make it again"
        ) from None
