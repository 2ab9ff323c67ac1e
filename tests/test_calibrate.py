"""`artvision calibrate` and `extract --evidence`: from labels to calibrated tags, a tiny model and the starter."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from labelled_runs import scores, unit_rows, write_labels, write_run
from pictures import encode, photo
from tiny_clip import VOCABULARY, write_tiny_clip
from typer.testing import CliRunner

import artvision
from artvision.calibration.joining import join, open_embeddings
from artvision.calibration.make import calibrate
from artvision.calibration.plot import figure
from artvision.cli import app
from artvision.contract import Missing
from artvision.errors import RunError, UsageError
from artvision.image import Picture
from artvision.logistic import sigmoid
from artvision.merging.make import merge
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.clip import Clip

COUNT = 400


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(settings, embeddings, scores): a tiny model, and pictures that it never saw."""
    folder = tmp_path_factory.mktemp("calibrate")
    write_tiny_clip(folder / "tiny", logit_scale=4.5)
    (folder / "my.toml").write_text(VOCABULARY)
    settings = Settings(stages="clip", model=f"local-dir:{folder / 'tiny'}", vocabulary=str(folder / "my.toml"))
    embeddings = unit_rows(COUNT, 24)
    return settings, embeddings, scores(settings, embeddings)


@pytest.fixture(scope="module")
def run(made, tmp_path_factory):
    settings, embeddings, _ = made
    titles = [f"t{at // 2}" for at in range(COUNT)]
    return write_run(tmp_path_factory.mktemp("run") / "run", settings, embeddings, titles)


def truth_of(made):
    """genre.war follows its score, genre.space nothing, time.day is labelled in five pictures."""
    random = np.random.default_rng(0)
    logits = np.log(made[2]["genre.war"] / (1 - made[2]["genre.war"]))
    war = (random.random(COUNT) < sigmoid(1.5 * (logits - logits.mean()) / logits.std() - 0.7)).astype(int)
    return {
        "genre.war": war.tolist(),
        "genre.space": (random.random(COUNT) < 0.4).astype(int).tolist(),
        "time.day": [1, 0, 1, 0, 1, *[None] * (COUNT - 5)],
    }


@pytest.fixture
def labels(made, tmp_path):
    return write_labels(tmp_path / "labels.csv", "asset_id", [f"a{at:04}" for at in range(COUNT)], truth_of(made))


@pytest.fixture
def evidence(labels, run, tmp_path):
    calibrate(labels, run).write(tmp_path / "evidence.json")
    return tmp_path / "evidence.json"


def with_evidence(settings, evidence, **changes):
    return Settings(**vars(settings) | {"evidence": str(evidence)} | changes)


def picture(seed=3):
    rng = np.random.default_rng(seed)
    return Picture(rng.integers(0, 256, (60, 90, 3), dtype=np.uint8), 90, 60)


def test_a_tag_with_evidence_is_offered_and_a_random_one_withheld(evidence):
    tags = json.loads(evidence.read_text())["tags"]
    assert {name: entry["offered"] for name, entry in tags.items()} == {
        "genre.war": True, "genre.space": False, "time.day": False}  # fmt: skip
    assert tags["genre.war"]["ece"] < tags["genre.war"]["ece_before"]
    assert tags["time.day"]["why"].startswith("3 positives")


def test_the_file_says_what_it_stands_on(evidence, run):
    content = json.loads(evidence.read_text())
    assert content["labels"] | {"sha256": ""} == {
        "file": "labels.csv",
        "sha256": "",
        "pictures": COUNT,
        "titles": COUNT // 2,
    }
    assert content["tags"]["genre.war"]["labels_sha256"] == content["labels"]["sha256"]
    assert content["model"] == "local-dir:tiny"
    assert "/" not in content["labels"]["file"]


def test_neither_the_order_of_labels_nor_of_rows_changes_a_figure(made, run, labels, tmp_path):
    settings, embeddings, _ = made
    first = calibrate(labels, run).document
    lines = labels.read_text().splitlines()
    (tmp_path / "turned.csv").write_text("\n".join([lines[0], *lines[:0:-1]]))
    titles = [f"t{at // 2}" for at in range(COUNT)]
    shuffled = write_run(tmp_path / "other", settings, embeddings, titles, np.random.default_rng(1).permutation(COUNT))
    again = calibrate(tmp_path / "turned.csv", shuffled).document
    assert again["labels"]["sha256"] == first["labels"]["sha256"]
    strip = lambda tags: {name: {**entry, "labels": ""} for name, entry in tags.items()}  # noqa: E731
    assert strip(again["tags"]) == strip(first["tags"])


