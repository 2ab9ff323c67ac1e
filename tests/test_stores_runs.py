"""Runs in a store: what readers see while one is replaced, who may write, what survives a kill."""

import json
import threading

import pytest
from fakes import FakeStage, LateStage
from object_stores import png

from artvision import pipeline, stages
from artvision.errors import RunError, UsageError
from artvision.run import read_run
from artvision.settings import Settings
from artvision.stores import lock as lock_module
from artvision.stores import publishing, schemes, snapshot
from artvision.stores.manifest import Manifest, read_manifest
from artvision.stores.place import Place
from artvision.writing import writer


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([LateStage, FakeStage]))
    monkeypatch.setattr(lock_module, "SETTLING", 0.0)


@pytest.fixture(params=["s3", "memory"])
def uri(request, s3, monkeypatch):
    """The prefix of a run that is not there yet; in a real server, and in fsspec's memory, for what needs none."""
    if request.param == "memory":
        import fsspec

        monkeypatch.setitem(schemes.SCHEMES, "memory", schemes.Scheme("fsspec", "none"))
        fsspec.filesystem("memory").store.clear()
        return "memory://bucket/runs/today"
    return f"s3://{s3()}/runs/today"


@pytest.fixture
def folder(tmp_path):
    target = tmp_path / "images"
    target.mkdir()
    for number in range(5):
        (target / f"{number}.png").write_bytes(png(number))
    return target


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Go on as another machine: with an empty cache."""
    count = iter(range(99))
    return lambda: monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / f"machine-{next(count)}"))


def extract(*paths, out, **options):
    return pipeline.extract(paths, out, Settings(workers=1, batch_size="1"), **options)


def rows(run):
    return {
        row["asset_id"]: {name: value for name, value in row.items() if name != "run_id"}
        for row in run.table().to_pylist()
    }


def test_a_run_in_a_store_has_the_rows_of_one_in_a_folder(uri, folder, tmp_path, elsewhere):
    near = extract(folder, out=tmp_path / "run")
    far = extract(folder, out=uri)
    assert rows(far.run) == rows(near.run)
    elsewhere()
    found = read_run(uri)
    assert rows(found) == rows(near.run)
    assert found.contract == near.run.contract
    assert found.ledger().num_rows == 5
    assert found.info["counts"] == far.counts


def test_what_lies_in_the_store_is_what_run_json_names(uri, folder):
    for number in range(3):
        (folder / "new.png").write_bytes(png(50 + number))
        extract(folder, out=uri)
        named = {stored.object for stored in read_manifest(uri).objects.values()}
        assert set(Place(uri).names()) == named | {"run.json"}


def test_what_others_keep_beside_a_run_stays(uri, folder):
    others = ["ledger.2024.json", "notes.txt", "part-00000.snappy.parquet"]
    for name in others:
        Place(uri).put(name, b"ours")
    for number in range(2):
        (folder / "new.png").write_bytes(png(50 + number))
        extract(folder, out=uri)
    assert set(others) <= set(Place(uri).names())


def test_a_part_that_stands_is_not_put_again(uri, folder):
    extract(folder, out=uri)
    before = read_manifest(uri).objects
    (folder / "new.png").write_bytes(png(50))
    second = extract(folder, out=uri)
    after = read_manifest(uri).objects
    assert (second.computed, second.reused) == (1, 5)
    assert after["part-00000.parquet"] == before["part-00000.parquet"]
    assert after["ledger.parquet"].object != before["ledger.parquet"].object


def test_nothing_new_publishes_nothing(uri, folder, monkeypatch):
    extract(folder, out=uri)
    before = read_manifest(uri).text
    extract(folder, out=uri)
    assert read_manifest(uri).text == before


def test_another_machine_extends_the_run(uri, folder, elsewhere):
    extract(folder, out=uri)
    elsewhere()
    (folder / "new.png").write_bytes(png(50))
    second = extract(folder, out=uri)
    assert (second.computed, second.reused) == (1, 5)


def test_a_reader_keeps_the_version_it_opened(uri, folder):
    extract(folder, out=uri)
    opened = read_run(uri)
    before = rows(opened)
    (folder / "0.png").write_bytes(png(70))
    extract(folder, out=uri, overwrite=True)
    assert rows(opened) == before
    assert rows(read_run(uri)) != before


def test_a_run_that_is_replaced_while_it_is_read_is_read_whole(uri, folder, elsewhere, monkeypatch):
    """The old objects go between the reading of `run.json` and that of the parts."""
    extract(folder, out=uri)
    old = read_manifest(uri)
    (folder / "0.png").write_bytes(png(70))
    extract(folder, out=uri, overwrite=True)
    elsewhere()
    answers = iter([old])
    monkeypatch.setattr(snapshot, "read_manifest", lambda place: next(answers, None) or read_manifest(place))
    assert rows(read_run(uri)) == rows(read_run(uri))
    assert read_run(uri).info["run_id"] == read_manifest(uri).info["run_id"]


def test_readers_see_whole_runs_while_writers_go_on(uri, folder, monkeypatch):
    extract(folder, out=uri)
    whole, ended, seen = [], threading.Event(), set()

    def read():
        while not ended.is_set():
            run = read_run(uri)
            table, ledger = run.table(), run.ledger()
            seen.add(run.run_id)
            whole.append(table.num_rows == run.info["rows"] == ledger.num_rows)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(4):
        (folder / f"more-{number}.png").write_bytes(png(80 + number))
        extract(folder, out=uri, overwrite=bool(number % 2))
    ended.set()
    reader.join()
    assert whole
    assert all(whole)


def test_a_kill_at_any_write_leaves_the_old_run_or_the_new(uri, folder, elsewhere, monkeypatch):
    extract(folder, out=uri)
    old = rows(read_run(uri))
    (folder / "0.png").write_bytes(png(70))
    real_put, real_remove = Place.put, Place.remove
    outcomes = set()
    for moment in range(40):
        left = iter(range(moment))

        def put(self, name, data, left=left):
            if name != ".lock" and next(left, None) is None:
                raise KeyboardInterrupt
            real_put(self, name, data)

        def remove(self, names, left=left):
            for name in names:
                if name != ".lock" and next(left, None) is None:
                    raise KeyboardInterrupt
                real_remove(self, [name])

        monkeypatch.setattr(Place, "put", put)
        monkeypatch.setattr(Place, "remove", remove)
        try:
            extract(folder, out=uri)
        except KeyboardInterrupt:
            killed = True
        else:
            killed = False
        monkeypatch.setattr(Place, "put", real_put)
        monkeypatch.setattr(Place, "remove", real_remove)
        elsewhere()
        seen = rows(read_run(uri))
        outcomes.add(seen == old)
        assert len(seen) == 5
        if not killed:
            break
    else:
        raise AssertionError("never came to its end")
    assert outcomes == {True, False}
    named = {stored.object for stored in read_manifest(uri).objects.values()}
    assert {*Place(uri).names(), *Place(uri).names(".staging")} == named | {"run.json"}
    assert rows(read_run(uri)) == rows(extract(folder, out=folder.parent / "fresh").run)


def test_another_machine_goes_on_with_sealed_chunks(uri, folder, elsewhere, monkeypatch):
    monkeypatch.setattr(writer, "ROWS_PER_CHUNK", 1)
    seen = []

    class Killing(FakeStage):
        def run(self, batch, upstream):
            if len(seen) == 3:
                raise KeyboardInterrupt
            seen.append(1)
            return super().run(batch, upstream)

    with monkeypatch.context() as patch:
        patch.setattr(stages, "discover", lambda: stages.arrange([LateStage, Killing]))
        with pytest.raises(KeyboardInterrupt):
            extract(folder, out=uri)
    assert any(name.startswith(".staging/chunk") for name in Place(uri).names(".staging"))
    elsewhere()
    summary = extract(folder, out=uri)
    assert (summary.computed, summary.reused) == (2, 3)
    assert rows(summary.run) == rows(extract(folder, out=folder.parent / "fresh").run)
    assert not Place(uri).names(".staging")


def test_an_altered_part_is_refused(uri, folder, elsewhere):
    extract(folder, out=uri)
    name = read_manifest(uri).objects["part-00000.parquet"].object
    Place(uri).put(name, b"something else")
    elsewhere()
    with pytest.raises(RunError, match=r"is not what run.json says"):
        read_run(uri)


def test_a_part_that_is_gone_is_said(uri, folder, elsewhere):
    extract(folder, out=uri)
    Place(uri).remove([read_manifest(uri).objects["part-00000.parquet"].object])
    elsewhere()
    with pytest.raises(RunError, match=r"is gone, but run.json names it"):
        read_run(uri)


def test_no_run_is_said(uri):
    with pytest.raises(RunError, match=f"{uri} holds no finished run"):
        read_run(uri)


@pytest.mark.parametrize(
    "text",
    [
        b"no json",
        b"{}",
        b'{"run_format": 1, "objects": {"../x": {}}}',
        b'{"run_format": 99, "objects": {}}',
    ],
)
def test_a_foreign_run_json_is_refused(uri, folder, text):
    Place(uri).put("run.json", text)
    with pytest.raises(RunError, match=r"no run that this artvision put there"):
        read_run(uri)
    with pytest.raises(RunError, match=r"no run that this artvision put there"):
        extract(folder, out=uri)


def test_a_name_in_run_json_cannot_lead_out_of_the_cache():
    stored = {"object": "x", "bytes": 1, "sha256": ""}
    for name, told in (("../x", stored), ("x", stored | {"object": "../../x"}), ("/x", stored)):
        with pytest.raises(RunError):
            Manifest.parse("s3://b/r", json.dumps({"run_format": 1, "objects": {name: told}}).encode())


# Writers


def test_a_second_writer_is_refused_and_told_who_writes(uri, folder):
    with (
        lock_module.locked(Place(uri)),
        pytest.raises(RunError, match=r"is being written by another artvision \(.*process"),
    ):
        extract(folder, out=uri)
    assert extract(folder, out=uri).ok == 5


def test_only_one_of_many_gets_the_lock(uri):
    held, refused, together = [], [], threading.Barrier(6)

    def run():
        together.wait()
        try:
            with lock_module.locked(Place(uri)):
                held.append(1)
                ended.wait(10)
        except RunError:
            refused.append(1)
            if len(refused) == 5:
                ended.set()

    ended = threading.Event()
    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(held), len(refused)) == (1, 5)


@pytest.mark.parametrize(
    "owner",
    [
        {"token": "x", "host": "elsewhere", "pid": 1, "renewed": 0},
        {"token": "x", "host": "elsewhere", "pid": 1},
        {"token": "x", "host": None, "pid": 2**22 + 5, "renewed": 10**12},
    ],
)
def test_a_lock_that_nobody_holds_any_more_is_taken_over(uri, folder, owner):
    own = {"host": lock_module.socket.gethostname()} if owner["host"] is None else {}
    Place(uri).put(".lock", json.dumps(owner | own).encode())
    assert extract(folder, out=uri).ok == 5
    assert ".lock" not in Place(uri).names()


def test_whoever_lost_the_lock_does_not_publish(uri, folder, monkeypatch):
    extract(folder, out=uri)
    before = read_manifest(uri).text
    (folder / "new.png").write_bytes(png(50))
    real = publishing._stored

    def taken_over(run, earlier):
        Place(uri).put(".lock", b'{"token": "another"}')
        return real(run, earlier)

    monkeypatch.setattr(publishing, "_stored", taken_over)
    with pytest.raises(RunError, match="was taken over by another"):
        extract(folder, out=uri)
    assert read_manifest(uri).text == before
    assert Place(uri).get(".lock") == b'{"token": "another"}'


def test_a_run_published_meanwhile_is_not_replaced(uri, folder, monkeypatch):
    extract(folder, out=uri)
    (folder / "new.png").write_bytes(png(50))
    other = read_manifest(uri)
    changed = Manifest.build(other.info | {"run_id": "another"}, other.objects)
    real = publishing._stored

    def published(run, earlier):
        Place(uri).put("run.json", changed.text)
        return real(run, earlier)

    monkeypatch.setattr(publishing, "_stored", published)
    with pytest.raises(RunError, match="was published by another artvision meanwhile"):
        extract(folder, out=uri)
    assert read_manifest(uri).text == changed.text


def test_a_lock_is_renewed_while_it_is_held(uri, monkeypatch):
    monkeypatch.setattr(lock_module, "RENEWED_EVERY", 0.01)
    with lock_module.locked(Place(uri)):
        first = Place(uri).get(".lock")
        for _ in range(500):
            if Place(uri).get(".lock") != first:
                break
            threading.Event().wait(0.01)
        else:
            raise AssertionError("never renewed")


# Refusals


def test_a_run_of_another_make_is_refused(uri, folder, monkeypatch):
    extract(folder, out=uri)
    with pytest.raises(RunError, match="made differently"):
        pipeline.extract(folder, uri, Settings(background="#000000"))


def test_recognised_actors_do_not_go_into_a_store(folder, tmp_path):
    with pytest.raises(UsageError, match="forget"):
        publishing.refuse_people("s3://b/run")
    publishing.refuse_people(tmp_path)


def test_a_run_is_not_written_to_the_web(folder):
    with pytest.raises(UsageError, match="can be read from the web and not be written there"):
        extract(folder, out="https://h/run")


def test_a_store_that_cannot_be_written_is_one_line(s3, folder):
    with pytest.raises(RunError, match=r"cannot write s3://no-such-bucket-at-all/run.*") as caught:
        extract(folder, out="s3://no-such-bucket-at-all/run")
    assert "\n" not in str(caught.value)


def test_superseded_versions_leave_the_cache_after_an_hour(uri, folder, elsewhere, monkeypatch):
    elsewhere()
    extract(folder, out=uri)
    first = read_run(uri).folder
    (folder / "0.png").write_bytes(png(70))
    extract(folder, out=uri)
    assert first.is_dir()
    monkeypatch.setattr(snapshot, "KEPT_SECONDS", -1.0)
    (folder / "0.png").write_bytes(png(71))
    extract(folder, out=uri)
    assert not first.is_dir() or read_run(uri).folder == first
    assert rows(read_run(uri))


def test_the_cache_that_cannot_be_written_is_said(uri, folder, elsewhere, monkeypatch, tmp_path):
    extract(folder, out=uri)
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("ARTVISION_CACHE", str(tmp_path / "file"))
    with pytest.raises(RunError, match="point ARTVISION_CACHE"):
        read_run(uri)
