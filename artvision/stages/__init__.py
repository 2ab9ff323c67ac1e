"""Finds the stages: every concrete `Stage` class in a module of this package is one."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from artvision.contract import Contract, Declared, parse_version
from artvision.discovery import by_name, concrete
from artvision.errors import DefinitionError, UsageError
from artvision.settings import Settings, suggest
from artvision.stages.base import Stage


def discover() -> list[type[Stage]]:
    """All stage classes, in vector order. Raises DefinitionError when two files claim one name."""
    return arrange(concrete(__name__, Stage))


def arrange(classes: Iterable[type[Stage]]) -> list[type[Stage]]:
    """Order by the contract version that brought a stage, then by name, so that a new one is appended.

    A stage whose fields are the user's comes last: one field more moves none of ours.
    """
    known = by_name(classes, "stages")
    return sorted(known.values(), key=lambda stage: (stage.open_ended, parse_version(stage.since), stage.name))


def create(settings: Settings) -> tuple[list[Stage], list[Stage]]:
    """(all stages in vector order, the chosen ones in an order that satisfies `needs` and `after`)."""
    every = [stage(settings) for stage in discover()]
    chosen = _chosen(every, settings.stages)
    for name, given, wanted in (("actors", settings.actors, "faces,actors"), ("heads", settings.heads, "clip,heads")):
        if given and name not in chosen:
            raise UsageError(f"--{name} {given} needs its stage: add {wanted} to --stages")
    return every, run_order([stage for stage in every if stage.name in chosen])


def contract_of(every: Iterable[Stage]) -> Contract:
    """The contract that the stages make together, in the order given."""
    return Contract.of(
        Declared(stage.name, stage.since, stage.fields(), stage.columns(), stage.revised) for stage in every
    )


def run_order(stages: Sequence[Stage]) -> list[Stage]:
    """Upstream first. Raises UsageError for a need that is not among `stages`, DefinitionError for a cycle."""
    by_name = {stage.name: stage for stage in stages}
    for stage in stages:
        for need in stage.needs:
            if need not in by_name:
                raise UsageError(f"the stage {stage.name} needs {need}: add {need} to --stages")
    try:
        order = TopologicalSorter({stage.name: upstream_of(stage, by_name) for stage in stages}).static_order()
        return [by_name[name] for name in order]
    except CycleError as error:
        raise DefinitionError(f"stages need each other in a circle: {' -> '.join(error.args[1])}") from None


def upstream_of(stage: Stage, chosen: Container[str]) -> tuple[str, ...]:
    """The stages whose results this one is given: those that it needs, and those in `after` that are among `chosen`."""
    return (*stage.needs, *(name for name in stage.after if name in chosen))


def _chosen(every: Sequence[Stage], wanted: str) -> set[str]:
    """Those named in `wanted`; the word `all` stands for every stage that neither is opt-in nor lacks a setting."""
    names = [stage.name for stage in every]
    words = {word.strip() for word in wanted.split(",") if word.strip()}
    chosen = words - {"all"}
    for name in sorted(chosen - set(names)):
        raise UsageError(f"there is no stage {name!r}{suggest(name, names)}; `artvision stages` lists them")
    for stage in every:
        if stage.name in chosen and (why := stage.off()):
            raise UsageError(f"the stage {stage.name} {why}")
    return chosen | {stage.name for stage in every if "all" in words and not (stage.opt_in or stage.off())}
