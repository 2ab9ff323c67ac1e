"""Measure artvision against what a user would otherwise pick, in one alternating run on the same made pictures.

    python scripts/bench_peers.py                                    open_clip and facenet-pytorch
    python scripts/bench_peers.py --peers-python PEERS/bin/python    clip-retrieval too
    python scripts/bench_peers.py --only clip --images 16            a quick look

clip-retrieval wants an older numpy and open_clip than artvision can have, so it gets an environment of its own:

    python -m venv PEERS && PEERS/bin/pip install clip-retrieval
    PEERS/bin/pip install 'setuptools<70'    # clip-anytorch, which it needs, imports what later ones no longer have

Each contender is a process of its own, which may use two cores; all have the same seeded random weights of
ViT-B-32-256, and files that lie in memory. It runs on half of the pictures and on all, which tells start-up from work.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench_alternating import Cost, FailedProcessError, alternate, measure, summarise, table
from bench_contenders import CORES, GROUPS, LOOPS, OURS, Contender, Group
from bench_pictures import make_pictures

ROOT = Path(__file__).resolve().parent.parent
IMAGES, ROUNDS, FEW = 80, 3, 1
PACKAGES = (
    "artvision",
    "onnxruntime",
    "clip-retrieval",
    "open-clip-torch",
    "facenet-pytorch",
    "torch",
    "numpy",
    "pillow",
)
WORDS = {
    "rate": "images/s",
    "steady_rate": "without start-up",
    "start_up": "start-up, s",
    "cpu_a_picture": "ms of a core a picture",
    "steady_cpu_a_picture": "without start-up",
    "faster": "images/s, artvision : it",
    "faster_steady": "without start-up",
    "cheaper": "ms of a core, it : artvision",
    "cheaper_steady": "without start-up",
}


class Course:
    """Where pictures, weights and what the contenders write lie, and the interpreters that may run them."""

    def __init__(self, folder: Path, images: int, pythons: Sequence[str]) -> None:
        self.folder, self.images, self.pythons = folder, images, pythons
        self.environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(CORES),
            "HF_HUB_OFFLINE": "1",
            "CUDA_VISIBLE_DEVICES": "",  # the peers would take a GPU where there is one
            "TMPDIR": str(folder),  # clip-retrieval's wandb leaves folders
        }
        paths = make_pictures(folder / "all", images)
        self.all, self.half, self.few = folder / "all", self._some(paths, images // 2), self._some(paths, FEW)
        self.weights = folder / "weights.safetensors"
        measure([sys.executable, LOOPS, "weights", self.weights], self.environment, ROOT, folder / "weights.log")

    def python(self, contender: Contender) -> str:
        """The first interpreter that has the contender's package; empty where none has."""
        return next((python for python in self.pythons if version(python, contender.package)), "")

    def out(self, contender: Contender) -> Path:
        """Where a contender writes: a file or a folder."""
        return self.folder / contender.name.replace(" ", "-")

    def run(self, contender: Contender, pictures: Path) -> Cost:
        """One process over a folder of pictures, with nothing left of an earlier one."""
        out = self.out(contender)
        if out.is_dir():
            shutil.rmtree(out)
        out.unlink(missing_ok=True)
        command = contender.command(self.python(contender), pictures, out, self.weights)
        return measure(command, self.environment, ROOT, out.with_suffix(".log"))

    def _some(self, paths: Sequence[Path], count: int) -> Path:
        """A folder of the first pictures."""
        folder = self.folder / f"first-{count}"
        folder.mkdir()
        for path in paths[:count]:
            (folder / path.name).hardlink_to(path)
        return folder


@cache
def version(python: str, package: str) -> str:
    """The version of a package that an interpreter has; empty where it has none."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], check=False, capture_output=True, text=True).stdout.strip()


def unable(contender: Contender, course: Course) -> str:
    """Why a contender cannot take part; empty where it can, and then it has run once: no disk is waited for."""
    if not course.python(contender):
        return f"not installed; {contender.install}"
    try:
        course.run(contender, course.few)
    except FailedProcessError as error:
        if contender.name == OURS:
            raise
        return str(error)
    return ""


def compete(group: Group, course: Course, rounds: int) -> dict[str, Any]:
    """Rounds of one group: figures of each contender, and who was left out and why."""
    reasons = {contender.name: unable(contender, course) for contender in group.contenders}
    present = {contender.name: contender for contender in group.contenders if not reasons[contender.name]}
    found = alternate(
        list(present),
        rounds,
        course.images,
        lambda name, whole: course.run(present[name], course.all if whole else course.half),
        partial(print, file=sys.stderr),
    )
    finds = {name: contender.read(course.out(contender)) for name, contender in present.items()}
    figures = {
        name: {**told, group.agreement: group.agree(finds[OURS], finds[name])}
        for name, told in summarise(found, OURS).items()
    }
    return {"figures": figures, "left_out": {name: reason for name, reason in reasons.items() if reason}}


def peers(images: int, rounds: int, pythons: Sequence[str], only: str | None = None) -> dict[str, Any]:
    """All figures; the pictures lie in a temporary folder."""
    if hasattr(os, "sched_setaffinity"):  # what this process starts is kept to these cores too
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as name:
        course = Course(Path(name), images, [sys.executable, *pythons])
        before = os.getloadavg()[0]
        groups = {group.name: compete(group, course, rounds) for group in GROUPS if only is None or group.name == only}
    return {"machine": {**machine(), "load_before": before}, "versions": versions(course.pythons), "groups": groups}


def machine() -> dict[str, Any]:
    """What all ran on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {"processor": names[0] if names else platform.processor(), "cores": CORES}


def versions(pythons: Sequence[str]) -> dict[str, str]:
    """Interpreter -> what it has of the packages that matter."""
    return {
        python: ", ".join(f"{package} {found}" for package in PACKAGES if (found := version(python, package)))
        for python in pythons
    }


def show(told: dict[str, Any]) -> str:
    """All figures as Markdown, a column for each contender."""
    lines = [", ".join(f"{name} {value}" for name, value in told["machine"].items())]
    lines += [f"{python}: {found}" for python, found in told["versions"].items()]
    for group in told["groups"].values():
        by_name = group["figures"]
        rows = [[WORDS.get(figure, figure), *(told[figure] for told in by_name.values())] for figure in by_name[OURS]]
        lines += ["", table(["median (least–most)", *by_name], rows)]
        lines += [f"left out: {name}: {reason}" for name, reason in group["left_out"].items()]
    return "\n".join(lines)


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", choices=[group.name for group in GROUPS])
    parser.add_argument("--peers-python", action="append", default=[], help="an interpreter that has other peers")
    given = parser.parse_args()
    print(show(peers(given.images, given.rounds, given.peers_python, given.only)))


if __name__ == "__main__":
    main()
