"""The pure parts of `scripts/fit_shots.py` and what it reads: exact cut-offs, the floor, frames that stay together."""

from __future__ import annotations

import sys
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import encode, photo
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from fit_shots import SHOULDER, cut_offs, fitted, floor, written
from labelled_stills import FRAMINGS, Still, frames

from artvision.shots.evidence import EVIDENCE
from artvision.shots.head import heads, read_heads

CLASSES = 3
heights_and_ranks = st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), st.integers(0, CLASSES - 1))


def told_right(heights, ranks, cuts):
    """Mean over the classes that occur of the share told right."""
    told = np.searchsorted(cuts, heights, side="right")
    return sum((told[ranks == rank] == rank).mean() for rank in set(ranks.tolist()))


@given(st.lists(heights_and_ranks, min_size=1, max_size=9))
def test_no_other_cut_offs_tell_more_right(pairs):
    heights, ranks = np.array([height for height, _ in pairs]), np.array([rank for _, rank in pairs])
    cuts = cut_offs(heights, ranks, CLASSES)
    assert cuts == sorted(cuts)
    best = max(
        told_right(heights, ranks, other)
        for other in combinations_with_replacement([0.05, 0.15, 0.25, 0.35, 0.45, 0.55], CLASSES - 1)
    )
    assert told_right(heights, ranks, cuts) >= best - 1e-9


def test_cut_offs_of_classes_apart_lie_half_way():
    heights, ranks = np.array([0.1, 0.2, 0.4, 0.5, 0.8]), np.array([0, 0, 1, 1, 2])
    assert cut_offs(heights, ranks, CLASSES) == pytest.approx([0.3, 0.65])


def test_the_floor_is_the_lowest_from_which_enough_is_right():
    best = np.linspace(0.505, 0.995, 50)
    shares = np.stack([best, 1 - best], 1)
    truth = np.where(best > 0.7, 0, 1)  # wrong up to 0.7, right above
    found = floor(shares, truth)
    right = shares.argmax(1) == truth
    assert right[best >= found].mean() >= 0.8 > right[best >= found - 0.01].mean()


def test_pictures_of_one_frame_share_a_part_whatever_the_encoding():
    one, other = Image.fromarray(photo(240, 135, seed=1)), Image.fromarray(photo(240, 135, seed=2))
    small = one.resize((200, 112))
    names = frames([encode(picture, "WEBP", quality=80) for picture in (one, other, small)])
    assert names[0] == names[2] != names[1]


def still(number, framing):
    """A still whose face is as large as its framing has it."""
    height = 0.9 - 0.2 * FRAMINGS.index(framing) + 0.01 * (number % 7)
    row = {"face.count": 1, "face.lead_height": height, "faces": []}
    made = Still(f"{number}.webp", framing, "Framing", Path(), row, str(number), in_starter=False)
    made.__dict__["columns"] = row
    return made


def test_a_fitted_head_comes_back_from_its_file_and_tells_what_it_was_fitted_to(tmp_path):
    stills = [still(number, FRAMINGS[number % 5]) for number in range(60)]
    truth = np.array([FRAMINGS.index(each.shot) for each in stills])
    entry = fitted(stills, ("face_height",), FRAMINGS, truth)
    (tmp_path / "shots.toml").write_text(written({"framing": entry}, "0" * 64, 60))
    head = read_heads(tmp_path / "shots.toml")["framing"]
    told = [head.probabilities(each.columns).argmax() for each in stills]
    assert (np.array(told) == truth).mean() > 0.9


def test_what_is_fitted_is_what_the_stage_reads():
    assert set(SHOULDER) <= set(EVIDENCE)
    assert heads()["over_shoulder"].names == SHOULDER
