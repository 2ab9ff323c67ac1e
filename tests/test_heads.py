"""Heads of one's own: trained on embeddings of known truth, stored, and used by the stage heads."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_runs import unit_rows, write_labels, write_run
from tiny_clip import write_tiny_clip
from typer.testing import CliRunner

from artvision import stages
from artvision.calibration.figures import aucs
from artvision.calibration.folds import deal
from artvision.cli import app
from artvision.clip.mark import Mark
from artvision.clip.vocabulary import ABOUT_PEOPLE
from artvision.contract import Kind
from artvision.errors import CheckError, DefinitionError, UsageError
from artvision.heads.fitting import Linear, Logistic, Ridge, answers_out_of_fold, fit, regression_for
from artvision.heads.head import CHANCE, RATING, Head, read_head, read_heads
from artvision.heads.training import Wish, _require_worth, figures_of, train, within_folds
from artvision.logistic import sigmoid
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.base import Result
from artvision.stages.heads import Heads

COUNT, WIDTH = 400, 24
NAMES = [f"a{at:04}" for at in range(COUNT)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(settings, embeddings, run) of a tiny model; two pictures a title."""
    folder = tmp_path_factory.mktemp("heads")
    write_tiny_clip(folder / "tiny")
    settings = Settings(stages="clip", model=f"local-dir:{folder / 'tiny'}")
    embeddings = unit_rows(COUNT, WIDTH)
    return settings, embeddings, write_run(folder / "run", settings, embeddings, [f"t{at // 2}" for at in range(COUNT)])


def direction():
    return unit_rows(1, WIDTH, seed=77)[0].astype(np.float64)


def answers(embeddings, noise=0.05, seed=0):
    """Log-odds that follow one direction."""
    return 12 * (embeddings @ direction()) + np.random.default_rng(seed).normal(0, noise, len(embeddings))


def picked(embeddings):
    return (np.random.default_rng(1).random(len(embeddings)) < sigmoid(answers(embeddings))).astype(int).tolist()


@pytest.fixture
def labels(made, tmp_path):
    return write_labels(tmp_path / "picked.csv", "asset_id", NAMES, {"picked": picked(made[1])})


@pytest.fixture
def head(made, labels):
    return train(labels, made[2], Wish("picked"))[0]


def head_of(weights=(1.0, 0.0), kind=CHANCE, bias=0.0, low=0.01, high=0.99, name="x"):
    return Head(name, kind, "m", "d", Mark("model", "0" * 64), np.array(weights), bias, low, high, {})


def test_a_head_finds_the_direction_that_was_planted(made, head):
    cosine = head.weights @ direction() / np.linalg.norm(head.weights)
    assert cosine > 0.9
    assert head.kind == CHANCE
    assert head.facts["figures"]["value"] > 0.85


def test_its_probabilities_are_calibrated_on_new_pictures(head):
    fresh = unit_rows(4000, WIDTH, seed=9)
    chances = np.array([head.value(row) for row in fresh])
    truth = np.random.default_rng(2).random(4000) < sigmoid(answers(fresh))
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1)):
        inside = (low <= chances) & (chances < high)
        assert truth[inside].mean() == pytest.approx(chances[inside].mean(), abs=0.08)


def test_other_numbers_make_a_rating_inside_the_range_of_the_labels(made, tmp_path):
    stars = np.clip(np.round(3 + answers(made[1]) / 4), 1, 5)
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"stars": stars.tolist()})
    head = train(path, made[2], Wish("taste"))[0]
    assert (head.kind, head.low, head.high) == (RATING, 1, 5)
    assert head.facts["figures"]["r2"] > 0.6
    assert head.facts["figures"]["low"] > 0.7
    found = [head.value(row) for row in unit_rows(50, WIDTH, seed=3)]
    assert min(found) >= 1
    assert max(found) <= 5


def test_random_ratings_make_no_head(made, tmp_path):
    stars = np.random.default_rng(0).integers(1, 6, COUNT).tolist()
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"stars": stars})
    with pytest.raises(CheckError, match="does not beat chance: rank correlation out of fold"):
        train(path, made[2], Wish("stars"))


def test_an_answer_that_is_always_the_same_is_worth_nothing():
    with pytest.raises(CheckError, match="nan"):
        _require_worth("x", RATING, {"value": float("nan"), "low": float("nan")})


