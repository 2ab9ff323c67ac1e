"""Films in a run: one row in the ledger for the film, one asset a still, looked through once."""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import asdict

import numpy as np
import pytest

av = pytest.importorskip("av", reason="the extra `video` is not installed")
pytest.importorskip("scenedetect", reason="the extra `video` is not installed")

from fakes import FakeStage  # noqa: E402 - those below need the extra
from films import film, painted, shot  # noqa: E402
from PIL import Image  # noqa: E402

from artvision import film as films  # noqa: E402
from artvision import pipeline, stages  # noqa: E402
from artvision.contract import Missing  # noqa: E402
from artvision.engines.crew import read_assets  # noqa: E402
from artvision.errors import DecodeError, UsageError  # noqa: E402
from artvision.film import looking, opening, scanning  # noqa: E402
from artvision.film.still import Still  # noqa: E402
from artvision.image import Picture  # noqa: E402
from artvision.merging.make import merge  # noqa: E402
from artvision.report.thumbnails import thumbnail  # noqa: E402
from artvision.reporting import Silent  # noqa: E402
from artvision.reproduction.verifying import verify  # noqa: E402
from artvision.searching.asking import resolved  # noqa: E402
from artvision.searching.query import Kind, Term  # noqa: E402
from artvision.settings import Settings  # noqa: E402
from artvision.sharding import Shard  # noqa: E402
from artvision.stages.video import Video  # noqa: E402


@pytest.fixture(autouse=True)
def _two_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([FakeStage, Video]))


@pytest.fixture
def looks(monkeypatch):
    """Paths of the films that were looked through; the look itself is made in this process, which is quicker."""
    seen = []

    def look(path, asked, limits, known, tell):
        seen.append(path)
        sha256 = sha256_of(path)
        return None if sha256 == known else scanning.scan(path, sha256, asked, tell)

    monkeypatch.setattr(opening, "look", look)
    return seen


def sha256_of(path):
    return scanning.content_sha256(path, lambda *_: None)


EVEN = {"qmin": "2", "qmax": "2", "g": "12"}  # frames of one quality: the encoder is not what is tested


