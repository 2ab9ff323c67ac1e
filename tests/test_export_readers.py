"""Every export format is read back by the library that it is for."""

import csv
import json
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from export_runs import ODD, make_run

from artvision.export.choice import ALL, EMBEDDING, Choice
from artvision.export.formats import formats
from artvision.export.make import write_export
from artvision.export.matrix import read_matrix
from artvision.export.recipe import MaskPolicy, Recipe
from artvision.rows import open_rows

EVERYTHING = Choice((ALL, EMBEDDING))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("readers"))


@pytest.fixture(scope="module")
def matrix(run):
    return read_matrix(open_rows(run.folder), EVERYTHING)


@pytest.fixture
def exported(run, tmp_path):
    def export(form, **more):
        return write_export(run.folder, tmp_path / form, form, **{"choice": EVERYTHING} | more).folder

    return export


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_format_has_a_reader_here():
    here = {name.split("_")[1] for name in globals() if name.startswith("test_")}
    assert set(formats()) <= here


def test_numpy(exported, matrix):
    folder = exported("numpy")
    assert np.array_equal(np.load(folder / "vector.npy", mmap_mode="r"), matrix.values)
    assert np.array_equal(np.load(folder / "mask.npy"), matrix.mask)
    assert np.load(folder / "asset_id.npy").tolist() == matrix.asset_ids
    assert [row["title_id"] or None for row in table(folder / "ids.csv")] == matrix.title_ids


def test_numpy_without_a_mask(exported):
    folder = exported("numpy", recipe=Recipe(mask=MaskPolicy.NONE))
    assert not (folder / "mask.npy").exists()


def test_safetensors(exported, matrix):
    from safetensors import safe_open

    with safe_open(exported("safetensors") / "vectors.safetensors", "np") as file:
        assert np.array_equal(file.get_tensor("vector"), matrix.values)
        assert np.array_equal(file.get_tensor("mask"), matrix.mask)
        about = file.metadata()
    assert json.loads(about["asset_id"]) == matrix.asset_ids
    assert json.loads(about["export"])["width"] == matrix.values.shape[1]


def vw_examples(folder):
    text = (folder / "actions.vw").read_text(encoding="utf-8")
    return [block.split("\n") for block in text.strip("\n").split("\n\n")]


def test_vw(exported, matrix):
    vowpalwabbit = pytest.importorskip("vowpalwabbit")
    folder = exported("vw", choice=Choice())
    learner = vowpalwabbit.Workspace("--cb_explore_adf --quiet --noconstant")
    tags = {row["tag"]: row["asset_id"] for row in table(folder / "ids.csv")}
    examples = vw_examples(folder)
    assert len(examples) == 4, "three titles and a picture without"
    seen = []
    for lines in examples:
        chances = learner.predict(["shared |member night", *lines])
        assert len(chances) == len(lines)
        for line in lines:
            parsed = learner.parse(["shared |member night", line], vowpalwabbit.LabelType.CONTEXTUAL_BANDIT)[1]
            seen.append(tags[parsed.get_tag()])
            values = [value for space in range(parsed.num_namespaces()) for value in _values(parsed, space)]
            row = matrix.asset_ids.index(seen[-1])
            known = [
                float(matrix.values[row, place])
                for place, slot in enumerate(matrix.slots)
                if matrix.mask[row, place] and slot.block != EMBEDDING and (matrix.values[row, place] or not slot.label)
            ]
            assert values == pytest.approx(known, rel=1e-6)
    assert seen == matrix.asset_ids
    learner.learn(["shared |member night", "0:-1:0.5 " + examples[0][0], *examples[0][1:]])
    learner.finish()


def _values(parsed, space):
    return [parsed.feature_weight(space, at) for at in range(parsed.num_features_in(space))]


def test_vw_writes_only_safe_names(exported):
    for lines in vw_examples(exported("vw", choice=EVERYTHING)):
        for line in lines:
            tag, *spaces = line.split("|")
            assert " " not in tag
            for space in spaces:
                name, *features = space.split()
                assert all(feature.count(":") == 1 for feature in features), line
                assert ":" not in name


def test_obp(exported, matrix, run, tmp_path):
    folder = exported("obp")
    context, actions = np.load(folder / "action_context.npy"), table(folder / "actions.csv")
    assert np.array_equal(context, matrix.values)
    assert [row["asset_id"] for row in actions] == matrix.asset_ids
    fewer = write_export(run.folder, folder, "obp", choice=EVERYTHING, titles=["t2"]).folder
    again = table(fewer / "actions.csv")
    assert [row["asset_id"] for row in again] == matrix.asset_ids, "numbers stay what they were"
    assert {row["asset_id"] for row in again if row["present"] == "1"} == {
        asset for asset, title in zip(matrix.asset_ids, matrix.title_ids, strict=True) if title == "t2"
    }
    gone = [row["present"] == "0" for row in again]
    assert not np.load(fewer / "action_context.npy")[gone].any()


@pytest.mark.readers
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_obp_fits_a_reward_model_on_the_context(exported, matrix):
    ope = pytest.importorskip("obp.ope", reason="obp is not installed: pip install 'artvision[readers]'")
    from sklearn.linear_model import Ridge

    context = np.load(exported("obp") / "action_context.npy")
    rng = np.random.default_rng(0)
    action = rng.integers(0, len(context), 200)
    model = ope.RegressionModel(n_actions=len(context), base_model=Ridge(), action_context=context, len_list=1)
    reward = context[action, 5] + rng.normal(0, 0.01, 200)
    members = rng.normal(size=(200, 2))
    model.fit(context=members, action=action, reward=reward)
    found = model.predict(context=members)
    assert found.shape == (200, len(context), 1)
    assert np.corrcoef(found[0, :, 0], context[:, 5])[0, 1] > 0.9, "it learnt from the vectors what pays"


