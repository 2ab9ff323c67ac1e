"""Where a drawing is written: folders are made, and what is wrong is said in one line."""

import pytest
from PIL import Image

from artvision.draw import save_drawing
from artvision.errors import UsageError

DRAWING = Image.new("RGB", (20, 10))


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.webp", "new/er/ä.png"])
def test_a_drawing_is_written_in_folders_that_are_made(tmp_path, name):
    save_drawing(DRAWING, tmp_path / name, "--draw")
    with Image.open(tmp_path / name) as read:
        assert read.size == (20, 10)


@pytest.mark.parametrize("name", ["a", "a.pgn", "png", ".png", ""])
def test_an_unknown_ending_names_the_endings(tmp_path, name):
    with pytest.raises(UsageError, match=r"^--out .*: a drawing's name ends in \.png, \.jpg, \.jpeg or \.webp$"):
        save_drawing(DRAWING, tmp_path / name, "--out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_under_that_name_is_said(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(UsageError, match=r"^--draw .*a\.png is a folder: name a file in it$"):
        save_drawing(DRAWING, tmp_path / "a.png", "--draw")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^--draw .*a\.png: the folder .*file cannot be made: .*; name another$"):
        save_drawing(DRAWING, tmp_path / "file" / "a.png", "--draw")


@pytest.mark.parametrize(("there", "what"), [(False, "the folder .*"), (True, "it")], ids=["folder", "file"])
def test_what_cannot_be_written_is_said(tmp_path, monkeypatch, there, what):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    if there:
        (tmp_path / "a.png").touch()
    monkeypatch.setattr(DRAWING, "save", refuse)
    with pytest.raises(UsageError, match=rf"a\.png: {what} cannot be written: Permission denied; name another$"):
        save_drawing(DRAWING, tmp_path / "a.png", "--draw")


def test_a_form_that_is_too_small_for_the_drawing_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written: .*; name another$"):
        save_drawing(Image.new("RGB", (17000, 1)), tmp_path / "a.webp", "--draw")
