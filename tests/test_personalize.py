"""The experiment of examples/personalize: its estimators in closed form, its logs, and all of it on made pictures."""

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pictures import photo
from PIL import Image

pytest.importorskip("vowpalwabbit")
pytest.importorskip("sklearn")
pytest.importorskip("dlib")

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "personalize"
sys.path.insert(0, str(EXAMPLE))

from evaluation import doubly_robust, interval, replay  # noqa: E402 - its folder is on the path only now
from logs import draw_log, lines  # noqa: E402
from truth import Truth  # noqa: E402
from world import CANDIDATES, chances, draw_members, make_world  # noqa: E402

sys.path.remove(str(EXAMPLE))


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(0)
    n = 80
    truth = Truth(
        [f"a{number}" for number in range(n)],
        ["war", "crime", "comedy", "western"],
        ["Ann", "Bo"],
        rng.random((n, 4)) < 0.3,
        rng.random((n, 2)) < 0.1,
        rng.random(n) < 0.4,
        rng.normal(size=n).clip(-2, 2),
    )
    return make_world(truth, rng)


def test_titles_share_no_picture_and_warm_ones_none_with_cold(world):
    arts = world.titles.ravel().tolist()
    assert len(set(arts)) == len(arts)
    assert 0 < world.warm < len(world.titles)


def test_propensities_are_those_that_the_log_was_drawn_with(world):
    log = draw_log(world, np.arange(3), 60_000, np.random.default_rng(1), uniform=False)
    for title in range(3):
        own = log.title == title
        for place in range(CANDIDATES):
            shown = own & (log.action == place)
            assert shown.sum() / own.sum() == pytest.approx(log.propensity[shown].mean(), abs=0.015)


def test_rewards_come_with_the_chance_of_what_was_shown(world):
    log = draw_log(world, np.arange(world.warm), 60_000, np.random.default_rng(2), uniform=True)
    chance = log.chance[np.arange(len(log.action)), log.action]
    for low in (0.0, 0.1, 0.2):
        own = (chance >= low) & (chance < low + 0.1)
        assert log.reward[own].mean() == pytest.approx(chance[own].mean(), abs=0.02)


def test_tastes_move_chances_the_way_they_are_meant(world):
    members = draw_members(world, 2000, np.random.default_rng(3))
    titles = np.zeros(2000, np.int64)
    chance = chances(world, members, titles)
    for place, art in enumerate(world.titles[0].tolist()):
        liked = world.truth.genres[art][members.likes].all(axis=1)
        hated = world.truth.genres[art][members.dislikes] & ~world.truth.genres[art][members.likes].any(axis=1)
        if liked.any() and hated.any():
            assert chance[liked, place].mean() > chance[hated, place].mean()


@pytest.mark.parametrize("guess", ["true", "wrong", "zero"])
def test_estimates_meet_the_truth_whatever_the_reward_model(world, guess):
    rng = np.random.default_rng(4)
    log = draw_log(world, np.arange(world.warm), 150_000, rng, uniform=True)
    chosen = rng.integers(0, CANDIDATES, len(log.title))
    expected = {"true": log.chance, "wrong": 1 - log.chance, "zero": np.zeros_like(log.chance)}[guess]
    truth = log.chance[np.arange(len(chosen)), chosen].mean()
    assert doubly_robust(log, chosen, expected) == pytest.approx(truth, abs=0.02)
    assert replay(log, chosen) == pytest.approx(truth, abs=0.01)


def test_a_good_reward_model_makes_the_estimate_steadier(world):
    rng = np.random.default_rng(5)
    found = {"good": [], "none": []}
    for _ in range(60):
        log = draw_log(world, np.arange(world.warm), 400, rng, uniform=True)
        chosen = np.zeros(400, np.int64)
        truth = log.chance[:, 0].mean()
        found["good"].append(doubly_robust(log, chosen, log.chance) - truth)
        found["none"].append(doubly_robust(log, chosen, np.zeros_like(log.chance)) - truth)
    assert np.std(found["good"]) < np.std(found["none"])


