"""Captions made from labels: each text is a statement that is true, in part or not at all, of every picture."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from starter.corpus import SHOTS

GENRE_WORDS = {
    "film_noir": ("film noir",),
    "history": ("historical", "history", "period"),
    "music": ("music", "band"),
    "romance": ("romance", "romantic", "love story"),
    "sci_fi": ("science fiction", "sci-fi"),
    "sport": ("sports", "sport"),
    "war": ("war", "military"),
}
GENRE_TEMPLATES = (
    "{}",
    "a {} film",
    "a {} movie",
    "a {} film poster",
    "a poster for a {} movie",
    "a movie poster of the genre {}",
    "a scene from a {} film",
    "artwork of a {} film",
)
SHOT_WORDS = {
    "extreme close up": ("an extreme close-up", "a detail"),
    "close up": ("a close-up", "a close-up of a face"),
    "medium": ("a medium shot",),
    "long shot": ("a long shot", "a wide shot"),
    "extreme long shot": ("an extreme long shot", "a vast landscape"),
    "over the shoulder": ("an over-the-shoulder shot", "a shot over the shoulder"),
    "master": ("a master shot", "an establishing shot"),
}
SHOT_TEMPLATES = ("{}", "a film still, {}", "{} from a film")
CLASS_TEMPLATES = (
    "{}",
    "a picture of a {}",
    "a film poster showing a {}",
    "a film still with a {}",
    "an image of a {}",
)


@dataclass(frozen=True)
class Statement:
    """A text and the attributes (columns of the truth table) that must all hold for it to be true."""

    text: str
    attributes: tuple[int, ...]


@dataclass(frozen=True)
class Attributes:
    """What the columns of the truth table mean, in order: genres, then shots, then teacher classes."""

    genres: list[str]
    classes: list[str]

    @property
    def count(self) -> int:
        """Number of columns."""
        return len(self.genres) + len(SHOTS) + len(self.classes)

    def statement(self, held: list[int], chance: random.Random) -> Statement:
        """Say something that is true of a picture for which the attributes `held` hold."""
        attribute = chance.choice(held)
        genres = [index for index in held if index < len(self.genres)]
        if attribute in genres and len(genres) > 1 and chance.random() < 0.4:
            pair = chance.sample(genres, 2)
            return Statement(self._genres(pair, chance), tuple(sorted(pair)))
        return Statement(self._single(attribute, chance), (attribute,))

    def _genres(self, pair: list[int], chance: random.Random) -> str:
        words = " ".join(genre_word(self.genres[index], chance) for index in pair)
        return chance.choice(GENRE_TEMPLATES).format(words)

    def _single(self, attribute: int, chance: random.Random) -> str:
        first_class = len(self.genres) + len(SHOTS)
        if attribute < len(self.genres):
            return chance.choice(GENRE_TEMPLATES).format(genre_word(self.genres[attribute], chance))
        if attribute < first_class:
            words = chance.choice(SHOT_WORDS[SHOTS[attribute - len(self.genres)]])
            return chance.choice(SHOT_TEMPLATES).format(words)
        return chance.choice(CLASS_TEMPLATES).format(self.classes[attribute - first_class])


def genre_word(label: str, chance: random.Random) -> str:
    """One of the ways to say a genre."""
    return chance.choice(GENRE_WORDS.get(label, (label.replace("_", " "),)))


def truth_of(statements: list[Statement], truth: Tensor) -> Tensor:
    """Truth (B, T) of statements for pictures with attribute truth (B, A): the product over the attributes.

    Values in [0, 1]; NaN where an attribute is unknown for that picture.
    """
    columns = [truth[:, list(statement.attributes)].prod(dim=1) for statement in statements]
    return torch.stack(columns, dim=1)
