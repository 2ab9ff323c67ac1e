"""Objects as inputs, against a real S3-compatible server and a real web server on this machine."""

import io
import json
import pickle
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest
from fakes import FakeStage, LateStage
from object_stores import KEYS, png

from artvision import pipeline, stages
from artvision.catalog import Asset
from artvision.errors import DecodeError, SourceError, StoreError, UsageError
from artvision.settings import Settings
from artvision.sources import read_sources
from artvision.stores import ahead, objects, schemes
from artvision.stores.ahead import HELD, Reader
from artvision.stores.objects import objects_below, read_object, stamp_of_object


@pytest.fixture(autouse=True)
def _fake_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateStage, FakeStage]))
    monkeypatch.setattr(objects, "PAUSE", 0.01)


def ids(*paths, stdin=None, **options):
    return [asset.asset_id for asset in read_sources(paths, stdin and io.StringIO(stdin), **options).assets]


def extract(*paths, out, **options):
    return pipeline.extract(paths, out, Settings(workers=2), **options)


def failure(uri, **options):
    with pytest.raises(DecodeError) as caught:
        read_object(uri, **options)
    assert uri in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value.reason


def entries(run):
    return {row["asset_id"]: row for row in run.ledger().to_pylist()}


def pixels(run):
    """What does not depend on where a picture lies."""
    return {
        row["asset_id"]: (row["content_sha256"], row["fake.mean"], row["corner"]) for row in run.table().to_pylist()
    }


# Listing


def test_a_prefix_is_read_like_a_folder(bucket, proxy):
    for key in ("in/z.png", "in/b/c/d.webp", "in/b/a.JPEG", "in/a.tiff", "other/x.png"):
        bucket(key, b"x")
    proxy.requests.clear()
    assert ids(f"{bucket.uri}/in") == ["a.tiff", "z.png", "b/a.JPEG", "b/c/d.webp"]
    assert ids(f"{bucket.uri}/in/") == ids(f"{bucket.uri}/in")
    assert ids(bucket.uri)[0] == "in/a.tiff"
    assert not [line for line in proxy.requests if line.startswith("HEAD")], "an object was asked for"


def test_what_a_prefix_leaves_out_is_said(bucket):
    for key in ("a.jpg", ".hidden.jpg", ".git/b.jpg", ".git/c.jpg", "notes.txt", "catalog.csv"):
        bucket(f"in/{key}", b"x")
    found = read_sources([f"{bucket.uri}/in"])
    assert {item.path.removeprefix(f"{bucket.uri}/in/"): item.reason for item in found.skipped} == {
        ".git": "hidden",
        ".hidden.jpg": "hidden",
        "catalog.csv": "a catalogue: name it to read it",
        "notes.txt": "no picture's ending: .txt",
    }


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.jpg", ["a.jpg", "b.jpg"]),
        ("in/[a]*", ["a.jpg"]),
        ("in/**/*.png", ["c.png", "d.png"]),
        ("in/*", ["a.jpg", "b.jpg", "c.png", "d.png"]),
        ("i*", ["a.jpg", "b.jpg", "c.png", "sub/d.png"]),
    ],
)
def test_globs_in_a_bucket(bucket, pattern, expected):
    for key in ("in/a.jpg", "in/b.jpg", "in/c.png", "in/sub/d.png"):
        bucket(key, b"x")
    assert ids(f"{bucket.uri}/{pattern}") == expected


def test_a_key_with_brackets_is_an_object_first(bucket):
    bucket("a[1].jpg", b"x")
    bucket("a1.jpg", b"x")
    assert ids(f"{bucket.uri}/a[1].jpg") == ["a[1].jpg"]


def test_an_object_named_by_itself_needs_no_ending(bucket):
    uri = bucket("poster", png(1))
    assert ids(uri) == ["poster"]


def test_a_prefix_gives_titles_as_a_folder_does(bucket):
    bucket("art/tt1/a.png", b"x")
    bucket("art/b.png", b"x")
    found = read_sources([f"{bucket.uri}/art"], titled=True).assets
    assert {asset.asset_id: asset.title_id for asset in found} == {"b.png": None, "tt1/a.png": "tt1"}


