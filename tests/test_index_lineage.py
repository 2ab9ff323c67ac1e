"""Plates of titles: whatever is read or not, the count reaches its total; workers and chunks change no group."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image
from plate_families import family

from artvision.index import lineage
from artvision.index.lineage import A_PICTURE, Member, plate_ids
from artvision.plates import grouping
from artvision.reporting import Silent


class Counted(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.steps = []

    def count(self, what, total, unit="images"):
        self.total = total
        return self.steps.append


@pytest.fixture(scope="module")
def titles(tmp_path_factory):
    """Two titles of four pictures of one plate each, one of a single picture, and one picture that is gone."""
    folder, made = tmp_path_factory.mktemp("art"), []
    for name in ("coffee", "chelsea"):
        made.append([])
        for place, variant in enumerate(family(getattr(skimage.data, name)(), 1, 2, 3)):
            path = folder / f"{name}{place}.png"
            Image.fromarray(np.asarray(variant.pixels)).save(path)
            made[-1].append(Member(path.name, str(path), path.stem * 8))
    made[1].append(Member("gone.png", str(folder / "gone.png"), "0" * 64))
    return [*made, made[0][:1]]


def test_the_count_reaches_its_total_though_a_picture_is_gone(titles):
    told = Counted()
    found, unread = plate_ids(titles, {}, (255, 255, 255), told)
    assert unread == {"gone.png"}
    assert len(set(found.values())) == 2
    assert told.total == 9 * A_PICTURE + 6 + 10
    assert sum(told.steps) == told.total
    assert told.steps.count(1) >= 6 + 6


@pytest.mark.parametrize(("proposed", "all_pairs"), [(1, 2), (50, 2)])
def test_the_count_reaches_its_total_where_the_number_of_pairs_was_a_guess(titles, monkeypatch, proposed, all_pairs):
    monkeypatch.setattr(grouping, "PROPOSED", proposed)
    monkeypatch.setattr(grouping, "ALL_PAIRS", all_pairs)
    told = Counted()
    plate_ids(titles, {}, (255, 255, 255), told)
    assert sum(told.steps) == told.total
    assert min(told.steps) >= 0


def test_titles_one_by_one_have_the_same_plates(titles, monkeypatch):
    together = plate_ids(titles, {}, (255, 255, 255), Silent())
    monkeypatch.setattr(lineage, "TITLES_AT_ONCE", 1)
    assert plate_ids(titles, {}, (255, 255, 255), Silent()) == together
