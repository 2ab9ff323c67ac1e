"""Nothing in artvision says what somebody is or feels: no word of it stands in a field, tag, prompt, flag or name.

A person is counted, located and, when asked, recognised. A tag that would guess age, gender, origin, looks or feelings
would have to be called something; this test reads every name and text that artvision shows or computes by.
"""

import ast
import dataclasses
import re
import tomllib
from pathlib import Path

import pyarrow as pa
import pytest
import typer
from typer.main import get_command

from artvision import stages
from artvision.cli import app
from artvision.clip.vocabulary import ABOUT_PEOPLE, Vocabulary, parse_vocabulary, read_vocabulary
from artvision.contract import Column
from artvision.errors import DefinitionError
from artvision.recognition.embedder import MAKES
from artvision.record import CATALOGUE, KEYS
from artvision.settings import Settings, option
from artvision.stages.faces import Faces
from artvision.weights import models_dir

ROOT = Path(__file__).resolve().parent.parent

# What the EU AI Act names as biometric categories (Regulation (EU) 2024/1689, recital 16: sex, age, hair and eye
# colour, tattoos, behaviour, language, religion, national minority, sexual or political orientation) and as emotions
# (recital 18), what GDPR art. 9 protects, and what face libraries commonly guess. Languages are left out:
# a catalogue states that of a title. Colours are left out: they are those of pixels.
WORDS = ABOUT_PEOPLE | set(
    """
    ageing aging young younger youth youthful old older oldest elder elders senior seniors adult adults adolescent
    teen teens teenage child children kid kids baby babies infant infants minor minors grandmother grandfather
    gendered genders sex sexes sexual sexuality males females lady ladies gentleman gentlemen guy guys girlfriend
    boyfriend husband wife mother father masculinity femininity transgender nonbinary queer gay lesbian
    racist ethnicities nationality nationalities minority complexion skin blond blonde brunette bald beard bearded
    tattoo tattoos asians africans european europeans indian arab jewish muslim christian hindu buddhist religion
    religious religions disability disabled pregnant obese overweight slim
    attractivity beautiful beauty pretty cute gorgeous prettiness glamour glamorous charming
    mood moods feeling feelings feels sentiment sentiments happiness happily joy joyful cheerful sadness sorrow
    sorrowful gloomy melancholy melancholic anger furious rage fear afraid scared terrified frightened disgust
    surprise astonished contempt embarrassed embarrassment excited excitement shame ashamed satisfaction satisfied
    amusement amused calm anxious anxiety bored depressed lonely loneliness jealous grief love loving hate hateful
    smirk crying weeping laughing personality temperament honest honesty trustworthy trustworthiness intelligence
    criminal criminality demographic demographics
    """.split()  # noqa: SIM905 - a page of words is read and kept in order more easily than a page of quotes
)

LIBRARIES = frozenset(("deepface", "insightface", "uniface", "fairface", "fer", "hsemotion"))  # they guess such things

# Sentences and names that may stand as they are, and why: each a whole one, so that a new use is a new question.
ALLOWED = {
    "The tone of the picture as a picture: its atmosphere, never anybody's feelings.": "says that it is not about them",
    "a calm and quiet film poster": "the poster is; `tone` asks for a picture's atmosphere, as a critic describes one",
    "a poster for a love story": "a kind of story: the genre romance",
    "CALM": "area without edges: where a title would be legible",
    "calm_rectangle": "the same",
    "disabled": "a logger that is switched off",
    "older_than": "versions of a table that are not the one in use",
    "MINOR": "a step of a version, as Semantic Versioning calls it",
    "old": "an earlier row, file or fingerprint beside a new one",
}


def words(text):
    """The words of a text or a name: snake_case, camelCase and kebab-case are taken apart; lower case."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W\d]", " ", text)
    return apart.lower().split()


def guesses(texts, wanted=frozenset(WORDS)):
    """(sentence, word) for every word of `wanted` in one of the texts, unless the sentence is allowed."""
    sentences = {part for text in texts for part in re.split(r"(?<=[.;]) ", text) if part not in ALLOWED}
    return {(sentence, word) for sentence in sentences for word in words(sentence) if word in wanted}


def of_contract():
    """What the stages declare, and what a catalogue brings."""
    every = [stage(Settings(actors="x", keep_face_vectors=True)) for stage in stages.discover()]
    yield from (*KEYS, *CATALOGUE)
    for stage in every:
        yield from (stage.name, stage.summary)
        for one in stage.fields():
            yield from (one.name, one.meaning, one.unit, one.source, one.higher, *one.labels, *one.slots)
        for column in stage.columns():
            yield from (column.name, column.meaning, str(column.arrow))


def of_vocabulary():
    """Groups, labels and every prompt."""
    for group in read_vocabulary().groups:
        yield from (group.name, group.meaning, *group.labels, *group.prompts)


def of_commands(group=None, name="artvision"):
    """Names, help, flags and their help, of every command."""
    group = group or get_command(app)
    yield from (name, group.help or "", group.epilog or "")
    for parameter in group.params:
        yield from (parameter.name, *parameter.opts, *parameter.secondary_opts, getattr(parameter, "help", None) or "")
        yield from map(str, getattr(getattr(parameter, "type", None), "choices", ()))
    for inner, command in getattr(group, "commands", {}).items():
        yield from of_commands(command, inner)


def of_settings():
    """Names, defaults and help of every setting."""
    for spec in dataclasses.fields(Settings):
        yield from (spec.name, str(spec.default), spec.metadata["help"])


def of_models():
    """What is fetched or bundled, and the recognisers."""
    manifest = tomllib.loads((models_dir() / "manifest.toml").read_text(encoding="utf-8"))
    yield from texts_in(manifest)
    for make in MAKES.values():
        yield from (make.name, make.model, make.source, make.measured)


def texts_in(value):
    """Every text and key of a TOML document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str):
        yield value


