"""The stage `text` with its real networks: planted lines are found where they are, and nowhere else."""

import io
import logging
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import skimage.data
from lettered import as_picture, lettered
from pictures import photo
from PIL import Image

from artvision import Settings, extract, stages
from artvision.contract import Missing
from artvision.draw import overlay
from artvision.errors import UsageError, WeightsError
from artvision.image import decode
from artvision.lettering import MODEL
from artvision.lettering.regions import Line
from artvision.stages.text import Text, result
from artvision.weights import State, get_model, inspect

PLACED = ("text.largest_height", "text.x", "text.y", "text.read", "text.script")
FIELDS = {field.name: field for field in Text(Settings()).fields()}


@pytest.fixture(scope="module")
def text():
    stage = Text(Settings(stages="text"))
    stage.setup("cpu")
    yield stage
    stage.close()


def look(text, pixels):
    return text.run([as_picture(pixels)], {})[0]


def within(region, box, slack=0.02):
    sides = [region[side] for side in ("x0", "y0", "x1", "y1")]
    return np.abs(np.subtract(sides, box)).max() <= slack


def test_a_planted_line_is_found_where_it_is(text):
    pixels, (box,) = lettered(("THE LAST SIGNAL", 0.3, 0.7, 0.08))
    found = look(text, pixels)
    (region,) = found.columns["text_regions"]
    assert within(region, box)
    assert found.values["text.regions"] == 1
    assert found.values["text.score"] > 0.95
    assert found.values["text.share"] == pytest.approx((region["x1"] - region["x0"]) * (region["y1"] - region["y0"]))
    assert found.values["text.x"] == pytest.approx((box[0] + box[2]) / 2, abs=0.01)
    assert found.values["text.y"] == pytest.approx((box[1] + box[3]) / 2, abs=0.01)
    assert found.values["text.largest_height"] == pytest.approx(box[3] - box[1], abs=0.03)
    assert found.values["text.script"] == "latin"
    assert found.values["text.read"] == 1


def test_a_title_and_a_small_line_are_two_lines_the_title_first(text):
    pixels, boxes = lettered(("directed by Ilse Marrow", 0.1, 0.1, 0.03), ("MERIDIAN", 0.2, 0.6, 0.15))
    title, small = look(text, pixels).columns["text_regions"]
    assert within(small, boxes[0])
    assert within(title, boxes[1], 0.03)


@pytest.mark.parametrize("art", ["astronaut", "coffee", "chelsea", "rocket"])
def test_a_photograph_is_textless(text, art):
    found = look(text, getattr(skimage.data, art)())
    lines = found.columns["text_regions"]
    # the astronaut's badges bear letters
    assert art == "astronaut" or found.values["text.score"] < 0.7
    assert len(lines) == found.values["text.regions"] == (found.values["text.regions"] if art == "astronaut" else 0)


def test_where_nothing_is_found_there_is_no_place(text):
    found = look(text, photo(400, 300))
    assert found.values["text.regions"] == 0
    assert found.values["text.share"] == 0
    assert [found.values[name] for name in PLACED] == [Missing.NOT_APPLICABLE] * len(PLACED)
    assert found.columns["text_regions"] == []


@pytest.mark.parametrize(
    ("line", "script"),
    [
        ("Verlorene Nächte", "latin"),
        ("Последний сигнал", Missing.ABSTAINED),
        ("МОСКВА", Missing.ABSTAINED),  # the reader says MOCKBA
        ("ΚΥΝΟΔΟΝΤΑΣ", "greek"),
        ("הלילה האחרון", Missing.ABSTAINED),
        ("الليل الأخير", Missing.ABSTAINED),
    ],
)
def test_a_script_the_reader_does_not_know_is_text_and_is_not_named(text, line, script):
    found = look(text, lettered((line, 0.2, 0.4, 0.1))[0])
    assert found.values["text.regions"] >= 1
    assert found.values["text.script"] is script or found.values["text.script"] == script


