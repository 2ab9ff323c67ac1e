from __future__ import annotations

import hashlib
import json
import math
import re

import numpy as np
import pytest

from artvision.cache import cache_dir
from artvision.clip import zero_shot
from artvision.clip.evidence import Evidence, read_evidence
from artvision.clip.vocabulary import BUNDLED, choose_vocabulary, parse_vocabulary, read_vocabulary
from artvision.clip.zero_shot import Tagger, prompt_embeddings
from artvision.errors import DefinitionError, UsageError, WeightsError
from artvision.logistic import sigmoid, softmax
from artvision.settings import Settings
from artvision.stages.clip import Clip

LABELS = {"war": ["soldiers", "tanks"], "space": ["stars"]}
GENRE = {"meaning": "m", "mode": "independent", "null": ["a picture"], "labels": LABELS}
TIME = {"meaning": "m", "mode": "exclusive", "labels": {"day": ["by day"], "night": ["by night"]}}
GOOD = {"version": "1", "groups": {"genre": GENRE, "time": TIME}}

# Wider than what the parser refuses: nothing we ship may even sound like it.
PEOPLE_WORDS = re.compile(
    r"\b(wo)?m[ae]n\b|\b(boy|girl|lady|gentleman|guy|male|female|gender|age|aged|old|young|elderly|teen\w*|child\w*"
    r"|bab(y|ies)|race|racial|ethnic\w*|asian|african|latin[oa]|caucasian|attractive\w*|beautiful|handsome|pretty|sexy"
    r"|ugly|emotion\w*|happy|happiness|sad|sadness|angry|anger|fear\w*|disgust\w*|surprised|joyful|smiling)\b"
)  # fmt: skip


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))


def changed(group, **parts):
    """GOOD with one group's keys replaced; None takes a key away."""
    body = {key: value for key, value in {**GOOD["groups"][group], **parts}.items() if value is not None}
    return {"version": "1", "groups": {**GOOD["groups"], group: body}}


def test_bundled_vocabulary_reads_and_makes_fields():
    vocabulary = read_vocabulary()
    assert {"genre", "tone", "setting", "time", "style", "subject"} <= {group.name for group in vocabulary.groups}
    labels = sum(len(group.labels) for group in vocabulary.groups)
    fields = Clip(Settings(model="ViT-B-32/random")).fields()
    assert len(fields) == labels == len({field.name for field in fields})


def test_nothing_we_ship_describes_people():
    texts = list(read_vocabulary().prompts)
    texts += [group.meaning for group in read_vocabulary().groups]
    fields = Clip(Settings(model="ViT-B-32/random")).fields()
    texts += [re.sub(r"[._]", " ", field.name) for field in fields]
    assert [text for text in texts if PEOPLE_WORDS.search(text.lower())] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"groups": GOOD["groups"]}, ["version"]),
        ({"version": "1"}, ["no [groups.NAME]"]),
        (GOOD | {"group": {}}, ["unknown key 'group'", "did you mean groups"]),
        (changed("genre", mode="independant"), ["group 'genre'", "did you mean independent"]),
        (changed("genre", mode=None), ["group 'genre'", "mode None"]),
        (changed("genre", prompts=[]), ["group 'genre'", "unknown key 'prompts'"]),
        (changed("genre", null=None), ["group 'genre'", "null"]),
        (changed("time", null=["x"]), ["group 'time'", "null"]),
        (changed("genre", null=[]), ["group 'genre', null"]),
        (changed("genre", meaning=""), ["group 'genre'", "meaning"]),
        (changed("genre", labels={}), ["groups.genre.labels"]),
        (changed("time", labels={"day": ["x"]}), ["groups.time.labels"]),
        (changed("genre", labels={"war": []}), ["group 'genre', label 'war'", "list of prompts"]),
        (changed("genre", labels={"war": "text"}), ["label 'war'"]),
        (changed("genre", labels={"war": ["a", "a"]}), ["label 'war'", "twice"]),
        (changed("genre", labels={"Sci-Fi": ["a"]}), ["label 'Sci-Fi'", "lower-case"]),
        (changed("genre", labels={"love": ["a handsome hero"]}), ["label 'love'", "'handsome'", "never described"]),
        (changed("genre", labels={"gender": ["a"]}), ["label 'gender'", "never described"]),
    ],
)
def test_vocabulary_mistakes_name_file_group_and_label(content, words):
    with pytest.raises(DefinitionError) as caught:
        parse_vocabulary(content, "my.toml")
    assert all(word in str(caught.value) for word in ["my.toml", *words]), str(caught.value)


