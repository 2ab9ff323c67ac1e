import inspect
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artvision.errors import SourceError
from artvision.sources import read_sources


@pytest.fixture
def art(tmp_path, monkeypatch):
    """A working folder `art` that is entered; `touch` makes files in it."""
    folder = tmp_path / "art"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def touch(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x")


def ids(*paths, stdin=None):
    return [asset.asset_id for asset in read_sources(paths, stdin and io.StringIO(stdin)).assets]


def reasons(*paths):
    return {os.path.relpath(item.path): item.reason for item in read_sources(paths).skipped}


def refusal(*paths, stdin=None):
    with pytest.raises(SourceError) as caught:
        read_sources(paths, stdin)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_is_known_by_its_name(art):
    touch("a.jpg")
    (asset,) = read_sources(["a.jpg"]).assets
    assert (asset.asset_id, asset.path, asset.title_id) == ("a.jpg", str(art / "a.jpg"), None)


def test_a_folder_is_read_to_its_depth_in_order(art):
    touch("in/z.png", "in/b/c/d.webp", "in/b/a.JPEG", "in/a.tiff")
    assert ids("in") == ["a.tiff", "z.png", "b/a.JPEG", "b/c/d.webp"]
    assert ids(str(art / "in") + "/") == ids("in")


def test_what_a_folder_leaves_out_is_said(art):
    touch("in/a.jpg", "in/.hidden.jpg", "in/.git/b.jpg", "in/notes.txt", "in/catalog.csv", "in/raw", "in/c.jpg/d.jpg")
    assert ids("in") == ["a.jpg", "c.jpg/d.jpg"]
    assert reasons("in") == {
        "in/.git": "hidden",
        "in/.hidden.jpg": "hidden",
        "in/c.jpg": "a folder named like a picture: what is in it is read",
        "in/catalog.csv": "a catalogue: name it to read it",
        "in/notes.txt": "no picture's ending: .txt",
        "in/raw": "no picture's ending: none",
    }


def test_links_that_lead_back_end(art):
    touch("in/a.jpg", "in/sub/b.jpg")
    Path("in/sub/loop").symlink_to("..", target_is_directory=True)
    Path("in/also").symlink_to("sub", target_is_directory=True)
    Path("in/gone.jpg").symlink_to("nowhere.jpg")
    assert ids("in") == ["a.jpg", "gone.jpg", "also/b.jpg"]
    assert set(reasons("in").values()) == {"a link to a folder that is read already"}


def test_a_deep_tree_is_read_without_recursion(art, monkeypatch):
    touch("in/" + "d/" * 100 + "a.jpg")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 60)
    try:
        assert len(ids("in")) == 1
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.jpg", ["a.jpg", "b.jpg"]),
        ("in/?.jpg", ["a.jpg", "b.jpg"]),
        ("in/[a]*", ["a.jpg"]),
        ("in/**/*.png", ["c.png", "d.png"]),
        ("in/**", ["a.jpg", "b.jpg", "c.png", "d.png"]),
        ("i*", ["a.jpg", "b.jpg", "c.png", "sub/d.png"]),
    ],
)
def test_globs_that_no_shell_expanded(art, pattern, expected):
    touch("in/a.jpg", "in/b.jpg", "in/c.png", "in/sub/d.png")
    assert ids(pattern) == expected


def test_a_name_with_brackets_is_a_file_first(art):
    touch("a[1].jpg", "a1.jpg")
    assert ids("a[1].jpg") == ["a[1].jpg"]


def test_a_list_on_stdin(art):
    touch("a.jpg", "in/b.jpg")
    found = read_sources(["-"], io.StringIO("a.jpg\n\n  in\ngone.txt\r\ns3://bucket/c.jpg\n")).assets
    assert [asset.asset_id for asset in found] == ["a.jpg", "b.jpg", "gone.txt", "c.jpg"]
    assert [asset.path for asset in found][1:] == [str(art / "in/b.jpg"), str(art / "gone.txt"), "s3://bucket/c.jpg"]


