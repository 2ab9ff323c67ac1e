"""Train the starter: a small CLIP of our own, bundled so that everything runs with no download."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch
from starter.corpus import read_corpus, teacher_names
from starter.network import save
from starter.targets import make_targets
from starter.training import Plan, Trainer

from artvision.vocabulary import read_vocabulary

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = ROOT / "artvision" / "data" / "vocabulary.toml"


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    a.add_argument("--out", type=Path, default=ROOT / "models" / "starter")
    a.add_argument("--epochs", type=int, default=Plan.epochs)
    args = a.parse_args()
    t = time.monotonic()
    groups = read_vocabulary()
    corpus = read_corpus(args.data, list(groups.groups[0].labels))
    names = teacher_names(args.data / "imagenet_labels.txt")
    plan = Plan(epochs=args.epochs)
    targets = make_targets(corpus, groups, names, plan.trust, plan.seed)
    print(len(targets.attributes.classes), "classes", dict(zip(targets.labels, [round(x, 4) for x in targets.label_prior.tolist()])), f"{time.monotonic()-t:.0f}s", flush=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    clip, _ = Trainer(corpus, targets, plan, device).run(lambda line: print(line, flush=True))
    print(save(clip, args.out))


main()
