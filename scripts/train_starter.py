"""Train the starter: a small CLIP of our own, bundled so that everything runs with no download.

python scripts/train_starter.py [DATA] [--out FOLDER] [--epochs N] [--minutes M] [--seed N]
python scripts/train_starter.py [DATA] --measure     measure the weights in FOLDER again, after prompts have changed

DATA holds posters.parquet, stills.parquet, teacher.parquet and imagenet_labels.txt (default: ../shared/data beside
the repository). Writes weights, configuration, training.json, evidence.json and the model card. A GPU is used if
there is one.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import torch
from starter import manifest
from starter.card import Run, write_card
from starter.corpus import Corpus, read_corpus, read_pictures, teacher_names
from starter.heldout import measure, write_evidence
from starter.network import save
from starter.targets import make_targets
from starter.training import Plan, Trainer

from artvision.clip.vocabulary import Vocabulary, read_vocabulary

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Read, train unless only a measurement is asked, measure, and write the card."""
    asked = arguments()
    torch.set_num_threads(1)  # a thread per part of a batch outruns threads inside each small convolution
    vocabulary = read_vocabulary()
    genres = next(group for group in vocabulary.groups if group.name == "genre")
    corpus = read_corpus(asked.data, list(genres.labels))
    if not asked.measure:
        train(asked, corpus, vocabulary)
    report(asked, corpus, vocabulary)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "starter")
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--minutes", type=float, default=Plan.minutes, help="at most, for the training itself")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--workers", type=int, default=2, help="CPU threads; part of the seeded result")
    parser.add_argument("--measure", action="store_true", help="do not train; measure what lies in the folder")
    return parser.parse_args()


def train(asked: argparse.Namespace, corpus: Corpus, vocabulary: Vocabulary) -> None:
    """Train and write weights, configuration and training.json."""
    started = time.monotonic()
    plan = replace(Plan(), epochs=asked.epochs, minutes=asked.minutes, seed=asked.seed)
    targets = make_targets(corpus, vocabulary, _names(asked), plan.trust, plan.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    workers = asked.workers if device.type == "cpu" else 1
    say(f"{len(corpus.part)} pictures, {len(targets.attributes.classes)} spoken classes, on {device}")
    clip, history = Trainer(corpus, targets, plan, device, workers).run(say)
    save(clip, asked.out)
    Run(plan, (time.monotonic() - started) / 60, str(device), workers, history).write(asked.out)


def report(asked: argparse.Namespace, corpus: Corpus, vocabulary: Vocabulary) -> None:
    """Measure the folder's weights on both held-out parts; write evidence.json (test part only) and the card."""
    run, pictures = Run.read(asked.out), read_pictures(asked.data)
    parts = {
        part: measure(asked.out, pictures, corpus, vocabulary, _names(asked), part, run.plan.seed)
        for part in ("validation", "test")
    }
    write_evidence(asked.out, parts["test"], vocabulary)
    write_card(asked.out, run, corpus, parts)
    if asked.out.resolve() == manifest.MANIFEST.parent / "starter":
        manifest.record(asked.out)
    for part, measured in parts.items():
        say(f"{part}: macro-AUC {measured.macro.auc:.3f} [{measured.macro.low:.3f}, {measured.macro.high:.3f}]")


def _names(asked: argparse.Namespace) -> list[str]:
    return teacher_names(asked.data / "imagenet_labels.txt")


def say(line: str) -> None:
    """One line of progress, at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
