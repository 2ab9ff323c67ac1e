"""One run that watches itself: resident memory and CPU seconds after every so many pictures, as JSON on stdout.

`long_run.py INPUTS OUT STAGES EVERY`; STAGES `fake` takes the small stages of the tests. See `test_soak_long.py`.
"""

from __future__ import annotations

import json
import sys
import time

import psutil

from artvision import pipeline, stages
from artvision.ledger import Entry
from artvision.reporting import Silent
from artvision.settings import Settings


class Watch(Silent):
    """Takes a sample every so many pictures."""

    def __init__(self, every: int) -> None:
        self.every, self.done, self.process = every, 0, psutil.Process()
        self.samples: list[dict[str, float]] = []

    def advance(self, entry: Entry) -> None:
        self.done += 1
        if self.done % self.every == 0:
            self.take()

    def take(self) -> None:
        memory = self.process.memory_info().rss
        self.samples.append({"done": self.done, "rss": memory, "cpu": time.process_time(), "at": time.monotonic()})


def main(inputs: str, out: str, wanted: str, every: str) -> None:
    if wanted == "fake":
        from fakes import FakeStage, LateStage

        stages.discover = lambda: stages.arrange([FakeStage, LateStage])
    watch = Watch(int(every))
    settings = Settings(stages="all" if wanted == "fake" else wanted, model="starter")
    summary = pipeline.extract(inputs, out, settings, reporter=watch)
    watch.take()
    counts = {"ok": summary.ok, "computed": summary.computed, "reused": summary.reused}
    sys.stdout.write(json.dumps({"samples": watch.samples, **counts}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
