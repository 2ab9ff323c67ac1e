"""What is true of each picture, as far as the data says: the tables that training compares texts with."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artvision.clip.vocabulary import Group, Vocabulary
from starter.captions import Attributes
from starter.corpus import SHOTS, Corpus
from starter.labels import PROXIES, class_indices, proxy_truth
from starter.probe import out_of_fold

SURE = 0.25  # teacher score from which a class counts as fully present; its scores are spread over 1,001 labels
RARE = 12  # a class must be seen in at least this many training views to be spoken of
# Words of intimate or bodily meaning are no captions of ours.
UNSPOKEN = frozenset({"background", "bikini", "brassiere", "diaper", "maillot", "miniskirt", "nipple", "band aid"})


@dataclass(frozen=True)
class Targets:
    """Tables over all N pictures.

    labels: names of the product's labels with training truth, `group.label` · prompts: their texts ·
    nulls: null texts of each label's group · label_truth (N, 2, L) float32 per view, NaN = unknown ·
    label_prior (L,) mean truth of the training part · attributes: meaning of the caption columns ·
    attribute_truth (N, 2, A) per view, NaN = unknown · features (N, 2, 1024) standardised teacher features.
    """

    labels: list[str]
    prompts: list[tuple[str, ...]]
    nulls: list[tuple[str, ...]]
    label_truth: Tensor
    label_prior: Tensor
    attributes: Attributes
    attribute_truth: Tensor
    features: Tensor


def make_targets(corpus: Corpus, vocabulary: Vocabulary, names: list[str], trust: float, seed: int) -> Targets:
    """All training targets; only the training part decides statistics, probes and priors.

    `trust` is the share of the catalogue's own genre labels in the soft ones; the probe gives the rest.
    """
    groups = {group.name: group for group in vocabulary.groups}
    genres = groups["genre"]
    labels = [f"genre.{label}" for label in genres.labels] + list(PROXIES)
    features = standardised_features(corpus)
    soft = soft_genres(corpus, features, trust, seed)
    label_truth = torch.cat([soft[:, None].expand(-1, 2, -1), _proxies(corpus, names)], dim=2)
    classes = spoken_classes(corpus, names)
    attribute_truth = torch.cat([label_truth[:, :, : soft.shape[1]], _shots(corpus), _classes(corpus, classes)], dim=2)
    return Targets(
        labels=labels,
        prompts=[_group(groups, label).labels[label.partition(".")[2]] for label in labels],
        nulls=[_group(groups, label).null for label in labels],
        label_truth=label_truth,
        label_prior=label_truth[corpus.rows("train")].nanmean(dim=(0, 1)).clamp(min=1e-3),
        attributes=Attributes(list(genres.labels), [names[index] for index in classes]),
        attribute_truth=attribute_truth,
        features=features,
    )


def _group(groups: dict[str, Group], label: str) -> Group:
    return groups[label.partition(".")[0]]


def standardised_features(corpus: Corpus) -> Tensor:
    """Teacher features with zero mean and unit deviation over the training part; nearly constant ones stay small."""
    known = corpus.features[corpus.rows("train")]
    return (corpus.features - known.mean(dim=(0, 1))) / (known.std(dim=(0, 1)) + 0.05)


def soft_genres(corpus: Corpus, features: Tensor, trust: float, seed: int) -> Tensor:
    """Genre truth (N, G) in [0, 1] for training posters, hard labels for other posters, NaN for stills."""
    rows = corpus.rows("train", posters_only=True)
    soft = corpus.genres.clone()
    probe = out_of_fold(features[rows].mean(dim=1), corpus.genres[rows], seed)
    soft[rows] = trust * corpus.genres[rows] + (1 - trust) * probe
    soft[~corpus.poster] = float("nan")
    return soft


def _proxies(corpus: Corpus, names: list[str]) -> Tensor:
    """Proxy truth (N, 2, P) in [0, 1]."""
    sums = [proxy_truth(corpus.classes, corpus.scores, class_indices(label, names)) for label in PROXIES]
    return (torch.stack(sums, dim=2) / SURE).clamp(max=1)


def _shots(corpus: Corpus) -> Tensor:
    """Shot truth (N, 2, S): of the whole still only, since a crop changes the shot; NaN elsewhere."""
    truth = torch.full((len(corpus.shot), 2, len(SHOTS)), float("nan"))
    stills = torch.nonzero(~corpus.poster)[:, 0]
    truth[stills, 0] = nn.functional.one_hot(corpus.shot[stills], len(SHOTS)).float()
    return truth


def spoken_classes(corpus: Corpus, names: list[str]) -> list[int]:
    """Indices of the teacher's classes that are frequent enough in the training part to make captions of."""
    rows = corpus.rows("train")
    clear = corpus.classes[rows][corpus.scores[rows] >= SURE / 2]
    counts = torch.bincount(clear, minlength=len(names))
    return [index for index, count in enumerate(counts.tolist()) if count >= RARE and names[index] not in UNSPOKEN]


def _classes(corpus: Corpus, classes: list[int]) -> Tensor:
    """Class truth (N, 2, C) in [0, 1]."""
    columns = [proxy_truth(corpus.classes, corpus.scores, torch.tensor([index])) for index in classes]
    return (torch.stack(columns, dim=2) / SURE).clamp(max=1)