def test_labels_of_titles_are_those_of_all_their_pictures(made, run, tmp_path):
    war = truth_of(made)["genre.war"][::2]
    path = write_labels(tmp_path / "l.csv", "title_id", [f"t{at}" for at in range(COUNT // 2)], {"genre.war": war})
    entry = calibrate(path, run).document["tags"]["genre.war"]
    assert (entry["positives"], entry["negatives"]) == (2 * sum(war), COUNT - 2 * sum(war))


def test_titles_that_share_a_file_are_never_on_two_sides(made, tmp_path):
    """The same file under two titles: what is learned of the one is known of the other."""
    settings, embeddings, _ = made
    run = write_run(tmp_path / "run", settings, embeddings[:6], ["b", "a", "c", "c", None, "d"])
    part = run / "part-00000.parquet"
    table = pq.read_table(part)
    contents = ["x", "x", "x", "y", "z", "y"]
    pq.write_table(table.set_column(table.schema.get_field_index("content_sha256"), "content_sha256", [contents]), part)
    told = {f"a{at:04}": {"genre.war": 1.0} for at in range(6)}
    found = join(open_embeddings(run), "asset_id", told, ["genre.war"])
    assert found.titles.tolist() == [0, 0, 0, 0, 1, 0]
    assert found.title_names == ("a", "z")


def test_a_table_that_joins_nothing_shows_both_sides(run, tmp_path):
    path = write_labels(tmp_path / "l.csv", "title_id", ["x1", "x2"], {"genre.war": [1, 0]})
    with pytest.raises(UsageError, match=r"none of 2 labels is of a picture .*title_id is 'x1' in the labels and 't0'"):
        calibrate(path, run)


def test_labels_without_a_picture_and_pictures_without_an_embedding_are_said(made, tmp_path):
    settings, embeddings, _ = made
    holes = [None if at == 3 else row for at, row in enumerate(embeddings)]
    run = write_run(tmp_path / "holes", settings, holes)
    truth = truth_of(made)["genre.war"]
    names = [f"a{at:04}" for at in range(COUNT)]
    path = write_labels(tmp_path / "l.csv", "asset_id", [*names, "gone"], {"genre.war": [*truth, 1]})
    remarks = calibrate(path, run).remarks
    assert any("1 label of no picture in the run: gone" in text for text in remarks)
    assert any("1 labelled picture left out" in text for text in remarks)


def test_a_run_without_embeddings_is_refused(tmp_path, labels):
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "x.png").write_bytes(encode(photo(40, 30)))
    artvision.extract(str(tmp_path / "art"), tmp_path / "light", Settings(stages="light"))
    with pytest.raises(RunError, match="no embeddings: its run left out the stage clip"):
        calibrate(labels, tmp_path / "light")


def test_a_stage_with_evidence_gives_probabilities_and_abstains_where_there_is_none(made, evidence):
    stage = Clip(with_evidence(made[0], evidence))
    stage.setup("cpu")
    fields = {field.name: field for field in stage.fields()}
    for seed in range(8):
        (result,) = stage.run([picture(seed)], {})
        check(stage.fields(), result)
        assert [result.values[name] for name in ("genre.space", "time.day", "time.night")] == [Missing.ABSTAINED] * 3
        assert {f"{tag['group']}.{tag['label']}" for tag in result.columns["tags"]} <= {"genre.war"}
        assert all(tag["calibrated"] for tag in result.columns["tags"])
    war, night = fields["genre.war"], fields["time.night"]
    assert (war.calibrated, war.unit, war.evidence["offered"]) == (True, "score", True)
    assert {"threshold", "precision", "recall", "ece", "labels_sha256", "coverage_risk"} <= war.evidence.keys()
    assert "curve" not in war.evidence
    assert (night.calibrated, night.evidence) == (False, None)
    assert "chance that the label holds, as on 400 labelled pictures" in war.meaning


def test_the_value_is_the_curve_of_the_score(made, evidence):
    stage = Clip(with_evidence(made[0], evidence))
    stage.setup("cpu")
    decision = stage.decisions["genre.war"]
    for seed in range(6):
        (result,) = stage.run([picture(seed)], {})
        (score,) = scores(made[0], [result.columns["embedding"]])["genre.war"]
        expected = decision.chance(score)
        assert result.values["genre.war"] == (Missing.ABSTAINED if expected is None else np.float32(expected))


def test_two_resolutions_of_one_art_agree_within_the_tolerance(starter_evidence):
    settings = with_evidence(Settings(stages="clip", model="starter"), starter_evidence)
    stage = Clip(settings)
    stage.setup("cpu")
    tolerance = {field.name: field.tolerance for field in stage.fields()}["genre.drama"]
    assert 0 < tolerance < 0.5
    art = [photo(side, side * 2 // 3, seed=seed) for seed in range(12) for side in (960, 480)]
    found = stage.run([Picture(pixels, pixels.shape[1], pixels.shape[0]) for pixels in art], {})
    drama = scores(settings, [result.columns["embedding"] for result in found])["genre.drama"]
    chances = stage.decisions["genre.drama"].curve(drama).reshape(12, 2)
    assert np.abs(chances[:, 0] - chances[:, 1]).max() <= tolerance


def test_the_fingerprint_knows_the_evidence_and_not_its_place(made, evidence, tmp_path):
    other = tmp_path / "elsewhere.json"
    other.write_text(evidence.read_text())
    changed = []
    for at, keys in enumerate((["threshold"], ["curve", "floor"], ["band"], ["offered"])):
        content = json.loads(evidence.read_text())
        entry = content["tags"]["genre.war"]
        for key in keys[:-1]:
            entry = entry[key]
        entry[keys[-1]] = {"threshold": 0.3, "floor": 0.01, "band": [0.1, 0.9], "offered": False}[keys[-1]]
        changed.append(tmp_path / f"{at}.json")
        changed[-1].write_text(json.dumps(content))
    plain = Clip(made[0]).fingerprint()
    found = [Clip(with_evidence(made[0], path)).fingerprint() for path in (evidence, other, *changed)]
    assert found[0] == found[1]
    parts = {json.dumps(one.get("evidence_sha256")) for one in (plain, *found)}
    assert len(parts) == len(changed) + 2


def test_evidence_of_another_model_is_refused(made, evidence, tmp_path):
    write_tiny_clip(tmp_path / "tiny", seed=7)
    stage = Clip(with_evidence(made[0], evidence, model=f"local-dir:{tmp_path / 'tiny'}"))
    with pytest.raises(UsageError, match=r"evidence\.json was calibrated for local-dir:tiny \(\w{12}\), not") as caught:
        stage.fields()
    assert "\n" not in str(caught.value)


def test_evidence_of_another_vocabulary_is_refused(made, evidence, tmp_path):
    (tmp_path / "other.toml").write_text(VOCABULARY.replace("tanks", "guns"))
    with pytest.raises(UsageError, match=r"evidence\.json was calibrated for another vocabulary"):
        Clip(with_evidence(made[0], evidence, vocabulary=str(tmp_path / "other.toml"))).fields()


@pytest.mark.parametrize("text", ["{", "[]", '{"evidence_format": 9}', '{"evidence_format": 1}'])
def test_a_file_that_is_no_evidence_is_one_line(made, tmp_path, text):
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(UsageError, match=r"bad\.json is no file of `artvision calibrate`"):
        Clip(with_evidence(made[0], tmp_path / "bad.json")).fields()


def test_evidence_that_is_not_there_is_one_line(made):
    with pytest.raises(UsageError, match=r"gone\.json cannot be read: No such file"):
        Clip(with_evidence(made[0], "gone.json")).fields()


def test_the_command_writes_the_file_tells_people_on_stderr_and_keeps_json_pure(labels, run, tmp_path):
    out = tmp_path / "deep" / "e.json"
    call = ["calibrate", str(labels), "--run", str(run), "-o", str(out), "--json"]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == json.loads(out.read_text())
    assert "genre.war" in result.stderr
    assert "1 of 3 measured tags offered" in result.stderr
    assert CliRunner().invoke(app, call[:-1]).stdout == ""


def test_a_wrong_call_is_exit_code_2(labels, run):
    result = CliRunner().invoke(app, ["calibrate", str(labels), "--run", str(run), "--margin", "0.7"])
    assert result.exit_code == 2
    assert "--margin 0.7" in result.stderr


@pytest.fixture(scope="module")
def starter_evidence(tmp_path_factory):
    """The bundled starter, calibrated on embeddings of made labels: drama follows its score, horror nothing."""
    folder, settings = tmp_path_factory.mktemp("starter"), Settings(stages="clip", model="starter")
    embeddings = unit_rows(300, 192, seed=5)
    run = write_run(folder / "run", settings, embeddings)
    found, random = scores(settings, embeddings), np.random.default_rng(0)
    drama = found["genre.drama"]
    truth = {
        "genre.drama": (random.random(300) < sigmoid(2 * (drama - drama.mean()) / drama.std())).astype(int).tolist(),
        "genre.horror": random.integers(0, 2, 300).tolist(),
    }
    labels = write_labels(folder / "l.csv", "asset_id", [f"a{at:04}" for at in range(300)], truth)
    calibrate(labels, run).write(folder / "evidence.json")
    return folder / "evidence.json"


def test_extract_with_evidence_on_the_starter(starter_evidence, tmp_path):
    (tmp_path / "art").mkdir()
    for seed in range(4):
        (tmp_path / "art" / f"{seed}.png").write_bytes(encode(photo(120, 80, seed=seed)))
    plain = Settings(stages="clip", model="starter")
    before = artvision.extract(str(tmp_path / "art"), tmp_path / "before", plain)
    after = artvision.extract(str(tmp_path / "art"), tmp_path / "after", with_evidence(plain, starter_evidence))
    run = artvision.read_run(tmp_path / "after")
    fields = {field["name"]: field for field in run.contract["fields"]}
    assert fields["genre.drama"]["calibrated"]
    assert fields["genre.drama"]["evidence"]["auc"] > 0.6
    assert not fields["genre.horror"]["calibrated"]
    table = run.table(["genre.drama", "genre.horror", "missing", "vector"])
    assert all(value is None or 0 <= value <= 1 for value in table["genre.drama"].to_pylist())
    assert table["genre.horror"].to_pylist() == [None] * 4
    states = {(item["field"], item["state"]) for row in table["missing"].to_pylist() for item in row}
    assert ("genre.horror", "abstained") in states
    assert before.run.info["fingerprint"] != after.run.info["fingerprint"]
    with pytest.raises(RunError):
        artvision.extract(str(tmp_path / "art"), tmp_path / "before", with_evidence(plain, starter_evidence))


def test_in_a_narrow_terminal_names_fold_and_no_number_is_cut(labels, run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "64")
    call = ["calibrate", str(labels), "--run", str(run), "-o", str(tmp_path / "e.json")]
    told = CliRunner().invoke(app, call).stderr
    entry = json.loads((tmp_path / "e.json").read_text())["tags"]["genre.war"]
    row = next(line.split() for line in told.splitlines() if line.startswith("gen"))
    assert row[1:3] == [str(entry["positives"]), str(entry["negatives"])]
    assert row[-1] == f"{entry['recall']:.2f}"


def test_where_no_tag_is_offered_an_earlier_file_stands(run, tmp_path):
    (tmp_path / "e.json").write_text("earlier")
    coin = np.random.default_rng(1).integers(0, 2, COUNT).tolist()
    path = write_labels(tmp_path / "l.csv", "asset_id", [f"a{at:04}" for at in range(COUNT)], {"genre.space": coin})
    result = CliRunner().invoke(app, ["calibrate", str(path), "--run", str(run), "-o", str(tmp_path / "e.json")])
    assert result.exit_code == 6
    assert "nothing was written: label more pictures" in result.stderr.replace("\n", " ")
    assert (tmp_path / "e.json").read_text() == "earlier"


def test_a_calibrated_field_says_how_many_pictures_were_labelled_with_it(made, run, tmp_path):
    """Others of the table may be labelled with other tags alone."""
    war = truth_of(made)["genre.war"]
    half = [label if at < COUNT // 2 else None for at, label in enumerate(war)]
    labels = {"genre.war": half, "time.day": [at % 2 for at in range(COUNT)]}
    path = write_labels(tmp_path / "l.csv", "asset_id", [f"a{at:04}" for at in range(COUNT)], labels)
    calibrate(path, run).write(tmp_path / "e.json")
    fields = {field.name: field for field in Clip(with_evidence(made[0], tmp_path / "e.json")).fields()}
    assert f"as on {COUNT // 2} labelled pictures" in fields["genre.war"].meaning


@pytest.mark.parametrize(("place", "why"), [(".", "it is a folder; name a"), ("l.csv/e.json", "File exists; name")])
def test_a_place_that_cannot_be_written_is_one_line_and_exit_code_5(made, run, tmp_path, place, why):
    names, war = [f"a{at:04}" for at in range(COUNT)], truth_of(made)["genre.war"]
    labels = write_labels(tmp_path / "l.csv", "asset_id", names, {"genre.war": war})
    result = CliRunner().invoke(app, ["calibrate", str(labels), "--run", str(run), "-o", str(tmp_path / place)])
    assert result.exit_code == 5
    assert f"cannot be written: {why}" in result.stderr.replace("\n", " ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.csv"]


def test_a_table_whose_labels_are_all_empty_is_one_line(run, tmp_path):
    path = write_labels(tmp_path / "l.csv", "asset_id", ["a0000", "a0001"], {"genre.war": [None, None]})
    with pytest.raises(UsageError, match="every label of the table is empty; fill in"):
        calibrate(path, run)


def test_a_label_of_an_exclusive_group_is_calibrated_by_itself_and_says_so(made, run, tmp_path):
    day = made[2]["time.day"]
    random = np.random.default_rng(0)
    truth = (random.random(COUNT) < sigmoid(4 * (day - day.mean()) / day.std())).astype(int).tolist()
    path = write_labels(tmp_path / "l.csv", "asset_id", [f"a{at:04}" for at in range(COUNT)], {"time.day": truth})
    calibrate(path, run).write(tmp_path / "e.json")
    fields = {field.name: field for field in Clip(with_evidence(made[0], tmp_path / "e.json")).fields()}
    assert fields["time.day"].calibrated
    assert "as on 400 labelled pictures, each label by itself" in fields["time.day"].meaning
    assert "share among the group's labels" in fields["time.night"].meaning


def test_runs_with_two_evidence_files_are_not_merged(starter_evidence, tmp_path):
    content = json.loads(starter_evidence.read_text())
    content["tags"]["genre.drama"]["threshold"] /= 2
    (tmp_path / "other.json").write_text(json.dumps(content))
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "x.png").write_bytes(encode(photo(120, 80)))
    plain = Settings(stages="clip", model="starter")
    for name, evidence in (("one", starter_evidence), ("two", tmp_path / "other.json")):
        artvision.extract(str(tmp_path / "art"), tmp_path / name, with_evidence(plain, evidence))
    with pytest.raises(RunError, match=r"were made differently(.|\n)*stages\.clip\.evidence_sha256: \w+… -> \w+…"):
        merge([tmp_path / "one", tmp_path / "two"], tmp_path / "both")
    assert not (tmp_path / "both" / "run.json").exists()


def test_the_page_has_both_curves_of_every_offered_tag_and_no_address(labels, run, tmp_path):
    call = ["calibrate", str(labels), "--run", str(run), "-o", str(tmp_path / "e.json")]
    result = CliRunner().invoke(app, [*call, "--plot", str(tmp_path / "p" / "page.html")])
    assert result.exit_code == 0, result.output
    assert "genre.war" in (tmp_path / "p" / "page.html").read_text()
    assert '<script src="http' not in (tmp_path / "p" / "page.html").read_text()
    tags = json.loads((tmp_path / "e.json").read_text())["tags"]
    _, reliability, risk = figure(tags).data
    entry = tags["genre.war"]
    assert [list(point) for point in zip(risk.x, risk.y, strict=True)] == entry["coverage_risk"]
    assert sum(count for _, _, count in entry["reliability"]) == COUNT
    assert [chance for chance, _, _ in entry["reliability"]] == list(reliability.x) == sorted(reliability.x)
    assert {trace.legendgroup for trace in (reliability, risk)} == {"genre.war"}


def test_every_bin_has_its_number_of_pictures_and_an_interval_of_wilson():
    entry = {"offered": True, "reliability": [[0.2, 0.0, 9], [0.6, 0.6667, 9]], "coverage_risk": [[1.0, 0.5]]}
    _, bins, _ = figure({"genre.war": entry}).data
    assert list(bins.customdata) == [9, 9]
    square = 1.959964**2
    assert bins.error_y.array[0] == pytest.approx(square / (9 + square), abs=1e-6), "the interval where nothing holds"
    assert bins.error_y.arrayminus[0] == pytest.approx(0, abs=1e-9)
    middle = (6 + square / 2) / (9 + square)
    assert bins.error_y.array[1] - bins.error_y.arrayminus[1] == pytest.approx(2 * (middle - 0.6667), abs=1e-6)
