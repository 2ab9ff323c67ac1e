"""LAION's detector of explicit pictures: as torch computes it, on OpenAI's embeddings only, and only when asked."""

from __future__ import annotations

import pickle
import tomllib
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from artvision import stages, weights
from artvision.bundled import data_text
from artvision.cache import known_hash
from artvision.clip.vocabulary import choose_vocabulary
from artvision.errors import UsageError, WeightsError
from artvision.heads.perceptron import read_perceptron
from artvision.record import check
from artvision.settings import Settings
from artvision.stages.base import Result
from artvision.stages.explicit import Explicit

SIZES = {"vit-b-32": (512, 32, 32, 1), "vit-l-14": (768, 64, 512, 256, 1)}  # LAION's two, from their sources


def made(path, sizes, seed=0):
    """A file as LAION's are made, with random weights; what torch computes with it."""
    torch.manual_seed(seed)
    layers = [nn.Linear(*pair) for pair in pairwise(sizes)]
    mean, variance = torch.randn(sizes[0]) / 50, torch.rand(sizes[0]) / 500 + 1e-4
    state = {"norm.mean": mean, "norm.variance": variance}
    for place, layer in enumerate(layers, 1):
        state |= {f"linear_{place}.weight": layer.weight.data, f"linear_{place}.bias": layer.bias.data}
    torch.save(state, path)
    inner = [part for layer in layers[:-1] for part in (layer, nn.ReLU())]
    network = nn.Sequential(*inner, layers[-1], nn.Sigmoid()).double()
    return lambda rows: network((torch.from_numpy(rows).double() - mean) / (variance.double().sqrt() + 1e-10))


def embeddings(width, count=8):
    rows = np.random.default_rng(1).normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """A head of the true shape where `models fetch` leaves it; its checksum is the first one seen."""
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path))
    model = weights.get_model("explicit-vit-b-32")
    model.folder.mkdir(parents=True)
    path = model.folder / model.files[0].name
    reference = made(path, SIZES["vit-b-32"])
    weights.record_first_seen(model, model.files[0], known_hash(path))
    return reference


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_it_is_what_torch_computes(tmp_path, sizes):
    reference, rows = made(tmp_path / "h.pth", sizes), embeddings(sizes[0])
    head = read_perceptron(tmp_path / "h.pth", sizes[0])
    found = [head.chance(row) for row in rows]
    assert found == pytest.approx(reference(rows).detach().numpy()[:, 0], abs=1e-9)
    assert np.ptp(found) > 0.01


def test_a_score_as_sure_as_can_be_is_still_one(tmp_path):
    made(tmp_path / "h.pth", (4, 1))
    state = torch.load(tmp_path / "h.pth", weights_only=True)
    for bias, chance in ((1e6, 1.0), (-1e6, 0.0)):
        torch.save(state | {"linear_1.bias": torch.tensor([bias])}, tmp_path / "sure.pth")
        assert read_perceptron(tmp_path / "sure.pth", 4).chance(embeddings(4)[0]) == pytest.approx(chance, abs=1e-300)


@pytest.mark.parametrize("sizes", [(8, 4, 1), (512, 32, 2), (768, 32, 32, 1)])
def test_another_shape_is_refused(tmp_path, sizes):
    made(tmp_path / "h.pth", sizes)
    with pytest.raises(WeightsError, match="do not lead from 512 numbers to one"):
        read_perceptron(tmp_path / "h.pth", 512)


class Evil:
    def __reduce__(self):
        return print, ("code of a pickle ran",)


@pytest.mark.parametrize("content", [b"", b"nothing", pickle.dumps(Evil())])
def test_a_file_that_is_none_is_refused_and_runs_no_code(tmp_path, capsys, content):
    (tmp_path / "h.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=r"h\.pth holds no perceptron"):
        read_perceptron(tmp_path / "h.pth", 512)
    assert "ran" not in capsys.readouterr().out


def test_the_stage_scores_openais_embeddings(fetched):
    stage = Explicit(Settings(model="ViT-B-32/openai", stages="clip,explicit"))
    assert stage.off() == ""
    stage.setup("cpu")
    rows = embeddings(512, 3)
    found = stage.run([None] * 3, {"clip": [Result({}, {"embedding": row}) for row in rows]})
    for result in found:
        check(stage.fields(), result)
    assert [result.values["explicit.score"] for result in found] == pytest.approx(fetched(rows).detach().numpy()[:, 0])
    assert stage.fingerprint()["layer"] == "explicit-vit-b-32"


def test_it_runs_where_it_is_named_and_not_by_all(fetched):
    for wanted, runs in (("all", False), ("all,explicit", True)):
        chosen = stages.create(Settings(model="ViT-B-32/openai", stages=wanted))[1]
        assert ("explicit" in {stage.name for stage in chosen}) is runs


def test_all_leaves_it_out_and_another_model_is_refused():
    assert "explicit" not in {stage.name for stage in stages.create(Settings(model="starter"))[1]}
    with pytest.raises(UsageError, match="artvision models fetch ViT-B-32/openai explicit-vit-b-32"):
        stages.create(Settings(model="starter", stages="clip,explicit"))


def test_the_limit_that_is_stated_is_the_bundled_policys():
    """An operating point that the contract names must be the one that warns."""
    rules = {rule["id"]: rule for rule in tomllib.loads(data_text("policy.toml"))["rule"]}
    (field,) = Explicit(Settings(model="starter")).fields()
    assert rules["explicit"]["require"] == "explicit.score <= 0.9"
    assert "0.9 the bundled policy's" in field.meaning
    (group,) = choose_vocabulary("sensitive").groups
    assert f"The bundled policy warns from {rules['sensitive']['most']:g}" in group.meaning
