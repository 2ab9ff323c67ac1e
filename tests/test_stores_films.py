"""Films in stores: brought into the cache once, looked through there, and known by what their store says of them."""

from __future__ import annotations

import os
import shutil
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

av = pytest.importorskip("av", reason="the extra `video` is not installed")
pytest.importorskip("scenedetect", reason="the extra `video` is not installed")

from fakes import FakeStage  # noqa: E402 - those below need the extra
from films import film, painted, shot  # noqa: E402

from artvision import film as films  # noqa: E402
from artvision import pipeline, stages  # noqa: E402
from artvision.errors import DecodeError, UsageError  # noqa: E402
from artvision.film import opening, scanning  # noqa: E402
from artvision.image import read_bytes  # noqa: E402
from artvision.reporting import Silent  # noqa: E402
from artvision.reproduction.verifying import verify  # noqa: E402
from artvision.settings import Settings  # noqa: E402
from artvision.sources import read_sources  # noqa: E402
from artvision.stages.video import Video  # noqa: E402
from artvision.stores import films as stored  # noqa: E402
from artvision.stores.films import bring_film  # noqa: E402
from artvision.stores.stamp import Stamp  # noqa: E402


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Two stages, a cache of its own, and the look in this process, which is quicker."""

    def look(path, asked, limits, known, tell):
        sha256 = scanning.content_sha256(path, tell)
        return None if sha256 == known else scanning.scan(path, sha256, asked, tell)

    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, Video]))
    monkeypatch.setattr(opening, "look", look)
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stored, "_asked", {})


def made(path, *seeds):
    """The bytes of a film with a second of each painted picture; its file stays at `path`."""
    return film(path, [frame for seed in seeds for frame in shot(painted(seed), 1)], qmin="2", qmax="2").read_bytes()


def extract(*paths, out, **settings):
    return pipeline.extract([str(path) for path in paths], out, Settings(**settings))


def rows(run):
    return {row["asset_id"]: row for row in run.table().to_pylist()}


def numbers(run):
    """What does not depend on where the film lies."""
    names = ("content_sha256", "fake.mean", "video.time", "video.shot", "video.motion", "video.stillness")
    return {name: [row[one] for one in names] for name, row in rows(run).items()}


def asked(proxy, word):
    return [line for line in proxy.requests if line.startswith(word)]


def test_a_film_of_a_bucket_gives_the_stills_of_the_same_film_here(bucket, tmp_path):
    uri = bucket("in/a.mp4", made(tmp_path / "a.mp4", 1, 2))
    there, here = extract(uri, out=tmp_path / "there").run, extract(tmp_path / "a.mp4", out=tmp_path / "here").run
    assert numbers(there) == numbers(here)
    assert {row["path"] for row in rows(there).values()} == {f"{uri}#t=0.500", f"{uri}#t=1.500"}
    assert {row["still"]["film"] for row in rows(there).values()} == {uri}
    assert verify(there, reporter=Silent()).violations == []


def test_what_is_unchanged_is_asked_for_and_not_read_again(bucket, proxy, tmp_path):
    uri = bucket("in/a.mp4", made(tmp_path / "a.mp4", 1, 2))
    first = extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert (first.computed, len(asked(proxy, "GET /"))) == (3, 2)  # the listing, the film
    proxy.requests.clear()
    again = extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert (again.computed, again.reused, len(asked(proxy, "GET /"))) == (0, 3, 1)
    shutil.rmtree(tmp_path / "cache")
    proxy.requests.clear()
    assert extract(uri, out=tmp_path / "run").reused == 3
    assert (len(asked(proxy, "GET /")), len(asked(proxy, "HEAD"))) == (0, 1)


def test_of_an_object_that_changed_no_old_still_is_left(bucket, tmp_path):
    uri = bucket("a.mp4", made(tmp_path / "a.mp4", 1, 2, 3))
    extract(uri, out=tmp_path / "run")
    bucket("a.mp4", made(tmp_path / "a.mp4", 7))
    assert [*rows(extract(uri, out=tmp_path / "run").run)] == ["a.mp4#t=0.500"]


def test_a_named_still_of_a_bucket_is_read_and_known_again(bucket, tmp_path, proxy):
    uri = bucket("a.mp4", made(tmp_path / "a.mp4", 1, 2))
    first = extract(f"{uri}#t=1.7", out=tmp_path / "run")
    (row,) = rows(first.run).values()
    assert (row["asset_id"], row["still"]["film"]) == ("a.mp4#t=1.7", uri)
    assert read_bytes(f"{uri}#t=1.7") == read_bytes(f"{tmp_path}/a.mp4#t=1.7")
    assert extract(f"{uri}#t=1.7", out=tmp_path / "run").computed == 0
    bucket("a.mp4", made(tmp_path / "a.mp4", 7, 8))
    stored._asked.clear()
    assert extract(f"{uri}#t=1.7", out=tmp_path / "run").computed == 1
    assert len(asked(proxy, "GET /")) == 2


def test_stills_are_computed_where_the_cache_was_emptied_between(bucket, tmp_path, monkeypatch):
    uri = bucket("a.mp4", made(tmp_path / "a.mp4", 1, 2))
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.Engine, "compute", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            extract(uri, out=tmp_path / "run")
    shutil.rmtree(tmp_path / "cache")
    assert extract(uri, out=tmp_path / "run").ok == 3


def test_a_copy_that_broke_off_goes_on_where_it_was(bucket, proxy, tmp_path, monkeypatch):
    data = made(tmp_path / "a.mp4", 1, 2)
    uri = bucket("a.mp4", data)
    monkeypatch.setattr(stored, "BLOCK", len(data) // 4)
    steps = []

    def killed(done, of):
        steps.append((done, of))
        if len(steps) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_film(uri, tell=killed)
    assert steps == [(number * (len(data) // 4), len(data)) for number in range(3)]
    proxy.requests.clear()
    assert Path(bring_film(uri).path).read_bytes() == data
    assert len(asked(proxy, "GET /")) == len(data[len(data) // 4 * 2 :]) // (len(data) // 4) + (len(data) % 4 > 0)


def test_an_object_that_changes_while_it_is_read_is_no_film(bucket, tmp_path):
    uri = bucket("a.mp4", made(tmp_path / "a.mp4", 1))
    with pytest.raises(DecodeError, match="it changed while it was read") as caught:
        bring_film(uri, Stamp(len((tmp_path / "a.mp4").read_bytes()), None, '"another"'))
    assert caught.value.reason == "network"
    assert [file.suffix for file in tmp_path.glob("cache/films/*/*")] == [".lock"]


def test_what_the_network_did_not_bring_is_tried_again_without_being_asked(bucket, tmp_path, monkeypatch):
    uri = bucket("a.mp4", made(tmp_path / "a.mp4", 1))

    def broken(*_):
        raise ConnectionError("it broke off")

    with monkeypatch.context() as patch:
        patch.setattr(stored, "_ranged", broken)
        (failed,) = extract(uri, out=tmp_path / "run").failures
    assert failed.reason == "network"
    assert extract(uri, out=tmp_path / "run").ok == 2


BROKEN = [("a.mp4", b"no film" * 99, "format"), ("a.mp4", b"", "empty"), ("gone.mp4", None, "missing")]


@pytest.mark.parametrize(("key", "data", "reason"), BROKEN, ids=[reason for _, _, reason in BROKEN])
def test_what_is_wrong_is_said_of_the_object_and_not_of_its_copy(bucket, tmp_path, key, data, reason):
    uri = bucket(key, data) if data is not None else f"{bucket.uri}/{key}"
    (failed,) = extract(uri, out=tmp_path / "run").failures
    assert (failed.reason, failed.path) == (reason, uri)
    assert uri in failed.message
    assert str(tmp_path) not in failed.message
    (still,) = extract(f"{uri}#t=1", out=tmp_path / "still").failures
    assert still.reason == reason
    assert str(tmp_path) not in still.message


def test_a_cache_without_room_fails_the_film_alone(bucket, tmp_path, monkeypatch):
    uri = bucket("a.mp4", made(tmp_path / "a.mp4", 1))
    full = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(stored.shutil, "disk_usage", lambda _: full)
    (failed,) = extract(uri, out=tmp_path / "run").failures
    assert failed.reason == "unreadable"
    assert "ARTVISION_CACHE names a larger disk" in failed.message


def test_a_film_that_nobody_used_for_a_day_leaves_the_cache(bucket, tmp_path):
    old, used = (Path(bring_film(bucket(f"{n}.mp4", made(tmp_path / f"{n}.mp4", n))).path) for n in (1, 2))
    for file in (old, used):
        os.utime(file, (1, 1))
    bring_film(f"{bucket.uri}/2.mp4")
    bring_film(bucket("3.mp4", made(tmp_path / "3.mp4", 3)))
    assert (old.exists(), used.exists()) == (False, True)


def test_films_below_a_prefix_are_taken_or_left_out_as_in_a_folder(bucket, monkeypatch):
    for key in ("in/a.mp4", "in/b.MKV", "in/c.txt"):
        bucket(key, b"x")
    found = read_sources([f"{bucket.uri}/in"])
    assert [asset.asset_id for asset in found.assets] == ["a.mp4", "b.MKV"]
    monkeypatch.setattr(films, "MODULES", ("no_such_module",))
    bucket("in/d.png", b"x")
    left = read_sources([f"{bucket.uri}/in"], films=False).skipped
    without = {item.path.rpartition("/")[2]: item.reason for item in left}
    assert without["a.mp4"] == "a film: pip install 'artvision[video]'"
    with pytest.raises(UsageError, match=r"artvision\[video\]"):
        read_sources([f"{bucket.uri}/in/a.mp4"], films=False)


class Served(BaseHTTPRequestHandler):
    """A film on the web; the first answers break off."""

    data: ClassVar[bytes] = b""
    breaks: ClassVar[list[int]] = []
    tag: ClassVar[str | None] = '"one"'

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.data)))
        if self.tag:
            self.send_header("ETag", self.tag)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(self.data[: self.breaks.pop()] if self.breaks else self.data)

    do_HEAD = do_GET  # noqa: N815 - the name that the library calls

    def log_message(self, *arguments):
        pass


@pytest.mark.parametrize("tag", ['"one"', None])
def test_a_film_of_the_web_is_read_whole_and_again_where_it_breaks_off(web, tmp_path, tag):
    first, second = made(tmp_path / "a.mp4", 1, 2), made(tmp_path / "b.mp4", 7)
    size = max(len(first), len(second))  # of one size: nothing but the tag, if there is one, tells them apart
    handler = type("Handler", (Served,), {"data": first.ljust(size, b"\0"), "breaks": [2000], "tag": tag})
    uri = web(handler) + "/films/a.mp4"
    there = extract(uri, out=tmp_path / "run")
    assert numbers(there.run) == numbers(extract(tmp_path / "a.mp4", out=tmp_path / "here").run)
    handler.data = second.ljust(size, b"\0")
    handler.tag = tag and '"two"'
    stored._asked.clear()
    assert len(rows(extract(uri, out=tmp_path / "run").run)) == 1
    assert [*rows(extract(f"{uri}#t=0.2", out=tmp_path / "still").run)] == ["a.mp4#t=0.2"]
