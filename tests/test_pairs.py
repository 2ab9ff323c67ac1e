"""Verification on labelled pairs: every pair accounted for, every figure right or absent with a reason."""

import json
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.errors import DecodeError, UsageError
from artvision.recognition.pairs import judge, read_pairs
from artvision.recognition.verification import Pair, Scored, Verification


class FakeLooked:
    def __init__(self, sha256, sightings, company):
        self.sha256, self.sightings, self.company = sha256, sightings, company


class FakeLooker:
    """A picture's bytes are its faces' places on a line, the most prominent first: b"0.25 0.9"; & joins equals."""

    def __init__(self):
        self.looks = Counter()
        self.lock = threading.Lock()

    def look(self, path):
        with self.lock:
            self.looks[path.name] += 1
        try:
            text = path.read_text()
        except OSError:
            raise DecodeError("missing", f"{path}: no such file") from None
        if text == "junk":
            raise DecodeError("corrupt", f"{path}: not readable")
        places = tuple(float(word) for word in text.replace("&", " ").split())
        return FakeLooked(text.ljust(64, "."), places, 1 + text.count("&"))


class FakeEmbedder:
    """Two faces at distance d on the line score 1 - d / 2."""

    def __init__(self):
        self.embedded = []
        self.largest = 0

    def embed(self, faces):
        self.embedded += faces
        self.largest = max(self.largest, len(faces))
        return np.array([[face, 0] for face in faces], np.float32)


@pytest.fixture
def folder(tmp_path):
    for name, text in {"ann1": "0.0 9", "ann2": "0.25", "bob1": "1.0", "bob2": "1.125 0.0", "junk": "junk"}.items():
        (tmp_path / f"{name}.png").write_text(text)
    (tmp_path / "nobody.png").write_text("")
    return tmp_path


def listed(folder, *rows, name="pairs.csv"):
    (folder / name).write_text("a,b,same\n" + "".join(f"{a}.png,{b}.png,{same}\n" for a, b, same in rows))
    return folder / name


GOOD = [("ann1", "ann2", 1), ("bob1", "bob2", 1), ("ann1", "bob1", 0), ("ann2", "bob1", 0), ("ann2", "bob2", 0)]


def verified(folder, rows=GOOD, threshold=0.7):
    return judge(read_pairs(listed(folder, *rows)), FakeLooker(), FakeEmbedder(), threshold)


def made(genuine, impostor, threshold=0.5):
    """A verification with these scores."""
    pairs = [(True, score) for score in genuine] + [(False, score) for score in impostor]
    scored = tuple(Scored(Pair(Path("a"), Path("b"), same, "x:1"), float(score)) for same, score in pairs)
    return Verification(threshold, scored, (), "0" * 64)


@pytest.mark.parametrize(("text", "same"), [
    ("1", True), ("0", False), ("true", True), ("False", False), ("YES", True), (" no ", False),
])  # fmt: skip
def test_labels_are_understood_as_people_write_them(tmp_path, text, same):
    (tmp_path / "pairs.csv").write_text(f"a;b;same;remark\nx.png;sub/y.png;{text};ignored\n")
    assert read_pairs(tmp_path / "pairs.csv") == [
        Pair(tmp_path / "x.png", tmp_path / "sub" / "y.png", same, f"{tmp_path / 'pairs.csv'}:2")
    ]


def test_all_table_formats_say_the_same(tmp_path):
    (tmp_path / "p.csv").write_text("a,b,same\nx.png,y.png,1\n/z/z.png,y.png,0\n")
    (tmp_path / "p.tsv").write_text("a\tb\tsame\nx.png\ty.png\t1\n/z/z.png\ty.png\t0\n")
    rows = [{"a": "x.png", "b": "y.png", "same": True}, {"a": "/z/z.png", "b": "y.png", "same": 0}]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = {"a": ["x.png", "/z/z.png"], "b": ["y.png", "y.png"], "same": [1.0, 0.0]}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    read = [read_pairs(tmp_path / f"p.{end}") for end in ("csv", "tsv", "jsonl", "parquet")]
    assert all([replace(pair, where="") for pair in pairs] == [replace(pair, where="") for pair in read[0]]
               for pairs in read)  # fmt: skip
    assert [pair.a for pair in read[0]] == [tmp_path / "x.png", Path("/z/z.png")]


