"""Which columns the audited rows have, and which others an optional stage, an index or a catalogue would bring.

A name that is neither is misspelt: an error, for a rule over it would pass for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property

from artvision.errors import UsageError
from artvision.index.layout import Place, places
from artvision.settings import Settings, suggest
from artvision.suite.columns import FIELDS, PLATE

Path = tuple[str, ...]  # a column as SQL names it: ("light", "brightness")
BROUGHT = {
    "text.*": "extract with a version of artvision that has the stage text",
    "sensitive.*": "extract with --vocabulary and a vocabulary that has a group `sensitive`",
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
        """The flat name that a path in SQL means; of a column that is not there, the name it would have.

        Raises UsageError that begins with `where` for a name that nothing would bring.
        """
        if (name := self._by_path.get(path[:2]) or self._by_path.get(path[:1])) is not None:
            return name
        name = ".".join(path)
        if not self.would_bring(name):
            near = suggest(name, [*self.columns, *(name for name in BROUGHT if "*" not in name)])
            hint = near or "; `artvision schema show RUN` lists them, and `optional` in the policy allows for others"
            raise UsageError(f"{where}: there is no column {name}{hint}")
        return name

    def would_bring(self, name: str) -> str:
        """What would bring a column that is not there, for people; empty where nothing would."""
        for pattern in self.optional:
            if fnmatchcase(name, pattern):
                return "the policy calls it optional"
        for pattern, way in BROUGHT.items():
            if fnmatchcase(name, pattern):
                return way
        stage = stage_of(name)
        return f"extract again: the stage {stage} brings it" if stage else ""

    @cached_property
    def _by_path(self) -> Mapping[Path, str]:
        return {tuple(part for part in place if part): name for name, place in self.places.items()}


def way_out(name: str, states: Sequence[str]) -> str:
    """What to do about a column that is null in every row that counts, given the states that say why; may be empty."""
    if "not_run" not in states or (stage := stage_of(name)) is None:
        return ""
    from artvision.stages import discover

    off = "".join(found(Settings()).off() for found in discover() if found.name == stage)
    return f"the stage {stage} {off}" if off else f"extract with --stages {stage} or all"


@cache
def stage_of(name: str) -> str | None:
    """The stage of this installation that declares a field or column, if one does."""
    from artvision.stages import discover

    for stage in (found(Settings()) for found in discover()):
        names = [field.name for field in stage.fields()] + [column.name for column in stage.columns()]
        if name in names:
            return stage.name
    return None
