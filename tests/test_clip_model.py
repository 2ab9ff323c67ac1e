from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from tiny_clip import CONFIG, WEIGHTS, write_models_dir, write_tiny_clip

from artvision import weights
from artvision.clip import model as clip_model
from artvision.clip.model import Preprocess, resolve
from artvision.clip.preprocess import preprocess
from artvision.errors import UsageError, WeightsError


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    write_tiny_clip(folder)
    return folder


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def picture(width, height, seed=7):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


SIZES = [(64, 64), (300, 200), (200, 300), (101, 57), (33, 400), (20, 13)]


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [32, 45, [40, 24]])
def test_preprocessing_is_open_clips_byte_for_byte(mode, interpolation, size):
    from open_clip.transform import PreprocessCfg, image_transform_v2

    sides = tuple(size) if isinstance(size, list) else size
    given = {"mean": [0.4, 0.5, 0.6], "std": 0.25, "interpolation": interpolation, "resize_mode": mode, "fill_color": 9}
    oracle = image_transform_v2(PreprocessCfg(size=sides, **given), is_train=False)
    for width, height in SIZES:
        pixels = picture(width, height)
        expected = oracle(Image.fromarray(pixels)).numpy()
        found = preprocess(pixels, Preprocess.of(size, given))
        assert found.shape == expected.shape
        assert found.dtype == np.float32
        assert found.tobytes() == expected.tobytes(), (width, height)


def test_preprocess_defaults_are_open_clips():
    from open_clip.transform import PreprocessCfg

    ours, theirs = Preprocess.of(224, {}), PreprocessCfg()
    assert (ours.size, ours.mean, ours.std) == ((224, 224), theirs.mean, theirs.std)
    assert (ours.interpolation, ours.resize_mode, ours.fill_color) == (
        theirs.interpolation, theirs.resize_mode, theirs.fill_color)  # fmt: skip


def test_manifest_says_of_each_model_what_open_clip_says():
    from open_clip.factory import get_model_config
    from open_clip.pretrained import get_pretrained_cfg

    for model in weights.read_manifest().values():
        if model.kind == "clip" and model.source == "download":
            name, tag = model.id.split("/")
            theirs = get_pretrained_cfg(name, tag)
            assert f"/{theirs['hf_hub']}resolve/{model.revision}/" in model.files[0].url
            assert json.loads(json.dumps({key: theirs[key] for key in model.preprocess})) == model.preprocess
            assert theirs.get("quick_gelu", False) is resolve(model.id).config.get("quick_gelu", False)
            assert get_model_config(name)["embed_dim"] == model.dims
            assert clip_model.architecture(name) == get_model_config(name)


def test_describing_a_model_imports_no_torch(tiny):
    code = (
        "import sys; from artvision.clip.model import resolve\n"
        f"for spec in ['ViT-B-32-256/random', 'local-dir:{tiny}']:\n"
        "    model = resolve(spec); print(model.width, model.image_size, model.fingerprint()['weights_sha256'])\n"
        "print('torch' in sys.modules)"
    )
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[0] == "512 256 random:0"
    assert lines[1].startswith("24 32 ")
    assert lines[2] == "False"


def test_describing_the_stage_imports_no_torch(tiny):
    code = (
        "import sys; from artvision.stages.clip import Clip; from artvision.settings import Settings\n"
        f"stage = Clip(Settings(model='local-dir:{tiny}'))\n"
        "stage.fields(); stage.columns(); stage.fingerprint(); stage.min_short_side(); stage.notices()\n"
        "print(sorted({'torch', 'open_clip', 'torchvision'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ("stater", UsageError, "did you mean starter"),
        ("ViT-B-32-265/random", UsageError, "did you mean ViT-B-32-256"),
        ("ViT-B-32/laion2b_s34b_b79", UsageError, "did you mean laion2b_s34b_b79k"),
        ("ViT-B-32/laion2b_s34b_b79k", WeightsError, "a run never downloads"),
        ("hf-hub:org/none", WeightsError, "a run never downloads"),
        ("local-dir:/nowhere", UsageError, "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_said(spec, error, words):
    with pytest.raises(error, match=words):
        resolve(spec)


def test_missing_production_weights_name_the_command():
    model = resolve("ViT-B-32-256/datacomp_s34b_b86k")
    assert (model.width, model.image_size) == (512, 256)
    with pytest.raises(WeightsError, match="`artvision models fetch ViT-B-32-256/datacomp_s34b_b86k`"):
        model.fingerprint()


def test_folder_with_several_checkpoints_is_not_guessed(tmp_path):
    (tmp_path / "open_clip_config.json").write_text(json.dumps(CONFIG))
    for name in ("a.safetensors", "b.bin"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(WeightsError, match="holds 2 checkpoints"):
        resolve(f"local-dir:{tmp_path}").fingerprint()
    (tmp_path / "open_clip_pytorch_model.bin").write_bytes(b"x")
    assert resolve(f"local-dir:{tmp_path}").checkpoint == tmp_path / "open_clip_pytorch_model.bin"


def test_local_checkpoint_of_a_named_architecture(tmp_path):
    (tmp_path / "mine.safetensors").write_bytes(b"weights")
    model = resolve(f"ViT-B-16/{tmp_path / 'mine.safetensors'}")
    assert model.checkpoint == tmp_path / "mine.safetensors"
    assert model.name == "ViT-B-16/mine.safetensors"


def test_hub_repository_is_read_from_the_local_cache(tiny, tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    repo = tmp_path / "hub" / "models--org--tiny"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text("c" * 40)
    snapshot = repo / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    for file in tiny.iterdir():
        (snapshot / file.name).write_bytes(file.read_bytes())
    assert resolve("hf-hub:org/tiny").weights_sha256 == resolve(f"local-dir:{tiny}").weights_sha256


@pytest.fixture
def models_dir(tiny, tmp_path, monkeypatch):
    folder = tmp_path / "models"
    sha256 = write_tiny_clip(folder / "starter")
    write_models_dir(folder, sha256)
    monkeypatch.setattr(weights, "models_dir", lambda: folder)
    return folder


def test_auto_takes_the_starter_and_says_so(models_dir):
    model = resolve("auto")
    assert model.is_starter
    assert "`artvision models fetch` brings ViT-B-32-256/datacomp_s34b_b86k" in model.notices[0]
    assert resolve("starter").notices == ()


def test_auto_takes_the_production_model_once_it_is_there(models_dir):
    production = weights.get_model("ViT-B-32-256/datacomp_s34b_b86k")
    production.folder.mkdir(parents=True)
    (production.folder / "w.safetensors").write_bytes(b"something")
    model = resolve("auto")
    assert model.name == production.id
    with pytest.raises(WeightsError, match="were altered"):
        model.fingerprint()


def test_altered_starter_is_refused(models_dir):
    (models_dir / "starter" / WEIGHTS).write_bytes(b"x")
    with pytest.raises(WeightsError, match="starter were altered"):
        resolve("starter").fingerprint()
