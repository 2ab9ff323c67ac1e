"""LAION's aesthetic layers: read without unpickling, applied to OpenAI's embeddings and to no others."""

from __future__ import annotations

import shutil
import zipfile
from itertools import pairwise

import numpy as np
import pytest

from artvision import stages, weights
from artvision.clip.model import resolve
from artvision.errors import UsageError, WeightsError
from artvision.heads.head import APART
from artvision.heads.torch_linear import read_linear
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.aesthetic import HIGH, LOW, Aesthetic, Layer
from artvision.stages.base import Result

OPENAI = Settings(model="ViT-B-32/openai", stages="clip,aesthetic")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def fetched(cache, shared):
    """The layer for ViT-B-32 as `models fetch --from` leaves it."""
    model = weights.get_model("aesthetic-vit-b-32")
    model.folder.mkdir(parents=True)
    shutil.copy(shared / "aesthetic" / model.files[0].name, model.folder)
    return model.folder / model.files[0].name


def stored(path, *tensors):
    """A file like torch.save's, with the tensors' bytes and a pickle that nobody may look at."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"cos\nsystem\n(S'false'\ntR.")
        for at, one in enumerate(tensors):
            archive.writestr(f"archive/data/{at}", np.asarray(one, "<f4").tobytes())
    return path


def test_a_layer_is_read_by_its_sizes_and_the_pickle_is_left_alone(tmp_path):
    for tensors in (([1.0, 2.0, 3.0], [9.0]), ([9.0], [1.0, 2.0, 3.0])):
        found, bias = read_linear(stored(tmp_path / "l.pth", *tensors), 3)
        assert (found.tolist(), bias) == ([1.0, 2.0, 3.0], 9.0)


def test_torch_itself_reads_the_same(tmp_path):
    import torch

    layer = torch.nn.Linear(7, 1)
    torch.save(layer.state_dict(), tmp_path / "l.pth")
    found, bias = read_linear(tmp_path / "l.pth", 7)
    assert found.tolist() == layer.weight[0].tolist()
    assert bias == layer.bias.item()


@pytest.mark.parametrize("tensors", [([1.0, 2.0],), ([1.0, 2.0], [1.0], [2.0]), ([1.0], [2.0]), ([1.0] * 4, [2.0])])
def test_anything_else_is_refused(tmp_path, tensors):
    with pytest.raises(WeightsError, match="not a linear layer from 2 to one"):
        read_linear(stored(tmp_path / "l.pth", *tensors), 2)


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "l.pth").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=r"l\.pth cannot be read"):
        read_linear(tmp_path / "l.pth", 2)


def test_the_ten_ratings_rise_strictly(fetched, shared):
    layer = Layer(*read_linear(fetched, 512))
    rows = [
        np.load(shared / "aesthetic" / "vit_b_32_embeddings" / f"rating{at}.npy", allow_pickle=False)[0]
        for at in range(10)
    ]
    found = [layer.score(row) for row in rows]
    assert all(one < other for one, other in pairwise(found))
    assert LOW < found[0] < found[-1] < HIGH
    assert found[0] == pytest.approx(-1.470, abs=1e-3)
    assert found[9] == pytest.approx(11.006, abs=1e-3)


def test_the_tolerance_covers_two_embeddings_that_agree_to_the_contract(fetched):
    found, _ = read_linear(fetched, 512)
    (field,) = Aesthetic(OPENAI).fields()
    assert 0.9 * field.tolerance < np.linalg.norm(found) * APART <= field.tolerance


def test_the_stage_rates_openais_embeddings(fetched, shared):
    stage = Aesthetic(OPENAI)
    assert stage.off() == ""
    stage.setup("cpu")
    rows = [
        np.load(shared / "aesthetic" / "vit_b_32_embeddings" / f"rating{at}.npy", allow_pickle=False)[0]
        for at in (3, 8)
    ]
    upstream = {"clip": [Result({}, {"embedding": row}) for row in rows]}
    found = stage.run([None, None], upstream)
    for result in found:
        check(stage.fields(), result)
    assert [round(result.values["aesthetic.score"], 2) for result in found] == [3.61, 9.92]
    assert stage.fingerprint()["layer"] == "aesthetic-vit-b-32"


@pytest.mark.parametrize("model", ["starter", "ViT-B-32/random", "ViT-B-32-256/datacomp_s34b_b86k", "auto"])
def test_another_models_embedding_is_not_rated_and_the_way_out_is_said(cache, model):
    stage = Aesthetic(Settings(model=model))
    assert "artvision models fetch ViT-B-32/openai aesthetic-vit-b-32" in stage.off()
    assert "--model ViT-B-32/openai" in stage.off()
    assert stage.fingerprint() == {}


def test_asking_for_it_with_the_starter_is_an_error(cache):
    with pytest.raises(UsageError, match="the stage aesthetic rates OpenAI's CLIP"):
        stages.create(Settings(model="starter", stages="clip,aesthetic"))


@pytest.mark.parametrize("model", Aesthetic.layers)
def test_without_its_layer_it_is_off_and_says_what_fetches_it(cache, model):
    assert f"artvision models fetch {Aesthetic.layers[model]}" in Aesthetic(Settings(model=model)).off()


def test_an_altered_layer_is_refused(fetched):
    fetched.write_bytes(fetched.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match="altered"):
        Aesthetic(OPENAI).fingerprint()


def test_the_field_is_of_photographs():
    (field,) = Aesthetic(OPENAI).fields()
    assert field.evidence == {"domain": "photo"}
    assert not field.calibrated
    assert "photograph" in field.meaning


@pytest.mark.parametrize(("model", "width"), [("ViT-B-32/openai", 512), ("ViT-L-14/openai", 768)])
def test_openais_models_are_known_with_their_activation(model, width):
    found = resolve(model)
    assert (found.name, found.width) == (model, width)
    assert found.config["quick_gelu"] is True
    assert found.source.endswith("-quickgelu")
