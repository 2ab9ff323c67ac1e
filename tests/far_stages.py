"""Stages for tests on other processes: they note where they were loaded, and kill or refuse what runs them when told.

What they are told is the title's id, which a stage sees: a path is that of a note which says that a process died here
before, `poison` kills each time. The process of the tests itself is spared.
"""

import os
import signal
import sys
from pathlib import Path

from fakes import FakeStage, LateStage

from artvision.errors import WeightsError

POISON = "poison"


def _die(title_id):
    if "pytest" in sys.modules or not title_id:
        return
    if title_id.startswith("/"):
        if Path(title_id).exists():
            return
        Path(title_id).touch()
    if title_id.startswith(("/", POISON)):
        os.kill(os.getpid(), signal.SIGKILL)


class DeadlyStage(FakeStage):
    """Notes each loading in the file that `--vocabulary` names."""

    def setup(self, device):
        if self.settings.vocabulary:
            with Path(self.settings.vocabulary).open("a") as file:
                file.write(f"{os.getpid()}\n")

    def run(self, batch, upstream):
        for picture in batch:
            _die(picture.title_id)
        return super().run(batch, upstream)


class LateDeadlyStage(LateStage):
    """As its parent; only its module is another."""


class WeightlessStage(FakeStage):
    def setup(self, device):
        raise WeightsError("fake.pt is missing; fetch it")


class OtherwiseStage(FakeStage):
    """Another one in every process."""

    def fingerprint(self):
        return {"process": os.getpid()}
