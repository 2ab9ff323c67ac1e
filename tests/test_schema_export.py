"""The contract in other tools' words: real rows pass, wrong ones do not."""

import json

import duckdb
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fakes import FakeStage, LateStage
from hypothesis import given
from hypothesis import strategies as st
from index_runs import Crowd, Look, catalogue, paint
from typer.testing import CliRunner

from artvision import make_index, pipeline, stages
from artvision.cli import app
from artvision.contracts.arrow import parse_type
from artvision.contracts.bounds import stored_range
from artvision.errors import UsageError
from artvision.settings import Settings
from artvision.stages import contract_of, create


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, LateStage]))
    for seed in range(4):
        paint(tmp_path / "images" / f"{seed}.png", seed, (90, 60) if seed % 2 else (60, 90))
    return pipeline.extract([tmp_path / "images"], tmp_path / "run", jsonl=True).run


def export(*arguments):
    return CliRunner().invoke(app, ["schema", "export", *map(str, arguments)])


def lines(run):
    """The rows as `--format jsonl` has them."""
    text = run.file(run.info["extras"][0]).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def validator(*arguments):
    schema = json.loads(export(*arguments).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_real_rows_are_valid_under_the_json_schema(run):
    for place in (run.folder, run.folder / "contract.json"):
        check = validator(place)
        assert all(check.is_valid(row) for row in lines(run)), place


@pytest.mark.parametrize("change", [
    {"fake.mean": 300}, {"fake.mean": "bright"}, {"fake.count": 1.5}, {"fake.shape": "square"},
    {"asset_id": None}, {"content_sha256": "abc"}, {"vector": [0.0]}, {"status.late": 1},
    {"missing": [{"field": "fake.mean", "state": "forgotten"}]}, {"corner": [0.0] * 11}, {"fake.meen": 1},
])  # fmt: skip
def test_wrong_rows_are_refused(run, change):
    check, row = validator(run.folder), lines(run)[0]
    assert check.is_valid(row)
    assert not check.is_valid(row | change)


def test_a_row_without_one_of_its_columns_is_refused(run):
    check, row = validator(run.folder), lines(run)[0]
    del row["fake.count"]
    assert not check.is_valid(row)


def test_meaning_unit_and_privacy_are_in_the_json_schema(run):
    told = json.loads(export(run.folder).stdout)["properties"]["fake.mean"]
    assert (told["description"], told["x-privacy"]) == ("mean of all bytes [byte]", "none")


def test_duckdb_takes_the_table_and_the_rows(run):
    base = duckdb.connect()
    base.execute(export(run.folder, "-f", "sql", "--table", "art").stdout)
    base.execute(f"INSERT INTO art BY NAME SELECT * FROM '{run.folder}/part-*.parquet'")
    assert base.execute('SELECT count(*), count("fake.tilt") FROM art').fetchone() == (4, 2)
    comment = base.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'fake.mean'").fetchone()
    assert comment == ("mean of all bytes [byte]",)


@pytest.mark.parametrize("cell", ['"fake.mean" = 300', "\"fake.shape\" = 'square'", "path = NULL"])
def test_duckdb_refuses_what_the_contract_forbids(run, cell):
    base = duckdb.connect()
    base.execute(export(run.folder, "-f", "sql").stdout)
    base.execute(f"INSERT INTO artwork BY NAME SELECT * FROM '{run.folder}/part-*.parquet'")
    with pytest.raises(duckdb.ConstraintException):
        base.execute(f"UPDATE artwork SET {cell}")


def test_postgres_gets_json_for_what_it_has_no_type_for(run):
    told = export(run.folder, "-f", "sql", "--dialect", "postgres").stdout
    assert '"missing" JSONB,' in told
    assert "STRUCT" not in told
    assert '"vector" REAL[6]' in told


def test_arrow_is_read_back_with_units_and_privacy(run, tmp_path):
    result = export(run.folder, "-f", "arrow", "-o", tmp_path / "contract.arrow")
    assert result.exit_code == 0
    schema = pa.ipc.read_schema(pa.py_buffer((tmp_path / "contract.arrow").read_bytes()))
    told = schema.field("fake.mean").metadata
    assert (told[b"unit"], told[b"high"], told[b"privacy"]) == (b"byte", b"255", b"none")
    assert json.loads(schema.field("fake.shape").metadata[b"labels"]) == ["tall", "wide"]
    assert schema.metadata[b"artvision.contract_sha256"].decode() == run.contract["contract_sha256"]
    assert schema.equals(pq.read_schema(run.parts[0]))


def test_biometric_columns_are_left_out_and_then_others_may_be_there(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look, Crowd]))
    paint(tmp_path / "images" / "1.png", 1)
    run = pipeline.extract([tmp_path / "images"], tmp_path / "run").run
    for place in (run.folder, run.folder / "contract.json"):
        told = json.loads(export(place).stdout)
        assert "actor_vectors" not in told["properties"]
        assert told["properties"]["actors"]["x-privacy"] == "person"
        assert told["additionalProperties"] is True


def test_an_index_has_its_own_columns_under_their_dotted_names(tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look]))
    make_index(tmp_path / "index", catalog=catalogue(tmp_path / "art", {"one": [1, 2], "two": [3]}))
    told = json.loads(export(tmp_path / "index").stdout)["properties"]
    assert {"light.brightness", "rank.brightness", "plate.id", "title_id"} <= set(told)
    assert told["suite.size"]["minimum"] == 1


def test_this_installation_has_a_contract_to_export():
    assert "light.brightness" in json.loads(export().stdout)["properties"]


@pytest.mark.parametrize(("arguments", "said"), [
    (["-f", "sqll"], "did you mean sql"), (["-f", "sql", "--dialect", "duck"], "duckdb"),
    (["-o", "a_file/x.json"], "cannot be written"),
])  # fmt: skip
def test_what_cannot_be_written_is_one_line(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_file").touch()
    result = export(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_every_type_of_the_contract_is_read_from_its_text():
    for column in contract_of(create(Settings(model="starter", actors=""))[0]).columns:
        assert parse_type(str(column.arrow)) == column.arrow


plain = st.sampled_from([pa.float32(), pa.float64(), pa.int32(), pa.int64(), pa.string(), pa.bool_()])
types = st.recursive(
    plain,
    lambda inner: st.one_of(
        inner.map(pa.list_),
        st.tuples(inner, st.integers(1, 9)).map(lambda pair: pa.list_(*pair)),
        st.lists(st.tuples(inner, st.booleans()), min_size=1, max_size=3).map(
            lambda members: pa.struct(
                [pa.field(f"m{at}", kind, nullable=null) for at, (kind, null) in enumerate(members)]
            )
        ),
    ),
    max_leaves=5,
)


@given(types)
def test_a_type_is_read_back_from_what_arrow_prints(kind):
    assert parse_type(str(kind)) == kind


@pytest.mark.parametrize(
    "text", ["", "list", "list<item: float", "float]", "struct<a float>", "map<a: b>", "float float"]
)
def test_a_text_that_is_no_type_is_refused(text):
    with pytest.raises(UsageError):
        parse_type(text)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_value_inside_the_range_stays_inside_as_float32(low, width):
    field = {"dtype": "float32", "low": low, "high": low + width}
    under, over = stored_range(field)
    assert under <= low <= low + width <= over  # what somebody else wrote with more digits is inside too
    for value in (low, low + width / 2, low + width):
        assert under <= float(pa.scalar(value, pa.float32()).as_py()) <= over