def test_vocabulary_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml cannot be read"):
        read_vocabulary(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("version = ")
    with pytest.raises(UsageError, match="is not TOML"):
        read_vocabulary(tmp_path / "broken.toml")


def test_checksum_follows_the_prompts_and_not_the_layout(tmp_path):
    text = BUNDLED.read_text()
    (tmp_path / "same.toml").write_text("# a comment\n" + text)
    (tmp_path / "other.toml").write_text(text.replace("a horror film poster", "a scary film poster"))
    assert read_vocabulary(tmp_path / "same.toml").sha256 == read_vocabulary().sha256
    assert read_vocabulary(tmp_path / "other.toml").sha256 != read_vocabulary().sha256


def test_group_checksum_is_the_documented_one():
    group = parse_vocabulary(GOOD, "t").groups[0]
    text = '{"labels":{"space":["stars"],"war":["soldiers","tanks"]},"mode":"independent","null":["a picture"]}'
    assert group.sha256 == hashlib.sha256(text.encode()).hexdigest()


def tagger(logit_scale=10.0):
    """In the plane: soldiers 0°, tanks 90° (pooled 45°), stars 180°, the null 90°, day 0°, night 60°."""
    vocabulary = parse_vocabulary(GOOD, "t")
    degrees = {"soldiers": 0, "tanks": 90, "stars": 180, "a picture": 90, "by day": 0, "by night": 60}
    angles = np.radians([degrees[text] for text in vocabulary.prompts])
    lengths = np.array([3.0, 0.5, 7.0, 1.0, 2.0, 9.0])  # pooling must normalise each prompt first
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths[:, None]
    return Tagger.of(vocabulary, rows.astype(np.float32), logit_scale)


@pytest.mark.parametrize("angle", [0, 45, 137])
def test_scores_in_closed_form(angle):
    image = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))], dtype=np.float32)
    scores = {f"{score.group}.{score.label}": score for score in tagger().score(image)}
    near = lambda degrees: math.cos(math.radians(angle - degrees))  # noqa: E731
    assert scores["genre.war"].similarity == pytest.approx(near(45), abs=1e-6)
    assert scores["genre.war"].value == pytest.approx(1 / (1 + math.exp(-10 * (near(45) - near(90)))), abs=1e-6)
    assert scores["genre.space"].value == pytest.approx(1 / (1 + math.exp(-10 * (near(180) - near(90)))), abs=1e-6)
    day, night = math.exp(10 * near(0)), math.exp(10 * near(60))
    assert scores["time.day"].value == pytest.approx(day / (day + night), abs=1e-6)
    assert scores["time.day"].value + scores["time.night"].value == pytest.approx(1.0, abs=1e-12)


def test_extreme_logits_stay_finite():
    logits = np.array([-5000.0, 0.0, 5000.0])
    assert sigmoid(logits).tolist() == [0.0, 0.5, 1.0]
    assert softmax(logits).tolist() == [0.0, 0.0, 1.0]


def encode_once(calls):
    def encode(texts):
        calls.append(len(texts))
        return np.random.default_rng(len(texts)).normal(size=(len(texts), 5)).astype(np.float32)

    return encode


def test_prompts_are_embedded_once_and_kept():
    vocabulary, calls = parse_vocabulary(GOOD, "t"), []
    first = prompt_embeddings(vocabulary, {"weights": "a"}, 5, encode_once(calls))
    again = prompt_embeddings(vocabulary, {"weights": "a"}, 5, encode_once(calls))
    assert calls == [6]
    assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize(
    ("key", "content"),
    [({"weights": "b"}, GOOD), ({"weights": "a"}, changed("genre", labels=LABELS | {"space": ["comets"]}))],
)
def test_another_weight_or_prompt_is_another_cache_entry(key, content):
    calls = []
    prompt_embeddings(parse_vocabulary(GOOD, "t"), {"weights": "a"}, 5, encode_once(calls))
    prompt_embeddings(parse_vocabulary(content, "t"), key, 5, encode_once(calls))
    assert len(calls) == 2


