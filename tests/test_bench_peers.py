"""The pure parts of `scripts/bench_peers.py`: the fit, the rounds, the table, what counts as found, who is left out."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from bench_alternating import (
    Cost,
    FailedProcessError,
    Round,
    Spread,
    alternate,
    measure,
    summarise,
    table,
)
from bench_contenders import GROUPS, OURS, Contender, Group
from bench_peer_finds import cosines, loop_faces, shared_faces, sure_faces
from bench_peers import WORDS, compete, show, unable, version

SECONDS = st.floats(0.001, 1000)


def round_of(half, whole, images=40):
    return Round(images, Cost(half, 2 * half), Cost(whole, 2 * whole))


@given(SECONDS, SECONDS, st.integers(1, 100).map(lambda number: 2 * number))
def test_the_line_through_two_sizes_tells_start_up_from_work(start_up, a_picture, images):
    found = round_of(start_up + a_picture * images / 2, start_up + a_picture * images, images)
    assert found.steady_rate == pytest.approx(1 / a_picture, rel=1e-6)
    assert found.start_up == pytest.approx(start_up, rel=1e-6, abs=1e-6 * a_picture * images)
    assert found.steady_cpu_a_picture == pytest.approx(2000 * a_picture, rel=1e-6)
    assert found.rate <= found.steady_rate * (1 + 1e-6)


def test_rates_and_cost_of_a_round():
    found = round_of(5, 8)
    assert (found.rate, found.start_up, found.cpu_a_picture) == (5, 2, 400)


def test_a_round_in_which_more_pictures_took_no_longer_gives_no_rate():
    assert math.isnan(round_of(5, 5).steady_rate)
    assert math.isnan(round_of(5, 5).steady_cpu_a_picture)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([3, 1, 2], "2 (1–3)"),
        ([1, math.nan, 2], "1.5 (1–2)"),
        ([math.nan], "? (?–?)"),
        ([0.12345, 1234.5], "617 (0.123–1234)"),
    ],
)
def test_a_spread_is_median_least_and_most_of_what_was_measured(values, text):
    assert str(Spread.of(values)) == text


def test_contenders_take_turns():
    calls = []

    def run(name, whole):
        calls.append((name, whole))
        return Cost(1 + whole, 1)

    found = alternate(["a", "b"], 2, 10, run, lambda _: None)
    assert calls == [("a", False), ("a", True), ("b", False), ("b", True)] * 2
    assert [row.rate for row in found["b"]] == [5, 5]


def test_a_ratio_is_taken_within_each_round():
    rounds = {"us": [round_of(1, 2), round_of(10, 20)], "them": [round_of(3, 6), round_of(20, 40)]}
    told = summarise(rounds, "us")
    assert told["them"]["faster"] == Spread(2.5, 2, 3)
    assert told["them"]["faster_steady"] == Spread(2.5, 2, 3)
    assert told["them"]["cheaper"] == Spread(2.5, 2, 3)
    assert told["us"]["faster"] == told["us"]["cheaper_steady"] == Spread(1, 1, 1)


def test_a_table_is_markdown():
    assert table(["", "a"], [["x", Spread(1, 1, 2)]]) == "|  | a |\n| --- | --- |\n| x | 1 (1–2) |"


def test_a_failed_process_is_told_by_its_last_words(tmp_path):
    command = [sys.executable, "-c", "import sys; print('no such\\nmodel'); sys.exit(3)"]
    with pytest.raises(FailedProcessError, match="exit code 3: … no such model"):
        measure(command, os.environ, tmp_path, tmp_path / "log")


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="POSIX")
def test_a_process_runs_where_and_how_it_is_told(tmp_path):
    code = "import os; open('seen', 'w').write(os.environ['TOLD'])"
    cost = measure([sys.executable, "-c", code], {**os.environ, "TOLD": "so"}, tmp_path, tmp_path / "log")
    assert (tmp_path / "seen").read_text() == "so"
    assert cost.wall > 0
    assert cost.cpu > 0


@pytest.mark.parametrize(
    ("box", "score", "counts"),
    [
        ((0.1, 0.1, 0.2, 0.2), 0.99, True),
        ((0.1, 0.1, 0.2, 0.2), 0.94, False),
        ((0.1, 0.1, 0.2, 0.1 + 39 / 1080), 0.99, False),
        ((0.1, 0.1, 0.2, 0.1 + 41 / 1080), 0.99, True),
    ],
)
def test_a_face_counts_from_a_height_and_a_score_on(box, score, counts):
    assert len(sure_faces([[*box, score]], 16 / 9)) == counts


def test_faces_of_a_loop_come_as_shares_of_the_picture(tmp_path):
    seen = {"a.jpg": {"size": [200, 100], "faces": [[20, 10, 40, 30, 0.99]]}, "b.jpg": {"size": [9, 9], "faces": []}}
    (tmp_path / "out").write_text(json.dumps(seen))
    found = loop_faces(tmp_path / "out")
    assert found["a.jpg"].tolist() == [[0.1, 0.1, 0.2, 0.3]]
    assert found["b.jpg"].shape == (0, 4)


def test_faces_are_shared_where_boxes_overlap():
    ours = {"a": np.array([[0, 0, 0.5, 0.5]]), "b": np.zeros((0, 4))}
    theirs = {"a": np.array([[0, 0, 0.5, 0.45], [0.6, 0.6, 1, 1]]), "b": np.array([[0, 0, 1, 1]])}
    assert shared_faces(ours, theirs) == "3, 1"


def test_the_smallest_cosine_is_told():
    ours = {"a": np.array([1.0, 0]), "b": np.array([0, 1.0])}
    assert cosines(ours, {"a": np.array([1.0, 0]), "b": np.array([3.0, 4.0])}) == "0.800000"


class FakeCourse:
    """Runs nothing: each process takes a second and a second for each ten pictures, or fails."""

    images, all, half, few = 20, "all", "half", "few"

    def __init__(self, absent=(), failing=()):
        self.absent, self.failing = absent, failing

    def python(self, contender):
        return "" if contender.name in self.absent else "python"

    def out(self, contender):
        return Path(contender.name)

    def run(self, contender, pictures):
        if contender.name in self.failing:
            raise FailedProcessError("exit code 1: … no such model")
        return Cost({"few": 1, "half": 2, "all": 3}[pictures], 1)


def contender(name):
    return Contender(name, name, f"pip install {name}", lambda *_: [], lambda _: {"a": np.array([1.0])})


GROUP = Group("clip", "smallest cosine", cosines, tuple(map(contender, (OURS, "peer", "missing", "broken"))))


def test_peers_that_cannot_run_are_left_out_with_the_reason():
    told = compete(GROUP, FakeCourse(absent=["missing"], failing=["broken"]), 2)
    assert list(told["figures"]) == [OURS, "peer"]
    assert told["figures"]["peer"]["steady_rate"] == Spread(10, 10, 10)
    assert told["left_out"] == {
        "missing": "not installed; pip install missing",
        "broken": "exit code 1: … no such model",
    }


def test_artvision_itself_is_never_left_out_for_failing():
    with pytest.raises(FailedProcessError):
        unable(contender(OURS), FakeCourse(failing=[OURS]))


def test_what_is_shown_has_a_column_for_each_and_a_line_for_who_is_missing():
    told = {
        "machine": {"processor": "P", "cores": 2},
        "versions": {"python": "torch 2"},
        "groups": {"clip": compete(GROUP, FakeCourse(absent=["missing", "broken"]), 1)},
    }
    lines = show(told).splitlines()
    assert lines[:4] == ["processor P, cores 2", "python: torch 2", "", "| median (least–most) | artvision | peer |"]
    assert [line.split("|")[1].strip() for line in lines[5:-2]] == [*WORDS.values(), "smallest cosine"]
    assert lines[-2:] == [
        "left out: missing: not installed; pip install missing",
        "left out: broken: not installed; pip install broken",
    ]


def test_a_package_that_is_not_there_has_no_version():
    assert version(sys.executable, "numpy") == np.__version__
    assert version(sys.executable, "no-such-package-as-this") == ""


def test_artvision_comes_first_in_each_group():
    assert [group.contenders[0].name for group in GROUPS] == [OURS, OURS]
