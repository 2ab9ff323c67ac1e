"""From the terms of a query to one vector: texts and pictures through the index's own model, assets from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os.path import isfile
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from artvision.decoding.formats import PICTURES
from artvision.errors import UsageError
from artvision.film.address import file_of, moment
from artvision.passes import Floats, normalised
from artvision.searching.lexicon import refuse_descriptions, remarks
from artvision.searching.query import Kind, Term, written
from artvision.searching.space import open_space
from artvision.settings import suggest

if TYPE_CHECKING:
    from artvision.index.store import Index

NOTHING = 1e-6  # length of a sum below which rounding decides where it points


@dataclass(frozen=True)
class Question:
    """What was asked: the sum's direction (D,) float32 of unit length, None where a filter alone was given.

    `shown` is the query as it was understood; `notes` is what to know before trusting the answer.
    """

    vector: Floats | None
    shown: str = ""
    notes: tuple[str, ...] = ()


def ask(index: Index, terms: Sequence[Term], model: str = "") -> Question:
    """The question that the terms put to an index; `model` names its model where that lies elsewhere by now.

    Raises UsageError for an asset or a picture that is not there, a text that describes people, and a sum of nothing;
    what `open_space` raises; DecodeError for a picture that cannot be read.
    """
    if not terms:
        return Question(None)
    terms = [resolved(term) for term in terms]
    texts = [term.value for term in terms if term.kind is Kind.TEXT]
    refuse_descriptions(texts)
    rows = {term: stored(index, term.value) for term in terms if term.kind is Kind.ASSET}
    notes: tuple[str, ...] = ()
    if len(rows) < len(set(terms)):
        space = open_space(index.info, model)
        notes = (*space.notices, *remarks(texts, space.model))
        rows |= {term: space.picture(term.value) for term in terms if term.kind is Kind.PICTURE}
        rows |= {term: space.text(term.value) for term in terms if term.kind is Kind.TEXT}
    return Question(_sum(terms, [rows[term] for term in terms]), written(terms), notes)


def resolved(term: Term) -> Term:
    """The term, words told apart: a text, or a picture file (one without an ending, say `rain`, is named `./rain`).

    Raises UsageError for the name of a picture that is not there.
    """
    if term.kind is not Kind.WORDS:
        return term
    looks = PurePath(term.value).suffix.lower() in PICTURES or moment(term.value) is not None
    if (looks or "/" in term.value or "\\" in term.value) and is_file(term.value):
        return replace(term, kind=Kind.PICTURE)
    if looks:
        raise UsageError(
            f"{term.value}: no such picture; asset:{term.value} is the index's asset, in quotes it is a text"
        )
    return replace(term, kind=Kind.TEXT)


def target(index: Index, text: str) -> Term:
    """What `similar` is asked with: a file, or an asset of the index; `asset:ID` is never a file.

    Raises UsageError where there is neither.
    """
    if (asset_id := text.removeprefix("asset:")) != text:
        return Term(Kind.ASSET, asset_id)
    if is_file(text):
        return Term(Kind.PICTURE, text)
    if index.row(text) is None:
        raise UsageError(f"{text}: neither a picture file nor an asset of the index{_hint(index, text)}")
    return Term(Kind.ASSET, text)


def is_file(text: str) -> bool:
    """Whether there is such a file, or a film for such a still; False for a sentence too long to be a path."""
    return isfile(file_of(text))  # noqa: PTH113 - pathlib raises there


def stored(index: Index, asset_id: str) -> Floats:
    """The embedding of an asset, (D,) float32. Raises UsageError where the index has none."""
    row = index.row(asset_id)
    if row is None:
        raise UsageError(f"the index has no asset {asset_id!r}{_hint(index, asset_id)}")
    if row.get("embedding") is None:
        raise UsageError(f"asset {asset_id!r} has no embedding: the stage clip failed on it, or did not run")
    return np.asarray(row["embedding"], dtype=np.float32)


def _hint(index: Index, asset_id: str) -> str:
    """Where there is a title of that id, its assets; otherwise near names."""
    if own := index.table(["asset_id"], titles=[asset_id])["asset_id"].to_pylist():
        return f"; it is a title, with {', '.join(sorted(own)[:3])}{', …' if len(own) > 3 else ''}"
    return suggest(asset_id, index.table(["asset_id"])["asset_id"].to_pylist())


def _sum(terms: Sequence[Term], rows: Sequence[Floats]) -> Floats:
    """Σ weight · unit vector, in double precision, of unit length."""
    total = np.sum([term.weight * row.astype(np.float64) for term, row in zip(terms, rows, strict=True)], axis=0)
    if np.linalg.norm(total) < NOTHING:
        raise UsageError(f"query {written(terms)!r}: its terms cancel out and point nowhere; change a weight")
    direction: Floats = normalised(total[np.newaxis])[0]
    return direction
