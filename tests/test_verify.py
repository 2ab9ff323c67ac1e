"""`artvision verify`: an altered number is found and named, and what cannot be verified is said."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fakes import FakeStage, LateStage
from index_runs import Crowd, Look, paint
from people_runs import PEOPLE, gallery_of
from PIL import Image
from typer.testing import CliRunner

from artvision import pipeline, stages
from artvision.cli import app
from artvision.gallery import read_gallery
from artvision.reporting import Silent
from artvision.reproduction import sampling
from artvision.reproduction.verifying import verify
from artvision.run import read_run
from artvision.settings import Settings


@pytest.fixture(autouse=True)
def _fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, LateStage]))


@pytest.fixture
def run(tmp_path):
    for seed in range(12):
        paint(tmp_path / "images" / f"{seed}.png", seed, (90, 60) if seed % 2 else (60, 90))
    return pipeline.extract([tmp_path / "images"], tmp_path / "run").run


def cli(*arguments):
    return CliRunner().invoke(app, ["verify", *map(str, arguments)])


def altered(run, column, change, row=3):
    """Plant another value in a part file, as bit rot or a script would."""
    part = run.parts[0]
    table = pq.read_table(part)
    cells = table[column].to_pylist()
    asset_id, cells[row] = table["asset_id"][row].as_py(), change(cells[row])
    at = table.schema.get_field_index(column)
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)), part)
    return asset_id


def test_an_untouched_run_has_the_same_numbers(run):
    result = cli(run.folder)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("12 of 12 sampled pictures have the same numbers")


@pytest.mark.parametrize(("column", "change", "worst"), [
    ("fake.mean", lambda value: np.nextafter(np.float32(value), np.float32(999)).item(), None),
    ("fake.count", lambda value: value + 2, "2"),
    ("fake.shape", lambda value: "tall" if value == "wide" else "wide", "-"),
    ("late.double", lambda _: None, "-"),
    ("vector", lambda value: [value[0] + 8, *value[1:]], "8"),
    ("corner", lambda value: [value[0] - 1, *value[1:]], "1"),
    ("status.late", lambda _: "failed", "-"),
    ("missing", lambda _: [{"field": "fake.tilt", "state": "failed"}], "-"),
])  # fmt: skip
def test_an_altered_value_is_found_and_named(run, column, change, worst):
    asset_id = altered(run, column, change)
    result = cli(run.folder)
    assert result.exit_code == 6
    assert column in result.stderr
    line = next(line for line in result.stdout.splitlines() if line.startswith(column))
    assert asset_id in line
    assert worst is None or worst in line.split()
    assert "11 of 12 sampled pictures" in result.stdout


def test_catalogue_cells_and_the_run_id_are_not_numbers(run):
    altered(run, "run_id", lambda _: "another")
    assert cli(run.folder).exit_code == 0


def test_neither_order_nor_parts_decide_what_is_drawn(run):
    before = verify(run, sample=5, reporter=Silent())
    rows = pq.read_table(run.parts[0])
    turned = rows.take(list(range(rows.num_rows))[::-1])
    names = ["part-00001.parquet", "part-00002.parquet"]
    for name, start in zip(names, (0, 6), strict=True):
        pq.write_table(turned.slice(start, 6), run.folder / name)
    (run.folder / "run.json").write_text(json.dumps(run.info | {"parts": names}))
    after = verify(read_run(run.folder), sample=5, reporter=Silent())
    assert len(before.compared) == 5
    assert (after.compared, after.violations) == (before.compared, [])


def test_another_seed_draws_others_and_0_draws_all():
    ids = [f"{number}.png" for number in range(500)]
    first, again, other = (sampling.draw(some, 32, seed) for some, seed in ((ids, 0), (ids[::-1], 0), (ids, 1)))
    assert first == again
    assert len(set(first) & set(other)) < 16
    assert sorted(sampling.draw(ids, 0, 0)) == sorted(ids)


def test_changed_and_gone_pictures_are_counted_and_named_and_no_violation(run, tmp_path):
    paint(tmp_path / "images" / "1.png", 99)
    (tmp_path / "images" / "2.png").unlink()
    result = cli(run.folder)
    assert result.exit_code == 0
    assert "1 picture changed since, not compared: 1.png" in result.stderr
    assert "1 picture gone since, not compared: 2.png" in result.stderr
    assert "10 of 10 sampled pictures" in result.stdout


def test_where_every_picture_is_gone_nothing_is_verified(run, tmp_path):
    shutil.rmtree(tmp_path / "images")
    result = cli(run.folder)
    assert result.exit_code == 6
    assert "nothing could be verified" in result.stderr


def test_other_libraries_are_compared_within_tolerances(run):
    info = json.loads((run.folder / "run.json").read_text())
    info["fingerprint"]["libraries"]["numpy"] = "0.0"
    (run.folder / "run.json").write_text(json.dumps(info))
    altered(run, "fake.mean", lambda value: value + 0.5)  # its tolerance is 1
    altered(run, "fake.shape", lambda value: "tall" if value == "wide" else "wide")
    result = cli(run.folder)
    assert result.exit_code == 0, result.output
    assert "libraries.numpy" in result.stdout
    assert "not judged" in result.stdout
    assert "within their tolerances" in result.stdout
    altered(run, "fake.mean", lambda value: value + 1)
    assert cli(run.folder).exit_code == 6


def test_a_stage_of_another_make_is_not_verified_and_said(run, monkeypatch):
    monkeypatch.setattr(LateStage, "version", "2")
    altered(run, "late.double", lambda value: value + 1)
    result = cli(run.folder)
    assert result.exit_code == 0, result.output
    assert "the stage late is not verified: version: 1 -> 2" in result.stderr
    assert "12 of 12 sampled pictures have the same numbers" in result.stdout
    altered(run, "fake.mean", lambda value: value + 0.5)
    assert cli(run.folder).exit_code == 6


def test_what_needs_such_a_stage_is_not_verified_either(run, monkeypatch):
    monkeypatch.setattr(FakeStage, "version", "2")
    result = cli(run.folder)
    assert "the stage late is not verified: needs fake" in result.stderr
    assert result.exit_code == 6
    assert "nothing could be verified: every stage" in result.stderr


def test_a_stage_that_fails_now_as_it_did_is_the_same(tmp_path):
    (tmp_path / "images").mkdir()
    Image.new("RGB", (60, 90), "red").save(tmp_path / "images" / "flat.png")
    paint(tmp_path / "images" / "1.png", 1)
    pipeline.extract([tmp_path / "images"], tmp_path / "run")
    assert cli(tmp_path / "run").exit_code == 0


def test_json_names_pictures_and_columns(run):
    asset_id = altered(run, "fake.count", lambda value: value + 2)
    result = cli(run.folder, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 6
    assert (found["of"], found["drawn"], found["same"], found["exact"]) == (12, 12, 11, True)
    wrong = [one for one in found["columns"] if one["violating"]]
    assert [(one["name"], one["worst"], one["violating"]) for one in wrong] == [("fake.count", 2.0, [asset_id])]


class Bound(Crowd):
    """Counts faces, and is bound to a gallery as the real stage is."""

    def off(self):
        return "" if self.settings.actors else "needs a gallery: name one with --actors"

    def fingerprint(self):
        return {"gallery": self.gallery.gallery_id} if self.settings.actors else {}

    def depends(self, title_id, cast):
        return [actor.actor_id for actor in self.gallery.actors] if self.settings.actors else None

    @property
    def gallery(self):
        return read_gallery(Path(self.settings.actors))


@pytest.fixture
def bound(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look, Bound]))
    gallery_of(tmp_path / "cast.gallery")
    for seed in range(3):
        paint(tmp_path / "images" / f"{seed}.png", seed)
    settings = Settings(actors=str(tmp_path / "cast.gallery"))
    return pipeline.extract([tmp_path / "images"], tmp_path / "run", settings).run


@pytest.mark.parametrize("lost", [os.unlink, lambda path: gallery_of(path, gallery_id="g2")], ids=["gone", "another"])
def test_a_lost_gallery_costs_the_stage_and_nothing_else(bound, tmp_path, lost):
    lost(tmp_path / "cast.gallery")
    altered(bound, "face.count", lambda value: value + 1, 0)
    result = cli(bound.folder)
    assert result.exit_code == 0, result.output
    assert "the stage actors is not verified" in result.stderr
    altered(bound, "light.brightness", lambda value: value + 1, 0)
    assert cli(bound.folder).exit_code == 6


def test_where_others_may_be_named_today_actors_are_not_compared(bound, tmp_path):
    gallery_of(tmp_path / "cast.gallery", PEOPLE[:1])
    altered(bound, "face.count", lambda value: value + 1, 0)
    result = cli(bound.folder)
    assert result.exit_code == 0, result.output
    assert "actors on 3 pictures are not verified" in result.stderr
    assert "Ann" not in result.output


def test_a_run_that_is_not_there_is_one_line(tmp_path):
    assert cli(tmp_path).exit_code == 5


def test_a_run_without_rows_cannot_be_verified(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    pipeline.extract([tmp_path / "a.png"], tmp_path / "run")
    done = cli(tmp_path / "run")
    assert done.exit_code == 5, done.output
    assert "has no rows" in done.stderr
