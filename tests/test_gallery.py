"""The gallery file: what goes in comes out, nothing else is accepted, and no failure costs what was there."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from artvision import gallery as module
from artvision.errors import GalleryError
from artvision.gallery import (
    Actor,
    Decision,
    Gallery,
    Portrait,
    changing,
    read_gallery,
    same_name,
    write_gallery,
)
from artvision.recognition.register import known_runs, note_run

WIDTH = 8
DECISION = Decision(0.7, 0.02, "tests", wanted_rate=0.001, measured_rate=0.0005, impostors=640, data_sha256="ab")


def make_actor(actor_id, name="", *, portraits=2, seed=0, **more):
    templates = np.random.default_rng(seed).normal(size=(portraits, WIDTH)).astype(np.float32)
    pictures = tuple(Portrait(f"/people/{actor_id}/{number}.jpg", f"{number:064x}") for number in range(portraits))
    return Actor(actor_id, name or actor_id, templates, pictures, **{"added": date(2026, 4, 1), **more})


def make_gallery(*actors):
    return Gallery("dlib", ("aa" * 32, "bb" * 32), WIDTH, DECISION, actors)


UMA = make_actor("uma-thurman", "Uma Thurman", aliases=("U. Thurman",), basis="contract", scope=("tt0110912",), seed=1)
JOHN = make_actor("john-travolta", "John Travolta", basis="consent", expires=date(2027, 4, 30), portraits=3, seed=2)


def same(one, other):
    """Equal in everything; templates to the bit."""
    plain = [
        {**vars(item), "actors": [{**vars(a), "templates": a.templates.tobytes()} for a in item.actors]}
        for item in (one, other)
    ]
    return plain[0] == plain[1]


@pytest.fixture
def path(tmp_path):
    """A gallery file with two actors in a folder of its own."""
    file = tmp_path / "cast.gallery"
    write_gallery(make_gallery(UMA, JOHN), file)
    return file


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
days = st.dates()
actors = st.builds(
    lambda actor_id, name, rows, aliases, basis, scope, added, expires: Actor(
        actor_id,
        name,
        np.array(rows, np.float32).reshape(-1, WIDTH),
        tuple(Portrait(f"{name}/{number}", "0" * 64) for number in range(len(rows))),
        tuple(aliases),
        basis,
        tuple(scope),
        added,
        expires,
    ),
    texts,
    texts,
    st.lists(st.lists(st.floats(width=32), min_size=WIDTH, max_size=WIDTH), max_size=4),
    st.lists(texts, max_size=2),
    texts,
    st.lists(texts, max_size=2),
    days,
    st.none() | days,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(actors, max_size=4, unique_by=lambda actor: actor.actor_id))
def test_what_is_written_is_read(tmp_path, people):
    there = make_gallery(*people)
    write_gallery(there, tmp_path / "any")
    assert same(read_gallery(tmp_path / "any"), there)


def test_two_galleries_of_the_same_people_are_told_apart():
    assert make_gallery(UMA).gallery_id != make_gallery(UMA).gallery_id


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_its_owner_may_read_it_whatever_the_mask_and_the_old_mode(path):
    path.chmod(0o644)
    before = os.umask(0)
    try:
        write_gallery(make_gallery(UMA), path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_a_gallery_stays_one_and_the_file_behind_it_changes(path, tmp_path):
    link = tmp_path / "link" / "mine"
    link.parent.mkdir()
    link.symlink_to(path)
    with changing(link), pytest.raises(GalleryError, match="another artvision"), changing(path):
        pass
    write_gallery(make_gallery(JOHN), link)
    assert link.is_symlink()
    assert UMA.templates.tobytes() not in path.read_bytes()
    assert [*link.parent.iterdir()] == [link]


def foreign(path):
    save_file({"templates": np.zeros((1, WIDTH), np.float32)}, path)


def next_version(path):
    save_file({"templates": np.zeros((1, WIDTH), np.float32)}, path, metadata={"artvision_gallery": "2"})


def half_told(path):
    save_file({"templates": np.zeros((1, WIDTH), np.float32)}, path, metadata={"artvision_gallery": "1"})


def without_templates(path):
    save_file({"other": np.zeros((1, WIDTH), np.float32)}, path, metadata={"artvision_gallery": "1"})


def as_folder(path):
    path.unlink()
    path.mkdir()


def flipped(needle):
    def damage(path):
        data = bytearray(path.read_bytes())
        data[data.index(needle)] ^= 1
        path.write_bytes(data)

    return damage


BROKEN = {
    "missing": (Path.unlink, "there is no such gallery; `artvision actors enroll"),
    "folder": (as_folder, "is a folder; a gallery is a file"),
    "empty": (lambda path: path.write_bytes(b""), "cannot be read as a gallery"),
    "text": (lambda path: path.write_text("name,images\n"), "cannot be read as a gallery"),
    "picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99)), "cannot be read as a gallery"),
    "foreign": (foreign, "is no gallery of actors"),
    "next version": (next_version, "of version 2, this artvision reads 1; upgrade"),
    "half told": (half_told, "cannot be read as a gallery"),
    "no templates": (without_templates, "cannot be read as a gallery"),
    "a name altered": (flipped(b"Thurman"), "is damaged"),
    "a template altered": (flipped(JOHN.templates.tobytes()[-8:]), "is damaged"),
}


@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_gallery_is_one_line_that_names_the_file(path, damage, message):
    damage(path)
    with pytest.raises(GalleryError) as error:
        read_gallery(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


def test_a_gallery_cut_anywhere_is_refused(path):
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 11), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(GalleryError):
            read_gallery(path)


def test_a_flipped_bit_anywhere_is_refused_or_changes_nothing(path):
    whole, there = path.read_bytes(), read_gallery(path)
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with suppress(GalleryError):
            assert same(read_gallery(path), there)


class Killed(BaseException):
    """What no handler of errors catches, as a kill."""


FAILURES = {
    "opening": ("open", OSError(13, "Permission denied")),
    "wrapping": ("fdopen", OSError(24, "Too many open files")),
    "syncing": ("fsync", OSError(28, "No space left on device")),
    "renaming": ("replace", OSError(1, "Operation not permitted")),
}


def failing(monkeypatch, what, error):
    def fail(*_args, **_more):
        raise error

    monkeypatch.setattr(*((Path, "replace", fail) if what == "replace" else (module.os, what, fail)))


@pytest.mark.parametrize(("what", "error"), FAILURES.values(), ids=FAILURES)
def test_a_write_that_fails_leaves_the_old_gallery_and_nothing_else(path, monkeypatch, what, error):
    with monkeypatch.context() as patch:
        failing(patch, what, error)
        with pytest.raises(GalleryError, match=f"cast.gallery cannot be written: {error.strerror}.*as it was"):
            write_gallery(make_gallery(), path)
    assert [actor.actor_id for actor in read_gallery(path).actors] == ["uma-thurman", "john-travolta"]
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("what", ["fsync", "replace"])
def test_an_interrupted_write_leaves_no_templates_beside_the_gallery(path, monkeypatch, what):
    with monkeypatch.context() as patch:
        failing(patch, what, Killed())
        with pytest.raises(Killed):
            write_gallery(make_gallery(JOHN), path)
    assert len(read_gallery(path).actors) == 2
    assert [*path.parent.iterdir()] == [path]


KILLED = """
import os, signal, sys
from pathlib import Path
from artvision import gallery
path, what = Path(sys.argv[1]), sys.argv[2]
def kill(*_args):
    os.kill(os.getpid(), signal.SIGKILL)