def test_a_list_on_stdin_may_name_objects(bucket):
    uri = bucket("a.png", b"x")
    assert ids("-", stdin=f"{uri}\nhttps://h/b.jpg?sig=1\n") == ["a.png", "b.jpg"]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("s3://{name}/nothing", "no picture found"),
        ("s3://{name}/nothing/*.png", "no picture found"),
        ("s3://no-such-bucket/in", "no such object or bucket"),
        ("s3://{name}/none.csv", "no such object or bucket"),
    ],
)
def test_a_whole_argument_that_gives_nothing_stops_the_call(bucket, uri, message):
    with pytest.raises(SourceError, match=message) as caught:
        read_sources([uri.format(name=bucket.name)])
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


# Reading


def test_bytes_and_stamp_of_an_object(bucket):
    uri = bucket("a.png", png(1))
    content = read_object(uri)
    assert content.data == png(1)
    assert content.stamp == stamp_of_object(uri) == objects_below(uri)[0].stamp
    assert content.stamp.bytes == len(png(1))
    assert content.stamp.tells


def test_what_is_too_large_is_not_fetched(bucket, proxy):
    uri = bucket("a.png", bytes(5000))
    proxy.requests.clear()
    assert failure(uri, max_bytes=4999) == "too_large"
    assert not [line for line in proxy.requests if line.startswith("GET")]
    assert len(read_object(uri, max_bytes=5000).data) == 5000


def test_an_object_that_grew_since_it_was_listed_is_not_read_to_its_end(bucket, proxy):
    uri = bucket("a.png", bytes(500_000))
    listed = replace_bytes(objects_below(uri)[0].stamp, 100)
    proxy.sent = 0
    assert failure(uri, max_bytes=1000, known=listed) == "too_large"
    assert proxy.sent < 10_000


def replace_bytes(stamp, size):
    return stamp._replace(bytes=size)


@pytest.mark.parametrize(("key", "reason"), [("none.png", "missing"), ("empty.png", "empty")])
def test_an_object_that_is_of_no_use_says_why(bucket, key, reason):
    bucket("empty.png", b"")
    assert failure(f"{bucket.uri}/{key}") == reason


def test_no_such_bucket_is_said(proxy):
    assert failure("s3://no-such-bucket-here/a.png") == "missing"


def test_a_connection_that_drops_is_taken_up_again(bucket, proxy):
    uri = bucket("a.png", png(1))
    proxy.cuts = 2
    assert read_object(uri).data == png(1)
    assert proxy.cuts == 0


def test_a_connection_that_always_drops_fails_its_row_and_is_tried_next_time(bucket, proxy, tmp_path):
    for number in range(3):
        bucket(f"in/{number}.png", png(number))
    clean = extract(f"{bucket.uri}/in", out=tmp_path / "clean")
    proxy.cuts, proxy.after = 10**6, 4000
    broken = extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert {row["reason"] for row in entries(broken.run).values()} == {"network"}
    proxy.cuts = 0
    again = extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert (again.ok, again.computed) == (3, 3)
    assert pixels(again.run) == pixels(clean.run)


def test_no_server_is_one_line(monkeypatch):
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}).items():
        monkeypatch.setenv(name, value)
    schemes.forget_connections()
    assert failure("s3://b/a.png") == "network"
    with pytest.raises(SourceError, match="check the network"):
        read_sources(["s3://b/in"])
    schemes.forget_connections()


# Runs over objects


