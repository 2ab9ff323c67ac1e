"""Zero-shot tags: how well an image embedding agrees with a few prompts a label.

A label's embedding is the L2-normalised mean of its L2-normalised prompt embeddings (prompt ensembling: Radford et
al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021, section 3.1.4).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from artvision.cache import cache_dir, write_atomic
from artvision.clip.vocabulary import Group, Vocabulary
from artvision.logistic import sigmoid, softmax

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
EncodeTexts = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class Score:
    """One tag of one picture: `value` in [0, 1], `similarity` the raw cosine in [-1, 1]."""

    group: str
    label: str
    value: float
    similarity: float


@dataclass(frozen=True)
class Tagger:
    """Label embeddings of a vocabulary under one model, ready to score pictures.

    `labels` maps a group to (labels, D), `nulls` an independent group to (D,); float64, L2-normalised.
    """

    vocabulary: Vocabulary
    labels: Mapping[str, Doubles]
    nulls: Mapping[str, Doubles]
    logit_scale: float

    @classmethod
    def of(cls, vocabulary: Vocabulary, prompts: Floats, logit_scale: float) -> Tagger:
        """Pool `prompts`, (number of `vocabulary.prompts`, D) float32, into one embedding a label."""
        rows = dict(zip(vocabulary.prompts, np.asarray(prompts, dtype=np.float64), strict=True))
        labels = {
            group.name: np.stack([_pool(rows, texts) for texts in group.labels.values()]) for group in vocabulary.groups
        }
        nulls = {group.name: _pool(rows, group.null) for group in vocabulary.groups if group.null}
        return cls(vocabulary, labels, nulls, logit_scale)

    def score(self, embedding: Floats) -> list[Score]:
        """Scores of all labels for one image embedding, (D,) float32, L2-normalised; in vocabulary order."""
        image = np.asarray(embedding, dtype=np.float64)
        return [score for group in self.vocabulary.groups for score in self._group(group, image)]

    def _group(self, group: Group, image: Doubles) -> list[Score]:
        # a plain sum over a row, not BLAS: its order of additions depends on nothing but the width
        similarities = (self.labels[group.name] * image).sum(axis=1)
        if group.mode == "exclusive":
            values = softmax(self.logit_scale * similarities)
        else:
            values = sigmoid(self.logit_scale * (similarities - (self.nulls[group.name] * image).sum()))
        return [
            Score(group.name, label, float(value), float(similarity))
            for label, value, similarity in zip(group.labels, values, similarities, strict=True)
        ]


def prompt_embeddings(vocabulary: Vocabulary, key: Mapping[str, Any], width: int, encode: EncodeTexts) -> Floats:
    """(prompts, width) float32 embeddings of `vocabulary.prompts`, computed once and kept in the cache folder.

    `key` names everything beside the prompts that decides them: weights, libraries, device. A cache file that is
    broken, or a folder that cannot be written, costs the time to compute and nothing else.
    """
    texts = vocabulary.prompts
    name = hashlib.sha256(json.dumps([dict(key), texts], sort_keys=True).encode()).hexdigest()
    path = cache_dir() / "prompts" / f"{name}.npz"
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as content:
            kept = content["embeddings"]
        if kept.shape == (len(texts), width) and kept.dtype == np.float32 and bool(np.isfinite(kept).all()):
            return np.asarray(kept)
    embeddings = encode(texts)
    buffer = io.BytesIO()
    np.savez(buffer, embeddings=embeddings)
    with suppress(OSError):
        write_atomic(path, buffer.getvalue())
    return embeddings


def _pool(rows: Mapping[str, Doubles], texts: Sequence[str]) -> Doubles:
    mean = np.mean([rows[text] / np.linalg.norm(rows[text]) for text in texts], axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float64)