@pytest.mark.parametrize("damage", [b"", b"not a zip", None, "pickle", "shape", "nan"])
def test_damaged_cache_is_computed_again(damage):
    vocabulary, calls = parse_vocabulary(GOOD, "t"), []
    first = prompt_embeddings(vocabulary, {}, 5, encode_once(calls))
    (path,) = (cache_dir() / "prompts").glob("*.npz")
    if damage == "pickle":
        np.savez(path, embeddings=np.array([{"evil": 1}], dtype=object))
    elif damage == "shape":
        np.savez(path, embeddings=first[:-1])
    elif damage == "nan":
        np.savez(path, embeddings=first * np.float32("nan"))
    else:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    again = prompt_embeddings(vocabulary, {}, 5, encode_once(calls))
    assert calls == [6, 6]
    assert again.tobytes() == first.tobytes()


def test_cache_that_cannot_be_written_is_no_problem(tmp_path, monkeypatch):
    blocker = tmp_path / "blocker"
    blocker.write_text("")
    monkeypatch.setenv("ARTVISION_CACHE", str(blocker))
    calls = []
    vocabulary = parse_vocabulary(GOOD, "t")
    assert prompt_embeddings(vocabulary, {}, 5, encode_once(calls)).shape == (6, 5)


def test_cache_write_is_atomic(monkeypatch):
    """A crash between writing and renaming leaves no entry at all."""
    vocabulary = parse_vocabulary(GOOD, "t")

    def crash(path, content):
        raise OSError("disk full")

    monkeypatch.setattr(zero_shot, "write_atomic", crash)
    prompt_embeddings(vocabulary, {}, 5, encode_once([]))
    assert not (cache_dir() / "prompts").exists()


@pytest.mark.parametrize(
    ("offered", "group_sha256", "weights", "expected"),
    [(True, None, "w", True), (False, None, "w", False), (True, "0" * 64, "w", False), (True, None, "x", False)],
)
def test_a_tag_is_offered_only_with_its_own_evidence(offered, group_sha256, weights, expected):
    group = parse_vocabulary(GOOD, "t").groups[0]
    entry = {"auc": 0.8, "offered": offered, "group_sha256": group_sha256 or group.sha256}
    evidence = Evidence("w", {"genre.war": entry})
    assert evidence.offers(group, "war", weights) is expected
    assert not evidence.offers(group, "space", weights)
    applies = group_sha256 is None and weights == "w"
    assert evidence.of(group, "war", weights) == ({"auc": 0.8, "offered": offered} if applies else None)


def test_evidence_file(tmp_path):
    assert read_evidence(tmp_path) is None
    (tmp_path / "evidence.json").write_text(json.dumps({"weights_sha256": "w", "margin": 0.05, "tags": {}}))
    assert read_evidence(tmp_path) == Evidence("w", {})
    (tmp_path / "evidence.json").write_text('{"tags": {}}')
    with pytest.raises(WeightsError, match=r"evidence\.json cannot be read"):
        read_evidence(tmp_path)


def test_vocabularies_are_joined_in_the_order_named(tmp_path):
    (tmp_path / "own.toml").write_text(
        'version = "3"\n[groups.own]\nmeaning = "Ours."\nmode = "independent"\nnull = ["a picture"]\n'
        '[groups.own.labels]\nboat = ["a boat"]\n'
    )
    joined = choose_vocabulary(f"sensitive, {tmp_path / 'own.toml'},default")
    names = [group.name for group in joined.groups]
    assert names == ["sensitive", "own", *(group.name for group in read_vocabulary().groups)]
    assert choose_vocabulary("").sha256 == choose_vocabulary("default").sha256 == read_vocabulary().sha256
    assert choose_vocabulary("default,sensitive").sha256 != choose_vocabulary("sensitive,default").sha256


def test_a_group_that_stands_in_two_vocabularies_is_named():
    with pytest.raises(DefinitionError, match="the group 'sensitive' stands in two of them"):
        choose_vocabulary("sensitive,sensitive")


def test_what_may_be_unwelcome_is_asked_only_when_named():
    sensitive = {group.name for group in choose_vocabulary("default,sensitive").groups}
    assert sensitive - {group.name for group in choose_vocabulary("").groups} == {"sensitive"}