def test_random_labels_make_no_head(made, tmp_path):
    path = write_labels(
        tmp_path / "l.csv", "asset_id", NAMES, {"x": np.random.default_rng(0).integers(0, 2, COUNT).tolist()}
    )
    with pytest.raises(CheckError, match=r"the head x does not beat chance: AUC out of fold 0\.[45]"):
        train(path, made[2], Wish("x"))


def test_labels_that_go_by_title_alone_make_no_head(tmp_path, made):
    """Ten pictures a title, alike to the last digits, and random labels a title: only a leak would find an order."""
    settings, _, _ = made
    centres = np.repeat(unit_rows(40, WIDTH, seed=4), 10, axis=0) + np.random.default_rng(0).normal(
        0, 1e-3, (400, WIDTH)
    )
    run = write_run(tmp_path / "run", settings, centres.astype(np.float32), [f"t{at // 10}" for at in range(400)])
    coin = np.repeat(np.random.default_rng(3).integers(0, 2, 40), 10)
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"x": coin.tolist()})
    with pytest.raises(CheckError, match="does not beat chance"):
        train(path, run, Wish("x"))


def test_the_order_of_the_labels_changes_nothing(made, labels, head, tmp_path):
    lines = labels.read_text().splitlines()
    (tmp_path / "turned.csv").write_text("\n".join([lines[0], *lines[:0:-1]]))
    again = train(tmp_path / "turned.csv", made[2], Wish("picked"))[0]
    assert again.weights.tobytes() == head.weights.tobytes()
    assert again.facts["labels"]["sha256"] == head.facts["labels"]["sha256"]


def test_a_worthless_layer_is_at_chance_and_not_below():
    """It answers with the share of yes among those it was fitted on, which is low where many of them were left out."""
    truth, dealt = np.random.default_rng(0).random(200) < 0.3, np.arange(200) % 5
    answers = np.array([truth[dealt != fold].mean() for fold in dealt])
    assert aucs(answers, truth, np.ones((1, 200)))[0] < 0.45
    assert aucs(within_folds(answers, dealt), truth, np.ones((1, 200)))[0] == 0.5


@pytest.mark.parametrize(("label", "level"), [(1, 31), (0, 1 / 31)])
def test_a_fold_that_leaves_one_kind_of_label_makes_a_level_layer(label, level):
    layer = Logistic().fit(unit_rows(30, 4).astype(np.float64), np.full(30, float(label)), 1.0)
    assert np.exp(layer(np.ones((2, 4)))) == pytest.approx([level, level])


def test_few_titles_in_few_folds_are_fitted_all_the_same():
    rows, labels = unit_rows(60, 6).astype(np.float64), (np.arange(60) < 20).astype(float)
    titles = np.where(labels > 0, np.arange(60) % 4, np.arange(60))
    dealt = deal([f"t{at}" for at in range(60)], titles, 2, 8)
    assert np.isfinite(answers_out_of_fold(Logistic(), rows, labels, dealt[:4], dealt[4:])).all()


def test_figures_are_of_what_the_head_would_say():
    """An answer beyond what the labels allow is cut there: otherwise one sure mistake is an infinite loss."""
    truth, at = np.array([0.0, 1.0] * 20), np.arange(40)
    answers = np.where(truth > 0, 90.0, -90.0)[None]
    answers[0, 0] = 90.0
    found = figures_of(CHANCE, answers, truth, at, at % 5, (0.02, 0.98))
    assert found["log_loss"] == pytest.approx((-np.log(0.02) - 39 * np.log(0.98)) / 40, abs=1e-4)
    stars = np.tile([1.0, 5.0], 20)
    found = figures_of(RATING, stars[None] * 3 - 6, stars, at, at % 5, (1.0, 5.0))
    assert (found["mean_error"], found["r2"]) == (0, 1)


def test_no_answer_comes_from_a_layer_that_saw_its_title(monkeypatch):
    rows, titles = unit_rows(120, 6).astype(np.float64), np.repeat(np.arange(30), 4)
    labels = (rows[:, 0] > 0).astype(float)
    dealt = deal([f"t{at}" for at in range(30)], titles, 5, 2)
    seen = []
    plain = Ridge.fit
    monkeypatch.setattr(Ridge, "fit", lambda self, x, y, s: seen.append(len(x)) or plain(self, x, y, s))
    answers_out_of_fold(Ridge(), rows, labels, dealt[:1], dealt[1:])
    assert max(seen) == 96  # 120 less one fold of six titles


