from __future__ import annotations

import os
from pathlib import Path

import pytest
from weight_server import CONTENT, OTHER, SHA256, model_of

from artvision import cache, weights
from artvision.errors import DefinitionError, UsageError, WeightsError
from artvision.weights import State, inspect, read_manifest, require

ENTRY = {
    "id": '"a/b"', "what": '"w"', "kind": '"clip"', "architecture": '"a"', "dims": "4", "revision": '"r"',
    "licence": '"MIT"', "commercial": "true", "required": "false", "default": "false", "source": '"download"',
    "preprocess": "{}",
}  # fmt: skip
FILE = {"name": '"f.bin"', "url": '"https://host/x"', "bytes": "7", "sha256": f'"{SHA256}"', "checksum": '"measured"'}


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))


def manifest(tmp_path, entry, file):
    lines = ["[[model]]", *(f"{key} = {value}" for key, value in entry.items())]
    lines += ["[[model.files]]", *(f"{key} = {value}" for key, value in file.items())]
    path = tmp_path / "manifest.toml"
    path.write_text("\n".join(lines))
    return path


def test_bundled_manifest_is_complete_and_pins_every_download():
    models = read_manifest()
    assert [model.id for model in models.values() if model.default] == ["ViT-B-32-256/datacomp_s34b_b86k"]
    for model in models.values():
        for file in model.files:
            assert (model.source == "download") == bool(file.url)
            assert not file.url or (file.url.startswith("https://") and "/main/" not in file.url)
            assert file.sha256 == "" or len(file.sha256) == 64


def test_production_bytes_are_those_of_its_float32_parameters():
    """605,189,364 bytes stand in the manifest on others' word; the architecture must explain them."""
    file = read_manifest()["ViT-B-32-256/datacomp_s34b_b86k"].files[0]
    parameters = 151_288_833  # ViT-B-32-256 as open_clip builds it
    assert 0 < file.bytes - 4 * parameters < 100_000  # the header of the file


@pytest.mark.parametrize("key", [*ENTRY, *FILE])
def test_every_manifest_key_is_required(tmp_path, key):
    path = manifest(tmp_path, {k: v for k, v in ENTRY.items() if k != key}, {k: v for k, v in FILE.items() if k != key})
    with pytest.raises(DefinitionError, match=f"{key} missing"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("entry", "file", "message"),
    [
        ({"licens": '"x"'}, {}, "unknown key 'licens'; did you mean licence"),
        ({}, {"checksum": '"maybe"'}, "checksum 'maybe' is none of"),
        ({}, {"sha256": '""'}, "needs a sha256"),
        ({}, {"checksum": '"first-fetch"'}, "needs a sha256"),
    ],
)
def test_manifest_mistakes_are_named(tmp_path, entry, file, message):
    with pytest.raises(DefinitionError, match=message):
        read_manifest(manifest(tmp_path, ENTRY | entry, FILE | file))


def test_unknown_model_suggests_near_names():
    with pytest.raises(UsageError, match="did you mean ViT-B-32-256/datacomp_s34b_b86k"):
        weights.get_model("ViT-B-32-256/datacomp")


def test_states_and_their_commands():
    model = model_of()
    assert inspect(model) is State.ABSENT
    with pytest.raises(WeightsError, match=r"are missing.*`artvision models fetch org/m`"):
        require(model)
    model.folder.mkdir(parents=True)
    (model.folder / "w.bin").write_bytes(CONTENT)
    assert inspect(model) is State.PRESENT
    assert require(model) == [model.folder / "w.bin"]
    (model.folder / "w.bin").write_bytes(OTHER)
    assert inspect(model) is State.ALTERED
    with pytest.raises(WeightsError, match=r"were altered.*`artvision models fetch org/m`"):
        require(model)


def test_face_detector_is_in_the_installed_wheel():
    assert inspect(read_manifest()["mtcnn"], fresh=True) is State.BUNDLED


def test_hash_is_remembered_until_the_file_changes(tmp_path, monkeypatch):
    path = tmp_path / "w.bin"
    path.write_bytes(CONTENT)
    assert cache.known_hash(path) == SHA256
    monkeypatch.setattr(cache, "hash_file", lambda path: "read again")
    assert cache.known_hash(path) == SHA256
    stamp = path.stat()
    path.write_bytes(OTHER)  # same size, and the time stamp of the old file
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert cache.known_hash(path) == "read again"


def test_fresh_hash_reads_and_renews_the_memory(tmp_path, monkeypatch):
    path = tmp_path / "w.bin"
    path.write_bytes(CONTENT)
    cache.known_hash(path)
    monkeypatch.setattr(cache, "hash_file", lambda path: "read again")
    assert cache.known_hash(path, fresh=True) == "read again"
    monkeypatch.undo()
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    assert cache.known_hash(path) == "read again"


def test_hash_works_where_the_cache_cannot_be_written(tmp_path, monkeypatch):
    blocker = tmp_path / "blocker"
    blocker.write_text("a file where a folder should be")
    monkeypatch.setenv("ARTVISION_CACHE", str(blocker))
    assert cache.known_hash(blocker) == cache.known_hash(blocker)


def test_a_checksum_that_is_known_is_never_replaced():
    known, unknown = model_of(), model_of(sha256="", size=0, model_id="org/n")
    weights.record_first_seen(known, known.files[0], "0" * 64)
    assert not (cache.cache_dir() / "lock.json").exists()
    for sha256 in (SHA256, "0" * 64):
        weights.record_first_seen(unknown, unknown.files[0], sha256)
    assert weights.expected_sha256(unknown, unknown.files[0]) == SHA256


def test_a_file_that_nobody_ever_fetched_or_vouched_for_is_not_trusted():
    model = model_of(sha256="", size=0)
    model.folder.mkdir(parents=True)
    (model.folder / "w.bin").write_bytes(CONTENT)
    assert inspect(model) is State.ALTERED


def test_models_dir_prefers_the_installed_copy(tmp_path, monkeypatch):
    assert (weights.models_dir() / "manifest.toml").is_file()
    (tmp_path / "_models").mkdir()
    monkeypatch.setattr(weights, "__file__", str(tmp_path / "weights.py"))
    assert weights.models_dir() == Path(tmp_path / "_models")


def test_the_page_beside_the_manifest_lists_every_model_and_its_licence():
    """A model that may be fetched is one whose licence a person can read before."""
    lines = (Path(__file__).parent.parent / "models" / "README.md").read_text(encoding="utf-8").splitlines()
    for model_id, model in read_manifest().items():
        row = next((line for line in lines if line.startswith("|") and f"`{model_id}`" in line), "")
        assert model.licence.partition(";")[0] in row, f"{model_id}: {model.licence} is not in its row {row!r}"