@pytest.mark.parametrize(("text", "says"), [
    ("a,b,same\nx.png,y.png,maybe\n", r"line 2: same is 'maybe'; write 1"),
    ("a,b,same\nx.png,y.png,1\nx.png,y.png,2\n", r"line 3: same is '2'"),
    ("a,b,same\ns3://x/y.png,y.png,1\n", r"line 2: s3://x/y\.png: object stores are not supported"),
    ("a,b,same\nx.png,,1\n", r"line 2: 'b' must be the path of a picture"),
    ("a,b,same\nx.png,y.png\n", r"line 2: 2 cells"),
    ("a,b,sane\nx.png,y.png,1\n", r"line 1: the column 'same' is missing; did you mean sane\?"),
    ("a,a,same\nx.png,y.png,1\n", r"line 1: the column 'a' occurs twice"),
    ("a,b,same\n", r"no pair in it"),
    ("", r"line 1: the column 'a' is missing"),
])  # fmt: skip
def test_what_is_wrong_with_a_list_is_said_with_its_line(tmp_path, text, says):
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(UsageError, match=says) as caught:
        read_pairs(tmp_path / "pairs.csv")
    assert "pairs.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["pairs.txt", "pairs", "absent.csv"])
def test_a_list_that_is_no_table_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=name):
        read_pairs(tmp_path / name)


@pytest.mark.parametrize("value", [None, 2, 0.5, float("nan"), [1], {"x": 1}])
def test_labels_of_other_types_are_refused(tmp_path, value):
    (tmp_path / "p.jsonl").write_text(json.dumps({"a": "x.png", "b": "y.png", "same": value}) + "\n")
    with pytest.raises(UsageError, match="line 1: same is"):
        read_pairs(tmp_path / "p.jsonl")


def test_every_picture_is_looked_at_and_embedded_once_by_its_most_prominent_face(folder):
    looker, embedder, told = FakeLooker(), FakeEmbedder(), []
    pairs = read_pairs(listed(folder, *GOOD))
    found = judge(pairs, looker, embedder, 0.7, progress=lambda *counts: told.append(counts))
    assert looker.looks == {f"{name}.png": 1 for name in ("ann1", "ann2", "bob1", "bob2")}
    assert sorted(embedder.embedded) == [0.0, 0.25, 1.0, 1.125]
    assert [item.score for item in found.scored] == [0.875, 0.9375, 0.5, 0.625, 0.5625]
    assert told[-1] == (4, 4)


def test_more_pictures_than_a_chunk_come_out_in_their_places(tmp_path):
    for number in range(40):
        (tmp_path / f"{number}.png").write_text(f"{number / 50}" if number % 7 else "")
    pairs = read_pairs(listed(tmp_path, *[(number, number + 1, 1) for number in range(39)]))
    embedder = FakeEmbedder()
    found = judge(pairs, FakeLooker(), embedder, 0.7)
    assert 1 < embedder.largest <= 32  # decoded pictures must not pile up
    assert [item.score for item in found.scored] == pytest.approx([0.99] * len(found.scored))
    assert len(found.unused) == 11
    assert {item.reason for item in found.unused} == {"no face found"}


def test_pairs_without_use_are_rows_and_never_dropped(folder):
    rows = [
        ("ann1", "gone", 1), ("junk", "bob1", 0), ("nobody", "ann1", 0), ("ann1", "ann1", 1), ("ann2", "ann1", 1),
        *GOOD,
    ]  # fmt: skip
    (folder / "copy.png").write_text("0.25")
    found = verified(folder, [*rows, ("copy", "ann1", 1), ("copy", "ann2", 1)])
    assert [(item.where.split(":")[-1], Path(item.path).name, item.reason.split(":")[0]) for item in found.unused] == [
        ("2", "gone.png", "missing"),
        ("3", "junk.png", "corrupt"),
        ("4", "nobody.png", "no face found"),
        ("5", "ann1.png", "the same picture twice"),
        ("7", "ann2.png", f"the same two pictures as {folder / 'pairs.csv'}"),
        ("12", "ann1.png", f"the same two pictures as {folder / 'pairs.csv'}"),
        ("13", "ann2.png", "the same picture twice"),
    ]
    assert len(found.scored) + len(found.unused) == len(rows) + 2


