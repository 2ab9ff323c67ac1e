"""This machine as the run's settings find it: an engine, which stages can be compared, and how strictly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artvision.device import choose_device
from artvision.errors import GalleryError, UsageError
from artvision.fingerprint import LIBRARIES, differences
from artvision.pipeline import Engine
from artvision.reporting import Silent
from artvision.run import Run
from artvision.settings import Settings

ACTORS = "actors"


@dataclass(frozen=True)
class Machine:
    """`skipped`: stage -> why it is not compared. `notices`: what a person should know of the way here."""

    engine: Engine
    differences: tuple[str, ...]
    skipped: Mapping[str, str]
    notices: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether every stage that is compared must give the same bytes: nothing but skipped stages differs."""
        own = tuple(f"stages.{stage}." for stage in self.skipped)
        if own:
            # A stage that is left out may take columns along.
            own += ("contract:",)
        return all(line.startswith(own) for line in self.differences)


def machine_for(run: Run) -> Machine:
    """The engine that the run's own settings make here. Raises the errors of `Engine.of` but for a lost gallery."""
    notices: list[str] = []
    settings = _settings(run.info["settings"], notices)
    skipped: dict[str, str] = {}
    try:
        engine = Engine.of(settings, Silent())
    except GalleryError as error:
        skipped[ACTORS] = str(error)
        engine = Engine.of(_without_actors(settings), Silent())
    changed = differences(run.info["fingerprint"], engine.fingerprint)
    for stage in engine.chosen:  # upstream first
        lost = [name for name in (*stage.needs, *stage.after) if name in skipped]
        if why := _made_otherwise(stage.name, changed) or (f"needs {lost[0]}" if lost else ""):
            skipped[stage.name] = why
    return Machine(engine, tuple(changed), skipped, tuple(notices))


def _settings(stored: Mapping[str, Any], notices: list[str]) -> Settings:
    """The settings of the run; its device where there is one like it, otherwise what this machine has."""
    known = {spec.name for spec in dataclasses.fields(Settings)}
    if strange := sorted(set(stored) - known):
        notices.append(f"settings of another artvision are not understood: {', '.join(strange)}")
    settings = Settings(**{name: value for name, value in stored.items() if name in known} | {"engine": "local"})
    try:
        choose_device(settings.device)
    except UsageError as error:
        notices.append(f"the run's device: {error}")
        return dataclasses.replace(settings, device="auto")
    return settings


def _without_actors(settings: Settings) -> Settings:
    stages = settings.stages
    if stages != "all":
        stages = ",".join(name for name in stages.split(",") if name.strip() != ACTORS)
    return dataclasses.replace(settings, actors="", keep_face_vectors=False, stages=stages)


def _made_otherwise(stage: str, changed: list[str]) -> str:
    """The first difference that makes other numbers of the stage than those of the run; empty where there is none.

    Other libraries or another device may turn last digits, and are compared within tolerances. Other weights, another
    gallery or vocabulary, a later version of the stage: nothing can be said of the stored numbers.
    """
    own = [line for line in changed if line.startswith(f"stages.{stage}.") and not _of_machine(line)]
    return own[0].removeprefix(f"stages.{stage}.") if own else ""


def _of_machine(line: str) -> bool:
    path = line.split(":", 1)[0].split(".")
    return "libraries" in path or path[-1] in LIBRARIES
