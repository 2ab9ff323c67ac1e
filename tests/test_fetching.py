from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from weight_server import CONTENT, OTHER, SHA256, model_of, serving

from artvision import cache
from artvision.errors import UsageError, WeightsError
from artvision.fetching import Route, fetch
from artvision.weights import State, inspect, require


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def server():
    with serving() as server:
        yield server


def quiet(name, here, total):
    """No progress."""


def get(model, **route):
    options = {"pause": 0.0} | route
    return fetch(model, Route(**options), quiet)


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
