"""Plates: families of one picture stay together, what shares only type, a badge or emptiness stays apart."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import skimage.data
from PIL import Image
from plate_families import TITLES, Variant, base, family, letterboxed, series, titled

from artvision.engines.local import run_local
from artvision.plates import grouping
from artvision.plates.features import features
from artvision.plates.grouping import Sketch, expected_pairs, plates, plates_of_titles, sketch
from artvision.plates.masking import text_mask
from artvision.plates.opencv import cv2
from artvision.plates.proposing import proposed
from artvision.plates.verifying import looks, same_plate

SHOTS = ("chelsea", "coffee", "rocket", "grace_hopper")
SCRIPTS = (*TITLES, "strokes")


@cache
def photograph(name: str) -> np.ndarray:
    if name == "grace_hopper":
        return np.asarray(Image.open(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg").convert("RGB"))
    return getattr(skimage.data, name)()


@cache
def members() -> dict[str, Variant]:
    made = {name: family(photograph(name), seed, 3, 5) for seed, name in enumerate(SHOTS)}
    return {f"{name}/{place}": variant for name, family_ in made.items() for place, variant in enumerate(family_)}


@cache
def sketches() -> dict[str, Sketch]:
    return {name: sketch(variant.pixels) for name, variant in members().items()}


def pairs(groups) -> set[frozenset[str]]:
    return {frozenset(pair) for group in groups for pair in combinations(sorted(group), 2)}


def true_pairs() -> set[frozenset[str]]:
    return pairs({name for name in members() if name.startswith(f"{shot}/")} for shot in SHOTS)


def with_title(plate: np.ndarray | Image.Image, seed: int, script: str = "latin") -> Sketch:
    image = plate if isinstance(plate, Image.Image) else Image.fromarray(plate)
    return sketch(np.asarray(titled(image, np.random.default_rng(seed), script, 0.9)))


def test_families_are_found():
    found, right = pairs(plates(sketches())), true_pairs()
    assert len(found & right) / len(found) >= 0.99
    assert len(found & right) / len(right) >= 0.95


def test_most_pairs_are_right_by_themselves():
    right = sorted(map(sorted, true_pairs()))
    kept = sketches()
    assert sum(same_plate(kept[one], kept[other]) for one, other in right) / len(right) >= 0.95


@pytest.mark.parametrize("seed", range(2))
def test_a_series_does_not_join_different_plates(seed):
    one_layout = [sketch(np.asarray(series(base(photograph(name)), seed))) for name in SHOTS]
    assert not any(same_plate(one, other) for one, other in combinations(one_layout, 2))


def smooth(seed: int) -> np.ndarray:
    """A soft gradient of its own: the only texture is what is laid on it."""
    draw = np.random.default_rng(seed)
    ramp = np.linspace(0, 1, 480)[:, None, None] * draw.uniform(-60, 60, 3) + draw.uniform(60, 190, 3)
    return np.broadcast_to(ramp, (480, 320, 3)).round().astype(np.uint8).copy()


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_same_title_on_emptiness_is_no_plate(script):
    assert not same_plate(with_title(smooth(1), 7, script), with_title(smooth(2), 7, script))


EMPTY = {
    "black": np.zeros((300, 200, 3), np.uint8),
    "white": np.full((300, 200, 3), 255, np.uint8),
    "grey": np.full((100, 100, 3), 128, np.uint8),
    "gradient": smooth(3),
    "another gradient": smooth(4),
    "grain": np.random.default_rng(0).normal(128, 1.5, (300, 200, 3)).round().astype(np.uint8),
    "other grain": np.random.default_rng(1).normal(128, 1.5, (300, 200, 3)).round().astype(np.uint8),
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "a line": np.full((2, 900, 3), 200, np.uint8),
    "bars only": np.pad(np.full((200, 200, 3), 90, np.uint8), ((50, 50), (0, 0), (0, 0))),
}


def test_emptiness_is_no_plate():
    kept = {name: sketch(pixels) for name, pixels in EMPTY.items()}
    kept |= {f"{name} again": same for name, same in kept.items()}
    assert plates(kept) == []
    assert proposed(list(kept.values())) == []


def test_crops_that_hardly_overlap_are_joined_where_most_others_show_both():
    plate = photograph("coffee")
    kept = {"left": sketch(plate[:, :330]), "right": sketch(plate[:, 270:]), "whole": sketch(plate)}
    assert not same_plate(kept["left"], kept["right"])
    kept["dubbed"] = with_title(plate, 3, "greek")
    assert plates(kept) == [frozenset(kept)]


def test_a_poster_composed_of_two_photographs_does_not_make_them_one_plate():
    cat, cup = base(photograph("chelsea")), base(photograph("coffee"))
    poster = Image.new("RGB", (480, 640))
    poster.paste(cat, (0, 0))
    poster.paste(cup, (0, cat.height))
    kept = {name: sketch(np.asarray(image)) for name, image in {"cat": cat, "cup": cup, "poster": poster}.items()}
    kept |= {"cat titled": with_title(cat, 1), "cup titled": with_title(cup, 2)}
    assert same_plate(kept["cat"], kept["poster"])
    assert same_plate(kept["cup"], kept["poster"])
    found = plates(kept)
    assert not any({"cat", "cup"} <= group for group in found)
    assert all(any({name, f"{name} titled"} <= group for group in found) for name in ("cat", "cup"))


def test_any_order_and_any_thread_give_the_same():
    kept = sketches()
    names = list(kept)
    random.Random(0).shuffle(names)
    assert plates({name: kept[name] for name in names}) == plates(kept)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda name: sketch(members()[name].pixels), names[:4]))
    for name, found in zip(names, again, strict=False):
        assert found.hash == kept[name].hash
        np.testing.assert_array_equal(found.features.words, kept[name].features.words)
        np.testing.assert_array_equal(found.features.points, kept[name].features.points)


def test_no_pair_is_judged_twice_and_workers_change_nothing():
    looked = []

    def threads(job, pairs):
        for done in run_local(job, pairs, workers=3, prepare=lambda: None):
            looked.append(done[0])
            yield done

    kept = sketches()
    titles = [{name: kept[name] for name in kept if name.startswith(shots)} for shots in (SHOTS[:1], SHOTS[1:])]
    assert plates_of_titles(titles, threads) == [plates(title) for title in titles]
    assert len(looked) == len(set(looked)) == sum(expected_pairs(len(title)) for title in titles)


def test_likely_pairs_of_a_large_title_are_enough(monkeypatch):
    every = plates(sketches())
    monkeypatch.setattr(grouping, "ALL_PAIRS", 12)
    assert plates(sketches()) == every


def test_haze_has_plates():
    hazy = np.uint8(120 + 0.15 * photograph("chelsea"))
    kept = [sketch(variant.pixels) for variant in family(hazy, 3, 3, 5)]
    assert sum(same_plate(one, other) for one, other in combinations(kept, 2)) >= 10  # of 15; none without FAINTEST


def test_bars_are_cut_off():
    plate = base(photograph("rocket"))
    plain, barred = sketch(np.asarray(plate)), sketch(np.asarray(letterboxed(plate, np.random.default_rng(1))))
    assert barred.size == pytest.approx(plain.size, abs=4)


def test_features_are_mirrored_without_looking_again():
    grey = cv2.cvtColor(np.asarray(base(photograph("grace_hopper"))), cv2.COLOR_RGB2GRAY)
    nothing = np.zeros(grey.shape, bool)
    turned = features(grey, nothing).mirrored(grey.shape[1])
    looked = features(np.ascontiguousarray(grey[:, ::-1]), nothing)
    product = turned.rooted() @ looked.rooted().T
    shifts = np.abs(turned.points - looked.points[product.argmax(axis=1)]).max(axis=1)
    assert np.median(product.max(axis=1)) > 0.99
    assert np.median(shifts) < 1


def test_hidden_places_have_no_features():
    grey = cv2.cvtColor(photograph("chelsea"), cv2.COLOR_RGB2GRAY)
    hidden = np.zeros(grey.shape, bool)
    hidden[:, : grey.shape[1] // 2] = True
    found = features(grey, hidden)
    assert len(found.points) > 50
    assert found.points[:, 0].min() >= grey.shape[1] // 2 - 1


# signs of loose strokes lie in no row where they overlap; a third is hidden on busy pictures
@pytest.mark.parametrize(("script", "least"), [*((script, 0.6) for script in TITLES), ("strokes", 0.35)])
def test_most_of_a_title_is_masked(script, least):
    covered = []
    for seed, plate in enumerate((smooth(1), np.asarray(base(photograph("coffee"))), smooth(2))):
        lettered = np.asarray(titled(Image.fromarray(plate), np.random.default_rng(seed), script, 0.8))
        changed = np.abs(lettered.astype(int) - plate).max(axis=2) > 40
        if changed.mean() < 0.2:  # no scrim
            covered.append(text_mask(lettered)[changed].mean())
    assert np.mean(covered) > least


def test_little_of_a_photograph_passes_for_type():
    assert np.mean([text_mask(np.asarray(base(photograph(name)))).mean() for name in SHOTS]) < 0.2


def test_evidence_says_what_it_saw():
    plate = np.asarray(base(photograph("grace_hopper")))
    found = next(looks(sketch(plate), sketch(np.ascontiguousarray(plate[:, 60:]))))
    assert found.enough
    assert found.overlap == pytest.approx(1, abs=0.05)
    assert found.share > 0.9


def test_right_pairs_are_proposed():
    names = sorted(sketches())
    found = {frozenset((names[i], names[j])) for i, j in proposed([sketches()[name] for name in names])}
    assert len(found & true_pairs()) / len(true_pairs()) > 0.9