@pytest.mark.readers
def test_feast(exported, matrix, tmp_path):
    if find_spec("feast") is None:
        pytest.skip("feast is not installed: pip install 'artvision[readers]'")
    folder = exported("feast")
    script = tmp_path / "read.py"
    script.write_text(FEAST, encoding="utf-8")
    done = subprocess.run([sys.executable, script, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().split("\n")[-1])
    start, width = matrix.blocks[EMBEDDING]
    for row, asset_id in enumerate(matrix.asset_ids):
        assert found[asset_id]["vector"] == pytest.approx(matrix.values[row, :start].tolist(), rel=1e-6)
        assert found[asset_id]["embedding"] == pytest.approx(
            matrix.values[row, start : start + width].tolist(), rel=1e-6
        )
        assert found[asset_id]["mask"] == matrix.mask[row, :start].tolist()


FEAST = """
import json, sys
from datetime import UTC, datetime, timedelta
import pandas
from feast import FeatureStore
folder = sys.argv[1]
sys.path.insert(0, folder)
import features
store = FeatureStore(folder)
store.apply([features.asset, features.view])
assets = pandas.read_parquet(folder + "/assets.parquet")["asset_id"].tolist()
entities = pandas.DataFrame({"asset_id": assets, "event_timestamp": [datetime.now(UTC)] * len(assets)})
names = ["artvision:vector", "artvision:mask", "artvision:embedding"]
frame = store.get_historical_features(entities, names).to_df()
rows = {row.asset_id: {name: list(map(bool if name == "mask" else float, getattr(row, name)))
        for name in ("vector", "mask", "embedding")} for row in frame.itertuples()}
store.materialize(datetime.now(UTC) - timedelta(days=9), datetime.now(UTC))
online = store.get_online_features(features=names[:1], entity_rows=[{"asset_id": assets[0]}]).to_dict()
assert list(online["vector"][0]) == rows[assets[0]]["vector"]
print(json.dumps(rows))
"""


def test_hf(exported, matrix, tmp_path):
    datasets = pytest.importorskip("datasets")
    folder = exported("hf")
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    start, width = matrix.blocks[EMBEDDING]
    assert loaded.features["vector"].length == start
    assert loaded.features["embedding"].length == width
    assert loaded["asset_id"][:] == matrix.asset_ids
    assert np.array_equal(np.array(loaded["vector"][:], np.float32), matrix.values[:, :start])
    card = datasets.utils.metadata.MetadataConfigs.from_dataset_card_data  # the card's front matter is well formed
    assert card
    assert f"{len(matrix.asset_ids)} assets of 3 titles" in (folder / "README.md").read_text()


def test_lance(exported, matrix):
    lance = pytest.importorskip("lance")
    found = lance.dataset(str(exported("lance") / "assets.lance"))
    start, _ = matrix.blocks[EMBEDDING]
    rows = found.to_table()
    assert rows["asset_id"].to_pylist() == matrix.asset_ids
    assert rows.schema.field("vector").type.list_size == start
    near = found.to_table(nearest={"column": "embedding", "q": matrix.block(EMBEDDING)[2], "k": 1})
    assert near["asset_id"].to_pylist() == [matrix.asset_ids[2]]
    assert json.loads(found.schema.metadata[b"artvision.export"])["format"] == "lance"


def test_faiss(exported, matrix):
    faiss = pytest.importorskip("faiss")
    folder = exported("faiss", choice=None)
    index = faiss.read_index(str(folder / "index.faiss"))
    ids = {int(row["faiss_id"]): row["asset_id"] for row in table(folder / "ids.csv")}
    vectors = np.ascontiguousarray(matrix.block(EMBEDDING))
    score, found = index.search(vectors, 1)
    assert [ids[one] for one in found[:, 0].tolist()] == matrix.asset_ids
    assert score[:, 0] == pytest.approx(np.ones(len(vectors)), abs=1e-5)
    about = json.loads((folder / "export.json").read_text())
    assert about["fingerprint_sha256"]
    assert [block["block"] for block in about["blocks"]] == [EMBEDDING]


def test_csv(exported, matrix):
    rows = table(exported("csv", choice=Choice()) / "assets.csv")
    assert [row["asset_id"] for row in rows] == matrix.asset_ids
    assert {row["title_id"] for row in rows} == {ODD, "t1", "t2", ""}
    assert {row["fake.shape"] for row in rows} == {"tall", "wide"}
    for row, tilt in zip(rows, matrix.mask[:, 4], strict=True):
        assert row["fake.tilt"] == ("0.5" if tilt else "")
    assert not {"cast", "who.score", "templates", "path"} & set(rows[0])


@pytest.mark.parametrize("form", sorted(formats()))
def test_no_format_writes_what_is_about_people_unless_asked(form, exported, run):
    for module in {"lance": ["lance"], "faiss": ["faiss"]}.get(form, []):
        pytest.importorskip(module)
    folder = exported(form, choice=None)
    text = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.name != "contract.json")
    assert b"who.score" not in text
    assert b"templates" not in text
    assert b"Ann Lee" not in text
    shutil.rmtree(folder)
