from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from weight_server import serving

from artvision import cache, weights
from artvision.errors import DefinitionError, UsageError, WeightsError
from artvision.fetching import Route, fetch
from artvision.weights import Model, State, WeightFile, inspect, read_manifest, require

CONTENT = bytes(range(256)) * 3000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)
OTHER = CONTENT[:-1] + b"?"
ENTRY = {
    "id": '"a/b"', "what": '"w"', "kind": '"clip"', "architecture": '"a"', "dims": "4", "revision": '"r"',
    "licence": '"MIT"', "commercial": "true", "required": "false", "default": "false", "source": '"download"',
    "preprocess": "{}",
}  # fmt: skip
FILE = {"name": '"f.bin"', "url": '"https://host/x"', "bytes": "7", "sha256": f'"{SHA256}"', "checksum": '"measured"'}


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def server():
    with serving() as server:
        yield server


def model_of(url="", *, sha256=SHA256, size=SIZE, commercial=True, source="download", model_id="org/m"):
    file = WeightFile("w.bin", f"{url}/repo/w.bin", size, sha256, "reported" if sha256 else "first-fetch")
    return Model(model_id, "what", "clip", "arch", 4, "rev1", "MIT", commercial, False, False, source, {}, (file,))


def quiet(name, here, total):
    """No progress."""


def get(model, **route):
    options = {"pause": 0.0} | route
    return fetch(model, Route(**options), quiet)


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


def test_fetch_downloads_checks_and_does_not_repeat(server):
    server.files["/repo/w.bin"] = CONTENT
    model = model_of(server.url)
    assert "its sha256 is the expected one" in get(model)[0]
    assert require(model)[0].read_bytes() == CONTENT
    assert "is here already" in get(model)[0]
    assert len(server.requests) == 1
    assert not list(model.folder.glob("*.part"))


def test_fetch_resumes_a_broken_transfer_with_range(server):
    server.files["/repo/w.bin"] = CONTENT
    server.script = ["break off", "503", "hide the rest"]
    model = model_of(server.url)
    get(model)
    assert require(model)[0].read_bytes() == CONTENT
    starts = [wanted for _, wanted in server.requests]
    assert starts[0] is None
    assert starts[1] == starts[2] == f"bytes={len(CONTENT) // 2}-"
    assert starts[3] == f"bytes={len(CONTENT) * 3 // 4}-"


def test_fetch_goes_on_where_an_earlier_command_stopped(server):
    server.files["/repo/w.bin"] = CONTENT
    server.script = ["break off"] * 4
    model = model_of(server.url)
    with pytest.raises(WeightsError, match="run the command again to go on where it stopped"):
        get(model)
    assert (model.folder / "w.bin.part").stat().st_size > len(CONTENT) // 2
    get(model)
    assert require(model)[0].read_bytes() == CONTENT


def test_fetch_starts_over_where_the_server_knows_no_ranges(server):
    server.files["/repo/w.bin"] = CONTENT
    server.script = ["break off", "no ranges"]
    model = model_of(server.url)
    get(model)
    assert require(model)[0].read_bytes() == CONTENT


@pytest.mark.parametrize("size", [0, len(CONTENT)])
def test_fetch_mends_a_part_that_is_too_long(server, size):
    server.files["/repo/w.bin"] = CONTENT
    model = model_of(server.url, size=size)
    model.folder.mkdir(parents=True)
    (model.folder / "w.bin.part").write_bytes(CONTENT + b"more")
    get(model)
    assert require(model)[0].read_bytes() == CONTENT


def test_fetch_refuses_wrong_bytes_and_keeps_nothing(server):
    server.files["/repo/w.bin"] = OTHER
    model = model_of(server.url)
    with pytest.raises(WeightsError, match=f"expected {SHA256}; nothing was kept"):
        get(model)
    assert [path.name for path in model.folder.iterdir() if path.name != ".lock"] == []


def test_fetch_leaves_good_weights_alone_when_a_later_fetch_fails(server):
    server.files["/repo/w.bin"] = CONTENT
    model = model_of(server.url)
    get(model)
    newer = replace(model, files=(replace(model.files[0], sha256="0" * 64),))
    with pytest.raises(WeightsError, match="nothing was kept"):
        get(newer)
    assert require(model)[0].read_bytes() == CONTENT


def test_fetch_names_a_missing_file_at_once(server):
    with pytest.raises(WeightsError, match="HTTP 404"):
        get(model_of(server.url))
    assert len(server.requests) == 1


def test_fetch_says_when_nobody_answers():
    with pytest.raises(WeightsError, match="could not be fetched in 4 attempts"):
        get(model_of("http://127.0.0.1:9"))


