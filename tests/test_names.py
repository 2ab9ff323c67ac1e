"""Names that say nothing: without a letter or digit they match nobody, and nobody is enrolled as `unknown`."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from artvision.errors import UsageError
from artvision.gallery import Actor, Decision, Gallery, Portrait, normal_forms, same_name
from artvision.recognition.matching import Roster, billing
from artvision.recognition.people import Rights, read_people

NOTHING = ["-", "*", "★", "", "  ", "…", "\u200d"]


def actor(actor_id, name, *aliases):
    return Actor(actor_id, name, np.zeros((1, 2), np.float32), (Portrait("x.png", "00"),), aliases, basis="contract")


UMA, STAR, JOHN = actor("uma", "Uma Thurman"), actor("star", "Prince", "★"), actor("john", "John")
GALLERY = Gallery("tests", (), 2, Decision(0.5, 0.0, "tests"), (UMA, STAR, JOHN))
ROSTER = Roster(GALLERY, date(2026, 4, 1))


def who(cast, roster=ROSTER):
    return [item.actor_id for item in roster.candidates("t1", cast)]


def test_normal_forms_are_those_of_same_name_where_there_is_one():
    assert normal_forms(["UMA", "uma", "René", *NOTHING]) == {same_name("Uma"), same_name("Rene")}


@pytest.mark.parametrize("name", NOTHING)
def test_a_name_without_a_letter_or_digit_finds_nobody(name):
    assert GALLERY.find(name) == []


def test_such_a_name_may_be_an_id_all_the_same():
    odd = actor("*", "Somebody")
    assert GALLERY.with_actors([odd]).find("*") == [odd]
    assert GALLERY.find("PRINCE") == [STAR]


CASTS = [
    (["Uma Thurman"], ["uma"]),
    (["-", "uma thurman"], ["uma"]),  # the star's alias is no name of the cast
    (["-", "Somebody Else"], []),
    *(([name], ["uma", "star", "john"]) for name in NOTHING),
    (NOTHING, ["uma", "star", "john"]),
]


@pytest.mark.parametrize(("cast", "expected"), CASTS)
def test_a_cast_counts_by_the_names_in_it_that_are_names(cast, expected):
    assert who(cast) == expected


def test_an_open_set_asks_no_cast():
    assert who(["Uma Thurman"], Roster(GALLERY, date(2026, 4, 1), closed=False)) == ["uma", "star", "john"]


@pytest.mark.parametrize(("cast", "place"), [(["-", "*"], None), (["-", "Uma"], None), (["-", "Uma", "PRINCE"], 3)])
def test_no_place_in_a_cast_list_is_that_of_a_name_that_says_nothing(cast, place):
    assert billing(STAR, cast) == place


@pytest.mark.parametrize("name", ["unknown", "UNKNOWN", " Unknown! ", "_unknown_"])
@pytest.mark.parametrize("column", ["name", "aliases"])
def test_nobody_is_enrolled_under_the_word_for_nobody(tmp_path, name, column):
    cells = {"name": "Uma", "aliases": "U. T."} | {column: name if column == "name" else f"U. T.|{name}"}
    file = tmp_path / "people.csv"
    file.write_text(f"name,images,aliases\n{cells['name']},1.jpg,{cells['aliases']}\n")
    with pytest.raises(UsageError, match=r"people\.csv:2: nobody can be called .*; give another name or alias$"):
        read_people(file, Rights())


def test_a_folder_called_so_is_refused_too(tmp_path):
    (tmp_path / "Unknown").mkdir()
    (tmp_path / "Unknown" / "1.jpg").touch()
    with pytest.raises(UsageError, match="Unknown: nobody can be called 'Unknown'"):
        read_people(tmp_path, Rights())


def test_a_name_that_holds_the_word_is_a_name(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,images,aliases\nUnknown Soldier,1.jpg,The Unknown\n")
    assert [person.name for person in read_people(file, Rights())] == ["Unknown Soldier"]


def test_two_names_of_signs_are_not_one_name(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,images,id\n★,1.jpg,prince\n!!!,2.jpg,\n")
    with pytest.raises(UsageError, match=r"people\.csv:3: the name '!!!' has no letter or digit"):
        read_people(file, Rights())
