from __future__ import annotations

import hashlib
import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
from tiny_clip import VOCABULARY, write_models_dir, write_tiny_clip

from artvision import weights
from artvision.clip.vocabulary import read_vocabulary
from artvision.contract import Kind, Missing
from artvision.device import one_thread_each
from artvision.errors import DefinitionError, UsageError, WeightsError
from artvision.image import Picture
from artvision.record import check
from artvision.settings import Settings
from artvision.stages import contract_of
from artvision.stages.clip import Clip

TAGS = ["genre.war", "genre.space", "time.day", "time.night"]


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip") / "tiny"
    write_tiny_clip(folder)
    return folder


@pytest.fixture
def vocabulary(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(VOCABULARY)
    return path


@pytest.fixture
def stage(tiny, vocabulary):
    stage = Clip(Settings(model=f"local-dir:{tiny}", vocabulary=str(vocabulary)))
    stage.setup("cpu")
    one_thread_each()  # as the engine's workers do
    yield stage
    stage.close()


@pytest.fixture
def starter(tmp_path, vocabulary, monkeypatch):
    """(settings of a run with a tiny starter, its folder)."""
    folder = tmp_path / "models"
    write_models_dir(folder, write_tiny_clip(folder / "starter"))
    monkeypatch.setattr(weights, "models_dir", lambda: folder)
    return Settings(model="starter", vocabulary=str(vocabulary)), folder / "starter"


def pictures(count):
    rng = np.random.default_rng(3)
    sizes = [(40 + 7 * index, 90 - 3 * index) for index in range(count)]
    return [Picture(rng.integers(0, 256, (*size, 3), dtype=np.uint8), size[1], size[0]) for size in sizes]


def write_evidence(settings, folder, **changes):
    """Evidence that offers genre.war and time.day alone."""
    groups = {group.name: group for group in Clip(settings).vocabulary.groups}
    figures = {"auc": 0.8, "low": 0.7, "high": 0.9, "positives": 20, "negatives": 30, "labels": ["x"]}
    tags = {
        f"{group}.{label}": figures | {"group_sha256": groups[group].sha256, "offered": offered}
        for group, label, offered in [("genre", "war", True), ("genre", "space", False), ("time", "day", True)]
    }
    content = {"weights_sha256": Clip(settings).model.weights_sha256, "margin": 0.05, "tags": tags} | changes
    (folder / "evidence.json").write_text(json.dumps(content))


def rows(results):
    """Everything a result says, as bytes."""
    return [
        (result.columns["embedding"].tobytes(), sorted(result.values.items()), result.columns["tags"])
        for result in results
    ]


def test_fields_and_columns_make_a_contract(stage):
    contract = contract_of([stage])
    assert [field.name for field in contract.fields] == TAGS
    assert {(field.kind, field.low, field.high, field.unit, field.calibrated) for field in contract.fields} == {
        (Kind.ZERO_SHOT, 0.0, 1.0, "score", False)}  # fmt: skip
    assert contract.columns[0].arrow == pa.list_(pa.float32(), 24)
    assert json.loads(contract.to_json())["vector"]["width"] == 4
    assert stage.min_short_side() == 64


def test_results_fit_the_contract_and_arrow(stage):
    for result in stage.run(pictures(3), {}):
        check(stage.fields(), result)
        assert result.columns["embedding"].shape == (24,)
        assert result.columns["embedding"].dtype == np.float32
        assert np.linalg.norm(result.columns["embedding"]) == pytest.approx(1.0, abs=1e-6)
        assert pa.array([result.columns["tags"]], stage.columns()[1].arrow).to_pylist() == [result.columns["tags"]]


def test_tags_are_sorted_by_group_and_score_and_repeat_the_values(stage):
    for result in stage.run(pictures(6), {}):
        tags = result.columns["tags"]
        assert [tag["group"] for tag in tags] == ["genre", "genre", "time", "time"]
        assert tags[0]["score"] >= tags[1]["score"]
        assert tags[2]["score"] >= tags[3]["score"]
        assert {f"{tag['group']}.{tag['label']}": tag["score"] for tag in tags} == result.values
        assert tags[2]["score"] + tags[3]["score"] == pytest.approx(1.0, abs=1e-6)
        assert all(-1 <= tag["similarity"] <= 1 and tag["calibrated"] is False for tag in tags)


def test_scores_are_those_of_the_definition(stage, tiny):
    """Computed again from the prompts' own embeddings, label by label."""
    (result,) = stage.run(pictures(1), {})
    image, scale = result.columns["embedding"].astype(np.float64), stage._encoder.logit_scale
    war, stars, null, day, night = (
        stage._encoder.encode_texts(texts).astype(np.float64).mean(axis=0)
        for texts in (["soldiers", "tanks"], ["stars"], ["a picture"], ["by day"], ["by night"])
    )
    cosine = lambda label: float(label @ image / np.linalg.norm(label))  # noqa: E731
    expected = {
        "genre.war": 1 / (1 + np.exp(-scale * (cosine(war) - cosine(null)))),
        "genre.space": 1 / (1 + np.exp(-scale * (cosine(stars) - cosine(null)))),
        "time.day": 1 / (1 + np.exp(-scale * (cosine(day) - cosine(night)))),
    }
    assert {name: result.values[name] for name in expected} == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("size", [1, 3, 16])
def test_a_row_is_the_same_bytes_in_any_batch_and_order(stage, size):
    every = pictures(16)
    alone = rows(result for one in every for result in stage.run([one], {}))
    order = np.random.default_rng(size).permutation(16)
    found = [
        row
        for start in range(0, 16, size)
        for row in rows(stage.run([every[index] for index in order[start : start + size]], {}))
    ]
    assert found == [alone[index] for index in order]


def test_prompt_cache_changes_no_byte(stage, tiny, vocabulary):
    again = Clip(Settings(model=f"local-dir:{tiny}", vocabulary=str(vocabulary)))
    again.setup("cpu")  # reads what the fixture's stage has just stored
    assert rows(again.run(pictures(2), {})) == rows(stage.run(pictures(2), {}))


def test_fingerprint_follows_weights_vocabulary_and_preprocessing(tiny, tmp_path, vocabulary):
    def fingerprint(folder, words=VOCABULARY):
        vocabulary.write_text(words)
        stage = Clip(Settings(model=f"local-dir:{folder}", vocabulary=str(vocabulary)))
        return json.dumps(stage.fingerprint(), sort_keys=True)

    other = tmp_path / tiny.name
    write_tiny_clip(other, seed=1)
    squashed = tmp_path / "squashed" / tiny.name
    write_tiny_clip(squashed)
    config = squashed / "open_clip_config.json"
    config.write_text(config.read_text().replace("squash", "shortest"))
    found = {fingerprint(tiny), fingerprint(other), fingerprint(squashed)}
    found |= {fingerprint(tiny, VOCABULARY.replace("tanks", "guns"))}
    assert len(found) == 4
    assert fingerprint(tiny) in found


def test_a_model_without_evidence_offers_all_uncalibrated(stage):
    (result,) = stage.run(pictures(1), {})
    assert all(isinstance(value, float) for value in result.values.values())
    assert [field.evidence for field in stage.fields()] == [None] * 4


def test_the_starter_without_evidence_abstains(starter):
    settings, _ = starter
    stage = Clip(settings)
    stage.setup("cpu")
    (result,) = stage.run(pictures(1), {})
    assert set(result.values.values()) == {Missing.ABSTAINED}
    assert result.columns["tags"] == []
    assert result.columns["embedding"].shape == (24,)


def test_the_starter_offers_what_its_evidence_supports(starter):
    settings, folder = starter
    write_evidence(settings, folder)
    stage = Clip(settings)
    stage.setup("cpu")
    (result,) = stage.run(pictures(1), {})
    offered = {name for name, value in result.values.items() if value is not Missing.ABSTAINED}
    assert offered == {"genre.war", "time.day"} == {f"{tag['group']}.{tag['label']}" for tag in result.columns["tags"]}
    assert stage.fingerprint()["offered"] == sorted(offered)
    assert any("2 of 4 tags" in line for line in stage.notices())
    figures = {field.name: field.evidence for field in stage.fields()}
    assert figures["genre.war"]["auc"] == 0.8
    assert figures["genre.space"]["offered"] is False
    assert figures["time.night"] is None


@pytest.mark.parametrize("words", ["tanks", "a picture"])
def test_evidence_does_not_outlive_the_prompts_it_was_measured_with(starter, vocabulary, words):
    settings, folder = starter
    write_evidence(settings, folder)
    vocabulary.write_text(VOCABULARY.replace(words, "something else"))
    assert Clip(settings).fingerprint()["offered"] == ["time.day"]


def test_evidence_of_other_weights_counts_for_nothing(starter):
    settings, folder = starter
    write_evidence(settings, folder, weights_sha256="0" * 64)
    assert Clip(settings).fingerprint()["offered"] == []


def test_missing_weights_stop_the_run_and_not_the_description(starter):
    settings, folder = starter
    write_evidence(settings, folder)
    (folder / "open_clip_model.safetensors").unlink()
    stage = Clip(settings)
    assert [field.name for field in stage.fields()] == TAGS
    assert stage.columns()[0].arrow.list_size == 24
    for act in (stage.fingerprint, lambda: stage.setup("cpu")):
        with pytest.raises(WeightsError, match="run `"):
            act()


@pytest.mark.parametrize(
    ("text", "error"), [("version =", UsageError), (VOCABULARY.replace("exclusive", "both"), DefinitionError)]
)
def test_a_broken_vocabulary_is_said_before_anything_runs(tiny, vocabulary, text, error):
    vocabulary.write_text(text)
    with pytest.raises(error, match=r"my\.toml"):
        Clip(Settings(model=f"local-dir:{tiny}", vocabulary=str(vocabulary))).fields()


def test_the_stage_is_small_enough_to_send_to_a_worker(tiny, vocabulary):
    stage = Clip(Settings(model=f"local-dir:{tiny}", vocabulary=str(vocabulary)))
    stage.fingerprint()
    copy = pickle.loads(pickle.dumps(stage))
    assert copy.fingerprint() == stage.fingerprint()


def test_run_before_setup_is_an_error(tiny):
    with pytest.raises(RuntimeError, match="after setup"):
        Clip(Settings(model=f"local-dir:{tiny}")).run(pictures(1), {})


@pytest.fixture(scope="module")
def bundled():
    if not (weights.models_dir() / "starter" / "open_clip_model.safetensors").is_file():
        pytest.skip("the starter is not trained yet")
    return Settings(model="starter")


def test_bundled_starter_is_the_one_in_the_manifest(bundled):
    model = weights.get_model("starter")
    found = {path.name: path.read_bytes() for path in model.folder.iterdir()}
    expected = {file.name: (file.bytes, file.sha256) for file in model.files}
    assert {name: (len(found[name]), hashlib.sha256(found[name]).hexdigest()) for name in expected} == expected
    assert sum(map(len, found.values())) <= 24e6


def test_bundled_starter_has_evidence_for_the_bundled_vocabulary(bundled):
    stage = Clip(bundled)
    assert 0 < len(stage.fingerprint()["offered"]) < len(stage.fields())
    groups = {group.name: group for group in read_vocabulary().groups}
    for name, entry in stage.evidence.tags.items():
        assert entry["group_sha256"] == groups[name.split(".")[0]].sha256, name


def test_bundled_starter_gives_the_same_bytes_in_any_batch(bundled):
    stage = Clip(bundled)
    stage.setup("cpu")
    every = pictures(16)
    assert stage._encoder._micro_batch > 1
    alone = rows(result for one in every for result in stage.run([one], {}))
    for size in (3, 16):
        chunks = [every[start : start + size] for start in range(0, 16, size)]
        assert alone == [row for chunk in chunks for row in rows(stage.run(chunk, {}))]
