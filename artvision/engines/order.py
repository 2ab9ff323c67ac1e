"""What a process on another machine needs to build the same worker: names and settings, no weights and no templates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artvision import stages
from artvision.device import Device
from artvision.errors import RunError
from artvision.fingerprint import differences, fingerprint
from artvision.settings import Settings
from artvision.stages.base import Stage
from artvision.writing.sink import Sink

if TYPE_CHECKING:
    from artvision.pipeline import Engine


@dataclass(frozen=True)
class Order:
    """`kinds` are all stages in vector order, `chosen` the names of those to run; `folder` is where we stand."""

    settings: Settings
    device: Device
    kinds: tuple[type[Stage], ...]
    chosen: tuple[str, ...]
    fingerprint: dict[str, Any]
    run_id: str
    batch_size: int
    sink: Sink
    folder: Path

    @classmethod
    def of(cls, engine: Engine, run_id: str, sink: Sink) -> Order:
        """The order for what the engine would do here."""
        kinds = tuple(type(stage) for stage in engine.stages)
        chosen = tuple(stage.name for stage in engine.chosen)
        about = engine.settings, engine.device, kinds, chosen, engine.fingerprint
        return cls(*about, run_id, engine.batch_size, sink, Path.cwd())

    def engine(self) -> Engine:
        """The engine as this machine makes it. Raises RunError where its numbers would be other ones."""
        from artvision.pipeline import Engine

        self._stand_there()
        self.sink.check()
        every = [kind(self.settings) for kind in self.kinds]
        chosen = stages.run_order([stage for stage in every if stage.name in self.chosen])
        contract = stages.contract_of(every)
        made = fingerprint(contract, chosen, self.settings, self.device)
        if changed := differences(self.fingerprint, made):
            lines = "\n  ".join(changed)
            raise RunError(f"a node would compute other numbers; install the same on all of them:\n  {lines}")
        return Engine(self.settings, self.device, every, chosen, contract, made)

    def _stand_there(self) -> None:
        """Paths in settings may be relative to where the command was given."""
        if self.folder.is_dir():
            os.chdir(self.folder)