def test_a_missing_picture_becomes_an_asset_that_will_fail(art):
    assert ids("gone.jpg") == ["gone.jpg"]


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ((), "no inputs"),
        (("postr",), "did you mean poster?"),
        (("gone.csv",), "no such file"),
        (("*.jpg",), "no picture found"),
        (("empty",), "no picture found"),
        (("texts",), "2 × no picture's ending: .txt"),
        (("ftp://h/a.jpg",), "ftp:// is not read; s3://, gs://, az://, https:// are"),
        (("simplecache::https://h/a.jpg",), "is not read"),
        (("https://h/posters/",), "a web server does not say what it has"),
        (("https://me:word@h/a.jpg",), "a password in the address"),
        (("file://elsewhere/a.jpg",), "a file of another machine"),
        (("-",), "standard input"),
        (("poster", "empty"), "empty: "),
    ],
)
def test_arguments_that_give_nothing_are_refused(art, paths, said):
    touch("poster/a.jpg", "texts/a.txt", "texts/b.txt")
    Path("empty").mkdir()
    assert said in refusal(*paths)


def test_names_that_clash_become_paths_whatever_their_order(art):
    touch("x/a.jpg", "y/a.jpg", "y/b.jpg")
    expected = {str(art / "x/a.jpg"), str(art / "y/a.jpg"), "b.jpg"}
    assert set(ids("x", "y")) == set(ids("y", "x")) == set(ids("x/a.jpg", "y/b.jpg", "y/a.jpg")) == expected


def test_a_file_given_twice_is_looked_at_once(art):
    touch("x/a.jpg", "x/b.jpg")
    found = read_sources(["x/a.jpg", "x/a.jpg", "x", "x/../x/a.jpg"])
    assert [asset.asset_id for asset in found.assets] == ["a.jpg", "b.jpg"]
    assert [item.reason for item in found.skipped] == ["duplicate"] * 3
    assert len({item.path for item in found.skipped}) == 3


def test_a_name_that_is_not_utf8_is_skipped(art):
    try:
        Path(os.fsdecode(b"in")).mkdir()
        Path(os.fsdecode(b"in/caf\xe9.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    touch("in/a.jpg")
    assert ids("in") == ["a.jpg"]
    assert "UTF-8" in reasons("in")["in/caf\\xe9.jpg"]


def test_a_catalogue_beside_its_folder_names_each_picture_once(art):
    touch("p/a.jpg", "p/b.jpg")
    Path("p/catalog.csv").write_text("image,title_id\na.jpg,1\n")
    for paths in (["p", "p/catalog.csv"], ["p/catalog.csv", "p"], ["p/a.jpg", "p/b.jpg", "p/catalog.csv"]):
        found = read_sources(paths)
        assert {(asset.asset_id, asset.title_id) for asset in found.assets} == {("a.jpg", "1"), ("b.jpg", None)}
        assert [item.reason for item in found.skipped] == ["duplicate: the catalogue names it"]


def test_two_catalogues_with_one_name_for_two_files(art):
    for folder in ("x", "y"):
        touch(f"{folder}/a.jpg")
        Path(folder, "c.csv").write_text("image,title_id\na.jpg,1\n")
    assert set(ids("x/c.csv", "y/c.csv")) == {str(art / "x/a.jpg"), str(art / "y/a.jpg")}


@given(
    st.lists(
        st.sampled_from(["x", "y", "x/a.jpg", "y/a.jpg", "x/c.csv", "y/c.csv", "x/*.jpg", "gone.jpg", "-", "x/n.txt"]),
        min_size=1,
        max_size=7,
    )
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_given_names_are_unique_and_order_is_irrelevant(art, paths):
    touch("x/a.jpg", "x/b/a.jpg", "y/a.jpg", "x/n.txt")
    Path("x/c.csv").write_text("image,title_id\na.jpg,1\na.jpg,2\nb/a.jpg,1\n,3\n")
    Path("y/c.csv").write_text("image,title_id\na.jpg,1\n../x/a.jpg,1\n")
    once = [path for at, path in enumerate(paths) if path != "-" or "-" not in paths[:at]]
    found = read_sources(once, io.StringIO("y/a.jpg\nx/b\n"))
    names = [asset.asset_id for asset in found.assets] + [item.path for item in found.skipped]
    assert len(names) == len(set(names))
    turned = read_sources(once[::-1], io.StringIO("y/a.jpg\nx/b\n"))
    assert {asset.path for asset in found.assets} == {asset.path for asset in turned.assets}
    assert len(found.skipped) == len(turned.skipped)