def test_a_picture_of_several_people_says_nothing(folder):
    (folder / "couple.png").write_text("0.25&0.9")
    found = verified(folder, [("couple", "ann1", 1), *GOOD])
    assert [item.reason for item in found.unused] == ["2 faces in it; crop it to the one that is meant"]
    assert len(found.scored) == len(GOOD)


def test_two_labels_for_the_same_two_pictures_name_both_lines(folder):
    with pytest.raises(UsageError, match=r"pairs\.csv:2 and .*pairs\.csv:4 label the same two pictures"):
        verified(folder, [("ann1", "bob1", 0), ("ann1", "ann2", 1), ("bob1", "ann1", 1)])


def test_the_figures_of_a_small_list_by_hand(folder):
    found = verified(folder, threshold=0.5625)
    assert (len(found.genuine), len(found.impostor)) == (2, 3)
    assert found.true_positive_rate.value == 1
    assert found.false_positive_rate.value == pytest.approx(2 / 3)  # 0.625, and 0.5625: at the threshold is a match
    assert found.accuracy.value == pytest.approx(3 / 5)
    assert found.auc.value == 1


def test_a_score_at_the_threshold_is_a_match_for_both_kinds():
    found = made([0.5, 0.9], [0.5, 0.1], threshold=0.5)
    figures = (found.true_positive_rate, found.false_positive_rate, found.accuracy)
    assert [figure.value for figure in figures] == [1, 0.5, 0.75]


def test_the_interval_is_the_exact_one_of_the_literature():
    """Clopper and Pearson for 0 of 20 and 5 of 10, 95 %: Newcombe 1998, Statistics in Medicine 17, tables I and II."""
    none = made([], [0.1] * 20).false_positive_rate
    assert (none.value, none.low, none.high) == pytest.approx((0, 0, 0.1684), abs=1e-4)
    half = made([0.9] * 5 + [0.1] * 5, []).true_positive_rate
    assert (half.low, half.high) == pytest.approx((0.1871, 0.8129), abs=1e-4)


SCORES = st.lists(st.integers(0, 20).map(lambda score: score / 20), min_size=1, max_size=30)


@given(SCORES, SCORES)
def test_auc_counts_pairs_of_pairs_and_ties_half(genuine, impostor):
    wins = [(one > other) + (one == other) / 2 for one in genuine for other in impostor]
    assert made(genuine, impostor).auc.value == pytest.approx(sum(wins) / len(wins))


@given(st.lists(st.floats(0, 1), max_size=5), st.lists(st.floats(0, 1), max_size=5), st.floats(0, 1))
def test_a_figure_is_a_share_or_says_why_there_is_none(genuine, impostor, threshold):
    found = made(genuine, impostor, threshold)
    for figure, counted in [
        (found.true_positive_rate, genuine),
        (found.false_positive_rate, impostor),
        (found.accuracy, genuine + impostor),
        (found.auc, genuine and impostor),
    ]:
        assert bool(figure.reason) == (figure.value is None) == (not counted)
        if figure.value is not None:
            assert 0 <= figure.value <= 1
            assert figure.low is None or 0 <= figure.low <= figure.value <= figure.high <= 1
    assert "NaN" not in json.dumps(found.describe())


def test_the_report_is_json_with_every_pair(folder):
    told = json.loads(json.dumps(verified(folder, [*GOOD, ("ann1", "gone", 1)]).describe()))
    assert (told["pairs"], told["used"], told["genuine"], told["impostor"]) == (6, 5, 2, 3)
    assert len(told["scores"]) == 5
    assert told["unused"][0]["reason"].startswith("missing")


def test_the_checksum_is_of_labels_and_contents_not_of_places_or_order(folder, tmp_path_factory):
    first = verified(folder).data_sha256
    other = tmp_path_factory.mktemp("elsewhere")
    for file in folder.glob("*.png"):
        (other / file.name.replace("ann", "eve")).write_bytes(file.read_bytes())
    rows = [(b.replace("ann", "eve"), a.replace("ann", "eve"), same) for a, b, same in reversed(GOOD)]
    assert verified(other, rows).data_sha256 == first
    assert verified(folder, [*GOOD, ("ann1", "gone", 1), GOOD[0]]).data_sha256 == first
    assert verified(folder, GOOD[1:]).data_sha256 != first
    assert verified(folder, [("ann1", "ann2", 0), *GOOD[1:]]).data_sha256 != first
    (folder / "ann2.png").write_text("0.3")
    assert verified(folder).data_sha256 != first
