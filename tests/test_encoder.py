from __future__ import annotations

import json
import logging
import socket
import threading
from dataclasses import replace

import numpy as np
import pytest
from tiny_clip import CONFIG, WEIGHTS, write_tiny_clip

from artvision.clip import encoder
from artvision.clip import model as clip_model
from artvision.clip.encoder import OpenClipEncoder
from artvision.clip.model import resolve
from artvision.device import one_thread_each
from artvision.errors import WeightsError

SEED = 7


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    write_tiny_clip(folder)
    return folder


@pytest.fixture(scope="module")
def loaded(tiny):
    one_thread_each()  # as the engine's workers do
    return OpenClipEncoder(resolve(f"local-dir:{tiny}"), "cpu")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def inputs(count, size=32):
    return np.random.default_rng(SEED).normal(size=(count, 3, size, size)).astype(np.float32)


def test_embedding_is_open_clips_own(tiny, loaded):
    import open_clip
    import torch

    network = open_clip.create_model(f"local-dir:{tiny}").eval()
    batch = inputs(4)
    with torch.inference_mode():
        expected = network.encode_image(torch.from_numpy(batch), normalize=True).numpy()
        texts = network.encode_text(open_clip.get_tokenizer(f"local-dir:{tiny}")(["a cat", "two dogs"]), normalize=True)
    np.testing.assert_allclose(loaded.encode_images(batch), expected, atol=2e-6)
    np.testing.assert_allclose(loaded.encode_texts(["a cat", "two dogs"]), texts.numpy(), atol=2e-6)
    assert loaded._texts.short is not None
    assert loaded.logit_scale == pytest.approx(np.exp(3.0))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 16])
def test_rows_are_the_same_bytes_in_any_batch(loaded, size):
    pictures = inputs(16)
    alone = [loaded.encode_images(one[None])[0].tobytes() for one in pictures]
    order = np.random.default_rng(size).permutation(16)
    for start in range(0, 16, size):
        chunk = order[start : start + size]
        for index, row in zip(chunk, loaded.encode_images(pictures[chunk]), strict=True):
            assert row.tobytes() == alone[index]


def test_every_pass_has_one_shape(loaded, monkeypatch):
    """What makes rows equal on models large enough for their products to be grouped by batch size."""
    honest, sizes = loaded._network.encode_image, set()
    monkeypatch.setattr(loaded._network, "encode_image", lambda batch: sizes.add(len(batch)) or honest(batch))
    for count in (1, 3, 7, 16):
        assert loaded.encode_images(inputs(count)).shape == (count, 24)
    assert sizes == {encoder.MICRO_BATCH["cpu"]}


def test_rows_are_the_same_bytes_in_parallel_threads(loaded):
    pictures = inputs(8)
    expected, found = loaded.encode_images(pictures).tobytes(), []
    encode = lambda: found.append(loaded.encode_images(pictures).tobytes())  # noqa: E731
    threads = [threading.Thread(target=encode) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


def test_rows_have_unit_length_and_an_empty_batch_is_fine(loaded):
    np.testing.assert_allclose(np.linalg.norm(loaded.encode_images(inputs(5)), axis=1), 1.0, atol=1e-6)
    assert loaded.encode_images(inputs(0)).shape == (0, 24)
    assert loaded.encode_texts([]).shape == (0, 24)


def test_a_text_is_the_same_bytes_among_others(loaded):
    texts = [f"picture number {index}" for index in range(70)]
    together = loaded.encode_texts(texts)
    assert loaded.encode_texts(texts[65:66])[0].tobytes() == together[65].tobytes()


def test_long_texts_are_read_to_their_end(loaded):
    words = " ".join(f"word{index}" for index in range(14))
    rows = loaded.encode_texts([words, words + " end", "short"])
    assert not np.array_equal(rows[0], rows[1])
    np.testing.assert_allclose(loaded.encode_texts(["short"])[0], rows[2], atol=1e-6)


def test_training_mode_is_caught_at_start(loaded):
    """The tiny model drops patches while training, so a forgotten `eval` gives two embeddings."""
    loaded._network.train()
    try:
        with pytest.raises(WeightsError, match="two embeddings for one picture"):
            loaded._check()
    finally:
        loaded._network.eval()
        loaded._micro_batch = encoder.MICRO_BATCH["cpu"]
    loaded._check()


def test_where_position_matters_pictures_go_one_by_one(loaded, monkeypatch):
    import torch

    honest = loaded._network.encode_image
    leaning = lambda batch: honest(batch) + 1e-6 * torch.arange(len(batch))[:, None]  # noqa: E731
    monkeypatch.setattr(loaded._network, "encode_image", leaning)
    try:
        loaded._check()
        assert loaded._micro_batch == 1
        together = loaded.encode_images(inputs(3))
        assert together[2].tobytes() == loaded.encode_images(inputs(3)[2:])[0].tobytes()
    finally:
        loaded._micro_batch = encoder.MICRO_BATCH["cpu"]


def test_nan_weights_are_caught_at_start(tiny, tmp_path):
    from safetensors.torch import load_file, save_file

    state = load_file(tiny / WEIGHTS)
    state["visual.proj"][0, 0] = float("nan")
    (tmp_path / "open_clip_config.json").write_text(json.dumps(CONFIG))
    save_file(state, tmp_path / WEIGHTS)
    with pytest.raises(WeightsError, match="no finite embedding"):
        OpenClipEncoder(resolve(f"local-dir:{tmp_path}"), "cpu")


def test_weights_of_another_architecture_are_refused(tiny):
    model = resolve(f"ViT-B-32/{tiny / WEIGHTS}")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        OpenClipEncoder(replace(model, source="ViT-S-32-alt"), "cpu")


def test_pickled_code_is_not_run(tmp_path, tiny):
    import torch

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    (tmp_path / "open_clip_config.json").write_text(json.dumps(CONFIG))
    torch.save({"visual.proj": Evil()}, tmp_path / "open_clip_pytorch_model.bin")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        OpenClipEncoder(resolve(f"local-dir:{tmp_path}"), "cpu")
    assert not (tmp_path / "ran").exists()


def test_loading_opens_no_socket_and_leaves_logging_alone(tiny, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", refuse)
    before = list(logging.root.handlers), logging.root.level, logging.root.manager.disable
    OpenClipEncoder(resolve(f"local-dir:{tiny}"), "cpu").encode_texts(["a"])
    assert (list(logging.root.handlers), logging.root.level, logging.root.manager.disable) == before


def test_random_weights_follow_the_seed_and_leave_the_generator_alone(monkeypatch):
    import torch

    monkeypatch.setattr(clip_model, "architecture", lambda name: CONFIG["model_cfg"])
    monkeypatch.setattr("open_clip.factory._MODEL_CONFIGS", {"Tiny": CONFIG["model_cfg"]})
    torch.manual_seed(1)
    state = torch.get_rng_state()
    rows = {
        spec: OpenClipEncoder(resolve(spec), "cpu").encode_images(inputs(1)).tobytes()
        for spec in ("Tiny/random", "Tiny/random:0", "Tiny/random:1")
    }
    assert rows["Tiny/random"] == rows["Tiny/random:0"] != rows["Tiny/random:1"]
    assert torch.equal(state, torch.get_rng_state())
    assert "mean nothing" in resolve("Tiny/random:1").notices[0]
    assert resolve("Tiny/random:1").weights_sha256 == "random:1"