def test_objects_give_the_rows_that_files_give(bucket, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(5):
        bucket(f"in/{number}.png", png(number))
        (tmp_path / "in" / f"{number}.png").write_bytes(png(number))
    bucket("in/broken.jpg", b"\xff\xd8\xff nothing")
    (tmp_path / "in" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    near = extract(tmp_path / "in", out=tmp_path / "near")
    far = extract(f"{bucket.uri}/in", out=tmp_path / "far")
    assert far.counts == near.counts
    assert pixels(far.run) == pixels(near.run)
    assert entries(far.run)["broken.jpg"]["message"].startswith(f"{bucket.uri}/in/broken.jpg")
    assert entries(far.run)["0.png"]["path"] == f"{bucket.uri}/in/0.png"


def test_a_second_call_only_lists(bucket, proxy, tmp_path):
    for number in range(3):
        bucket(f"in/{number}.png", png(number))
    extract(f"{bucket.uri}/in", out=tmp_path / "run")
    proxy.requests.clear()
    again = extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert (again.computed, again.reused) == (0, 3)
    assert len(proxy.requests) == 1


def test_a_listed_picture_costs_one_request(bucket, proxy, tmp_path):
    for number in range(3):
        bucket(f"in/{number}.png", png(number))
    proxy.requests.clear()
    extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert len(proxy.requests) == 4, proxy.requests


def test_only_changed_objects_are_computed(bucket, tmp_path):
    for number in range(3):
        bucket(f"in/{number}.png", png(number))
    extract(f"{bucket.uri}/in", out=tmp_path / "run")
    bucket("in/1.png", png(77))
    again = extract(f"{bucket.uri}/in", out=tmp_path / "run")
    assert (again.computed, again.reused) == (1, 2)


def test_cells_of_a_local_catalogue_may_be_uris(bucket, proxy, tmp_path):
    uris = [bucket(f"in/{number}.png", png(number)) for number in range(3)]
    lines = [f"{uri},t{number}" for number, uri in enumerate([*uris, f"{bucket.uri}/gone.png", "ftp://h/a.png"])]
    (tmp_path / "list.csv").write_text("\n".join(["image,title_id", *lines]))
    first = extract(tmp_path / "list.csv", out=tmp_path / "run")
    assert set(pixels(first.run)) == set(uris)
    failed = {row["asset_id"]: row["reason"] for row in entries(first.run).values() if row["status"] == "failed"}
    assert failed == {f"{bucket.uri}/gone.png": "missing", "ftp://h/a.png": "unsupported"}
    proxy.requests.clear()
    again = extract(tmp_path / "list.csv", out=tmp_path / "run")
    assert (again.reused, again.computed) == (3, 2)
    assert not [line for line in proxy.requests if line.startswith("GET") and "/in/" in line]


def test_a_catalogue_in_a_bucket_names_pictures_beside_it(bucket, tmp_path):
    bucket("art/in/a.png", png(1))
    bucket("up.png", png(2))
    cells = ["in/a.png,t", f"{bucket.uri}/up.png,t", "../up.png,u"]
    uri = bucket("art/catalog.csv", "\n".join(["image,title_id", *cells]).encode())
    summary = extract(uri, out=tmp_path / "run")
    assert {row["asset_id"]: row["path"] for row in entries(summary.run).values()} == {
        "in/a.png": f"{bucket.uri}/art/in/a.png",
        f"{bucket.uri}/up.png": f"{bucket.uri}/up.png",
        "../up.png": f"{bucket.uri}/up.png",
    }


@pytest.mark.parametrize("cell", ["/etc/passwd", "file:///etc/passwd", "C:\\a.png", "../../../etc/passwd", "\\\\h\\a"])
def test_a_catalogue_in_a_bucket_cannot_name_files_of_this_machine(bucket, cell):
    bucket("art/a.png", png(1))
    lines = [json.dumps({"image": image, "title_id": "t"}) for image in ("a.png", cell)]
    uri = bucket("art/catalog.jsonl", "\n".join(lines).encode())
    found = read_sources([uri])
    assert [asset.path for asset in found.assets] == [f"{bucket.uri}/art/a.png"]
    assert "cannot name a file" in found.skipped[0].reason or "leads out of the bucket" in found.skipped[0].reason
    assert found.skipped[0].path == f"{uri}:2"


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_form_of_catalogue_is_read_from_a_bucket(bucket, form):
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table({"image": ["a.png"], "title_id": ["t"]}), sink)
    content = {
        "csv": b"image,title_id\na.png,t\n",
        "jsonl": b'{"image": "a.png", "title_id": "t"}',
        "parquet": sink.getvalue(),
    }
    uri = bucket(f"c.{form}", content[form])
    (asset,) = read_sources([uri]).assets
    assert (asset.path, asset.title_id) == (f"{bucket.uri}/a.png", "t")


def test_a_broken_catalogue_in_a_bucket_names_its_address_and_line(bucket):
    uri = bucket("c.csv", b"image,title_id\na.png,t,more\n")
    with pytest.raises(SourceError, match=f"{uri}: line 2: 3 cells"):
        read_sources([uri])


# Who we are


class Refusing(BaseHTTPRequestHandler):
    code = "InvalidAccessKeyId"

    def do_GET(self):
        body = f"<?xml version='1.0'?><Error><Code>{self.code}</Code><Message>not you</Message></Error>".encode()
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that the library calls

    def log_message(self, *arguments):
        pass


@pytest.mark.parametrize(
    ("code", "error"), [("InvalidAccessKeyId", StoreError), ("ExpiredToken", StoreError), ("AccessDenied", DecodeError)]
)
def test_wrong_credentials_end_the_run_and_a_forbidden_object_only_its_row(web, monkeypatch, tmp_path, code, error):
    url = web(type("Handler", (Refusing,), {"code": code}))
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": url}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(error, match="not you"):
        read_object("s3://b/a.png")
    (tmp_path / "list.csv").write_text("image,title_id\ns3://b/a.png,t\n")
    if error is StoreError:
        with pytest.raises(StoreError) as caught:
            extract(tmp_path / "list.csv", out=tmp_path / "run")
        assert caught.value.exit_code == 2
    else:
        summary = extract(tmp_path / "list.csv", out=tmp_path / "run")
        assert entries(summary.run)["s3://b/a.png"]["reason"] == "forbidden"


def test_no_credentials_are_said(monkeypatch, tmp_path):
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    schemes.forget_connections()
    with pytest.raises(StoreError, match="does not accept who we are"):
        read_sources(["s3://b/in"])
    schemes.forget_connections()


@pytest.mark.parametrize(("uri", "name"), [("gs://b/in", "gs"), ("az://b/in", "az")])
def test_a_store_whose_library_is_absent_says_how_to_have_it(uri, name, monkeypatch):
    monkeypatch.setitem(schemes.SCHEMES, name, replace(schemes.SCHEMES[name], module="absent_module"))
    schemes.forget_connections()
    with pytest.raises(UsageError, match=rf"pip install 'artvision\[{name}\]'"):
        read_sources([uri])


# The web


class Pictures(BaseHTTPRequestHandler):
    """`script`: one behaviour a request, then requests are answered well."""

    protocol_version = "HTTP/1.1"
    script: ClassVar[list[str]] = []
    asked: ClassVar[list[str]] = []
    tag = '"one"'

    def do_GET(self):
        self.asked.append(f"{self.command} {self.path}")
        behaviour = self.script.pop(0) if self.script else "well"
        self.close_connection = True
        if behaviour.isdigit() or not self.path.startswith("/a.png"):
            self.send_error(int(behaviour) if behaviour.isdigit() else 404)
            return
        body = png(1)
        self.send_response(200)
        if behaviour != "no length":
            self.send_header("Content-Length", str(len(body)))
        if self.tag:
            self.send_header("ETag", self.tag)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[: len(body) // 2] if behaviour == "break off" else body)

    do_HEAD = do_GET  # noqa: N815 - the name that the library calls

    def log_message(self, *arguments):
        pass


def pictures(*script, tag='"one"'):
    return type("Handler", (Pictures,), {"script": list(script), "asked": [], "tag": tag})


@pytest.mark.parametrize(
    ("script", "requests"),
    [((), 1), (("break off",), 2), (("503", "break off", "429"), 4), (("no length",), 1)],
)
def test_a_picture_of_the_web_is_read_and_read_again_where_it_breaks_off(web, script, requests):
    handler = pictures(*script)
    uri = web(handler) + "/a.png?sig=1"
    content = read_object(uri)
    assert content.data == png(1)
    assert content.stamp.etag == '"one"'
    assert len(handler.asked) == requests


@pytest.mark.parametrize(
    ("script", "path", "reason", "requests"),
    [
        (("break off",) * 9, "/a.png", "network", 4),
        (("503",) * 9, "/a.png", "network", 4),
        (("403",), "/a.png", "forbidden", 1),
        (("401",), "/a.png", "forbidden", 1),
        (("400",), "/a.png", "unreadable", 1),
        ((), "/b.png", "missing", 1),
        (("410",), "/a.png", "missing", 1),
    ],
)
def test_what_the_web_refuses_has_its_reason(web, script, path, reason, requests):
    handler = pictures(*script)
    assert failure(web(handler) + path) == reason
    assert len(handler.asked) == requests


@pytest.mark.parametrize("behaviour", ["well", "no length"])
def test_no_more_of_the_web_is_read_than_allowed(web, behaviour):
    assert failure(web(pictures(behaviour)) + "/a.png", max_bytes=1000) == "too_large"


@pytest.mark.parametrize(("tag", "reused"), [('"one"', 1), (None, 1)])
def test_a_picture_of_the_web_that_stands_is_not_computed_again(web, tag, reused, tmp_path):
    handler = pictures(tag=tag)
    uri = web(handler) + "/a.png"
    extract(uri, out=tmp_path / "run")
    handler.asked.clear()
    again = extract(uri, out=tmp_path / "run")
    assert (again.computed, again.reused) == (0, reused)
    assert handler.asked == ["HEAD /a.png"] + ([] if tag else ["GET /a.png"])


# Reading ahead


def asset(path):
    return Asset(path, path)


def test_reading_ahead_gives_every_picture_its_own_bytes(bucket):
    assets = [asset(bucket(f"{number}.png", png(number))) for number in range(HELD + 9)]
    reader = Reader()
    chunks = [assets[start : start + 4] for start in range(0, len(assets), 4)]
    given = [one for chunk in reader.ahead(chunks) for one in chunk]
    assert given == assets
    for number in (len(assets) - 1, *range(len(assets) - 1)):
        assert reader.read(assets[number]).data == png(number)
    reader.close()


def test_what_was_begun_is_bounded(bucket):
    assets = [asset(bucket(f"{number}.png", png(1))) for number in range(2 * HELD)]
    reader = Reader()
    reader.expect(assets)
    assert len(reader._begun) == HELD
    reader.read(assets[-1])
    assert len(reader._begun) == HELD
    for one in assets[:-1]:
        reader.read(one)
    assert not reader._begun
    reader.close()


def test_a_reader_in_another_process_begins_empty(bucket):
    reader = Reader()
    reader.expect([asset(bucket("a.png", png(1)))])
    copy = pickle.loads(pickle.dumps(reader))
    assert copy.read(asset(f"{bucket.uri}/a.png")).data == png(1)
    reader.close()


def test_a_failure_ahead_is_that_picture_s(bucket):
    assets = [asset(f"{bucket.uri}/none.png"), asset(bucket("a.png", png(1)))]
    reader = Reader()
    reader.expect(assets)
    with pytest.raises(DecodeError):
        reader.read(assets[0])
    assert reader.read(assets[1]).data == png(1)
    reader.close()


def test_a_run_to_which_nothing_comes_any_more_ends(bucket, proxy, tmp_path, monkeypatch):
    monkeypatch.setattr(ahead, "GIVEN_UP", 3)
    for number in range(6):
        bucket(f"in/{number}.png", png(number))
    proxy.cuts, proxy.after = 10**6, 4000
    with pytest.raises(StoreError, match="nothing came for 3 objects in a row"):
        extract(f"{bucket.uri}/in", out=tmp_path / "run")
    proxy.cuts = 0
    assert extract(f"{bucket.uri}/in", out=tmp_path / "run").ok == 6


# Files alone


def test_a_run_over_files_opens_no_connection(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(png(1))
    (tmp_path / "list.csv").write_text(f"image,title_id\nfile://{tmp_path}/in/a.png,t\n../{tmp_path.name}/in/a.png,u\n")

    def refuse(*arguments, **options):
        raise AssertionError("a connection was made")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr(schemes, "_connected", refuse)
    summary = extract(tmp_path / "in", tmp_path / "list.csv", out=tmp_path / "run")
    assert summary.ok == 2
    done = [row["path"] for row in entries(summary.run).values() if row["status"] == "ok"]
    assert set(done) == {str(tmp_path / "in" / "a.png")}


def test_a_catalogue_s_ids_and_paths_write_nothing_outside_the_run(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "a.png").write_bytes(png(1))
    lines = ["image,title_id,asset_id", "../../a.png,../../t,../../../evil", "../../a.png,/t,/tmp/evil\\x"]
    (tmp_path / "in" / "deep" / "list.csv").write_text("\n".join(lines))
    before = set(tmp_path.rglob("*"))
    summary = extract(tmp_path / "in" / "deep" / "list.csv", out=tmp_path / "run", jsonl=True)
    assert {row["path"] for row in entries(summary.run).values()} == {str(tmp_path / "a.png")}
    new = set(tmp_path.rglob("*")) - before
    assert all(path == tmp_path / "run" or path.is_relative_to(tmp_path / "run") for path in new)