if what == "replace":
    Path.replace = kill
else:
    setattr(os, what, kill)
there = gallery.read_gallery(path)
gallery.write_gallery(there.without("uma-thurman"), path)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("what", ["fsync", "replace"])
def test_a_killed_write_leaves_the_old_gallery_and_the_next_change_clears_up(path, what):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), what], check=False)
    assert killed.returncode == -9
    left = [file for file in path.parent.iterdir() if file != path]
    assert [file.name for file in left] == [".cast.gallery.tmp"]
    assert len(read_gallery(path).actors) == 2
    with changing(path):
        assert not left[0].exists()


HOLDER = """
import sys
from pathlib import Path
from artvision.gallery import changing
with changing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_gallery_that_another_process_changes_is_refused_until_it_is_done(path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(GalleryError, match="being changed by another artvision"), changing(path):
        pass
    holder.communicate("")
    with changing(path):
        pass


def test_an_error_of_the_work_inside_is_not_taken_for_one_of_the_lock(path):
    with pytest.raises(FileNotFoundError, match="portrait"), changing(path):
        raise FileNotFoundError("portrait.jpg")
    with changing(path):
        pass


def test_a_place_that_cannot_be_written_to_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GalleryError, match="cannot be written to"), changing(tmp_path / "file" / "cast.gallery"):
        pass
    with pytest.raises(GalleryError, match="cannot be written: No such file"):
        write_gallery(make_gallery(), tmp_path / "nowhere" / "cast.gallery")


def test_a_new_gallery_may_lie_in_a_folder_that_is_not_there_yet(tmp_path):
    with changing(tmp_path / "new" / "cast.gallery"):
        write_gallery(make_gallery(UMA), tmp_path / "new" / "cast.gallery")
    assert read_gallery(tmp_path / "new" / "cast.gallery").actors[0].name == "Uma Thurman"


RENEE = make_actor("rz", "Renée Zellweger")
OTHER_UMA = make_actor("uma-2", "Uma Thurman")
FOUND = [
    ("uma-2", ["uma-2"]),
    ("Uma Thurman", ["uma-thurman", "uma-2"]),
    ("UMA  THURMAN", ["uma-thurman", "uma-2"]),
    ("u thurman", ["uma-thurman"]),
    ("renee zellweger", ["rz"]),
    ("Rene\u0301e Zellweger", ["rz"]),
    ("Thurman", []),
    ("", []),
]


@pytest.mark.parametrize(("asked", "ids"), FOUND)
def test_actors_are_found_by_id_name_and_alias_however_written(asked, ids):
    assert [actor.actor_id for actor in make_gallery(UMA, JOHN, RENEE, OTHER_UMA).find(asked)] == ids


SPELLINGS = [
    ("Renée Zellweger", "RENEE ZELLWEGER"),
    ("Zeta-Jones", "zeta jones"),
    ("Penélope Cruz", "Pene\u0301lope\u00a0Cruz"),
    ("Straße", "STRASSE"),
    ("عُمَر", "عمر"),
    ("Soft\u00adHyphen", "softhyphen"),
    ("Ｕｍａ", "Uma"),
]
DIFFERENT = [("राम", "रमा"), ("さとう", "ざとう"), ("กา", "กี"), ("Li Na", "Lina")]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_two_spellings_are_one_name(one, other):
    assert same_name(one) == same_name(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_marks_that_spell_a_name_keep_two_names_apart(one, other):
    assert same_name(one) != same_name(other)


@given(texts)
def test_a_plain_name_stays_what_it_is(name):
    assert same_name(same_name(name)) == same_name(name)


def test_no_representation_shows_a_template():
    actor = replace(UMA, templates=np.full((2, WIDTH), 0.123456, np.float32))
    for shown in (repr(actor), repr(make_gallery(actor)), f"{actor}"):
        assert "0.123" not in shown
        assert "array" not in shown


def test_actors_join_replace_and_leave_by_id():
    there = make_gallery(UMA, JOHN)
    again = replace(UMA, name="Uma Karuna Thurman")
    changed = there.with_actors([again, RENEE])
    assert [actor.name for actor in changed.actors] == ["Uma Karuna Thurman", "John Travolta", "Renée Zellweger"]
    assert [actor.actor_id for actor in changed.without("john-travolta").actors] == ["uma-thurman", "rz"]
    assert changed.gallery_id == there.gallery_id
    assert there.actors == (UMA, JOHN)


def test_nothing_of_a_person_is_left_in_the_file_after_leaving(path):
    write_gallery(read_gallery(path).without("uma-thurman"), path)
    left = path.read_bytes()
    assert b"Thurman" not in left
    for row in UMA.templates:
        assert row[:2].tobytes() not in left
    assert JOHN.templates.tobytes() in left
    assert [*path.parent.iterdir()] == [path]


DAY = date(2026, 11, 24)
BARRED = [
    (make_actor("a"), "no rights basis"),
    (make_actor("a", basis="x", expires=date(2026, 11, 23)), "expired 2026-11-23"),
    (make_actor("a", basis="x", expires=DAY), ""),
    (make_actor("a", basis="x"), ""),
]


@pytest.mark.parametrize(("actor", "why"), BARRED)
def test_an_entry_without_basis_or_past_its_last_day_is_barred(actor, why):
    assert actor.barred(DAY) == why


@pytest.mark.parametrize(
    ("scope", "title", "covered"),
    [((), "tt1", True), ((), None, True), (("tt1",), "tt1", True), (("tt1",), "tt2", False), (("tt1",), None, False)],
)
def test_a_scope_covers_its_titles_only(scope, title, covered):
    assert make_actor("a", scope=scope).covers(title) is covered


def test_runs_are_remembered_once_and_beside_the_gallery(path):
    assert known_runs(path) == []
    for folder in (path.parent / "one", path.parent / "two", path.parent / "one"):
        note_run(path, folder)
    assert known_runs(path) == [path.parent / "one", path.parent / "two"]
