"""The text-blind check: what is hidden, with what it is filled, and what is made of the answers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lettered import lettered
from pictures import photo
from PIL import Image
from typer.testing import CliRunner

from artvision.cli import app
from artvision.textblind.comparing import compare, largest
from artvision.textblind.filling import elsewhere, filled, hidden
from artvision.textblind.looking import Seen

BOX = (0.25, 0.5, 0.75, 0.75)


def test_a_box_is_hidden_with_its_rim_and_nothing_else():
    mask = hidden([BOX], (200, 100))
    assert mask.shape == (100, 200)
    assert mask[50:75, 50:150].all()
    assert mask[47:78, 47:153].all(), "shadows and strokes that reach out are text too"
    assert not mask[:45].any()
    assert not mask[80:].any()
    assert not mask[:, :45].any()


def test_the_control_is_as_large_and_hides_no_text():
    text = hidden([BOX, (0.1, 0.8, 0.9, 0.9)], (200, 100))
    other = elsewhere(text)
    assert not (text & other).any()
    assert other.sum() == text.sum()


def test_where_text_is_everywhere_the_control_is_what_is_left():
    text = np.ones((40, 60), bool)
    text[10:14] = False
    assert not (elsewhere(text) & text).any()
    assert elsewhere(text).sum() <= 240


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(8, 90), st.integers(8, 90))
def test_what_is_not_hidden_is_not_touched(seed, height, width):
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 3), np.uint8)
    before = pixels.copy()
    mask = random.random((height, width)) < 0.3
    found = filled(pixels, mask, 0.1)
    assert (found[~mask] == pixels[~mask]).all()
    assert (pixels == before).all()


def test_letters_are_gone_and_the_ground_goes_on():
    ground = np.broadcast_to(np.linspace(40, 200, 300)[None, :, None], (200, 300, 3)).astype(np.uint8)
    pixels = ground.copy()
    pixels[100:150:6, 80:220] = 255
    mask = hidden([(80 / 300, 0.5, 220 / 300, 0.75)], (300, 200))
    found = filled(pixels, mask, 50 / 300)
    assert np.abs(found[mask].astype(int) - ground[mask]).mean() < 12
    assert np.abs(pixels[mask].astype(int) - ground[mask]).mean() > 15


@pytest.mark.parametrize("reach", [0.01, 1.0])
def test_a_picture_that_is_all_text_becomes_its_mean(reach):
    pixels = photo(90, 60)
    found = filled(pixels, np.ones((60, 90), bool), reach)
    assert found.std(axis=(0, 1)).max() < 1
    assert found.mean() == pytest.approx(pixels.mean(), abs=3)


def seen(name, plain, blind, control):
    return Seen(name, {"g.t": plain}, {"g.t": blind}, {"g.t": control}, 0.2, 0.2)


def test_figures_in_closed_form():
    found = compare([seen("a", 0.8, 0.4, 0.7), seen("b", 0.2, 0.3, 0.2), seen("c", 0.9, None, 0.9)], {"g.t": 0.6})
    (one,) = found
    assert (one.pictures, one.threshold) == (2, 0.6)
    assert one.moved == pytest.approx(0.25)
    assert one.drift == pytest.approx(-0.15)
    assert one.control == pytest.approx(0.1 / 3)
    assert (one.flips, one.control_flips) == (0.5, 0)
    assert one.silenced == pytest.approx(1 / 3)


def test_a_tag_that_never_answers_is_left_out():
    assert compare([seen("a", None, 0.4, 0.7)], {}) == []
    assert compare([], {}) == []


def test_the_tag_that_moves_most_beyond_its_control_comes_first():
    rows = [Seen("a", {"x": 0.5, "y": 0.5}, {"x": 0.9, "y": 0.8}, {"x": 0.9, "y": 0.5}, 0.2, 0.2)]
    assert [one.tag for one in compare(rows, {})] == ["y", "x"]


def test_pictures_are_named_once_and_by_their_largest_change():
    rows = [
        Seen("a", {"x": 0.5, "y": 0.5}, {"x": 0.9, "y": 0.2}, {"x": 0.5, "y": 0.5}, 0.2, 0.2),
        Seen("b", {"x": 0.5, "y": None}, {"x": 0.55, "y": 0.1}, {"x": 0.5, "y": 0.5}, 0.2, 0.2),
    ]
    assert [(one.asset_id, one.tag) for one in largest(rows, 5)] == [("a", "x"), ("b", "x")]
    assert len(largest(rows, 1)) == 1


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(JSON of the command, stderr, stdout without --json) over a titled picture, one without text and a broken one."""
    folder = tmp_path_factory.mktemp("blind")
    (folder / "art").mkdir()
    titled, _ = lettered(("MERIDIAN STATION", 0.1, 0.6, 0.12), size=(640, 360))
    Image.fromarray(titled).save(folder / "art" / "titled.png")
    Image.fromarray(photo(320, 200, seed=3)).save(folder / "art" / "bare.png")
    (folder / "art" / "broken.png").write_bytes(b"\x89PNG nothing")
    call = ["textblind", str(folder / "art"), "--model", "starter"]
    first = CliRunner().invoke(app, [*call, "--json"])
    return json.loads(first.stdout), first.stderr, CliRunner().invoke(app, call)


def test_the_command_says_what_it_hid_and_which_tags_moved(told):
    document, stderr, again = told
    assert (document["pictures"], document["with_text"]) == (3, 1)
    assert "1 picture with text, 1 without" in stderr
    assert "filled smoothly with the mean of what surrounds it" in stderr
    assert "broken.png" in stderr
    assert {tag["tag"] for tag in document["tags"]} >= {"genre.drama", "genre.horror"}
    assert any(tag["moved"] > 0 for tag in document["tags"])
    assert document["largest"][0]["asset_id"] == "titled.png"
    assert "genre.drama" in again.stdout
    assert again.exit_code == 3
    assert "1 of 3 pictures failed, more than --max-failures 0" in again.stderr


def test_a_failure_that_is_allowed_and_pictures_without_text_are_no_error(tmp_path):
    (tmp_path / "art").mkdir()
    Image.fromarray(photo(320, 200, seed=3)).save(tmp_path / "art" / "bare.png")
    (tmp_path / "art" / "broken.png").write_bytes(b"nothing")
    call = ["textblind", str(tmp_path / "art"), "--model", "starter", "--max-failures", "1"]
    result = CliRunner().invoke(app, call)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no text on 1 picture: there is nothing to take out" in result.stderr


def test_the_same_pictures_are_chosen_whatever_lies_beside_them():
    from artvision.cli.textblind import sampled
    from artvision.sources import Asset

    assets = [Asset(f"a{at}", "") for at in range(50)]
    few = {asset.asset_id for asset in sampled(assets, 10)}
    assert few == {asset.asset_id for asset in sampled(assets[::-1], 10)}
    assert len(sampled(assets, 0)) == 50
    assert few - {"a1"} <= {asset.asset_id for asset in sampled([one for one in assets if one.asset_id != "a1"], 10)}
