"""Who is to be enrolled: folders and manifests of every kind, and one clear line for each that cannot be meant."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.errors import UsageError
from artvision.recognition.people import Rights, make_id, read_people

GIVEN = Rights("letter of 3 March", ("tt1", "tt2"), date(2026, 3, 3), date(2027, 3, 3))


def lay(folder, *names):
    """Empty files: who is enrolled is known without opening a picture."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def manifest(folder, text, name="people.csv"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refused(source, given=GIVEN):
    with pytest.raises(UsageError) as error:
        read_people(source, given)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2
    return str(error.value)


def test_a_folder_has_a_folder_a_person_with_the_rights_of_the_call(tmp_path):
    lay(tmp_path, "Uma_Thurman/b.jpg", "Uma_Thurman/a.PNG", "Uma_Thurman/notes.txt", "Uma_Thurman/.a.jpg.swp")
    lay(tmp_path, "Jean-Luc Godard/1.webp", ".git/x.jpg", "README.md", "Uma_Thurman/old/c.jpg")
    godard, uma = read_people(tmp_path, GIVEN)
    assert (godard.actor_id, godard.name) == ("jean-luc-godard", "Jean-Luc Godard")
    assert (uma.actor_id, uma.name) == ("uma-thurman", "Uma Thurman")
    assert uma.images == (tmp_path / "Uma_Thurman" / "a.PNG", tmp_path / "Uma_Thurman" / "b.jpg")
    assert (uma.basis, uma.scope, uma.added, uma.expires) == (GIVEN.basis, GIVEN.scope, GIVEN.added, GIVEN.expires)
    assert uma.where == str(tmp_path / "Uma_Thurman")


def test_images_are_absolute_wherever_the_call_was_made(tmp_path, monkeypatch):
    lay(tmp_path, "cast/Uma/1.jpg")
    manifest(tmp_path, "name,images\nUma,cast/Uma/1.jpg\n")
    monkeypatch.chdir(tmp_path)
    for source in ("cast", "people.csv"):
        (uma,) = read_people(Path(source), GIVEN)
        assert uma.images == (tmp_path / "cast" / "Uma" / "1.jpg",)


def test_decomposed_folder_names_become_the_names_of_catalogues(tmp_path):
    lay(tmp_path, "Rene\u0301e/1.jpg")
    (person,) = read_people(tmp_path, GIVEN)
    assert person.name == "Renée"


def test_a_person_without_pictures_is_kept_for_enrolment_to_report(tmp_path):
    lay(tmp_path, "Uma/1.jpg", "John/notes.txt")
    john, _ = read_people(tmp_path, GIVEN)
    assert (john.name, john.images) == ("John", ())


FOLDERS = {
    "empty": ((), "no folder in it"),
    "loose pictures": (("Uma/1.jpg", "2.jpg"), "2.jpg lies beside the folders of people; move it"),
    "no pictures": (("Uma/notes.txt", "John/x/1.jpg"), "nobody in it has a picture"),
    "two spellings": (("Uma_Thurman/1.jpg", "uma-thurman/1.jpg"), "both mean 'uma-thurman'; join them"),
    "no letters": (("---/1.jpg",), "no letter or digit"),
}


