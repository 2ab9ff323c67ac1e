"""The Ray engine against the local one, on a local cluster: the same rows, whoever dies meanwhile."""

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from far_stages import POISON, DeadlyStage, LateDeadlyStage, OtherwiseStage, WeightlessStage
from test_pipeline import entries, mixed, paint, rows

from artvision import pipeline, stages
from artvision.catalog import Asset
from artvision.engines import ray_data
from artvision.engines.attempts import Attempts
from artvision.engines.crew import Crew, read_assets
from artvision.engines.ray_cluster import connected
from artvision.engines.ray_data import Team, chunked, read_done, staffed
from artvision.errors import RunError, UsageError, WeightsError
from artvision.reporting import Silent
from artvision.reproduction.machine import machine_for
from artvision.run import read_run
from artvision.settings import Settings
from artvision.stores.stamp import Stamp
from artvision.writing.sink import Sink

ASSETS = [
    Asset(
        "a", "/a.png", "t", "Ä \u2028", "poster", "de", "en", ("Ann", "Bo"), {"n": 1, "f": 0.1, "l": ["x"], "o": None}
    ),
    Asset("b", "/b.png", stated_id=True),
    Asset("c", "s3://art/c.png", stamp=Stamp(12, None, '"etag"')),
]


@pytest.fixture(scope="module")
def cluster():
    """A local cluster of two cores; what runs inside uses it and leaves it."""
    if find_spec("ray") is None:  # looked for without importing it: what it reads on import is set by `connected`
        pytest.skip("ray is not installed: pip install 'artvision[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)  # where workers find the stages
        with connected(2) as ray:
            yield ray


@pytest.fixture(autouse=True)
def _far_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateDeadlyStage, DeadlyStage]))


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures, one that is broken, one in which a stage fails."""
    return mixed(tmp_path / "images")


def extract(*paths, out, engine="ray", batch_size="2", **options):
    settings = {"engine": engine, "batch_size": batch_size, "workers": 2, **options.pop("settings", {})}
    return pipeline.extract(paths, out, Settings(**settings), **options)


def ledger(run):
    return {name: {**entry, "run_id": None} for name, entry in entries(run).items()}


def catalogue(folder, deadly):
    """A catalogue of the pictures in which some names have a title that their stage obeys."""
    names = sorted(file.name for file in folder.iterdir() if file.suffix != ".csv")
    lines = ["image,title_id,cast,note", *(f"{name},{deadly.get(name, 't')},Ann|Bo,x" for name in names)]
    (folder / "catalog.csv").write_text("\n".join(lines))
    return folder / "catalog.csv"


def same(one, other):
    """Two runs say the same of the same inputs, each once."""
    assert rows(one) == rows(other)
    assert ledger(one) == ledger(other)
    for run in (one, other):
        assert run.table().num_rows == run.info["rows"] == len(rows(run))
        assert run.ledger().num_rows == len(entries(run))


def test_both_engines_say_the_same(folder, tmp_path, cluster):
    table, note = catalogue(folder, {}), tmp_path / "loaded"
    far = extract(table, out=tmp_path / "far", settings={"vocabulary": str(note)})
    near = extract(table, out=tmp_path / "near", engine="local")
    same(far.run, near.run)
    assert (far.account, far.run.info["fingerprint"]) == (near.account, near.run.info["fingerprint"])
    assert {entry.asset_id for entry in far.failures} == {"broken.jpg", "flat.png"}
    assert {"load", "read", "decode", "fake", "late"} <= set(far.steps)
    loaded = note.read_text().split()
    assert 1 <= len(loaded) == len(set(loaded)) <= 2, "weights are loaded once an actor"
    again = extract(table, out=tmp_path / "far")
    assert (again.computed, again.run.run_id) == (0, far.run.run_id)


def test_a_worker_killed_midway_costs_nothing_but_time(folder, tmp_path, cluster):
    table = catalogue(folder, {"7.png": str(tmp_path / "died")})
    far = extract(table, out=tmp_path / "far")
    assert (tmp_path / "died").exists()
    same(far.run, extract(table, out=tmp_path / "near", engine="local").run)
    assert (far.computed, far.ok, far.failed) == (14, 12, 2)
    assert not (tmp_path / "far" / ".staging").exists()


@pytest.mark.soak
def test_a_picture_that_kills_each_worker_fails_alone(folder, tmp_path, cluster):
    table = catalogue(folder, {"5.png": POISON})
    far = extract(table, out=tmp_path / "far", batch_size="7", settings={"workers": 1})
    assert entries(far.run)["5.png"]["reason"] == "killed"
    assert "5.png: its worker died each time it was tried" in entries(far.run)["5.png"]["message"]
    near = rows(extract(table, out=tmp_path / "near", engine="local").run)
    assert rows(far.run) == {name: row for name, row in near.items() if name != "5.png"}


class Interrupting(Silent):
    """Interrupts after some pictures."""

    def __init__(self, after):
        self.after = after

    def advance(self, entry):
        self.after -= 1
        if not self.after:
            raise KeyboardInterrupt


def test_interrupted_it_goes_on_with_either_engine(folder, tmp_path, cluster):
    table = catalogue(folder, {})
    with pytest.raises(KeyboardInterrupt):
        extract(table, out=tmp_path / "far", reporter=Interrupting(3))
    resumed = extract(table, out=tmp_path / "far", engine="local")
    assert resumed.reused >= 2
    assert resumed.computed == 14 - resumed.reused
    same(resumed.run, extract(table, out=tmp_path / "near", engine="local").run)


@pytest.mark.parametrize(("kind", "error", "text"), [
    (WeightlessStage, WeightsError, r"^fake\.pt is missing; fetch it$"),
    (OtherwiseStage, RunError, r"(?s)a node would compute other numbers.*stages\.fake\.process: "),
])  # fmt: skip
def test_what_a_worker_refuses_arrives_as_it_is(folder, tmp_path, monkeypatch, cluster, kind, error, text):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([kind]))
    with pytest.raises(error, match=text):
        extract(folder, out=tmp_path / "run")


def test_a_node_that_does_not_see_the_run_is_named(folder, tmp_path, monkeypatch, cluster):
    sink = pipeline.Writer.sink
    away = property(lambda self: Sink(tmp_path / "elsewhere", "", 0, sink.fget(self).extra))
    monkeypatch.setattr(pipeline.Writer, "sink", away)
    with pytest.raises(RunError, match=r"elsewhere/fingerprint\.json is not there on a node"):
        extract(folder, out=tmp_path / "run")


def two_tries(monkeypatch, between=lambda: None):
    """Instead of Ray: every chunk is computed and sealed by two workers, the first of which is not heard of again."""

    def compute(self, assets):
        for row in chunked(assets, 2, 2):
            table = pa.table({name: [value] for name, value in row.items()})
            Crew(self.order, 1)(table)
            between()
            (told,) = Crew(self.order, 1)(table)["told"].to_pylist()
            yield read_done(told)

    monkeypatch.setattr(ray_data.Cluster, "__call__", compute)


def test_what_two_workers_sealed_stands_once(folder, tmp_path, monkeypatch):
    two_tries(monkeypatch)
    far = extract(folder, out=tmp_path / "far")
    same(far.run, extract(folder, out=tmp_path / "near", engine="local").run)
    assert far.computed == 14


@pytest.mark.parametrize("attempt", range(4))
def test_a_picture_that_changes_between_two_tries_has_the_entry_of_its_row(folder, tmp_path, monkeypatch, attempt):
    two_tries(monkeypatch, lambda: [paint(folder / f"{number}.png", seed=100 + number) for number in range(12)])
    run = extract(folder, out=tmp_path / "far").run
    for name, row in rows(run).items():
        assert row["content_sha256"] == entries(run)[name]["content_sha256"]
    assert run.table().num_rows == len(rows(run)) == 13


@pytest.mark.parametrize(("note", "text"), [("mine", None), ("another's", "was taken over"), (None, "is not there")])
def test_nothing_is_sealed_into_work_that_is_not_ones_own(tmp_path, note, text):
    if note is not None:
        (tmp_path / "fingerprint.json").write_text(note)
    sink = Sink(tmp_path, "mine", 3, {})
    with pytest.raises(RunError, match=text) if text else nullcontext():
        sink.seal(4, 21, pa.table({"asset_id": []}), [])
    sealed = sorted(file.name for file in tmp_path.glob("chunk-*"))
    assert sealed == ([] if text else ["chunk-000007-0000000021.ledger.parquet", "chunk-000007-0000000021.parquet"])


def test_a_later_chunk_supersedes_an_earlier_one_whatever_is_missing_between(folder, tmp_path, monkeypatch):
    """An interrupted call leaves the sixth chunk alone; its pictures change; the next call must not count from one."""
    two_tries(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        extract(folder, out=tmp_path / "far", reporter=Interrupting(14))
    staging = tmp_path / "far" / ".staging"
    kept = sorted(staging.glob("chunk-000005-*.ledger.parquet"))
    for file in set(staging.glob("chunk-*.ledger.parquet")) - set(kept):
        file.unlink()
    (first, second) = pq.read_table(kept[0])["asset_id"].to_pylist()
    for seed, name in enumerate((first, second), 200):
        paint(folder / name, seed=seed)
    far = extract(folder / first, folder / second, out=tmp_path / "far")
    same(far.run, extract(folder / first, folder / second, out=tmp_path / "near", engine="local").run)


def test_a_run_of_ray_is_verified_without_it(folder, tmp_path):
    run = extract(folder, out=tmp_path / "run", engine="local").run
    told = json.loads((run.folder / "run.json").read_text())
    told["settings"] |= {"engine": "ray", "device": "cuda"}
    (run.folder / "run.json").write_text(json.dumps(told))
    engine = machine_for(read_run(run.folder)).engine
    assert (engine.settings.engine, engine.device.kind) == ("local", "cpu")


def test_assets_travel_as_they_are():
    (row,) = chunked(ASSETS, 2, 8)
    read = read_assets(row["assets"])
    assert read == ASSETS
    assert [type(asset.stamp) for asset in read] == [type(asset.stamp) for asset in ASSETS]


@pytest.mark.parametrize(("assets", "actors", "batch", "sizes"), [
    (3, 2, 4, [3]),
    (16, 2, 2, [2] * 8),
    (2100, 2, 4, [256] * 8 + [52]),
    (1000, 4, 128, [128] * 7 + [104]),
])  # fmt: skip
def test_a_small_run_keeps_every_actor_busy_and_a_large_one_loses_little(assets, actors, batch, sizes):
    found = chunked([Asset(str(number), "/x") for number in range(assets)], actors, batch)
    assert [len(json.loads(row["assets"])) for row in found] == sizes
    assert [row["number"] for row in found] == list(range(len(sizes)))


@pytest.mark.parametrize(("resources", "wanted", "gpu", "team"), [
    ({"CPU": 8.0}, 0, False, Team(8, 1, 0)),
    ({"CPU": 8.0, "GPU": 1.0}, 3, False, Team(3, 1, 0)),
    ({"CPU": 32.0, "GPU": 4.0}, 0, True, Team(4, 8, 1)),
    ({"CPU": 32.0, "GPU": 4.0}, 2, True, Team(2, 8, 1)),
    ({"CPU": 2.0, "GPU": 4.0}, 0, True, Team(4, 1, 1)),
])  # fmt: skip
def test_actors_follow_the_resources(resources, wanted, gpu, team):
    assert staffed(resources, wanted, gpu=gpu) == team


@pytest.mark.parametrize(("resources", "gpu", "text"), [({"CPU": 8}, True, "has no GPU"), ({"GPU": 1}, True, "no CPU")])
def test_a_cluster_without_what_is_needed_is_refused(resources, gpu, text):
    with pytest.raises(UsageError, match=text):
        staffed(resources, 0, gpu=gpu)


def test_deaths_are_counted_and_attempts_that_end_leave_nothing(tmp_path):
    dying = [Attempts(tmp_path, 7, writer).counted() for writer in range(3)]
    assert [attempt.__enter__() for attempt in dying] == [0, 1, 2]  # and never left
    with Attempts(tmp_path, 8, 1).counted() as other:
        assert other == 0
    with Attempts(tmp_path, 7, 9).counted() as earlier:
        assert earlier == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", ["spark", "rya"])
def test_an_engine_that_is_none_is_refused(engine):
    with pytest.raises(UsageError, match=f"--engine '{engine}' is none of local, ray"):
        Settings(engine=engine)


def test_without_ray_one_line_says_how_to_have_it(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    with pytest.raises(UsageError, match=r"this needs ray: pip install 'artvision\[ray\]'"):
        extract(folder, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_gpu_is_asked_of_the_cluster_and_not_of_this_machine(tmp_path):
    engine = pipeline.Engine.of(Settings(engine="ray", device="cuda"), Silent())
    assert (engine.device.name, engine.fingerprint["device"]) == ("cuda:0", "cuda")
    assert pipeline.Engine.of(Settings(engine="ray"), Silent()).device.kind == "cpu"


def test_the_command_prints_the_same_with_either_engine(folder, tmp_path, cluster):
    """Real stages, a cluster of its own: nothing of Ray's on either stream."""
    said = {}
    for engine in ("ray", "local"):
        words = ["extract", folder, "--stages", "light,composition", "--workers", "1", "--engine", engine, "--json"]
        command = [sys.executable, "-m", "artvision", *map(str, words), "-o", str(tmp_path / engine)]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert found.returncode == 3, found.stderr
        document = json.loads(found.stdout)
        lines = [line for line in found.stderr.splitlines() if not line.startswith("extract ")]  # said when it is slow
        said[engine] = document["ok"], len(lines), sorted(line for line in lines if "failed:" in line or "=" in line)
    assert said["ray"] == said["local"]
    same(read_run(tmp_path / "ray"), read_run(tmp_path / "local"))
