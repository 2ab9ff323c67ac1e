"""What the starter says of a text: the list of its words is that of its weights and its training."""

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from artvision.clip.model import resolve
from artvision.clip.vocabulary import read_vocabulary
from artvision.errors import UsageError, WeightsError
from artvision.searching.lexicon import FILE, read_lexicon, refuse_descriptions, remarks, words_of

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "models" / "starter"
sys.path.insert(0, str(ROOT / "scripts"))  # the training code is a script's, not the package's


@pytest.fixture(scope="module")
def starter():
    return resolve("starter")


@pytest.fixture(scope="module")
def content():
    return json.loads((FOLDER / FILE).read_text(encoding="utf-8"))


def test_the_list_is_what_the_weights_know(content):
    """Training left a zero row for every token it never saw: the list must be exactly the other rows."""
    from open_clip import SimpleTokenizer
    from safetensors.numpy import load_file

    rows = load_file(FOLDER / "open_clip_model.safetensors")["token_embedding.weight"]
    seen = set(np.flatnonzero(np.abs(rows).sum(axis=1)).tolist())
    tokenizer = SimpleTokenizer(context_length=24)
    told = {token for word in content["words"] + content["neutral"] for token in tokenizer.encode(word)}
    between = {token for mark in (",", "-", "'s") for token in tokenizer.encode(mark)}
    padding = 0
    assert told | between | {tokenizer.sot_token_id, tokenizer.eot_token_id, padding} == seen


def test_the_list_belongs_to_these_weights(content, starter):
    assert content["weights_sha256"] == starter.weights_sha256
    assert not set(content["words"]) & set(content["neutral"])


@pytest.mark.soak
def test_the_list_is_what_the_generator_makes(content, shared, tmp_path):
    from starter.words import classes_of, write_words

    vocabulary = read_vocabulary()
    shutil.copy(FOLDER / "open_clip_model.safetensors", tmp_path)
    write_words(tmp_path, vocabulary, classes_of(shared, vocabulary))
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8")) == content


def test_words_without_the_corpus_are_in_the_list_too(content):
    from starter.words import neutral_texts, telling_texts
    from starter.words import words_of as generated

    vocabulary = read_vocabulary()
    neutral = generated(neutral_texts(vocabulary))
    assert neutral == set(content["neutral"])
    assert generated(telling_texts(vocabulary, [])) - neutral < set(content["words"])


@pytest.mark.parametrize(("text", "parts"), [
    ("a horror film", []),
    ("Horror", []),
    ("two people laughing in the rain", ["never seen two, people, laughing, rain", "the order says nothing", "fetch"]),
    ("a western at night", ["knows western", "never seen night", "time was no part of its training"]),
    ("robot", ["never seen robot (try robots)"]),
    ("spotlight", ["never seen spotlight (try spotlights)"]),
    ("a fantasy castle", ["knows fantasy, castle", "no held-out data supports its idea of fantasy, castle"]),
    ("a picture of the", ["knows no word of this that tells pictures apart"]),
    ("dark painting", ["tone was no part", "style was no part"]),
])  # fmt: skip
def test_the_starter_says_what_it_knows_and_what_not(starter, text, parts):
    said = remarks([text], starter)
    assert len(said) == bool(parts)
    for part in parts:
        assert part in said[0]


def test_another_model_says_nothing(starter):
    assert remarks(["laughing in the rain"], replace(starter, is_starter=False)) == ()


def test_a_starter_without_a_list_says_nothing_and_a_broken_one_is_named(starter, tmp_path):
    bare = replace(starter, evidence_folder=tmp_path)
    assert remarks(["rain"], bare) == ()
    assert read_lexicon(tmp_path) is None
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(WeightsError, match=re.escape(str(tmp_path / FILE))):
        remarks(["rain"], bare)


@pytest.mark.parametrize(("text", "words"), [
    ("Sci-Fi", ["sci", "fi"]),
    ("a potter's wheel, a WHEEL", ["a", "potter", "wheel"]),
    ("potter’s", ["potter"]),
    ("été 2001", ["été", "2001"]),
    ("—", []),
])  # fmt: skip
def test_words_are_runs_of_letters_and_digits(text, words):
    assert words_of([text]) == words


@pytest.mark.parametrize("text", ["a sad person", "Elderly people", "two WOMEN", "an angry-looking face"])
def test_texts_that_describe_people_are_refused(text):
    with pytest.raises(UsageError, match="never described"):
        refuse_descriptions(["horse", text])


@pytest.mark.parametrize("text", ["a person in the rain", "a car race", "ice age", "mankind", "two people"])
def test_texts_that_count_or_name_people_are_not(text):
    refuse_descriptions([text])
