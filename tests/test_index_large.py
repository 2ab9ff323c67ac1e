import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("lancedb")

import lancedb

from artvision.index import indexes
from artvision.index.indexes import build_indexes, search

ROWS, DIMS, KINDS = 3000, 32, 40
COLUMNS = ["asset_id", "title_id", "light.brightness"]


def drawn(start, count, seed, kind=None):
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(KINDS, DIMS))
    kinds = random.integers(0, KINDS, count) if kind is None else np.full(count, kind)
    vectors = centres[kinds] + 0.9 * random.normal(size=(count, DIMS))
    return rows(vectors, range(start, start + count), kinds)


def rows(vectors, numbers, kinds):
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    bright = [float(number * 37 % 100) for number in numbers]
    light = pa.StructArray.from_arrays(
        [pa.array(bright, pa.float32()), pa.array(np.asarray(kinds), pa.int32())], ["brightness", "kind"]
    )
    columns = {
        "asset_id": [f"a{number:06d}" for number in numbers],
        "title_id": [f"t{number // 30:04d}" for number in numbers],
        "light": light,
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(unit.ravel()), DIMS),
    }
    return pa.table(columns)


def upsert(table, more):
    table.merge_insert("asset_id").when_matched_update_all().when_not_matched_insert_all().execute(
        more, on_bad_vectors="null"
    )


def vectors_of(table):
    return np.stack(table["embedding"].to_numpy())


def exact(content, query, limit, keep=None):
    scores = (vectors_of(content) @ (query / np.linalg.norm(query)).astype(np.float64)).astype(np.float32)
    names = np.array(content["asset_id"])
    order = np.lexsort((names, -scores))
    return names[order if keep is None else order[keep[order]]][:limit].tolist()


def ids(found):
    return found["asset_id"].to_pylist()


def recall(table, content, where="", keep=None):
    queries = vectors_of(drawn(0, 20, seed=9))
    hits = [
        len(set(ids(search(table, query, where=where, limit=10))) & set(exact(content, query, 10, keep)))
        for query in queries
    ]
    return np.mean(hits) / 10  # of the ten nearest


@pytest.fixture
def small(monkeypatch):
    """Sizes at which 3,000 rows are a large index, of 23 partitions, of which a search probes 8 or 16."""
    sizes = {"KEY_ROWS": 1000, "VECTOR_ROWS": 2000, "SCATTERED_ROWS": 100, "PARTITION": 128, "LEAST_PROBED": 1}
    for name, value in sizes.items():
        monkeypatch.setattr(indexes, name, value)


@pytest.fixture
def content():
    return drawn(0, ROWS, seed=1)


@pytest.fixture
def table(tmp_path, small, content):
    made = lancedb.connect(tmp_path).create_table("assets", content)
    build_indexes(made, ROWS)
    return made


@pytest.fixture
def plain(tmp_path, content):
    return lancedb.connect(tmp_path / "plain").create_table("assets", content)


def trained(table):
    return [index.name for index in table.list_indices() if index.columns == ["embedding"]]


def test_a_small_table_needs_no_index_and_is_searched_exactly(plain, content):
    assert build_indexes(plain, ROWS) == []
    for query in vectors_of(drawn(0, 5, seed=3)):
        assert ids(search(plain, query, limit=25)) == exact(content, query, 25)


def test_indexes_are_named_for_people_and_built_once(tmp_path, small, content):
    table = lancedb.connect(tmp_path).create_table("assets", content)
    told = build_indexes(table, ROWS)
    assert told == ["lookup by asset_id", "lookup by title_id", "nearest vectors of 3000 rows"]
    assert build_indexes(table, ROWS) == []  # Lance joins partitions as small as these once, and then rests
    version = table.version
    assert build_indexes(table, ROWS) == []
    assert table.version == version


def test_a_vector_index_finds_nearly_all_neighbours_and_is_the_one_that_is_used(table, content, monkeypatch):
    assert recall(table, content) >= 0.95
    monkeypatch.setattr(indexes, "PROBED", 0)
    assert recall(table, content) < 0.95  # in one partition: so the first figure was not that of an exact search


def test_a_wide_filter_is_applied_before_the_search(table, content):
    keep = np.array(content["light"].combine_chunks().field("brightness")) > 60
    assert recall(table, content, "light.brightness > 60", keep) >= 0.95


def test_a_narrow_filter_is_searched_exactly(table, content):
    keep = np.array(content["light"].combine_chunks().field("brightness")) == 37
    assert 10 < keep.sum() <= 100
    assert recall(table, content, "light.brightness = 37", keep) == 1


@pytest.mark.parametrize(
    ("where", "count"), [("asset_id IN ('a000003', 'a002321')", 2), ("title_id = 't0007'", 20), ("false", 0)]
)
def test_a_filter_gives_all_rows_there_are_up_to_the_limit(table, plain, where, count):
    for place in (table, plain):
        found = search(place, np.ones(DIMS, np.float32), where=where, limit=20, columns=COLUMNS)
        assert len(found) == count
        assert found.schema.names == [*COLUMNS, "score"]


def test_rows_far_from_the_query_are_found_where_the_filter_leaves_no_others(table, content):
    kinds = np.array(content["light"].combine_chunks().field("kind"))
    centres = np.random.default_rng(0).normal(size=(KINDS, DIMS))
    far = np.argsort(centres @ centres[0])[:4]
    where = f"light.kind IN ({', '.join(map(str, far))})"
    assert np.isin(kinds, far).sum() > indexes.SCATTERED_ROWS  # so the index is asked
    assert len(search(table, centres[0].astype(np.float32), where=where, limit=100)) == 100