def test_first_fetch_records_the_checksum_and_later_ones_compare(server):
    server.files["/repo/w.bin"] = CONTENT
    model = model_of(server.url, sha256="", size=0)
    assert f"{SHA256} is recorded" in get(model)[0]
    assert json.loads((cache.cache_dir() / "lock.json").read_text()) == {"org/m@rev1/w.bin": SHA256}
    require(model)[0].write_bytes(OTHER)
    assert inspect(model) is State.ALTERED
    server.files["/repo/w.bin"] = OTHER
    with pytest.raises(WeightsError, match=f"expected {SHA256}"):
        get(model)
    assert json.loads((cache.cache_dir() / "lock.json").read_text()) == {"org/m@rev1/w.bin": SHA256}


def test_a_checksum_that_is_known_is_never_replaced(server):
    server.files["/repo/w.bin"] = CONTENT
    known, unknown = model_of(server.url), model_of(server.url, sha256="", size=0, model_id="org/n")
    get(known)
    assert not (cache.cache_dir() / "lock.json").exists()
    for sha256 in (SHA256, "0" * 64):
        weights.record_first_seen(unknown, unknown.files[0], sha256)
    assert weights.expected_sha256(unknown, unknown.files[0]) == SHA256


def test_a_file_that_nobody_ever_fetched_or_vouched_for_is_not_trusted():
    model = model_of(sha256="", size=0)
    model.folder.mkdir(parents=True)
    (model.folder / "w.bin").write_bytes(CONTENT)
    assert inspect(model) is State.ALTERED


def test_mirror_keeps_the_path(server):
    server.files["/inner/repo/w.bin"] = CONTENT
    get(model_of("https://hub.invalid"), mirror=f"{server.url}/inner/")
    assert [path for path, _ in server.requests] == ["/inner/repo/w.bin"]
    with pytest.raises(UsageError, match="must begin with http"):
        get(model_of("https://hub.invalid", model_id="org/n"), mirror="mirror.example")


@pytest.mark.parametrize("place", ["w.bin", "org--m/w.bin", "org/m/w.bin"])
def test_from_folder_needs_no_network(tmp_path, place):
    path = tmp_path / "stick" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    model = model_of("https://hub.invalid")
    get(model, folder=tmp_path / "stick")
    assert require(model)[0].read_bytes() == CONTENT


def test_from_folder_checks_and_names_what_it_missed(tmp_path):
    model = model_of("https://hub.invalid")
    with pytest.raises(WeightsError, match=r"w\.bin is not in"):
        get(model, folder=tmp_path)
    (tmp_path / "w.bin").write_bytes(OTHER)
    with pytest.raises(WeightsError, match="nothing was kept"):
        get(model, folder=tmp_path)
    assert (tmp_path / "w.bin").read_bytes() == OTHER


def test_licence_that_forbids_commercial_use_needs_a_flag(server):
    server.files["/repo/w.bin"] = CONTENT
    model = model_of(server.url, commercial=False)
    with pytest.raises(UsageError, match="add --non-commercial"):
        get(model)
    assert not server.requests
    fetch(model, Route(), quiet, non_commercial=True)
    assert model.mend.endswith("--non-commercial")


def test_what_is_bundled_is_never_fetched():
    assert "nothing to fetch" in get(model_of(source="bundled"))[0]


def test_two_fetches_at_once_download_once(server):
    server.files["/repo/w.bin"] = CONTENT
    model, lines = model_of(server.url), []
    threads = [threading.Thread(target=lambda: lines.extend(get(model))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 1
    assert sorted("already" in line for line in lines) == [False, True, True, True]


def test_unwritable_cache_is_said(tmp_path, monkeypatch):
    blocker = tmp_path / "blocker"
    blocker.write_text("")
    monkeypatch.setenv("ARTVISION_CACHE", str(blocker))
    with pytest.raises(WeightsError, match="point ARTVISION_CACHE to a folder you can write"):
        get(model_of("https://hub.invalid"))


def test_full_disk_is_said_before_anything_is_written(server, monkeypatch):
    server.files["/repo/w.bin"] = CONTENT
    monkeypatch.setattr("artvision.fetching.shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with pytest.raises(WeightsError, match="0 MB free and 1 MB are needed"):
        get(model_of(server.url))


def test_progress_counts_bytes(server):
    server.files["/repo/w.bin"] = CONTENT
    seen = []
    fetch(model_of(server.url), Route(), lambda *step: seen.append(step))
    assert seen[-1] == ("w.bin", len(CONTENT), len(CONTENT))


def test_models_dir_prefers_the_installed_copy(tmp_path, monkeypatch):
    assert (weights.models_dir() / "manifest.toml").is_file()
    (tmp_path / "_models").mkdir()
    monkeypatch.setattr(weights, "__file__", str(tmp_path / "weights.py"))
    assert weights.models_dir() == Path(tmp_path / "_models")
