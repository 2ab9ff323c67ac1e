"""The libraries that people read a run with: each sees the same rows, vectors and states."""

import numpy as np
import pytest
from fakes import FakeStage, LateStage
from PIL import Image

from artvision import pipeline, stages


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readers")
    for number in range(5):
        pixels = np.random.default_rng(number).integers(0, 255, (90 - 10 * number, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, LateStage]))
        return pipeline.extract([folder], folder / "run").run


def expected(run):
    return {
        row["asset_id"]: (row["fake.mean"], tuple(row["vector"]), row["fake.tilt"]) for row in run.table().to_pylist()
    }


def glob(run):
    return str(run.folder / "part-*.parquet")


def test_duckdb(run):
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(f"""SELECT asset_id, "fake.mean", vector, "fake.tilt" FROM '{glob(run)}'""").fetchall()
    assert {row[0]: (row[1], tuple(row[2]), row[3]) for row in rows} == expected(run)
    states = duckdb.sql(f"SELECT DISTINCT m.state FROM (SELECT unnest(missing) AS m FROM '{glob(run)}')").fetchall()
    assert states == [("not_applicable",)]


def test_polars(run):
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(glob(run))
    assert frame.schema["vector"] == polars.Array(polars.Float32, 6)
    assert {
        row["asset_id"]: (row["fake.mean"], tuple(row["vector"]), row["fake.tilt"]) for row in frame.to_dicts()
    } == expected(run)


def test_pandas(run):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(run.folder / "part-00000.parquet")
    assert np.stack(frame["vector"]).dtype == np.float32
    assert {row.asset_id: tuple(row.vector) for row in frame.itertuples()} == {
        name: row[1] for name, row in expected(run).items()
    }


def test_datasets(run, tmp_path):
    datasets = pytest.importorskip("datasets")
    loaded = datasets.Dataset.from_parquet([str(part) for part in run.parts], cache_dir=str(tmp_path))
    assert loaded.features["vector"].length == 6
    assert {row["asset_id"]: (row["fake.mean"], tuple(row["vector"]), row["fake.tilt"]) for row in loaded} == expected(
        run
    )
