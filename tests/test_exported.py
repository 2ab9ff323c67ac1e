"""Networks written once: the cache of them, and CLIP's image encoder in onnxruntime against open_clip's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_clip import write_tiny_clip

from artvision import cache
from artvision.clip import exported as clip_exported
from artvision.clip.encoder import OpenClipEncoder
from artvision.clip.exported import ExportedEncoder, export_key
from artvision.clip.model import ClipModel, resolve
from artvision.errors import WeightsError
from artvision.exported import Session, exported, is_exported


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> ClipModel:
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    write_tiny_clip(folder)
    return resolve(f"local-dir:{folder}")


@pytest.fixture(scope="module", params=["fp32", "int8"])
def encoder(request, tiny) -> ExportedEncoder:
    return ExportedEncoder(tiny, request.param)


def inputs(count: int, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3, 32, 32)).astype(np.float32)


def test_fp32_embeddings_are_open_clips(tiny):
    ours, reference = ExportedEncoder(tiny), OpenClipEncoder(tiny, "cpu")
    np.testing.assert_allclose(ours.encode_images(inputs(9)), reference.encode_images(inputs(9)), atol=2e-6)
    assert ours.logit_scale == pytest.approx(reference.logit_scale)
    np.testing.assert_array_equal(ours.encode_texts(["a cat"]), reference.encode_texts(["a cat"]))


def test_int8_embeddings_are_near(tiny):
    ours, reference = ExportedEncoder(tiny, "int8"), OpenClipEncoder(tiny, "cpu")
    cosines = (ours.encode_images(inputs(9)) * reference.encode_images(inputs(9))).sum(axis=1)
    assert 0.98 < cosines.min() < 0.999999


@pytest.mark.parametrize("size", [1, 2, 3, 5, 16])
def test_rows_are_the_same_bytes_in_any_batch(encoder, size):
    pictures = inputs(16) * np.linspace(0.1, 3, 16, dtype=np.float32)[:, None, None, None]
    alone = [encoder.encode_images(one[None])[0].tobytes() for one in pictures]
    order = np.random.default_rng(size).permutation(16)
    for start in range(0, 16, size):
        chunk = order[start : start + size]
        for index, row in zip(chunk, encoder.encode_images(pictures[chunk]), strict=True):
            assert row.tobytes() == alone[index]


def test_precision_enters_the_fingerprint(tiny):
    assert ExportedEncoder(tiny).fingerprint() != ExportedEncoder(tiny, "int8").fingerprint()


def test_a_second_start_exports_and_checks_nothing(tiny, monkeypatch):
    ExportedEncoder(tiny)
    assert is_exported(export_key(tiny, "fp32"))
    monkeypatch.setattr(clip_exported, "_build", lambda *_: pytest.fail("exported again"))
    monkeypatch.setattr(ExportedEncoder, "_check", lambda _: pytest.fail("checked again"))
    assert ExportedEncoder(tiny).encode_images(inputs(1)).shape == (1, 24)


def test_a_network_that_cannot_be_exported_names_the_way_out(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path))
    assert not is_exported(export_key(tiny, "fp32"))
    monkeypatch.setattr(clip_exported, "_export", lambda *_: 1 / 0)
    with pytest.raises(WeightsError, match=r"cannot be exported .*ZeroDivisionError.*--runtime torch"):
        ExportedEncoder(tiny)
    assert not list(tmp_path.glob("networks/*"))


class TestCache:
    @pytest.fixture(autouse=True)
    def _own(self, tmp_path, monkeypatch):
        monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
        self.built = 0

    def build(self, folder: Path) -> None:
        self.built += 1
        (folder / "network.onnx").write_text(f"built {self.built}")

    def read(self, key: str = "a") -> str:
        return (exported({"network": key}, self.build) / "network.onnx").read_text()

    def test_a_key_is_built_once(self):
        assert (self.read(), self.read(), self.read("b"), self.read()) == ("built 1", "built 1", "built 2", "built 1")

    @pytest.mark.parametrize("damage", ["altered", "missing", "sums"])
    def test_what_was_altered_is_built_again(self, damage):
        self.read()
        (file,) = cache.cache_dir().glob("networks/*/network.onnx")
        {
            "altered": lambda: file.write_text("another!!"),
            "missing": file.unlink,
            "sums": lambda: (file.parent / "sha256.json").write_text("{"),
        }[damage]()
        assert (self.read(), self.read()) == ("built 2", "built 2")

    def test_nothing_half_built_is_left(self):
        def fails(folder: Path) -> None:
            self.build(folder)
            raise WeightsError("no")

        with pytest.raises(WeightsError):
            exported({"network": "a"}, fails)
        assert not list(cache.cache_dir().glob("networks/*"))
        assert self.read() == "built 2"

    def test_a_cache_that_cannot_be_written_costs_time_only(self):
        cache.cache_dir().write_text("a file where the folder should be")
        assert (self.read("c"), self.read("c")) == ("built 1", "built 1")

    def test_who_comes_second_takes_the_place(self):
        def meanwhile(folder: Path) -> None:
            self.read("a")
            self.build(folder)

        assert (exported({"network": "a"}, meanwhile) / "network.onnx").read_text() == "built 2"
        shutil.rmtree(cache.cache_dir())


def test_a_file_that_is_no_network_is_said(tmp_path):
    (tmp_path / "network.onnx").write_bytes(b"no network")
    with pytest.raises(WeightsError, match=r"network\.onnx cannot be loaded by onnxruntime"):
        Session(tmp_path / "network.onnx")
