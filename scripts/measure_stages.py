"""Milliseconds of a core that each stage takes for a picture: `measure_stages.py FOLDER [--sample N]`.

Opt-in stages too. One thread, one picture after another, through the stages' own interface; what several stages share
of a picture is paid by whichever runs first, in the order in which `extract` runs them. Medians over the pictures.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from measuring import pictures, read

from artvision.device import one_thread_each
from artvision.errors import ArtvisionError
from artvision.image import Picture
from artvision.settings import Settings
from artvision.stages import create, discover, run_order, upstream_of
from artvision.stages.base import Result, Stage


def ready(model: str) -> list[Stage]:
    """Every stage that nothing keeps from running here, set up."""
    every, _ = create(Settings(model=model))
    stages = {stage.name: stage for stage in every if not stage.off() and _works(stage)}
    known = [stage for stage in stages.values() if set(stage.needs) <= set(stages)]
    return run_order(known)


def _works(stage: Stage) -> bool:
    try:
        stage.fingerprint()
        stage.setup("cpu")
    except ArtvisionError as error:
        print(f"left out: {stage.name}: {error}")
        return False
    return True


def spent(stages: Sequence[Stage], picture: Picture) -> dict[str, float]:
    """Stage -> milliseconds of a core."""
    told: dict[str, list[Result]] = {}
    found = {}
    for stage in stages:
        upstream = {name: told[name] for name in upstream_of(stage, told)}
        start = time.process_time()
        told[stage.name] = stage.run([picture], upstream)
        found[stage.name] = 1000 * (time.process_time() - start)
    return found


def main() -> None:
    """Parse, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--model", default="starter")
    arguments = parser.parse_args()
    one_thread_each()
    stages = ready(arguments.model)
    paths = pictures(arguments.folder)
    times = defaultdict[str, list[float]](list)
    for path in random.Random(7).sample(paths, min(arguments.sample, len(paths))):
        start = time.process_time()
        picture = read(path)
        times["decode"].append(1000 * (time.process_time() - start))
        for name, cost in spent(stages, picture).items():
            times[name].append(cost)
    opt_in = {stage.name for stage in discover() if stage.opt_in}
    print("| stage | ms of a core, median | 90 % below | |\n| --- | --- | --- | --- |")
    for name, costs in times.items():
        high = sorted(costs)[int(0.9 * (len(costs) - 1))]
        print(f"| `{name}` | {median(costs):.1f} | {high:.1f} | {'opt-in' if name in opt_in else ''} |")


if __name__ == "__main__":
    main()
