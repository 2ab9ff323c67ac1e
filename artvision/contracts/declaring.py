"""Whether the version says what changed: the step that two versions declare, against the one that the changes need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from artvision.contract import parse_version
from artvision.contracts.change import Change, Level, highest_level, step
from artvision.contracts.diff import compare

VERSION = "contract_version"
SHA256 = "contract_sha256"


@dataclass(frozen=True)
class Declaration:
    """Two contracts side by side. `expected` is a level that needs no step of the version, `allowed` the largest that
    passes at all, declared or not.
    """

    a: Mapping[str, Any]
    b: Mapping[str, Any]
    changes: Sequence[Change]
    expected: Level = Level.NONE
    allowed: Level = Level.MAJOR

    @property
    def versions(self) -> tuple[str, str]:
        """Versions of A and of B."""
        return str(self.a[VERSION]), str(self.b[VERSION])

    @property
    def backwards(self) -> bool:
        """Whether B is the older one."""
        before, after = map(parse_version, self.versions)
        return after < before

    @property
    def declared(self) -> Level:
        """The step between the versions."""
        return step(*self.versions)

    @property
    def seen(self) -> Level:
        """What a reader of A meets in B."""
        return highest_level(change.level for change in self.changes)

    @cached_property
    def needed(self) -> Level:
        """The step that the way from the older to the newer contract needs: a version is declared by its maker."""
        if not self.backwards:
            return self._at_least(self.seen)
        return self._at_least(highest_level(change.level for change in compare(self.b, self.a)))

    @property
    def violations(self) -> list[str]:
        """What the version or the policy forbids, a line each."""
        found = []
        if self.needed.rank > max(self.declared.rank, self.expected.rank):
            earlier, later = sorted(self.versions, key=parse_version)
            said = f"both are {earlier}" if self.declared is Level.NONE else f"{earlier} to {later} is {self.declared}"
            way = f'a policy with declared = "{self.needed}" says that it is meant'
            found.append(f"an undeclared change needs a {self.needed} step of the version, and {said}; {way}")
        if self.seen.rank > self.allowed.rank:
            found.append(f"a {self.seen} change, and the policy allows {self.allowed}")
        return found

    def _at_least(self, level: Level) -> Level:
        """Another checksum is a change, also where nothing is found that differs."""
        same = self.a.get(SHA256) == self.b.get(SHA256)
        return level if level is not Level.NONE or same else Level.PATCH