def made(path, *seeds):
    """A film with a second of each painted picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return film(path, [frame for seed in seeds for frame in shot(painted(seed), 1)], **EVEN)


def extract(*paths, out, settings=None, **options):
    return pipeline.extract([str(path) for path in paths], out, settings or Settings(), **options)


def rows(run):
    return {row["asset_id"]: row for row in run.table().to_pylist()}


def entries(run):
    return {row["asset_id"]: row for row in run.ledger().to_pylist()}


@pytest.fixture
def trailer(tmp_path):
    return made(tmp_path / "trailer.mp4", 1, 2, 3)


def test_a_film_becomes_a_still_a_shot(trailer, tmp_path):
    summary = extract(trailer, out=tmp_path / "run")
    assert summary.account.startswith("attempted 4 = ok 4 + failed 0 + skipped 0")
    found = rows(summary.run)
    assert sorted(found) == [f"trailer.mp4#t={time}" for time in ("0.500", "1.500", "2.500")]
    one = found["trailer.mp4#t=1.500"]
    assert (one["path"], one["width"], one["height"], one["format"]) == (f"{trailer}#t=1.500", 160, 96, "film")
    assert one["still"]["film"] == str(trailer)
    assert one["still"]["timecode"] == "00:00:01.500"
    assert (one["still"]["shot_start"], one["still"]["shot_end"]) == (1.0, 2.0)
    assert (one["video.shot"], one["video.time"], one["video.cut_distance"]) == (2, 1.5, 0.5)
    assert one["video.position"] == pytest.approx(0.5, abs=0.001)
    assert one["video.stillness"] > 0.9


def test_the_film_has_a_row_of_its_own_in_the_ledger(trailer, tmp_path):
    entry = entries(extract(trailer, out=tmp_path / "run").run)["trailer.mp4"]
    assert (entry["status"], entry["has_row"], entry["content_sha256"]) == ("ok", False, sha256_of(str(trailer)))
    assert entry["notes"] == ["3 shots, 3 stills kept of 12 looked at"]
    assert [still["shot"] for still in entry["stills"]] == [1, 2, 3]


def test_a_film_is_looked_through_once(trailer, tmp_path, looks):
    first = extract(trailer, out=tmp_path / "run")
    again = extract(trailer, out=tmp_path / "run")
    assert looks == [str(trailer)]
    assert (again.computed, again.reused, again.attempted) == (0, 4, 4)
    assert rows(again.run) == rows(first.run)


class Told(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.lines, self.counts = [], []

    def notice(self, text):
        self.lines.append(text)

    def count(self, what, total, unit="images"):
        self.counts.append((what, total, unit, steps := []))
        return steps.append


def test_a_person_is_told_how_far_it_is_and_what_was_found(trailer, tmp_path, monkeypatch):
    def look(path, asked, limits, known, tell):
        tell("checksum", 5e6, 9.4e6)
        for done in (0.0, 1.2, 2.9, 3.4):
            tell("shots", done, 3.0)
        return scanning.Scanned("0" * 64, 1, 12, (), ("2 damaged packets",))

    monkeypatch.setattr(opening, "look", look)
    told = Told()
    extract(trailer, out=tmp_path / "run", reporter=told)
    assert told.counts == [("trailer.mp4: checksum", 9, "MB", [5]), ("trailer.mp4: shots", 3, "s", [0, 1, 1, 1])]
    assert told.lines == ["trailer.mp4: 1 shot, 0 stills kept of 12 looked at; 2 damaged packets"]


def test_a_film_that_was_only_touched_keeps_its_rows(trailer, tmp_path, looks):
    first = extract(trailer, out=tmp_path / "run")
    os.utime(trailer, (1, 1))
    again = extract(trailer, out=tmp_path / "run")
    assert rows(again.run) == rows(first.run)
    extract(trailer, out=tmp_path / "run")
    assert len(looks) == 2


def test_of_a_film_that_changed_no_old_still_is_left(trailer, tmp_path, looks):
    other = Image.new("RGB", (90, 60), "gray")
    other.save(tmp_path / "other.png")
    extract(trailer, tmp_path / "other.png", out=tmp_path / "run")
    made(trailer, 7, 8)
    again = extract(trailer, out=tmp_path / "run")
    assert sorted(rows(again.run)) == ["other.png", "trailer.mp4#t=0.500", "trailer.mp4#t=1.500"]
    assert {row["still"]["film_sha256"] for row in rows(again.run).values() if row["still"]} == {
        sha256_of(str(trailer))
    }
    assert again.kept == 1


def test_a_film_that_moved_is_not_looked_through_again(tmp_path, looks, monkeypatch):
    made(tmp_path / "old" / "a.mp4", 1, 2)
    before = rows(extract(tmp_path / "old", out=tmp_path / "run").run)
    (tmp_path / "old").rename(tmp_path / "new")
    monkeypatch.setattr(scanning, "scan", None)  # the bytes are compared, and nothing is looked through
    after = rows(extract(tmp_path / "new", out=tmp_path / "run").run)
    assert [*after] == [*before]
    assert {row["still"]["film"] for row in after.values()} == {str(tmp_path / "new" / "a.mp4")}


def test_films_left_out_once_are_followed_afterwards(trailer, tmp_path, looks):
    extract(trailer, out=tmp_path / "run")
    left = extract(trailer, out=tmp_path / "run", settings=Settings(films=False))
    assert (left.skipped, len(rows(left.run))) == (1, 3)
    made(trailer, 7, 8)
    assert len(rows(extract(trailer, out=tmp_path / "run").run)) == 2


def test_a_still_that_looks_as_before_says_what_its_film_is_now(trailer, tmp_path, looks):
    before = rows(extract(trailer, out=tmp_path / "run").run)
    made(trailer, 1, 2, 3, 4)
    after = rows(extract(trailer, out=tmp_path / "run").run)
    assert [after[name]["content_sha256"] == row["content_sha256"] for name, row in before.items()] == [True] * 3
    assert {row["still"]["film_sha256"] for row in after.values()} == {sha256_of(str(trailer))}


def test_a_still_that_a_person_named_follows_its_film(trailer, tmp_path):
    before = rows(extract(f"{trailer}#t=1.7", out=tmp_path / "run").run)
    made(trailer, 7, 8, 9)
    after = rows(extract(f"{trailer}#t=1.7", out=tmp_path / "run").run)
    assert [*before] == [*after]
    assert before["trailer.mp4#t=1.7"]["content_sha256"] != after["trailer.mp4#t=1.7"]["content_sha256"]


def test_more_stills_may_be_asked_of_the_same_run(tmp_path, looks):
    path = film(tmp_path / "a.mp4", [*shot(painted(1), 2), *shot(painted(2), 0.1), *shot(painted(3), 2)], g="1")
    first = extract(path, out=tmp_path / "run", settings=Settings(max_stills=1))
    again = extract(path, out=tmp_path / "run")
    assert (len(rows(first.run)), len(rows(again.run)), len(looks)) == (1, 2, 2)


def test_stills_inherit_what_the_catalogue_says_of_the_film(trailer, tmp_path, looks):
    with (tmp_path / "catalog.csv").open("w", newline="") as file:
        csv.writer(file).writerows([
            ["image", "title_id", "asset_id", "cast", "year"], ["trailer.mp4", "t1", "hero", "Uma|Vic", "1999"]
        ])  # fmt: skip
    run = extract(tmp_path / "catalog.csv", out=tmp_path / "run").run
    assert sorted(rows(run)) == [f"hero#t={time}" for time in ("0.500", "1.500", "2.500")]
    assert {(row["title_id"], tuple(row["cast"]), row["year"]) for row in rows(run).values()} == {
        ("t1", ("Uma", "Vic"), "1999")
    }
    with (tmp_path / "catalog.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["image", "title_id", "asset_id", "cast", "year"], ["trailer.mp4", "t1", "hero", "Uma", "2000"]]
        )
    again = extract(tmp_path / "catalog.csv", out=tmp_path / "run")
    assert {row["year"] for row in rows(again.run).values()} == {"2000"}
    assert (again.computed, len(looks)) == (0, 1)


def test_a_film_of_two_titles_is_looked_through_once(trailer, tmp_path, looks):
    (tmp_path / "catalog.csv").write_text("image,title_id\ntrailer.mp4,t1\ntrailer.mp4,t2\n")
    found = rows(extract(tmp_path / "catalog.csv", out=tmp_path / "run").run)
    assert [row["title_id"] for row in found.values()] == ["t1"] * 3 + ["t2"] * 3
    assert len(looks) == 1


def test_a_long_name_leaves_room_for_the_bar():
    told = Told()
    opening._Progress(told, "season 1/" + "long " * 20 + "name.mp4")("shots", 1.0, 3.0)
    ((what, *rest),) = told.counts
    assert (what, rest) == ("…" + ("long " * 20 + "name.mp4")[-31:] + ": shots", [3, "s", [1]])


def test_a_still_that_a_person_named_is_taken_as_it_is(trailer, tmp_path, looks):
    (tmp_path / "catalog.csv").write_text("image,title_id\ntrailer.mp4#t=1.7,t1\n")
    assert [*rows(extract(tmp_path / "catalog.csv", out=tmp_path / "listed").run)] == ["trailer.mp4#t=1.7"]
    (row,) = rows(extract(f"{trailer}#t=1.7", out=tmp_path / "run").run).values()
    assert (row["asset_id"], row["still"]["time"], row["still"]["shot"]) == ("trailer.mp4#t=1.7", 1.7, None)
    states = {one["field"]: one["state"] for one in row["missing"] if one["field"].startswith("video.")}
    assert set(states.values()) == {"abstained"}
    assert "video.time" not in states
    assert looks == []


def test_a_still_that_is_named_beside_its_film_is_there_once(trailer, tmp_path):
    summary = extract(trailer, f"{trailer}#t=1.500", out=tmp_path / "run")
    assert (summary.attempted, summary.run.table().num_rows) == (4, 3)


WITHIN = [
    (Still("a.mp4", 3.0, "", None, 12.0, 2, 2.0, 6.0), (0.25, 4.0, 1.0)),
    (Still("a.mp4", 12.0, "", None, 11.9, 2, 2.0, 11.9), (1.0, 9.9, 0.0)),
    (Still("a.mp4", 0.0, "", None, 0.0, 1, 0.0, 0.0), (0.0, 0.0, 0.0)),
    (Still("a.mp4", 3.0, ""), (Missing.ABSTAINED,) * 3),
]


@pytest.mark.parametrize(("still", "expected"), WITHIN)
def test_a_still_lies_within_its_shot_and_its_film(still, expected):
    picture = Picture(np.zeros((9, 16, 3), np.uint8), 16, 9, still=still)
    (result,) = Video(Settings()).run([picture], {})
    names = ("video.position", "video.shot_length", "video.cut_distance")
    assert [result.values[name] for name in names] == list(expected)


def test_a_picture_has_nothing_of_a_film(tmp_path):
    Image.new("RGB", (90, 60), "gray").save(tmp_path / "a.png")
    (row,) = rows(extract(tmp_path / "a.png", out=tmp_path / "run").run).values()
    assert row["still"] is None
    assert {one["state"] for one in row["missing"] if one["field"].startswith("video.")} == {"not_applicable"}


def test_a_film_that_fails_is_one_row_and_tried_again_when_asked(trailer, tmp_path):
    whole = trailer.read_bytes()
    trailer.write_bytes(whole[:2000])
    failed = extract(trailer, out=tmp_path / "run")
    assert failed.account.startswith("attempted 1 = ok 0 + failed 1")
    assert entries(failed.run)["trailer.mp4"]["reason"] == "format"
    assert "copy it again" in failed.failures[0].message
    stamp = trailer.stat()
    assert extract(trailer, out=tmp_path / "run").waiting
    trailer.write_bytes(whole)
    os.utime(trailer, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert extract(trailer, out=tmp_path / "run", retry_failed=True).ok == 4


def test_what_was_looked_through_survives_a_kill(trailer, tmp_path, looks, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.Engine, "compute", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            extract(trailer, out=tmp_path / "run")
    assert extract(trailer, out=tmp_path / "run").ok == 4
    assert len(looks) == 1


def test_a_kill_between_two_films_costs_the_second_alone(tmp_path, looks, monkeypatch):
    for number in (1, 2):
        made(tmp_path / "art" / f"{number}.mp4", number)
    honest = opening.look

    def killed(path, *rest):
        if path.endswith("2.mp4"):
            raise KeyboardInterrupt
        return honest(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(opening, "look", killed)
        with pytest.raises(KeyboardInterrupt):
            extract(tmp_path / "art", out=tmp_path / "run")
    assert extract(tmp_path / "art", out=tmp_path / "run").ok == 4
    assert looks == [str(tmp_path / "art" / f"{number}.mp4") for number in (1, 2)]


def test_films_in_folders_are_taken_or_left_out_with_a_reason(tmp_path, looks, monkeypatch):
    made(tmp_path / "art" / "b.mp4", 1)
    Image.new("RGB", (90, 60), "gray").save(tmp_path / "art" / "a.png")
    art = tmp_path / "art"
    assert extract(art, out=tmp_path / "taken", reporter=(told := Told())).attempted == 3
    assert told.lines[0].startswith("b.mp4: 1 shot")
    left = extract(art, out=tmp_path / "left", settings=Settings(films=False))
    assert (left.ok, left.skipped, left.left_out[0].reason) == (1, 1, opening.NO_FILMS)
    monkeypatch.setattr(films, "MODULES", ("no_such_module",))
    without = extract(art, out=tmp_path / "without")
    assert (without.ok, without.skipped) == (1, 1)
    assert without.left_out[0].reason == "a film: pip install 'artvision[video]'"
    assert len(looks) == 1


def test_without_the_extra_a_named_film_is_refused_and_a_listed_one_fails(trailer, tmp_path, looks, monkeypatch):
    (tmp_path / "catalog.csv").write_text("image,title_id\ntrailer.mp4,t1\n")
    with monkeypatch.context() as patch:
        patch.setattr(films, "MODULES", ("no_such_module",))
        with pytest.raises(UsageError, match=r"pip install 'artvision\[video\]'") as caught:
            extract(trailer, out=tmp_path / "run")
        assert caught.value.exit_code == 2
        failed = extract(tmp_path / "catalog.csv", out=tmp_path / "run")
        assert (failed.failed, failed.failures[0].reason) == (1, "unsupported")
    assert extract(tmp_path / "catalog.csv", out=tmp_path / "run").ok == 4  # the next call looks without being asked


def test_shards_share_films_out_and_merge_to_the_whole(tmp_path, looks):
    for number in range(4):
        made(tmp_path / "art" / f"{number}.mp4", number, number + 10)
    whole = extract(tmp_path / "art", out=tmp_path / "whole", reporter=(told := Told()))
    assert told.lines[0] == "4 films, 0.0 GB, to look through first; --no-films: none"
    parts = [extract(tmp_path / "art", out=tmp_path / str(n), shard=Shard(n, 2)) for n in (1, 2)]
    assert sum(part.attempted for part in parts) == whole.attempted == 12
    assert len(looks) == 8
    joined = merge([tmp_path / "1", tmp_path / "2"], tmp_path / "joined", reporter=Silent())
    without = [{name: row | {"run_id": ""} for name, row in rows(run).items()} for run in (whole.run, joined.run)]
    assert without[0] == without[1]


def test_a_run_of_stills_verifies(trailer, tmp_path, looks):
    found = verify(extract(trailer, out=tmp_path / "run").run, reporter=Silent())
    assert (found.same, found.violations) == (3, [])


def test_an_asset_with_its_still_travels_as_json(trailer, looks):
    opened = opening.Films(Settings(), Silent(), retry_failed=False).opened(
        [opening.Asset("a", str(trailer))], {}, "run", lambda _: None
    )
    assert read_assets(json.dumps([asdict(asset) for asset in opened.assets])) == opened.assets


def test_whoever_shows_or_asks_for_a_picture_may_name_a_still(trailer):
    assert thumbnail(f"{trailer}#t=1.5", None, side=64, max_pixels=10**8).webp.startswith(b"RIFF")
    assert resolved(Term(Kind.WORDS, f"{trailer}#t=1.5")).kind is Kind.PICTURE
    with pytest.raises(UsageError, match="no such picture"):
        resolved(Term(Kind.WORDS, "gone.mp4#t=1.5"))
    examined = pipeline.examine(f"{trailer}#t=1.5")
    assert examined.picture.width == 160
    with pytest.raises(DecodeError, match=r"mp4#t=12\.5 is what it shows"):
        pipeline.examine(str(trailer))


ENDS = [
    ("import time; time.sleep(60)", looking.Limits(0.3, 1 << 40), "timeout"),
    ("import os; os.abort()", looking.Limits(9, 1 << 40), "crash"),
    ("import time; x = bytearray(b'x' * (64 << 20)); time.sleep(60)", looking.Limits(9, 32 << 20), "memory"),
    ("import time; time.sleep(0.3); raise SystemExit(3)", looking.Limits(0, 1 << 40), "crash"),
    ("print('{\"found\": {\"sha', end='')", looking.Limits(0, 1 << 40), "crash"),
]


@pytest.mark.parametrize(
    ("script", "limits", "reason"), ENDS, ids=["hangs", "dies", "swells", "gives up", "breaks off"]
)
def test_a_decoder_that_misbehaves_is_one_failed_film(monkeypatch, script, limits, reason):
    monkeypatch.setattr(looking.interpreter, "command", lambda *_: [sys.executable, "-c", script])
    monkeypatch.setattr(looking, "POLL", 0.05)
    with pytest.raises(DecodeError, match=r"^a\.mp4: ") as caught:
        looking.look("a.mp4", looking.Asked(1, 0, 10**8, 1), limits, None, lambda *_: None)
    assert caught.value.reason == reason


def test_no_module_of_the_folder_that_one_stands_in_is_run(trailer, tmp_path, monkeypatch):
    (tmp_path / "av.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    found = looking.look(
        str(trailer), looking.Asked(1, 0, 10**8, 1), looking.Limits(60, 1 << 40), None, lambda *_: None
    )
    assert found is not None
    assert found.shots == 3
