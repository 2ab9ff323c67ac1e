"""A finding: which rule says what of which asset or title. Its id depends on nothing else and outlives a re-run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Hex digits: among a million findings two share one with a chance of 0.2 %.
ID_LENGTH = 12


class Severity(StrEnum):
    """How bad a finding is, mildest first."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    def reaches(self, other: Severity) -> bool:
        """Whether it is at least as bad as `other`."""
        order = list(Severity)
        return order.index(self) >= order.index(other)


class About(StrEnum):
    """What a finding is about."""

    ASSET = "asset"
    TITLE = "title"
    POLICY = "policy"


@dataclass(frozen=True)
class Subject:
    """What a finding is about: `key` is its asset_id or title_id, or names a part of the policy. Only both count."""

    about: About
    key: str
    title_id: str | None = None
    title: str | None = None
    path: str | None = None

    @property
    def asset_id(self) -> str | None:
        """The asset's id; None for a title."""
        return self.key if self.about is About.ASSET else None


@dataclass(frozen=True)
class Finding:
    """One violation. `detail` tells findings of one rule on one subject apart: the partner of a pair, a key."""

    rule: str
    severity: Severity
    subject: Subject
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""

    @property
    def id(self) -> str:
        """Twelve hex digits of rule, subject and detail; never of values, paths or the order of rows."""
        what = [self.rule, self.subject.about.value, self.subject.key, self.detail]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:ID_LENGTH]