@pytest.mark.parametrize(("files", "message"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_cannot_be_meant_is_refused(tmp_path, files, message):
    lay(tmp_path, *files)
    assert message in refused(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are of POSIX")
def test_a_name_that_no_table_can_hold_is_refused(tmp_path):
    lay(tmp_path, "Uma/1.jpg", os.fsdecode(b"Uma/\xff.jpg"))
    assert "not UTF-8" in refused(tmp_path)


ROW = {
    "name": "Uma Thurman",
    "images": ["uma/1.jpg", "uma/2.jpg"],
    "id": "nm0000235",
    "aliases": ["U. Thurman", "Uma K. Thurman"],
    "basis": "contract 7",
    "scope": ["tt0110912"],
    "added": "2026-04-01",
    "expires": "2027-04-30",
}


def as_csv(folder, delimiter=","):
    cells = ["|".join(cell) if isinstance(cell, list) else cell for cell in ROW.values()]
    return manifest(folder, f"{delimiter.join(ROW)}\n{delimiter.join(cells)}\n")


def as_jsonl(folder):
    return manifest(folder, json.dumps(ROW) + "\n", "people.jsonl")


def as_parquet(folder):
    days = {"added": date(2026, 4, 1), "expires": datetime(2027, 4, 30)}
    pq.write_table(pa.Table.from_pylist([ROW | days]), folder / "people.parquet")
    return folder / "people.parquet"


WRITERS = {
    "csv": as_csv,
    "semicolons": lambda folder: as_csv(folder, ";"),
    "tsv": lambda folder: as_csv(folder, "\t").rename(folder / "people.tsv"),
    "jsonl": as_jsonl,
    "parquet": as_parquet,
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_every_kind_of_manifest_says_the_same(tmp_path, write):
    source = write(tmp_path)
    (uma,) = read_people(source, GIVEN)
    assert (uma.actor_id, uma.name, uma.aliases) == ("nm0000235", "Uma Thurman", ("U. Thurman", "Uma K. Thurman"))
    assert uma.images == (tmp_path / "uma" / "1.jpg", tmp_path / "uma" / "2.jpg")
    assert (uma.basis, uma.scope) == ("contract 7", ("tt0110912",))
    assert (uma.added, uma.expires) == (date(2026, 4, 1), date(2027, 4, 30))
    assert uma.where == f"{source}:{1 if source.suffix in {'.jsonl', '.parquet'} else 2}"


def test_what_a_manifest_leaves_open_the_call_decides(tmp_path):
    source = manifest(tmp_path, "name,images,basis,scope\nUma,1.jpg,,\nJohn,2.jpg,consent,tt9\n")
    uma, john = read_people(source, GIVEN)
    assert (uma.basis, uma.scope, uma.added, uma.expires) == (GIVEN.basis, GIVEN.scope, GIVEN.added, GIVEN.expires)
    assert (john.basis, john.scope, john.expires) == ("consent", ("tt9",), GIVEN.expires)


@pytest.mark.parametrize("column", ["basis", "rights basis", "Rights_Basis", " BASIS "])
def test_the_basis_may_be_called_what_the_law_calls_it(tmp_path, column):
    (uma,) = read_people(manifest(tmp_path, f"Name,Images,{column}\nUma,1.jpg,consent\n"), Rights())
    assert uma.basis == "consent"


def test_an_image_may_be_a_folder_or_a_pattern(tmp_path):
    lay(tmp_path, "uma/b.jpg", "uma/a.png", "uma/notes.txt", "more/x1.jpg", "more/x2.jpg", "more/y.jpg", "more/x.txt")
    lay(tmp_path, "odd/[1].jpg", "odd/1.jpg", "bare/notes.txt", "uma/folder.jpg/1.jpg")
    source = manifest(tmp_path, "name,images\nUma,uma|more/x*|odd/[1].jpg|none/*.jpg|bare\n")
    (uma,) = read_people(source, GIVEN)
    assert [str(path.relative_to(tmp_path)) for path in uma.images] == [
        *("uma/a.png", "uma/b.jpg", "more/x1.jpg", "more/x2.jpg", "odd/[1].jpg"),
        *("none/*.jpg", "bare"),  # for enrolment to report
    ]


def test_rows_of_one_id_are_one_person(tmp_path):
    source = manifest(
        tmp_path,
        "name,images,id,basis,scope\nUma Thurman,1.jpg,uma,,\nJohn,3.jpg,,,tt9\nUma Thurman,2.jpg,uma,consent,\n",
    )
    uma, john = read_people(source, Rights("letter"))
    assert [path.name for path in uma.images] == ["1.jpg", "2.jpg"]
    assert (uma.basis, john.basis, uma.where) == ("consent", "letter", f"{source}:2")


def test_two_people_of_one_name_have_different_ids(tmp_path):
    source = manifest(tmp_path, "name,images,id\nLi Na,1.jpg,li-na-actor\nLi Na,2.jpg,li-na-singer\n")
    assert [person.actor_id for person in read_people(source, GIVEN)] == ["li-na-actor", "li-na-singer"]


MANIFESTS = {
    "nobody": ("name,images\n", "no person in it"),
    "no images column": ("name,basis\nUma,consent\n", "line 1: no column 'images'; it has name, basis"),
    "no name column": ("images\n1.jpg\n", "line 1: no column 'name'"),
    "near column": ("name,image\nUma,1.jpg\n", "line 1: the column 'image' is none of name, images,"),
    "and its name": ("name,images,expirs\nUma,1.jpg,2027-01-01\n", "'expirs' is none of"),
    "way out": ("name,images,expirs\nUma,1.jpg,2027-01-01\n", "did you mean expires?"),
    "column twice": ("name,images,basis,rights basis\nUma,1.jpg,a,b\n", "line 1: the column 'basis' occurs twice"),
    "no name": ("name,images\nUma,1.jpg\n  ,2.jpg\n", "people.csv:3: no name"),
    "bad date": ("name,images,expires\nUma,1.jpg,30.04.2027\n", "people.csv:2: expires '30.04.2027' is no date"),
    "no such day": ("name,images,added\nUma,1.jpg,2026-02-30\n", "people.csv:2: added '2026-02-30' is no date"),
    "expired before": (
        "name,images,added,expires\nUma,1.jpg,2026-04-02,2026-04-01\n",
        "people.csv:2: Uma expires on 2026-04-01, before",
    ),
    "one name twice": ("name,images\nUma,1.jpg\nJohn,2.jpg\nUMA,3.jpg\n", "people.csv:4: UMA is named on"),
    "and the other line": ("name,images\nUma,1.jpg\nJohn,2.jpg\nUMA,3.jpg\n", "people.csv:2 too; state one id in both"),
    "one id forgotten": ("name,images,id\nUma,1.jpg,u1\nUma,2.jpg,\n", "people.csv:3: Uma is named on"),
    "two names of an id": ("name,images,id\nUma,1.jpg,u\nJohn,2.jpg,u\n", "people.csv:3: name of 'u' is not what"),
    "two bases of an id": (
        "name,images,id,basis\nUma,1.jpg,u,a\nUma,2.jpg,u,b\n",
        "people.csv:3: basis of 'u' is not what",
    ),
    "an id another's name gives": (
        "name,images,id\nJohn,1.jpg,uma\nUma,2.jpg,\n",
        "people.csv:3 and {folder}/people.csv:2 both mean 'uma'",
    ),
    "nobody has a picture": ("name,images\nUma,\n", "nobody in it has a picture"),
    "an object store": (
        "name,images\nUma,s3://bucket/1.jpg\n",
        "people.csv:2: s3://bucket/1.jpg: object stores are not",
    ),
    "cells too many": ("name,images\nUma,1.jpg,2.jpg\n", "line 2: 3 cells where the header has 2"),
}


@pytest.mark.parametrize(("text", "message"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_cannot_be_meant_names_file_and_line(tmp_path, text, message):
    told = refused(manifest(tmp_path, text))
    assert message.format(folder=tmp_path) in told
    assert "people.csv" in told


CELLS = {
    "name": ({"name": ["Uma"], "images": "1.jpg"}, "'name' must be text, not list"),
    "image": ({"name": "Uma", "images": [{"path": "1.jpg"}]}, "'images' must be text, not dict"),
    "basis": ({"name": "Uma", "images": "1.jpg", "basis": True}, "'basis' must be text, not bool"),
}


@pytest.mark.parametrize(("row", "message"), CELLS.values(), ids=CELLS)
def test_cells_that_are_no_text_are_refused(tmp_path, row, message):
    assert f"people.jsonl:1: {message}" in refused(manifest(tmp_path, json.dumps(row), "people.jsonl"))


SCOPES = {
    "bars": ("t1|t2", ("t1", "t2")),
    "commas": ("t1,t2", ("t1", "t2")),
    "both, and blanks": (" t1 ,t2| t3,|", ("t1", "t2", "t3")),
    "a list's items are whole": (["Paris, je t'aime", "t2"], ("Paris, je t'aime", "t2")),
    "empty": ("  ", ()),
    "null": (None, ()),
    "no number": (float("nan"), ()),
}


@pytest.mark.parametrize(("cell", "scope"), SCOPES.values(), ids=SCOPES)
def test_a_scope_is_title_ids_parted_as_on_the_command_line(tmp_path, cell, scope):
    row = {"name": "Uma", "images": "1.jpg", "scope": cell}
    (uma,) = read_people(manifest(tmp_path, json.dumps(row), "people.jsonl"), Rights())
    assert uma.scope == scope


@pytest.mark.parametrize("cell", ["|", ",", " , | ", [], [""], [None], [float("nan")]])
def test_a_scope_without_a_title_does_not_become_every_title(tmp_path, cell):
    row = {"name": "Uma", "images": "1.jpg", "scope": cell}
    told = refused(manifest(tmp_path, json.dumps(row), "people.jsonl"))
    assert "people.jsonl:1: the scope names no title; leave the cell empty for every title" in told


@pytest.mark.parametrize(("cell", "text"), [(7, "7"), (7.0, "7"), (7.5, "7.5"), (None, ""), (float("nan"), "")])
def test_numbers_are_ids_as_in_a_catalogue(tmp_path, cell, text):
    source = manifest(tmp_path, json.dumps({"name": "Uma", "images": "1.jpg", "aliases": [cell]}), "people.jsonl")
    (uma,) = read_people(source, Rights())
    assert uma.aliases == ((text,) if text else ())


@pytest.mark.parametrize(
    ("name", "message"), [("nowhere.csv", "no such file or folder"), ("people.txt", "neither a folder nor a manifest")]
)
def test_a_source_that_is_neither_folder_nor_manifest(tmp_path, name, message):
    (tmp_path / "people.txt").touch()
    assert message in refused(tmp_path / name)


@pytest.mark.parametrize("place", ["", "Uma"])
def test_a_folder_that_may_not_be_read_is_one_line(tmp_path, monkeypatch, place):
    lay(tmp_path, "Uma/1.jpg")
    there = Path.iterdir

    def guarded(self):
        if self == tmp_path / place:
            raise PermissionError(13, "Permission denied")
        return there(self)

    monkeypatch.setattr(Path, "iterdir", guarded)
    assert refused(tmp_path) == f"{tmp_path / place}: cannot be read: Permission denied"


IDS = [
    ("Uma  Thurman", "uma-thurman"),
    ("Renée Zellweger", "renee-zellweger"),
    ("O'Neill, Ed", "o-neill-ed"),
    ("Ума Турман", "ума-турман"),
    ("李小龙", "李小龙"),
    ("송강호", "송강호"),
    ("राम", "राम"),
    ("!?", ""),
]


@pytest.mark.parametrize(("name", "actor_id"), IDS)
def test_ids_are_made_of_the_letters_of_a_name(name, actor_id):
    assert make_id(name) == actor_id


@given(st.text())
def test_an_id_can_be_typed_and_is_that_of_its_own(name):
    made = make_id(name)
    assert not any(letter.isspace() for letter in made)
    assert make_id(made) == made
