"""Tables of labels: both forms, joining them to a run, and one clear line for what is wrong."""

from __future__ import annotations

import math

import pytest

from artvision.calibration.table import agreed, read_table
from artvision.calibration.tags import read_tags
from artvision.clip.vocabulary import read_vocabulary
from artvision.errors import UsageError

VOCABULARY = read_vocabulary()


def labels_of(tmp_path, text, name="labels.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_tags(read_table(path), VOCABULARY)


def test_a_column_a_tag_has_yes_no_and_nothing(tmp_path):
    found = labels_of(tmp_path, "title_id,genre.war,genre.horror,year\nt1,1,0,1999\nt2,,true,\nt3,no,,\n")
    assert found.key == "title_id"
    assert found.names == tuple(sorted(found.names, key=["genre.horror", "genre.war"].index))
    assert found.told == {"t1": {"genre.war": 1, "genre.horror": 0}, "t2": {"genre.horror": 1}, "t3": {"genre.war": 0}}
    assert found.ignored == ("year",)


@pytest.mark.parametrize(("cell", "label"), [("1.0", 1), ("0.0", 0), ("TRUE", 1), (" no ", 0)])
def test_yes_and_no_are_read_as_tables_write_them(tmp_path, cell, label):
    assert labels_of(tmp_path, f"title_id,genre.war\nt,{cell}\n").told == {"t": {"genre.war": label}}


def test_a_list_says_no_of_what_it_lists_elsewhere_and_nothing_of_an_empty_cell(tmp_path):
    found = labels_of(tmp_path, "asset_id,tags\na,genre.war; genre.horror\nb,genre.war\nc,\nd,-\n")
    assert found.told == {
        "a": {"genre.war": 1, "genre.horror": 1},
        "b": {"genre.war": 1, "genre.horror": 0},
        "d": {"genre.war": 0, "genre.horror": 0},
    }


def test_the_most_exact_column_joins(tmp_path):
    assert labels_of(tmp_path, "title_id,asset_id,genre.war\nt,a,1\n").told == {"a": {"genre.war": 1}}


def test_a_path_is_meant_beside_the_table(tmp_path):
    assert list(labels_of(tmp_path, "path,genre.war\nart/x.jpg,1\n").told) == [str(tmp_path / "art" / "x.jpg")]


def test_two_lines_that_agree_are_one_and_gaps_are_filled(tmp_path):
    found = labels_of(tmp_path, "title_id,genre.war,genre.horror\nt,1,\nt,1,0\n")
    assert found.told == {"t": {"genre.war": 1, "genre.horror": 0}}


BAD = [
    ("genre.war\n1\n", "labels.csv: line 1: no column joins it to a run; give one of asset_id"),
    ("title_id,genre.war\n", "there is no line in it"),
    ("title_id,genre.war,genre.war\nt,1,1\n", "'genre.war' occurs twice"),
    ("title_id,genre.war\n,1\n", "labels.csv:2: title_id is empty"),
    ("title_id,genre.war\nt,maybe\n", "labels.csv:2: genre.war is 'maybe'; write 1 or 0"),
    ("title_id,genre.war\nt,0.5\n", "labels.csv:2: genre.war is '0.5'"),
    ("title_id,genre.horor\nt,1\n", "no tag 'genre.horor'; did you mean genre.horror"),
    ("title_id,tags\nt,genre.waar\n", "labels.csv:2: the vocabulary has no tag 'genre.waar'; did you mean genre.war"),
    ("title_id,year\nt,1\n", "of year none is one"),
    ("title_id,tags,genre.war\nt,-,1\n", "it has both"),
    ("title_id,genre.war\nt,1\nt,0\n", "labels.csv:2 and .*labels.csv:3 label genre.war of t differently"),
]


@pytest.mark.parametrize(("text", "line"), BAD)
def test_what_is_wrong_is_one_line_that_names_the_place(tmp_path, text, line):
    with pytest.raises(UsageError, match=line) as caught:
        labels_of(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_an_unknown_kind_of_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"labels are read from \.csv"):
        labels_of(tmp_path, "x", "labels.txt")


def test_unknown_labels_contradict_nothing(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("title_id,x\nt,1\nt,\n")
    table = read_table(path)
    pairs = [(line, {"x": math.nan if line.cells["x"] == "" else 1.0}) for line in table.lines]
    assert agreed(pairs) == {"t": {"x": 1.0}}