@pytest.mark.parametrize(
    ("labels", "kind"), [([0, 1, 1], Logistic), ([0, 1, 2], Ridge), ([0.0, 0.5], Ridge), ([3, 4], Ridge)]
)
def test_the_kind_follows_the_labels(labels, kind):
    assert isinstance(regression_for(np.array(labels, float)), kind)


def test_a_weak_layer_is_stretched_and_a_wrong_one_levelled():
    rows, labels = np.random.default_rng(0).normal(size=(400, 3)), np.random.default_rng(0).normal(size=400)
    labels = labels * 0.1 + rows[:, 0]
    slope, shift = Ridge().calibrated(rows[:, 0] / 3 + 5, labels)
    assert (slope, shift) == (pytest.approx(3, rel=0.05), pytest.approx(-15, rel=0.05))
    assert Ridge().calibrated(-rows[:, 0], labels)[0] == 0
    assert Ridge().calibrated(np.zeros(400), labels)[0] == 0
    assert Logistic().calibrated(-rows[:, 0], (labels > 0).astype(float))[0] == 0


def test_the_calibration_is_folded_into_the_layer():
    layer = Linear(np.array([1.0, 2.0]), 3.0, 1.0)
    rows = np.array([[1.0, 1.0], [0.0, -1.0]])
    assert layer.stretched(2, -1)(rows) == pytest.approx(2 * layer(rows) - 1)


def test_a_fit_does_not_depend_on_where_zero_lies():
    rows, titles = np.random.default_rng(0).normal(size=(200, 4)), np.arange(200)
    dealt = deal([f"t{at}" for at in range(200)], titles, 5, 1)[0]
    labels = rows @ np.array([1.0, -1, 0, 2])
    near, far = fit(Ridge(), rows, labels, dealt), fit(Ridge(), rows + 7, labels, dealt)
    assert near(rows) == pytest.approx(far(rows + 7), abs=1e-6)


BAD_CALLS = [
    ({"column": "pickd"}, "no column 'pickd'; did you mean picked"),
    ({"name": "Picked"}, "a name is lower-case"),
    ({"name": "attractive"}, "people are counted, never described"),
    ({"name": "x", "meaning": "how happy somebody is"}, "people are counted, never described"),
    ({"name": "x", "column": "age"}, "people are counted, never described"),
]


@pytest.mark.parametrize(("wish", "line"), BAD_CALLS)
def test_a_wish_that_cannot_be_met_is_one_line(made, labels, wish, line):
    with pytest.raises(UsageError, match=line):
        train(labels, made[2], Wish(**({"name": "picked"} | wish)))


def test_a_head_without_a_name_is_called_as_its_column(made, labels, tmp_path):
    assert train(labels, made[2], Wish())[0].name == "picked"
    odd = tmp_path / "odd.csv"
    odd.write_text(labels.read_text().replace("picked", "Picked by us", 1))
    with pytest.raises(UsageError, match="--name Picked by us: a name is lower-case"):
        train(odd, made[2], Wish())


@pytest.mark.parametrize("word", sorted(ABOUT_PEOPLE))
def test_a_head_cannot_be_called_by_what_people_are(word):
    with pytest.raises(DefinitionError, match="never described"):
        Wish(f"lead_{word}")


@pytest.mark.parametrize("name", ["aesthetic", "image", "clicked", "kept_by_editors"])
def test_other_names_are_free(name):
    assert Wish(name).name == name


def test_a_column_about_people_is_not_learned_unnamed(made, tmp_path):
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"gender": picked(made[1])})
    with pytest.raises(DefinitionError, match="never described"):
        train(path, made[2], Wish("x"))


def test_too_few_labels_of_one_side_are_said(made, tmp_path):
    few = [1] * 19 + [0] * (COUNT - 19)
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"x": few})
    with pytest.raises(UsageError, match="19 pictures with 1 in 10 titles; at least 20"):
        train(path, made[2], Wish("x"))


def test_labels_that_are_all_alike_teach_nothing(made, tmp_path):
    for label in (3, 1):
        path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"x": [label] * COUNT})
        with pytest.raises(UsageError, match=f"every label is {label}, so there is nothing to learn"):
            train(path, made[2], Wish("x"))


