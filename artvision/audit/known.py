"""Which columns the audited rows have, and which others an optional stage, an index or a catalogue would bring.

A name that is neither is misspelt: an error, for a rule over it would pass for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from artvision.errors import UsageError
from artvision.index.layout import Place, places
from artvision.settings import Settings, suggest
from artvision.suite.columns import FIELDS, PLATE

if TYPE_CHECKING:
    from artvision.stages.base import Stage

Path = tuple[str, ...]  # a column as SQL names it: ("light", "brightness")
BROUGHT = {
    "text.*": "extract with --stages all,text",
    "explicit.*": "extract with --stages all,explicit",
    "sensitive.*": "extract with --vocabulary default,sensitive",
    "textless": "give the catalogue a column `textless`",
    PLATE.name: "audit an index: `artvision index --catalog …` finds plates",
    **{field.name: "audit an index: `artvision index --catalog …` compares suites" for field in FIELDS},
}


@dataclass(frozen=True)
class Known:
    """Columns by flat name. `optional` are the policy's own, as `group.*` or a name."""

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @cached_property
    def places(self) -> dict[str, Place]:
        """Flat name -> column and member in SQL, as `artvision search --where` has them."""
        return places(self.columns)

    def find(self, path: Path, where: str) -> str:
        """The flat name of the column that a path in SQL reads, whatever it takes of its value. Raises as `named`."""
        found = self._by_path.get(path[:2]) or self._by_path.get(path[:1])
        return found or self.named(".".join(path), where)

    def named(self, name: str, where: str) -> str:
        """The name itself, of a column that is there or may be absent.

        Raises UsageError that begins with `where` for a name that nothing would bring.
        """
        if name not in self.columns and not self.would_bring(name):
            near = suggest(name, [*self.columns, *(name for name in BROUGHT if "*" not in name)])
            hint = near or "; `artvision schema show RUN` lists them, and `optional` in the policy allows for others"
            raise UsageError(f"{where}: there is no column {name}{hint}")
        return name

    def would_bring(self, name: str) -> str:
        """What would bring a column that is not there, for people; empty where nothing would."""
        if name in self.stages:
            return f"extract again{_asked(self.stages[name])}: the stage {self.stages[name].name} brings it"
        for pattern, way in BROUGHT.items():
            if fnmatchcase(name, pattern):
                return way
        optional = any(fnmatchcase(name, pattern) for pattern in self.optional)
        return "the policy calls it optional" if optional else ""

    def way_out(self, name: str) -> str:
        """What would let a column be computed that no stage has filled; empty where no stage could."""
        if (stage := self.stages.get(name)) is None:
            return ""
        off = stage.off()
        return (
            f"the stage {stage.name} {off}"
            if off
            else f"extract{_asked(stage) or f' with --stages {stage.name} or all'}"
        )

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        """Field or column -> the stage of this installation that declares it, as it is without settings."""
        from artvision.stages import discover

        every = [found(Settings()) for found in discover()]
        return {item: stage for stage in every for item in _declared(stage)}

    @cached_property
    def _by_path(self) -> Mapping[Path, str]:
        return {tuple(part for part in place if part): name for name, place in self.places.items()}


def _asked(stage: Stage) -> str:
    """How one asks for a stage that runs only then."""
    if not stage.opt_in:
        return ""
    from artvision.stages import discover

    asked = [found.name for found in discover() if found.opt_in and found.name in (*stage.needs, stage.name)]
    return f" with --stages all,{','.join(asked)}"


def _declared(stage: Stage) -> list[str]:
    return [field.name for field in stage.fields()] + [column.name for column in stage.columns()]