def of_source():
    """Names of files, functions, classes, parameters and variables: what computes something is called something."""
    for path in sorted((ROOT / "artvision").rglob("*.py")):
        yield path.stem
        yield from names_in(path.read_text(encoding="utf-8"))


def names_in(source):
    """Every name that a module defines or imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.alias):
            yield from (node.name, node.asname or "")
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


SOURCES = {of.__name__: of for of in (of_contract, of_vocabulary, of_commands, of_settings, of_models, of_source)}


@pytest.mark.parametrize("of", SOURCES)
def test_no_word_of_what_somebody_is_or_feels(of):
    texts = list(SOURCES[of]())
    assert len(texts) > 30
    assert guesses(texts) == set()


def test_no_library_that_guesses_is_used():
    assert guesses(of_source(), LIBRARIES) == set()


@pytest.mark.parametrize("source", ["import deepface", "from deepface import DeepFace", "import a.fer as b"])
def test_such_a_library_would_be_found(source):
    assert guesses(names_in(source), LIBRARIES)


def test_nothing_is_allowed_for_nothing(monkeypatch):
    allowed = dict(ALLOWED)
    monkeypatch.setattr("test_words.ALLOWED", {})
    needed = {sentence for of in SOURCES.values() for sentence, _ in guesses(of())}
    assert needed == set(allowed)


@pytest.mark.parametrize("text", [
    "face.lead_age", "leadAge", "--min-age", "AGE", "age-group", "a SAD person", "sad.", "emotion", "person_emotions",
    "the lead's gender", "is the lead happy?", "list<element: struct<gender: string>>", "age2", "ethnicity_score",
    "a beautiful face", "surprised/angry", "an old face", "predictGender",
])  # fmt: skip
def test_the_scanner_finds_planted_words(text):
    assert guesses(["a poster", text])


@pytest.mark.parametrize("text", [
    "image", "average", "package", "stage", "message", "coverage", "manager",
    "racetrack", "sexton", "essex", "agenda", "unsexed", "CALM", "old",
])  # fmt: skip
def test_the_scanner_wants_whole_words(text):
    assert not guesses([text])


def plant_field(monkeypatch):
    bad = dataclasses.replace(Faces(Settings()).fields()[0], name="face.lead_age")
    monkeypatch.setattr(Faces, "fields", lambda self: (bad,))


def plant_label(monkeypatch):
    bad = dataclasses.replace(next(one for one in Faces(Settings()).fields() if one.labels), labels=("joy", "anger"))
    monkeypatch.setattr(Faces, "fields", lambda self: (bad,))


def plant_column(monkeypatch):
    bad = Column("faces", "faces", pa.list_(pa.struct([("gender", pa.string())])))
    monkeypatch.setattr(Faces, "columns", lambda self: (bad,))


def plant_prompt(monkeypatch):
    group = read_vocabulary().groups[0]
    bad = dataclasses.replace(group, labels={"drama": ("a crying person",)})
    monkeypatch.setattr("test_words.read_vocabulary", lambda: Vocabulary("1", (bad,)))


def plant_flag(monkeypatch):
    extra = typer.Typer()
    extra.command("guess")(lambda min_age: None)
    extra.command("other")(lambda: None)
    monkeypatch.setattr("test_words.app", extra)


def plant_setting(monkeypatch):
    monkeypatch.setattr(
        "test_words.Settings", dataclasses.make_dataclass("S", [("gender", str, option("", "Guess it."))])
    )  # fmt: skip


def plant_model(monkeypatch):
    bad = dataclasses.replace(MAKES["dlib"], model="age-and-gender-v1")
    monkeypatch.setattr("test_words.MAKES", {"dlib": bad})


def plant_function(monkeypatch):
    planted = list(names_in("def f(face): face.emotion = 1"))
    monkeypatch.setattr("test_words.names_in", lambda source: planted)


@pytest.mark.parametrize(("plant", "of"), [
    (plant_field, of_contract), (plant_label, of_contract), (plant_column, of_contract), (plant_prompt, of_vocabulary),
    (plant_flag, of_commands), (plant_setting, of_settings), (plant_model, of_models), (plant_function, of_source),
])  # fmt: skip
def test_a_planted_word_is_found_wherever_it_stands(monkeypatch, plant, of):
    plant(monkeypatch)
    assert guesses(of())


@pytest.mark.parametrize("source", [
    "class AgeHead: ...", "def predict_gender(face): ...", "def f(ethnicity): ...", "emotion = 1", "x.emotion = 1",
    "import gender", "from ages.age import model", "for race in (): ...", "async def guess_age(): ...",
    "(y := 1) and (anger := 2)", "from x import age_of as f", "import x as emotion",
])  # fmt: skip
def test_every_way_to_name_something_in_code_is_read(source):
    assert guesses(names_in(source))


@pytest.mark.parametrize("word", sorted(ABOUT_PEOPLE))
def test_a_users_own_vocabulary_cannot_ask_for_it_either(word):
    labels = {"one": [f"a picture of somebody {word}"], "two": ["a tree"]}
    group = {"meaning": "x", "mode": "exclusive", "labels": labels}
    with pytest.raises(DefinitionError, match="people are counted, never described"):
        parse_vocabulary({"version": "1", "groups": {"mine": group}}, "mine.toml")
