"""Who competes in `bench_peers.py`, how each is called, and where its finds are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench_peer_finds import (
    Found,
    cosines,
    loop_embeddings,
    loop_faces,
    retrieval_embeddings,
    run_embeddings,
    run_faces,
    shared_faces,
)
from bench_peer_loops import MODEL

CORES = 2
OURS = "artvision"
LOOPS = Path(__file__).resolve().parent / "bench_peer_loops.py"
Command = Callable[[str, Path, Path, Path], list[str | Path]]  # of interpreter, pictures, where to write, weights


@dataclass(frozen=True)
class Contender:
    """Something that looks at all pictures of a folder; `install` is how a user gets it."""

    name: str
    package: str
    install: str
    command: Command
    read: Callable[[Path], Found]


@dataclass(frozen=True)
class Group:
    """Contenders for one task, artvision first; `agree` says what a peer's finds have in common with artvision's."""

    name: str
    agreement: str
    agree: Callable[[Found, Found], str]
    contenders: tuple[Contender, ...]


def artvision(stage: str) -> Command:
    """The command line as a user types it."""
    options = ["--stages", stage, "--model", f"{MODEL}/random", "--device", "cpu"]
    return lambda python, pictures, out, _: [python, "-m", "artvision", "extract", pictures, "-o", out, *options]


def open_clip(python: str, pictures: Path, out: Path, weights: Path) -> list[str | Path]:
    """The plain loop."""
    return [python, LOOPS, "open_clip", pictures, out, weights]


def clip_retrieval(python: str, pictures: Path, out: Path, weights: Path) -> list[str | Path]:
    """`clip-retrieval inference`, in batches of 32: with 256, its default, the warm-up outlasts the work."""
    given = {
        "input_dataset": pictures,
        "output_folder": out,
        "clip_model": f"open_clip:{MODEL}/{weights}",  # open_clip takes a file where a tag would stand
        "enable_text": False,
        "batch_size": 32,
        "num_prepro_workers": CORES,
    }
    return [python, "-m", "clip_retrieval.cli", "inference", *(f"--{name}={value}" for name, value in given.items())]


def mtcnn(name: str, loop: str) -> Contender:
    """One way to use facenet-pytorch's detector."""
    return Contender(
        name,
        "facenet-pytorch",
        "pip install 'facenet-pytorch>=2.5.3,<2.6'",
        lambda python, pictures, out, _: [python, LOOPS, loop, pictures, out],
        loop_faces,
    )


GROUPS = (
    Group(
        "clip",
        "smallest cosine",
        cosines,
        (
            Contender(OURS, "artvision", "scripts/install .venv dev", artvision("clip"), run_embeddings),
            Contender("open_clip loop", "open-clip-torch", "pip install open-clip-torch", open_clip, loop_embeddings),
            Contender(
                "clip-retrieval inference",
                "clip-retrieval",
                "the two commands for it are in `bench_peers.py --help`",
                clip_retrieval,
                retrieval_embeddings,
            ),
        ),
    ),
    Group(
        "faces",
        "sure faces, also in artvision",
        shared_faces,
        (
            Contender(OURS, "artvision", "scripts/install .venv dev", artvision("faces"), run_faces),
            mtcnn("MTCNN as shipped", "one_by_one"),
            mtcnn("MTCNN in batches of one size", "batches"),
            mtcnn("MTCNN on frames reduced to 960", "reduced"),
        ),
    ),
)
