"""The stage `language`: the language of what was read on a picture, and when it is not told."""

from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
from lettered import as_picture, lettered
from pictures import photo

from artvision import Settings
from artvision.contract import Missing
from artvision.errors import UsageError
from artvision.image import Picture
from artvision.lettering.language import FEWEST, MARGIN, Guesser, wording
from artvision.lettering.regions import Line
from artvision.stages import language as module
from artvision.stages.base import Result
from artvision.stages.language import Language
from artvision.stages.text import Text


@pytest.fixture(scope="module")
def guesser():
    return Guesser()


@pytest.fixture(scope="module")
def stage():
    made = Language(Settings())
    made.setup("cpu")
    yield made
    made.close()


def line(text, read=0.95):
    return Line(np.array([(0, 0), (90, 0), (90, 10), (0, 10)], float), (100, 100), 0.9, text, read)


def told(stage, *lines, script="latin", cast=()):
    text = Result({"text.script": script}, unwritten=lines)
    picture = Picture(np.zeros((1, 1, 3), np.uint8), 1, 1, cast=cast)
    (result,) = stage.run([picture], {"text": [text]})
    return result.values


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Die Nacht, in der alle Uhren stehen blieben"),
        ("en", "The night on which all the clocks stood still"),
        ("es", "La noche en que se pararon todos los relojes"),
        ("fr", "La nuit où toutes les horloges se sont arrêtées"),
        ("it", "La notte in cui tutti gli orologi si fermarono"),
        ("nl", "De nacht waarin alle klokken stil bleven staan"),
        ("pl", "Noc, w której stanęły wszystkie zegary"),
        ("pt", "A noite em que todos os relógios pararam"),
        ("sv", "Natten då alla klockor stannade"),
        ("tr", "Bütün saatlerin durduğu gece"),
        ("el", "Η νύχτα που σταμάτησαν όλα τα ρολόγια"),
        ("zh", "所有的钟都停了的那个夜晚"),
        ("ja", "すべての時計が止まった夜のこと"),
    ],
)
def test_a_sentence_tells_its_language(guesser, language, text):
    guess = guesser.guess(text)
    assert guess.language == language
    assert guess.lead >= MARGIN


@pytest.mark.parametrize("text", ["", "2049", "MATRIX", "Amelie", "Der Fall", "Blonde crazy", "钟都"])
def test_a_name_or_a_number_tells_none(guesser, text):
    assert guesser.guess(text).language is None


def test_few_letters_tell_none_however_sure(guesser):
    word = "straße"
    assert guesser.likeliest(word)[0] == "de"
    assert guesser.likeliest(word)[1] >= MARGIN
    assert len(word) < FEWEST
    assert guesser.guess(word).language is None


def test_names_of_the_cast_and_doubtful_readings_are_left_out():
    lines = [line("ILSE MARROW in"), line("Das letzte Signal"), line("xqvw", read=0.5)]
    assert wording(lines, ["Ilse Marrow"]) == "in das letzte signal"


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("Chercher la vérité", ["Cher"], "chercher la vérité"),
        ("mit CHER und Al Pacino", ["Cher", "Al", "Al Pacino"], "mit und"),
        ("UMATHURMAN is back", ["Uma  Thurman"], "is back"),
        ("主演章子怡与巩俐", ["章子怡", "巩俐"], "主演 与"),
        ("straße (a+b)", ["A+B", "("], "straße ( )"),
    ],
)
def test_a_name_is_left_out_as_a_word_of_its_own(text, names, left):
    assert wording([line(text)], names) == left.casefold()


def test_the_cast_changes_what_counts(stage):
    lines = line("Jean-Baptiste Delacroix"), line("Bernadette Rousseau"), line("Mirror Lake")
    alone = told(stage, *lines)
    credited = told(stage, *lines, cast=("Jean-Baptiste Delacroix", "Bernadette Rousseau"))
    assert alone["text_language.code"] == "fr"
    assert credited["text_language.code"] == Missing.ABSTAINED
    assert credited["text_language.letters"] == len("MirrorLake")
    assert stage.depends("t", ("b", "a")) == ["a", "b"]
    assert stage.depends("t", ()) is None


def test_without_text_there_is_no_language(stage):
    assert set(told(stage).values()) == {Missing.NOT_APPLICABLE}


def test_digits_alone_have_no_language(stage):
    values = told(stage, line("2049"))
    assert values["text_language.letters"] == 0
    assert values["text_language.lead"] == Missing.NOT_APPLICABLE
    assert values["text_language.code"] == Missing.ABSTAINED


def test_letters_of_an_unknown_script_have_no_language(stage):
    sentence = line("The night on which all the clocks stood still")
    assert told(stage, sentence)["text_language.code"] == "en"
    assert told(stage, sentence, script=Missing.ABSTAINED)["text_language.code"] == Missing.ABSTAINED


def test_a_line_on_a_photograph_is_read_and_told():
    text, language = Text(Settings()), Language(Settings())
    text.setup("cpu")
    language.setup("cpu")
    pixels, _ = lettered(("Die Nacht der stillen Uhren", 0.1, 0.4, 0.06), ("ab Oktober im Kino", 0.1, 0.7, 0.05))
    pictures = [as_picture(pixels), as_picture(photo(400, 300))]
    told_one, none = language.run(pictures, {"text": text.run(pictures, {})})
    assert told_one.values["text_language.code"] == "de"
    assert none.values["text_language.code"] == Missing.NOT_APPLICABLE


def test_without_the_extra_the_command_is_said(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", absent)
    with pytest.raises(UsageError, match=r"artvision\[language\]"):
        Language(Settings()).fingerprint()
