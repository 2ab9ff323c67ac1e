"""Scores of tags from stored embeddings, as the stage clip would compute them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artvision.clip.vocabulary import Vocabulary
from artvision.clip.zero_shot import Tagger, prompt_embeddings
from artvision.searching.space import Space


def scores_of(vocabulary: Vocabulary, space: Space, embeddings: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    """Tag -> (N,) scores in [0, 1], to the bits that the stage clip computes for such an embedding."""
    encoder = space.pictures
    prompts = prompt_embeddings(vocabulary, encoder.fingerprint(), encoder.width, encoder.encode_texts)
    tagger = Tagger.of(vocabulary, prompts, encoder.logit_scale)
    table = np.array([[score.value for score in tagger.score(one)] for one in embeddings])
    names = (f"{group.name}.{label}" for group in vocabulary.groups for label in group.labels)
    return dict(zip(names, table.T, strict=True))