def test_an_empty_cell_is_no_label(made, tmp_path, head):
    gaps = [None if at % 4 == 0 else label for at, label in enumerate(picked(made[1]))]
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"picked": gaps})
    assert train(path, made[2], Wish("picked"))[0].facts["labels"]["pictures"] == COUNT * 3 // 4


def test_a_head_survives_its_file_and_holds_no_path(head, tmp_path):
    head.write(tmp_path / "deep" / "picked.json")
    again = read_head(tmp_path / "deep" / "picked.json")
    rows = unit_rows(20, WIDTH, seed=8)
    assert [again.value(row) for row in rows] == [head.value(row) for row in rows]
    assert again.sha256 == head.sha256
    assert again.describe() == head.describe()
    assert str(tmp_path) not in (tmp_path / "deep" / "picked.json").read_text()


def broken(content, **changes):
    return json.dumps(content | changes)


def test_a_file_that_is_no_head_is_one_line(head, tmp_path):
    good, path = head.describe(), tmp_path / "bad.json"
    nan = [float("nan")] * WIDTH
    odd = [{"head_format": 9}, {"kind": "oracle"}, {"weights": nan}, {"weights": [[1.0]]}, {"low": 2, "high": 1}]
    for text in ("{", "[]", "{}", *(broken(good, **changes) for changes in odd)):
        path.write_text(text)
        with pytest.raises(UsageError, match=r"bad\.json is no head of `artvision heads train`"):
            read_head(path)
    path.write_text(broken(good, name="gender"))
    with pytest.raises(DefinitionError, match="never described"):
        read_head(path)
    with pytest.raises(UsageError, match=r"gone\.json cannot be read"):
        read_head(tmp_path / "gone.json")


def test_values_in_closed_form():
    row = np.array([0.6, 0.8], np.float32)
    assert head_of((2.0, 0.0)).value(row) == pytest.approx(1 / (1 + np.exp(-1.2)), abs=1e-7)
    assert head_of((2.0, 0.0), RATING, 1.0, 0, 5).value(row) == pytest.approx(2.2, abs=1e-6)
    assert head_of((2.0, 0.0), RATING, 9.0, 0, 5).value(row) == 5
    assert head_of((900.0, 0.0)).value(row) == 0.99


@given(st.integers(0, 2**32 - 1), st.sampled_from([CHANCE, RATING]), st.floats(0.1, 30))
def test_two_embeddings_that_agree_to_the_contract_differ_by_no_more_than_the_tolerance(seed, kind, length):
    random = np.random.default_rng(seed)
    one, across, weights = unit_rows(3, 6, seed).astype(np.float64)
    across -= (across @ one) * one
    other = 0.999 * one + np.sqrt(1 - 0.999**2) * across / np.linalg.norm(across)
    head = head_of(length * weights, kind, random.normal(), *((0.0, 1.0) if kind == CHANCE else (-40, 40)))
    apart = abs(head.value(one.astype(np.float32)) - head.value(other.astype(np.float32)))
    assert apart <= head.tolerance + 1e-5


@pytest.fixture
def used(made, head, tmp_path):
    """Settings with two heads."""
    head.write(tmp_path / "picked.json")
    two = Head("second", RATING, "m", "d", head.embedding, -head.weights, 0.0, -5.0, 5.0, {})
    two.write(tmp_path / "second.json")
    return Settings(
        **vars(made[0]) | {"heads": f"{tmp_path / 'picked.json'},{tmp_path / 'second.json'}", "stages": "clip,heads"}
    )


def test_the_stage_has_a_field_a_head_in_the_order_given(used):
    stage = Heads(used)
    assert [field.name for field in stage.fields()] == ["head.picked", "head.second"]
    first = stage.fields()[0]
    assert (first.kind, first.unit) == (Kind.LEARNED, "probability")
    assert first.low <= first.fill <= first.high
    assert first.evidence["figures"]["value"] > 0.8
    assert first.evidence["domain"] == "picked"
    contract = stages.contract_of([kind(used) for kind in stages.discover()])
    assert contract.blocks["head"][1] == 2


