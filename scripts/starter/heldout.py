"""Held-out measurement through the product's own tag path, and the evidence file that it allows."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from artvision.calibration.figures import Ranking
from artvision.clip.encoder import OpenClipEncoder
from artvision.clip.model import resolve
from artvision.clip.vocabulary import Vocabulary
from artvision.clip.zero_shot import Tagger
from starter.corpus import Corpus
from starter.evidence import LEAST, MARGIN, Figure, figure, macro_figure
from starter.labels import PROXIES, class_indices, proxy_truth
from starter.network import weights_sha256

AIM = ("horror", "western", "sci_fi", "family", "war", "romance")
PRESENT, ABSENT = 0.2, 0.05  # teacher score from which a proxy holds, and below which it does not
BATCH = 64
RULE = "offered when the lower end of the 95 % bootstrap interval of the held-out AUC is above 0.5 + margin"


@dataclass(frozen=True)
class Measured:
    """What one part of the corpus says: figures by `group.label`, and the macro-AUC over AIM with its interval."""

    tags: Mapping[str, Figure]
    macro: Ranking


def tag_scores(folder: Path, pictures: list[bytes], vocabulary: Vocabulary) -> dict[str, np.ndarray]:
    """Scores (N,) in [0, 1] of every tag for encoded pictures, by the model in `folder` and the product's code."""
    encoder = OpenClipEncoder(resolve(f"local-dir:{folder}"), "cpu")
    tagger = Tagger.of(vocabulary, encoder.encode_texts(vocabulary.prompts), encoder.logit_scale)
    images = [_embeddings(encoder, pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)]
    scored = [tagger.score(image) for image in np.concatenate(images)]
    names = [f"{score.group}.{score.label}" for score in scored[0]]
    values = np.array([[score.value for score in row] for row in scored])
    return dict(zip(names, values.T, strict=True))


def _embeddings(encoder: OpenClipEncoder, pictures: list[bytes]) -> np.ndarray:
    """L2-normalised embeddings (B, D) float32."""
    decoded = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in pictures]
    return encoder.encode_images(np.stack([encoder.preprocess(pixels) for pixels in decoded]))


def measure(
    folder: Path, pictures: list[bytes], corpus: Corpus, vocabulary: Vocabulary, names: list[str], part: str, seed: int
) -> Measured:
    """Score one part of the corpus and compare with catalogue genres and teacher proxies."""
    rows = corpus.rows(part)
    scores = tag_scores(folder, [pictures[row] for row in rows.tolist()], vocabulary)
    poster = corpus.poster[rows].numpy()
    genres = next(group for group in vocabulary.groups if group.name == "genre")
    truth = corpus.genres[rows].numpy()[poster] > 0
    tags = {}
    for column, label in enumerate(genres.labels):
        if LEAST <= truth[:, column].sum() <= len(truth) - LEAST:
            tags[f"genre.{label}"] = figure(scores[f"genre.{label}"][poster], truth[:, column], seed)
    for label in PROXIES:
        mass = proxy_truth(corpus.classes[rows, 0], corpus.scores[rows, 0], class_indices(label, names)).numpy()
        clear = (mass >= PRESENT) | (mass < ABSENT)
        if (mass >= PRESENT).sum() >= LEAST:
            tags[label] = figure(scores[label][clear], mass[clear] >= PRESENT, seed, poster[clear])
    columns = [list(genres.labels).index(label) for label in AIM]
    aimed = np.stack([scores[f"genre.{label}"][poster] for label in AIM], axis=1)
    return Measured(tags, macro_figure(aimed, truth[:, columns], seed))


def write_evidence(folder: Path, measured: Measured, vocabulary: Vocabulary) -> None:
    """Write evidence.json: which tags the test part supports, for exactly these weights and prompts."""
    hashes = {group.name: group.sha256 for group in vocabulary.groups}
    content = {
        "model": "starter",
        "weights_sha256": weights_sha256(folder),
        "corpus": "test part of the training corpus: posters and stills never trained or selected on",
        "margin": MARGIN,
        "rule": RULE,
        "tags": {name: _entry(name, found, hashes) for name, found in measured.tags.items()},
    }
    (folder / "evidence.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _entry(name: str, found: Figure, hashes: Mapping[str, str]) -> dict[str, Any]:
    group = name.partition(".")[0]
    labels = "catalogue genres" if group == "genre" else "teacher classes (proxy)"
    rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(found).items()}
    return {**rounded, "labels": labels, "group_sha256": hashes[group], "offered": found.offered}
