"""The model card: what was trained, on what, and what the held-out parts say of it."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import open_clip
import torch
from safetensors.torch import load_file

from artvision.calibration.figures import RESAMPLES
from starter.corpus import PARTS, Corpus
from starter.evidence import LEAST, MARGIN
from starter.heldout import ABSENT, AIM, PRESENT, Measured
from starter.network import CONFIG, WEIGHTS, weights_sha256
from starter.training import Plan

GOAL = 0.70
TRAINING = "training.json"


@dataclass(frozen=True)
class Run:
    """How one training went: `minutes` of wall clock up to the saved weights, `history` a row per epoch."""

    plan: Plan
    minutes: float
    device: str
    workers: int
    history: list[dict[str, float]]

    def write(self, folder: Path) -> None:
        """Keep this beside the weights, so that they can be measured again without training."""
        (folder / TRAINING).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Run:
        """What `write` kept."""
        content = json.loads((folder / TRAINING).read_text(encoding="utf-8"))
        return cls(**{**content, "plan": Plan(**content["plan"])})


def write_card(folder: Path, run: Run, corpus: Corpus, parts: Mapping[str, Measured]) -> None:
    """Write README.md beside the weights, from measured figures only."""
    blocks = [
        _what(folder),
        _figures(parts),
        _table(parts),
        _data(corpus),
        _training(run),
        _limits(folder, parts["test"]),
        _rights(),
    ]
    (folder / "README.md").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _what(folder: Path) -> str:
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["model_cfg"]
    vision, text = config["vision_cfg"], config["text_cfg"]
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    return f"""# The starter

<!-- Written by scripts/train_starter.py from what it measured; do not edit. -->

A small CLIP of our own, in open_clip's `local-dir:` form, so that artvision runs with no download. **It is a starter**:
good for trying the pipeline end to end and for a first, coarse genre cue; for anything that matters fetch the
production model (`artvision models fetch`).

- Image tower: `{vision["timm_model_name"]}` (timm) at {vision["image_size"]} × {vision["image_size"]} px, the whole
  picture squashed to a square; embedding of {config["embed_dim"]} numbers.
- Text tower: transformer, {text["layers"]} layers, width {text["width"]}, {text["context_length"]} tokens, open_clip's
  own tokenizer. Words that its training texts never used have an embedding of zero: they say nothing.
- Weights: `{WEIGHTS}`, half precision, the folder {size:.1f} MB, sha256 `{weights_sha256(folder)}`."""


def _figures(parts: Mapping[str, Measured]) -> str:
    value, low, high, _ = parts["test"].macro
    verdict = "reached" if value >= GOAL else "not reached"
    names = ", ".join(name.replace("_", " ") for name in AIM)
    return f"""## Held-out figures

Macro-AUC over {names} on test posters, through the product's tag path
(prompts of the bundled vocabulary → tag score):

**{value:.3f}** (95 % interval {low:.3f} to {high:.3f}). The aim of {GOAL:.2f} was {verdict}.
On the validation part, which chose the epoch, the same figure is {parts["validation"].macro.auc:.3f}.

Intervals are percentiles of {RESAMPLES:,} bootstrap samples of pictures. They cover the choice of test pictures, not
that of training pictures or seeds. A tag is offered under the starter where the lower end is above {0.5 + MARGIN:.2f}
(`evidence.json`); tags with fewer than {LEAST} positives, or with no held-out labels at all, are withheld.
Genres are judged by catalogue labels. Subjects and settings have none: a **proxy** stands in, the classes of an
ImageNet network on the same picture (present from a score of {PRESENT}, absent below {ABSENT}; pictures between are
left out), and posters are only compared with posters, stills with stills. It says that the starter agrees with that
network, no more."""


def _table(parts: Mapping[str, Measured]) -> str:
    lines = [
        "| tag | judged by | test AUC | 95 % interval | positives | validation AUC | offered |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in parts["test"].tags.items():
        judge = "catalogue" if name.startswith("genre.") else "proxy"
        other = parts["validation"].tags.get(name)
        beside = f"{other.auc:.3f}" if other else "–"
        lines.append(
            f"| `{name}` | {judge} | {found.auc:.3f} | {found.low:.3f} – {found.high:.3f} | {found.positives} "
            f"| {beside} | {'yes' if found.offered else 'no'} |"
        )
    return "\n".join(lines)


def _data(corpus: Corpus) -> str:
    counts = [
        f"{part} {len(corpus.rows(part, posters_only=True))} posters and "
        f"{len(corpus.rows(part)) - len(corpus.rows(part, posters_only=True))} stills"
        for part in PARTS
    ]
    return f"""## Data

{"; ".join(counts).capitalize()}.
Posters are split by the hash of their IMDb id, stills by the hash of their bytes (stills carry no title, so frames of
one film may fall on both sides).
Captions are made from labels: catalogue genres, shot names, and class names that two small ImageNet networks gave.
Their features and classes (MobileNet V1 and V2 of google-coral/test_data, Apache-2.0) are also imitated directly, by
heads that are thrown away. No picture of the validation or test part entered any statistic, probe or
caption. The test part chose no model and no setting; the minimum of 15 positives for a tag was raised from 10 after an
earlier version had been measured on it."""


def _training(run: Run) -> str:
    best = max(run.history, key=lambda row: row["auc"])
    plan = ", ".join(f"{key} {value}" for key, value in asdict(run.plan).items())
    where = f"{run.device} ({platform.machine()}, {run.workers} worker threads)"
    steps = f"{run.history[-1]['steps']:.0f} steps in {len(run.history)} epochs"
    versions = f"torch {torch.__version__.partition('+')[0]}, open_clip {open_clip.__version__}"
    return f"""## Training

`python scripts/train_starter.py --epochs {run.plan.epochs} --minutes {run.plan.minutes:g} --seed {run.plan.seed}`
took {run.minutes:.0f} minutes by the wall clock on {where}, with {versions}: {steps}.
Kept is the moving average of the weights after epoch {best["epoch"]:.0f}, the best on validation. Learning rate
and size follow the steps, or the clock where it is ahead of them: with a generous `--minutes` the seed alone decides
the result, otherwise the machine's speed does too. All epochs stand in `{TRAINING}`.

Plan: {plan}."""


def _limits(folder: Path, test: Measured) -> str:
    table = load_file(folder / WEIGHTS)["token_embedding.weight"]
    words = int(table.abs().sum(dim=1).count_nonzero())
    offered = [name for name, found in test.tags.items() if found.offered]
    withheld = [name for name, found in test.tags.items() if not found.offered]
    return f"""## What it can do and cannot

- Offered tags: {_names(offered)}. Scores order pictures better than chance; they are weak evidence about one picture.
- Measured and withheld: {_names(withheld)}. Tone, time of day, art style and all other tags have no held-out labels
  and are withheld too.
- A score of 0.5 means that the picture says nothing about the tag, not that every second such picture has it.
- It read {words} different tokens in training. Free-text search beyond the vocabulary, names, places, counting, spatial
  relations and text in the picture are out of its reach.
- Catalogue genres are noisy and describe the film, not the picture; the posters are 128 px wide, the stills 240. Other
  artwork (series, animation, key art without a title) and larger pictures were not measured.
- It was never asked about age, gender, race, attractiveness or emotion of people, and must not be."""


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _rights() -> str:
    return """## Rights

The code is MIT, as the project. The weights were trained on third-party film posters and stills, used as training input
and test material only; no picture is included. Whether weights trained so may be used commercially is not settled:
treat the starter as a test fixture, not as a product model."""
