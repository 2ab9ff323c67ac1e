"""CLIP driven the accelerator's way, on the processor: the same numbers in float32, near ones in bfloat16."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from tiny_clip import write_tiny_clip

from artvision import Settings, extract
from artvision.clip import accelerated
from artvision.clip.accelerated import AcceleratedEncoder, Normal
from artvision.clip.encoder import OpenClipEncoder
from artvision.clip.loading import load_encoder
from artvision.clip.model import Preprocess, resolve
from artvision.clip.preprocess import fitted, preprocess
from artvision.detection import together
from artvision.device import CPU, DRIVEN, Device, choose_device
from artvision.errors import UsageError, WeightsError
from artvision.lanes import Lane
from artvision.pipeline import Engine
from artvision.reporting import Silent
from artvision.reproduction.comparing import COSINE

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))  # the benchmark is a script, not the package's
import bench_device  # noqa: E402 - found there

CUDA = pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"))
DEVICES = [DRIVEN, CUDA]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    write_tiny_clip(folder)
    return resolve(f"local-dir:{folder}")


@pytest.fixture(scope="module")
def art():
    """Seven crops of photographs."""
    sources = [skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea()]
    return [sources[number % 3][10 * number :, : 200 + 30 * number] for number in range(7)]


def embedded(encoder, art):
    return encoder.encode_images(np.stack([encoder.preprocess(pixels) for pixels in art]))


@pytest.fixture(scope="module")
def reference(tiny, art):
    return embedded(OpenClipEncoder(tiny, "cpu"), art)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("mode", ["squash", "shortest", "longest"])
def test_bytes_are_scaled_on_the_device_to_the_bits_of_the_host(device, mode):
    cfg = Preprocess((40, 32), mean=(0.481, 0.4, 0.33), std=(0.27, 0.26, 0.19), resize_mode=mode)
    pixels = skimage.data.astronaut()[:300]
    there = torch.from_numpy(fitted(pixels, cfg).copy())[None].to(device)
    assert Normal(cfg, torch.device(device))(there)[0].cpu().numpy().tobytes() == preprocess(pixels, cfg).tobytes()


@pytest.mark.parametrize("device", DEVICES)
def test_in_float32_embeddings_are_the_references(tiny, art, reference, device):
    encoder = AcceleratedEncoder(tiny, device)
    np.testing.assert_allclose(embedded(encoder, art), reference, atol=2e-6)
    plain = OpenClipEncoder(tiny, "cpu")
    assert encoder.logit_scale == pytest.approx(plain.logit_scale)
    np.testing.assert_allclose(encoder.encode_texts(["a cat"]), plain.encode_texts(["a cat"]), atol=2e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_in_bfloat16_embeddings_stay_within_their_angle(tiny, art, reference, device):
    rows = embedded(AcceleratedEncoder(tiny, device, "bf16"), art)
    cosines = (rows * reference).sum(axis=1)
    assert cosines.min() > COSINE
    assert cosines.max() < 1 - 1e-7  # it was bfloat16


def test_weights_of_products_are_cast_once_and_sums_stay_wide(tiny):
    encoder = AcceleratedEncoder(tiny, DRIVEN, "bf16")
    visual, seen = encoder._network.visual, {}
    for block in visual.transformer.resblocks:
        block.register_forward_hook(lambda _, given, out: seen.update(sums=(given[0].dtype, out.dtype)))
        block.attn.register_forward_hook(lambda _, __, out: seen.update(product=out[0].dtype))
        assert block.mlp.c_fc.weight.dtype == block.attn.in_proj_weight.dtype == torch.bfloat16
        assert block.ln_1.weight.dtype == torch.float32
    encoder.forward(torch.zeros((1, 32, 32, 3), dtype=torch.uint8))
    assert seen == {"sums": (torch.float32, torch.float32), "product": torch.bfloat16}
    assert visual.conv1.weight.is_contiguous(memory_format=torch.channels_last)
    assert encoder._network.token_embedding.weight.dtype == torch.float32  # texts are embedded once


def test_one_upload_and_one_download_a_pass_of_bytes(tiny, art, monkeypatch):
    encoder, told = AcceleratedEncoder(tiny, DRIVEN), []
    upload, download = Lane.upload, Lane.download
    monkeypatch.setattr(Lane, "upload", lambda lane, size: told.append(size) or upload(lane, size))
    monkeypatch.setattr(Lane, "download", lambda lane, rows: told.append(tuple(rows.shape)) or download(lane, rows))
    embedded(encoder, art)
    size = accelerated.PASS["cpu"]
    assert told == [size * 32 * 32 * 3, (size, 24)] * 2


def test_a_pass_needs_nothing_that_the_host_knows(tiny):
    """On a device without data whatever looks at a value fails, as it would wait on a real one."""
    encoder = AcceleratedEncoder(tiny, DRIVEN)
    encoder._network.to("meta")
    encoder._normal = Normal(tiny.preprocess, torch.device("meta"))
    with torch.inference_mode():
        rows = encoder.forward(torch.empty((5, 32, 32, 3), dtype=torch.uint8, device="meta"))
    assert rows.shape == (5, 24)


@pytest.mark.parametrize("exact", [True, False])
def test_training_mode_is_caught_at_start(tiny, exact):
    encoder = AcceleratedEncoder(tiny, DRIVEN, exact=exact)
    encoder._network.train()
    with pytest.raises(WeightsError, match="two embeddings for one picture"):
        encoder._check()


@pytest.mark.parametrize(("exact", "passes"), [(True, 1), (False, accelerated.PASS["cpu"])])
def test_last_digits_that_depend_on_the_place_matter_only_where_exactness_is_asked_for(
    tiny, monkeypatch, exact, passes
):
    encoder = AcceleratedEncoder(tiny, DRIVEN, exact=exact)
    honest = encoder.forward
    monkeypatch.setattr(encoder, "forward", lambda x: honest(x) + 1e-6 * torch.arange(len(x))[:, None])
    encoder._check()
    assert encoder._micro_batch == passes


def capable(monkeypatch, capability):
    monkeypatch.setattr("artvision.device._capability", lambda name: capability)
    return Device("cuda:0", "made up")


@pytest.mark.parametrize(("capability", "precision"), [(9, "bf16"), (8, "bf16"), (7, "fp32")])
def test_bfloat16_is_what_cuda_devices_do_that_multiply_it(monkeypatch, capability, precision):
    device = capable(monkeypatch, capability)
    assert Settings().on(device).precision == precision
    assert Settings(precision="fp32").on(device).precision == "fp32"
    assert Settings().on(device).runtime == "torch"
    assert not Settings().on(device).deterministic


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"precision": "bf16"}, "bf16 wants a CUDA device"),
        ({"device": DRIVEN, "precision": "int8"}, "int8 wants"),
        ({"device": DRIVEN, "runtime": "onnxruntime"}, "computes on the CPU and not on cpu:0"),
    ],
)
def test_what_a_device_cannot_do_is_refused(asked, message):
    settings = Settings(**asked)
    with pytest.raises(UsageError, match=message):
        settings.on(choose_device(settings.device) if "device" in asked else CPU)


def test_the_device_decides_which_encoder_is_loaded(tiny):
    driven = Settings(precision="bf16").on(choose_device(DRIVEN))
    assert isinstance(load_encoder(tiny, DRIVEN, driven), AcceleratedEncoder)
    assert isinstance(load_encoder(tiny, "cpu", Settings(runtime="torch").on(CPU)), OpenClipEncoder)


def written(folder, art):
    folder.mkdir()
    for number, pixels in enumerate(art):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def contract(**asked):
    return Engine.of(Settings(**asked), Silent()).contract


@pytest.mark.parametrize("device", DEVICES)
def test_a_run_agrees_with_the_processors_within_every_tolerance(tmp_path, art, tiny, device, monkeypatch):
    for name, room in (("WINDOWS", (256, 96)), ("SEATS", 64), ("FACES", (32, 8))):
        monkeypatch.setattr(together, name, room)
    pictures, asked = written(tmp_path / "art", art[:2]), {"model": tiny.source, "stages": "clip,faces"}
    extract(pictures, tmp_path / "cpu", Settings(device="cpu", **asked))
    run = extract(pictures, tmp_path / "device", Settings(device=device, precision="bf16", **asked)).run
    assert run.info["fingerprint"]["stages"]["clip"]["precision"] == "bf16"
    told = bench_device.compared(tmp_path / "cpu", tmp_path / "device", contract(**asked))
    assert told["pictures"] == 2
    assert told["columns beyond their limit"] == []
    assert "embedding" in told["nearest to their limit"] or told["columns judged"] > bench_device.SHOWN


def test_the_comparison_names_what_is_beyond_its_limit(tmp_path, art, tiny):
    asked = {"model": tiny.source, "stages": "clip"}
    for name, pictures in (("one", art[:2]), ("other", [255 - art[0], art[1]])):
        extract(written(tmp_path / name, pictures), tmp_path / f"{name}.run", Settings(**asked))
    told = bench_device.compared(tmp_path / "one.run", tmp_path / "other.run", contract(**asked))
    assert "embedding" in told["columns beyond their limit"]
    assert told["nearest to their limit"]["embedding"]["beyond it"] == 1


def test_the_benchmark_counts_what_an_encoder_does(tiny):
    told = bench_device.encoder(tiny.source, Device(DRIVEN, ""), "bf16", 2, compiled=False)
    assert 0 < told["as it is"]["share of the product's"] < 10
    network, tokens, width = AcceleratedEncoder(tiny, DRIVEN), 17, 32
    blocks = 2 * 2 * tokens * 12 * width**2  # two of them; attention's own products come on top
    counted = bench_device.operations(network, torch.zeros((1, 32, 32, 3), dtype=torch.uint8))
    assert blocks < counted < 1.5 * blocks


def test_without_the_device_one_line_says_so():
    command = [sys.executable, ROOT / "scripts" / "bench.py", "--device", "cuda:77"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 1
    assert done.stderr.startswith("nothing was measured: --device cuda:77 is not on this machine")
    assert len(done.stderr.splitlines()) == 1
