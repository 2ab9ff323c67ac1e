"""The sizing page: its arithmetic on round figures, and nothing made up where nothing was measured."""

import sys

import pytest
from conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "scripts"))

import sizing

FIGURES = {
    "core_ms": {"clip": 50, "faces": 28, "decode": 10, "light": 4, "composition": 5, "others": 2, "read": 1},
    "bytes": {"row": 900, "ledger": 100, "embedding": 1000, "wire": 300, "memory": 2000, "merge_memory": 1000},
    "assumed": {"picture": 10**6, "core_hour": 0.5, "gpu_hour": 2.0, "day": 10, "leader_gb": 8, "run_inputs": 10**6},
    "gpu": {},
}


def rows(name, **changes):
    head, lines = sizing.TABLES[name]({**FIGURES, **changes})
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_hours_cores_and_cost_follow_from_milliseconds():
    million = rows("sizing_work")[0]
    assert million["hours of one core"] == "28"  # 10^6 × 100 ms
    assert million["cores for 10 h"] == "3"
    assert million["cost"] == "13.89"
    assert rows("sizing_rates")[0]["images/s of a core"] == "10.0"


def test_a_gpu_has_figures_only_where_it_was_measured():
    assert {row["of a GPU"] for row in rows("sizing_rates")} == {sizing.UNMEASURED}
    assert {row["cost on GPUs"] for row in rows("sizing_work")} == {"-"}
    measured = rows("sizing_work", gpu={"images_per_second": 100})[0]
    assert (measured["GPU-hours"], measured["cost on GPUs"]) == ("3", "6")


@pytest.mark.parametrize(("what", "million", "billion"), [
    ("the run on disk, starter", "1.0 GB", "1.0 TB"),
    ("the run on disk, embedding of 512", "2.0 GB", "2.0 TB"),
    ("pictures read over the network", "1.0 TB, 0.2 Gbit/s", "1.0 PB, 222.2 Gbit/s"),
])  # fmt: skip
def test_volumes_are_bytes_times_pictures(what, million, billion):
    (row,) = [row for row in rows("sizing_volumes") if row["what"] == what]
    assert (row["1 million"], row["1 billion"]) == (million, billion)


def test_the_limit_of_a_run_is_the_memory_of_its_leader():
    assert [row["number"] for row in rows("sizing_limits")] == ["4,000,000", "8,000,000", "1, 1,000"]


def test_the_page_has_the_measured_figures_of_the_benchmarks():
    steps = sizing.read_figures()["core_ms"]
    told = (
        "clip {clip}, faces {faces}, decode {decode}, composition {composition}, light {light}, read {read}, "
        "others {others}"
    )
    assert told.format(**steps) in (REPOSITORY / "docs" / "benchmarks.md").read_text(encoding="utf-8")