def test_two_resolutions_of_one_art_agree_within_the_tolerances(text):
    large, _ = lettered(("MERIDIAN", 0.2, 0.6, 0.15), ("A LIMITED SERIES", 0.2, 0.8, 0.06), size=(2560, 1440))
    first, *others = (
        look(text, np.asarray(Image.fromarray(large).resize((width, width * 9 // 16), Image.Resampling.LANCZOS))).values
        for width in (1920, 1280, 800)
    )
    for other in others:
        for name, value in first.items():
            same = value == other[name] or abs(value - other[name]) <= FIELDS[name].tolerance
            assert same, (name, value, other[name])


def test_a_turned_file_is_read_upright(text):
    pixels, (box,) = lettered(("THE LAST SIGNAL", 0.3, 0.7, 0.08))
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(np.rot90(pixels).copy()).save(file, "JPEG", quality=95, exif=exif)
    picture = decode(file.getvalue(), name="a.jpg", long_side=960, short_side=0, max_pixels=10**8, background=(0, 0, 0))
    (region,) = text.run([picture], {})[0].columns["text_regions"]
    assert within(region, box)


def test_a_standing_line_is_found(text):
    pixels, _ = lettered(("THE LAST SIGNAL", 0.3, 0.7, 0.08))
    (region,) = look(text, np.rot90(pixels).copy()).columns["text_regions"]
    assert region["y1"] - region["y0"] > 3 * (region["x1"] - region["x0"])


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (2, 3000), (33, 31), (128, 190)])
def test_pictures_of_every_size_have_a_result_in_range(text, size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    for name, value in look(text, noise).values.items():
        if not isinstance(value, (Missing, str)):
            assert FIELDS[name].low <= value <= FIELDS[name].high, name


def test_a_small_line_that_was_read_does_not_name_the_script_of_a_title_that_was_not():
    def line(x1, y0, y1, words, read):
        corners = np.array([(0, y0), (x1, y0), (x1, y1), (0, y1)], float)
        return Line(corners, (400, 200), 0.8, words, read)

    title, small = line(400, 0, 40, "", 0.0), line(200, 100, 120, "directed by", 0.99)
    assert result([title, small]).values["text.script"] is Missing.ABSTAINED
    assert result([title, small]).values["text.read"] == pytest.approx(0.2)
    assert result([small]).values["text.script"] == "latin"
    assert [row["script"] for row in result([small, title]).columns["text_regions"]] == [None, "latin"]


def art(tmp_path):
    folder = tmp_path / "art"
    folder.mkdir()
    for number, line in enumerate(["THE LAST SIGNAL", "МОСКВА", "", "Bean Street\nNine Lives", "1984", "COMPILER"]):
        lines = [(part, 0.1, 0.2 + 0.3 * at, 0.1) for at, part in enumerate(line.split("\n")) if part]
        pixels, _ = lettered(*lines, size=(500 + 90 * number, 400))
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def test_same_picture_same_numbers_whatever_the_batch_order_and_workers(tmp_path):
    folder = art(tmp_path)
    every = []
    for number, (batch, workers, backwards) in enumerate([("1", 1, False), ("4", 2, True), ("2", 3, False)]):
        paths = sorted(folder.iterdir(), reverse=backwards)
        settings = Settings(stages="text", batch_size=batch, workers=workers)
        table = extract(paths, tmp_path / f"run{number}", settings).run.table()
        every.append({row["asset_id"]: repr(row) for row in table.drop(["run_id"]).to_pylist()})
    assert every[0] == every[1] == every[2]


def test_a_run_with_text_says_where_and_never_what(tmp_path):
    run = extract(art(tmp_path), tmp_path / "run", Settings(stages="text"), jsonl=True).run
    rows = {row["asset_id"]: row for row in run.table().to_pylist()}
    assert [rows[f"{number}.png"]["text.regions"] for number in range(6)] == [1, 1, 0, 2, 1, 1]
    assert rows["1.png"]["missing"].count({"field": "text.script", "state": "abstained"}) == 1
    assert run.table().schema.field("text_regions").metadata[b"privacy"] == b"none"
    written = b"".join(path.read_bytes() for path in run.folder.rglob("*.json*"))
    assert b"SIGNAL" not in written


def test_a_picture_that_cannot_be_read_fails_alone(tmp_path):
    folder = art(tmp_path)
    (folder / "broken.png").write_bytes(b"not a picture")
    summary = extract(folder, tmp_path / "run", Settings(stages="text"))
    assert summary.counts["ok"] == 6
    assert summary.counts["failed"] == 1


def test_all_leaves_text_out_and_naming_it_brings_it():
    def chosen(wanted):
        return {stage.name for stage in stages.create(Settings(stages=wanted, model="starter"))[1]}

    assert {"clip", "composition", "faces", "light"} <= chosen("all")
    assert "text" not in chosen("all")
    assert chosen("all,text") == chosen("all") | {"text"}
    assert chosen("text, light") == {"text", "light"}


def test_text_is_appended_to_the_vector():
    every, _ = stages.create(Settings(model="starter"))
    contract = stages.contract_of(every)
    before = stages.contract_of(every[: [stage.name for stage in every].index("text")])
    slots = [slot for _, slot in contract.slots]
    assert slots[: len(before.slots)] == [slot for _, slot in before.slots]
    assert slots[len(before.slots)] == "text.regions"


def test_without_the_package_one_line_says_how_to_have_it(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("artvision.stages.text.version", absent)
    with pytest.raises(UsageError, match=r"needs rapidocr: pip install 'artvision\[text\]'"):
        Text(Settings(stages="text")).fingerprint()


def test_weights_are_in_the_package_and_altered_ones_are_refused(monkeypatch):
    assert inspect(get_model(MODEL), fresh=True) is State.BUNDLED
    monkeypatch.setattr("artvision.weights.known_hash", lambda path, fresh=False: "0" * 64)
    with pytest.raises(WeightsError, match="pp-ocrv6 were altered"):
        Text(Settings(stages="text")).setup("cpu")


def test_the_package_prints_nothing(capfd):
    stage = Text(Settings(stages="text"))
    stage.setup("cpu")
    stage.run([as_picture(photo())], {})
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("RapidOCR").level == logging.ERROR


def test_lines_are_drawn(text):
    pixels, _ = lettered(("THE LAST SIGNAL", 0.3, 0.7, 0.08))
    picture = as_picture(pixels)
    drawn, plain = (np.asarray(overlay(picture, found)) for found in ({"text": text.run([picture], {})[0]}, {}))
    assert (drawn != plain).any()
