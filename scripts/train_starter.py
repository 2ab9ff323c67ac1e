"""Train the starter: a small CLIP of our own, bundled so that everything runs with no download.

python scripts/train_starter.py [DATA] [--out FOLDER] [--epochs N] [--seed N]

DATA holds posters.parquet, stills.parquet, teacher.parquet and imagenet_labels.txt (default: ../shared/data beside
the repository). Writes weights, configuration, evidence.json and the model card. A GPU is used if there is one.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import torch
from starter.card import Run, write_card
from starter.corpus import read_corpus, read_pictures, teacher_names
from starter.heldout import measure, write_evidence
from starter.network import save
from starter.targets import make_targets
from starter.training import Plan, Trainer

from artvision.vocabulary import read_vocabulary

ROOT = Path(__file__).resolve().parent.parent


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "starter")
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; 0 leaves torch's choice")
    return parser.parse_args()


def main() -> None:
    """Read, train, save, measure, and write the card."""
    asked = arguments()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    started = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    plan = replace(Plan(), epochs=asked.epochs, seed=asked.seed)
    vocabulary = read_vocabulary()
    genres = next(group for group in vocabulary.groups if group.name == "genre")
    names = teacher_names(asked.data / "imagenet_labels.txt")
    corpus = read_corpus(asked.data, list(genres.labels))
    targets = make_targets(corpus, vocabulary, names, plan.trust, plan.seed)
    say(f"{len(corpus.part)} pictures, {len(targets.attributes.classes)} spoken classes, on {device}")
    clip, history = Trainer(corpus, targets, plan, device).run(say)
    save(clip, asked.out)
    minutes = (time.monotonic() - started) / 60
    parts = {
        part: measure(asked.out, read_pictures(asked.data), corpus, vocabulary, names, part, plan.seed)
        for part in ("validation", "test")
    }
    write_evidence(asked.out, parts["test"], vocabulary)
    write_card(asked.out, Run(plan, minutes, str(device), torch.get_num_threads(), history), corpus, parts)
    for part, measured in parts.items():
        say(f"{part}: macro-AUC {measured.macro[0]:.3f} [{measured.macro[1]:.3f}, {measured.macro[2]:.3f}]")


def say(line: str) -> None:
    """One line of progress, at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
