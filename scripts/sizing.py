"""Cores, hours, cost, disk, network and memory of a million and a billion pictures, from docs/sizing.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).resolve().parent.parent / "docs" / "sizing.toml"
SIZES = {"1 million": 10**6, "1 billion": 10**9}
STAGES = {
    "all stages": ("read", "decode", "clip", "faces", "light", "composition", "others"),
    "without `clip`": ("read", "decode", "faces", "light", "composition", "others"),
    "`light,composition`": ("read", "decode", "light", "composition"),
}
UNMEASURED = "not measured: no GPU at hand"

Row = list[str]


def read_figures(path: Path = FIGURES) -> dict[str, dict[str, Any]]:
    """The figures by table."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def inputs(figures: dict[str, dict[str, Any]]) -> tuple[Row, list[Row]]:
    """Every figure that something is computed from."""
    steps, sizes, assumed = figures["core_ms"], figures["bytes"], figures["assumed"]
    rows = [["milliseconds of a core a picture", ", ".join(f"{name} {spent}" for name, spent in steps.items())]]
    rows += [["bytes " + name, number(sizes[name])] for name in sizes]
    rows += [["*assumed:* " + name.replace("_", " "), number(value)] for name, value in assumed.items()]
    rows.append(["images a second of a GPU", gpu_rate(figures)])
    return ["figure", "value"], rows


def rates(figures: dict[str, dict[str, Any]]) -> tuple[Row, list[Row]]:
    """Images a second of a core and a GPU, by the stages that run."""
    head = ["stages", "ms of a core a picture", "images/s of a core", "of a GPU"]
    rows = [
        [name, str(spent := core_ms(figures, steps)), f"{1000 / spent:.1f}", gpu_rate(figures)]
        for name, steps in STAGES.items()
    ]
    return head, rows


def work(figures: dict[str, dict[str, Any]]) -> tuple[Row, list[Row]]:
    """Core-hours, cores for the time there is, and their price."""
    head = ["pictures", "stages", "hours of one core", f"cores for {figures['assumed']['day']} h", "cost"]
    head += ["GPU-hours", "cost on GPUs"]
    rows = []
    for size, many in SIZES.items():
        for name, steps in STAGES.items():
            hours = many * core_ms(figures, steps) / 3_600_000
            cores = ceil(hours / figures["assumed"]["day"])
            cost = hours * figures["assumed"]["core_hour"]
            rows.append(
                [
                    size,
                    name,
                    number(round(hours)),
                    number(cores),
                    f"{cost:,.2f}" if cost < 100 else number(round(cost)),
                    *on_gpus(figures, many),
                ]
            )
    return head, rows


def volumes(figures: dict[str, dict[str, Any]]) -> tuple[Row, list[Row]]:
    """Disk, network and memory."""
    sizes, assumed = figures["bytes"], figures["assumed"]
    day = assumed["day"] * 3600
    lines: dict[str, tuple[float, str]] = {
        "the run on disk, starter": (sizes["row"] + sizes["ledger"], ""),
        "the run on disk, embedding of 512": (sizes["row"] + sizes["embedding"] + sizes["ledger"], ""),
        "pictures read over the network": (assumed["picture"], "rate"),
        "names sent to workers (Ray)": (sizes["wire"], ""),
        "memory of the process that leads an undivided run": (sizes["memory"], ""),
        "memory of one `merge` of everything": (sizes["merge_memory"], ""),
    }
    rows = []
    for what, (each, rate) in lines.items():
        cells = [volume(many * each) for many in SIZES.values()]
        if rate:
            cells = [
                f"{cell}, {many * each * 8 / day / 1e9:,.1f} Gbit/s"
                for cell, many in zip(cells, SIZES.values(), strict=True)
            ]
        rows.append([what, f"{each:,.0f} B", *cells])
    return ["what", "a picture", *SIZES], rows


def limits(figures: dict[str, dict[str, Any]]) -> tuple[Row, list[Row]]:
    """From how many inputs on something has to be divided."""
    memory, shard = figures["assumed"]["leader_gb"] * 1e9, figures["assumed"]["run_inputs"]
    most = {name: memory / figures["bytes"][name] for name in ("memory", "merge_memory")}
    shards = ", ".join(number(ceil(many / shard)) for many in SIZES.values())
    rows = [
        [f"inputs of one run, led from {figures['assumed']['leader_gb']} GB", number(rounded(most["memory"]))],
        ["inputs of one `merge` there", number(rounded(most["merge_memory"]))],
        [f"runs of {number(shard)} inputs: for 1 million, 1 billion", shards],
    ]
    return ["limit", "number"], rows


TABLES = {"sizing_inputs": inputs, "sizing_rates": rates, "sizing_work": work, "sizing_volumes": volumes,
          "sizing_limits": limits}  # fmt: skip


def core_ms(figures: dict[str, dict[str, Any]], steps: tuple[str, ...]) -> int:
    """Milliseconds of a core a picture for these steps."""
    return sum(int(figures["core_ms"][step]) for step in steps)


def gpu_rate(figures: dict[str, dict[str, Any]]) -> str:
    """Images a second of a GPU, if somebody measured it."""
    return str(figures["gpu"].get("images_per_second", UNMEASURED))


def on_gpus(figures: dict[str, dict[str, Any]], many: int) -> Iterator[str]:
    """GPU-hours and their price."""
    rate = figures["gpu"].get("images_per_second")
    hours = many / rate / 3600 if rate else None
    yield UNMEASURED if hours is None else number(ceil(hours))
    yield "-" if hours is None else number(round(hours * figures["assumed"]["gpu_hour"]))


def number(value: float) -> str:
    """With separators; what is small as it is."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def rounded(value: float) -> int:
    """Down to two digits: nobody's limit is exact."""
    step = int(10 ** (len(str(int(value))) - 2))
    return int(value) // step * step


def volume(count: float) -> str:
    """Bytes in GB, TB or PB."""
    unit, size = next(((unit, size) for unit, size in (("PB", 1e15), ("TB", 1e12)) if count >= size), ("GB", 1e9))
    return f"{count / size:,.1f} {unit}"