def test_an_asset_has_one_score_however_it_was_found(table, plain):
    query = vectors_of(drawn(0, 1, seed=5))[0]
    by_index = search(table, query, limit=20, columns=["asset_id"])
    exactly = {row["asset_id"]: row["score"] for row in search(plain, query, limit=ROWS).to_pylist()}
    assert by_index["score"].to_pylist() == [exactly[name] for name in ids(by_index)]
    assert by_index.schema.field("score").type == pa.float32()
    assert by_index["score"].to_pylist() == sorted(by_index["score"].to_pylist(), reverse=True)
    one = search(table, 3 * query, where="asset_id IN ('a000010')", limit=1)
    assert one["score"][0].as_py() == exactly["a000010"]


@pytest.mark.parametrize("indexed", [True, False])
def test_equal_pictures_come_by_asset_id(table, plain, indexed):
    place = table if indexed else plain
    numbers = [9007, 9003, 9009, 9001, 9005, 9008, 9004, 9006, 9002]
    query = np.eye(DIMS)[3]
    for number in numbers:  # each in a file of its own, at a place of its own
        upsert(
            place, pa.concat_tables([drawn(number + 1000, 1 + number % 7, seed=8), rows(query[None], [number], [0])])
        )
    assert ids(search(place, query.astype(np.float32), limit=2)) == ["a009001", "a009002"]


@pytest.mark.parametrize("indexed", [True, False])
def test_without_a_vector_rows_come_by_id_and_without_a_score(table, plain, indexed):
    place = table if indexed else plain
    upsert(place, drawn(5, 1, seed=7))  # moves to the end of the table
    found = search(place, None, where="light.brightness > 50", limit=4, columns=["title_id", "asset_id"])
    assert found.to_pydict() == {
        "title_id": ["t0000"] * 4,
        "asset_id": ["a000002", "a000005", "a000007", "a000008"],
        "score": [None] * 4,
    }


def test_all_columns_are_those_of_the_table(plain):
    found = search(plain, np.ones(DIMS, np.float32), limit=2)
    assert found.schema.names == ["asset_id", "title_id", "light", "embedding", "score"]


def test_new_and_changed_rows_are_found_before_and_after_they_are_indexed(table):
    query = -vectors_of(drawn(0, 1, seed=11))[0]
    upsert(table, rows(np.stack([query, query + 0.001]), [ROWS, 77], [0, 0]))  # one new, one that was elsewhere
    assert set(ids(search(table, query, limit=2))) == {"a003000", "a000077"}
    assert build_indexes(table, ROWS + 1) == []
    assert all(table.index_stats(index.name).num_unindexed_rows == 0 for index in table.list_indices())
    assert set(ids(search(table, query, limit=2))) == {"a003000", "a000077"}
    assert len(set(ids(search(table, query, limit=500)))) == 500


def test_parts_are_joined_when_they_are_many(table, monkeypatch):
    monkeypatch.setattr(indexes, "MOST_PARTS", 2)
    for start in range(ROWS, ROWS + 400, 100):
        upsert(table, drawn(start, 100, seed=start))
        build_indexes(table, start + 100)
        assert table.index_stats("embedding_3000").num_indices <= 2
    query = vectors_of(drawn(ROWS + 50, 1, seed=ROWS))[0]
    assert table.index_stats("embedding_3000").num_indexed_rows == ROWS + 400
    assert search(table, query, limit=1)["score"][0].as_py() <= 1.000001


def test_an_outgrown_index_is_trained_anew(table):
    upsert(table, drawn(ROWS, ROWS - 1, seed=2))
    assert build_indexes(table, 2 * ROWS - 1) == []
    assert trained(table) == ["embedding_3000"]
    upsert(table, drawn(2 * ROWS - 1, 1, seed=4))
    assert build_indexes(table, 2 * ROWS) == ["nearest vectors of 6000 rows"]
    assert trained(table) == ["embedding_6000"]


def test_rows_without_a_vector_are_left_out(tmp_path, small, content):
    vectors = content["embedding"].to_pylist()
    gaps = pa.array([None if row % 3 else vector for row, vector in enumerate(vectors)], pa.list_(pa.float32(), DIMS))
    table = lancedb.connect(tmp_path).create_table("assets", schema=content.schema)
    upsert(table, content.set_column(3, content.schema.field("embedding"), gaps))
    for _ in ("exact", "by index"):
        found = search(table, vectors_of(content)[0], limit=40)
        assert ids(found)[0] == "a000000"
        assert len(found) == 40
        assert all(int(name[1:]) % 3 == 0 for name in ids(found))
        build_indexes(table, ROWS)
    assert trained(table)


def test_a_table_without_vectors_has_its_keys_indexed(tmp_path, small, content):
    table = lancedb.connect(tmp_path).create_table("assets", content.drop_columns(["embedding"]))
    assert build_indexes(table, ROWS) == ["lookup by asset_id", "lookup by title_id"]


@pytest.mark.parametrize("vector", [None, np.ones(DIMS, np.float32)])
def test_a_condition_that_is_not_understood_is_a_value_error(table, plain, vector):
    for place in (table, plain):
        with pytest.raises(ValueError, match="brightnes"):
            search(place, vector, where="light.brightnes > 5")