def test_replay_refuses_a_log_that_is_not_uniform(world):
    log = draw_log(world, np.arange(world.warm), 50, np.random.default_rng(6), uniform=False)
    with pytest.raises(ValueError, match="as likely"):
        replay(log, log.action)


@pytest.mark.readers
@pytest.mark.filterwarnings("ignore")
def test_the_estimators_agree_with_those_of_the_open_bandit_pipeline(world):
    ope = pytest.importorskip("obp.ope", reason="obp is not installed: pip install 'artvision[readers]'")
    rng = np.random.default_rng(7)
    log = draw_log(world, np.arange(world.warm), 500, rng, uniform=True)
    chosen, expected = rng.integers(0, CANDIDATES, 500), rng.random((500, CANDIDATES))
    given = {
        "reward": log.reward,
        "action": log.action,
        "action_dist": np.eye(CANDIDATES)[chosen][:, :, None],
    }
    theirs = ope.DoublyRobust().estimate_policy_value(
        **given, pscore=log.propensity, estimated_rewards_by_reg_model=expected[:, :, None]
    )
    assert doubly_robust(log, chosen, expected) == pytest.approx(theirs)
    assert replay(log, chosen) == pytest.approx(ope.ReplayMethod().estimate_policy_value(**given))


def test_only_what_was_shown_carries_a_label(world):
    log = draw_log(world, np.arange(world.warm), 5, np.random.default_rng(8), uniform=True)
    actions = {asset: f"|id {asset}" for asset in world.truth.asset_ids}
    text = list(lines(world, log, actions, labels=True))
    assert len(text) == 5 * (CANDIDATES + 2)
    assert sum(line[:1].isdigit() for line in text) == 5
    assert not any(line[:1].isdigit() for line in lines(world, log, actions, labels=False))


def test_intervals_hold_the_mean_95_times_in_100():
    rng = np.random.default_rng(9)
    found = [interval(rng.normal(3, 1, 8).tolist()) for _ in range(2000)]
    assert np.mean([abs(mean - 3) <= half for mean, half in found]) == pytest.approx(0.95, abs=0.02)


def test_what_is_held_out_is_what_the_starter_was_not_trained_on(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE.parent.parent / "scripts"))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    from starter.corpus import PARTS, part_of

    spec = importlib.util.spec_from_file_location("personalize", EXAMPLE / "__main__.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    ids = [f"tt{number:07d}" for number in range(400)]
    trained = {name for name in ids if PARTS[part_of(name.encode())] == "train"}
    assert {name for name in ids if not example._unseen(name)} == trained
    assert 0.6 < len(trained) / len(ids) < 0.9


def test_the_experiment_runs_with_one_command(tmp_path):
    rng = np.random.default_rng(10)
    with (tmp_path / "catalog.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "title_id", "genres", "actors"])
        for number in range(40):
            Image.fromarray(photo(120, 160, seed=number)).save(tmp_path / f"{number}.png")
            genres = [name for name in ("War", "Crime", "Comedy", "Western") if rng.random() < 0.4]
            writer.writerow([f"{number}.png", f"t{number}", "|".join(genres), "Ann|Bo" if number % 3 else ""])
    small = ["--seeds", "2", "--past", "300", "--test", "200", "--visits", "4", "--no-ablations"]
    command = [sys.executable, str(EXAMPLE), str(tmp_path / "catalog.csv"), "-o", str(tmp_path / "out"), *small]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "| artvision's vectors |" in done.stdout
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert len(results["trials"]) == len(results["curves"]) == 2
    for trial in results["trials"]:
        for part in trial.values():
            best = part["the best artwork for each visit (unknown)"]["true"]
            assert all(one["true"] <= best + 1e-9 for one in part.values())
    assert (tmp_path / "out" / "personalization.png").stat().st_size > 10_000