def test_a_head_that_is_added_last_moves_no_slot(used):
    """Neither of ours nor of the heads before it, so that a model of yesterday reads the vector as before."""
    one, two = (
        stages.contract_of([kind(Settings(**vars(used) | {"heads": names})) for kind in stages.discover()])
        for names in (used.heads.split(",")[0], used.heads)
    )
    before, after = ([slot for _, slot in contract.slots] for contract in (one, two))
    assert before[-1] == "head.picked"
    assert after == [*before, "head.second"]


def test_a_head_whose_weights_were_cut_is_refused(used, tmp_path):
    content = json.loads((tmp_path / "second.json").read_text())
    (tmp_path / "second.json").write_text(json.dumps(content | {"weights": content["weights"][:-1]}))
    with pytest.raises(UsageError, match="the head second has 23 weights, an embedding of local-dir:tiny has 24"):
        Heads(used).fingerprint()


def test_the_stage_says_what_the_heads_say(used, head):
    stage, rows = Heads(used), unit_rows(5, WIDTH, seed=6)
    found = stage.run([None] * 5, {"clip": [Result({}, {"embedding": row}) for row in rows]})
    assert [result.values["head.picked"] for result in found] == [head.value(row) for row in rows]
    for result in found:
        check(stage.fields(), result)


def test_a_head_of_another_embedding_is_refused(used, tmp_path):
    write_tiny_clip(tmp_path / "other", seed=3)
    stage = Heads(Settings(**vars(used) | {"model": f"local-dir:{tmp_path / 'other'}"}))
    with pytest.raises(
        UsageError, match=r"the head picked was trained on local-dir:tiny \(\w{12}\), not local-dir:other"
    ):
        stage.fingerprint()


def test_without_heads_the_stage_is_off_and_has_no_field():
    stage = Heads(Settings(model="starter"))
    assert stage.fields() == ()
    assert "artvision heads train" in stage.off()
    assert stage.fingerprint() == {}
    with pytest.raises(UsageError, match="the stage heads needs a head"):
        stages.create(Settings(model="starter", stages="clip,heads"))


def test_heads_without_their_stage_are_a_mistake(used):
    with pytest.raises(UsageError, match="add clip,heads to --stages"):
        stages.create(Settings(**vars(used) | {"stages": "light"}))


def test_all_takes_the_heads_that_are_named(used):
    _, chosen = stages.create(Settings(**vars(used) | {"stages": "all"}))
    assert "heads" in {stage.name for stage in chosen}


def test_two_heads_of_one_name_are_refused(used):
    first = used.heads.split(",")[0]
    with pytest.raises(DefinitionError, match="two heads are called 'picked'"):
        read_heads(f"{first}, {first}")


def test_the_fingerprint_follows_the_layer_and_not_the_figures(used, tmp_path):
    before = Heads(used).fingerprint()
    content = json.loads((tmp_path / "second.json").read_text())
    (tmp_path / "second.json").write_text(json.dumps(content | {"figures": {"value": 1}}))
    assert Heads(used).fingerprint() == before
    (tmp_path / "second.json").write_text(json.dumps(content | {"bias": 0.5}))
    assert Heads(used).fingerprint() != before


def test_the_commands(made, labels, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = lambda *words: CliRunner().invoke(app, ["heads", *map(str, words)])  # noqa: E731
    result = run("train", labels, "--run", made[2], "--name", "picked", "--meaning", "kept by an editor", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["file"] == "heads/picked.json"
    assert "weights" not in told
    assert "AUC" in result.stderr
    assert [one["name"] for one in json.loads(run("list", "--json").stdout)] == ["picked"]
    assert "picked" in run("list").stdout
    shown = run("show", "heads/picked.json").stdout
    assert run("show", "picked").stdout == shown
    assert "head.picked: kept by an editor" in shown
    assert "out of fold, by title: AUC 0.8" in shown
    assert json.loads(run("show", "heads/picked.json", "--json").stdout)["figures"] == told["figures"]


def test_a_head_that_does_not_beat_chance_is_exit_code_6_and_no_file(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    coin = np.random.default_rng(0).integers(0, 2, COUNT).tolist()
    path = write_labels(tmp_path / "l.csv", "asset_id", NAMES, {"x": coin})
    result = CliRunner().invoke(app, ["heads", "train", str(path), "--run", str(made[2]), "--name", "x"])
    assert result.exit_code == 6
    assert not (tmp_path / "heads").exists()
