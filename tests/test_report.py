import json
import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import corners, encode, photo
from PIL import Image
from report_runs import SECRET, TITLES, brightness, make_run
from typer import Typer
from typer.testing import CliRunner

from artvision.cli import Commands
from artvision.cli.report import report
from artvision.contract import Missing
from artvision.errors import RunError, UsageError
from artvision.image import Picture
from artvision.report import thumbnails
from artvision.report.build import write_report
from artvision.report.charts import charts
from artvision.report.chosen import read_table, shown_fields, states
from artvision.report.outcomes import outcomes
from artvision.report.payload import values
from artvision.report.suites import Suite, arrange, repeated, share_out
from artvision.rows import open_rows

pytest.importorskip("plotly", reason="the report draws with plotly (extra: report)")
pytest.importorskip("jinja2", reason="the report is a jinja2 template (extra: report)")


@pytest.fixture(scope="module", autouse=True)
def _light_pages():
    """Without the five megabytes of plotly.js, which only a browser needs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plotly.offline.get_plotlyjs", lambda: "/* plotly.js */")
        yield


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return open_rows(make_run(tmp_path_factory.mktemp("runs") / "hand <made>"))


@pytest.fixture(scope="module")
def page(rows, tmp_path_factory):
    """The report with every default, as text."""
    return _page(rows, tmp_path_factory.mktemp("plain") / "report.html")


def _page(rows, out, **options):
    written = write_report(rows, out, **options)
    return "\n".join(path.read_text(encoding="utf-8") for path in written.pages)


class Scripts(HTMLParser):
    """The script elements of a page as a browser sees them, and every address that it names."""

    def __init__(self, text):
        super().__init__()
        self.found, self.addresses, self.elements = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.elements.append(tag)
        self.addresses += [given[name] for name in ("src", "href") if given.get(name)]
        if tag == "script":
            self.found.append([given.get("id"), ""])

    def handle_data(self, data):
        if self.found and self.lasttag == "script":
            self.found[-1][1] += data

    def json(self, name):
        return json.loads(next(text for key, text in self.found if key == name))


def test_hostile_titles_stay_text(page):
    parsed = Scripts(page)
    assert [key for key, _ in parsed.found] == ["data", "plots", "thumbs", None, None]
    assert {suite[1] for suite in parsed.json("data")["suites"]} == set(TITLES.values())
    assert "img" not in parsed.elements
    assert '<h1 dir="auto">hand &lt;made&gt;</h1>' in page
    assert "&lt;script&gt;window.pwned" in page  # the message of a failure
    assert "the starter is used &lt;for a first look&gt;" in page


def test_nothing_is_named_that_would_have_to_be_fetched(page):
    assert [address for address in Scripts(page).addresses if not address.startswith(("#", "data:"))] == []
    assert "default-src 'none'" in page


@pytest.mark.parametrize("names", [False, True])
def test_names_are_left_out_unless_asked_for(rows, page, tmp_path, names):
    text = _page(rows, tmp_path / "r.html", names=True) if names else page
    data = Scripts(text).json("data")
    assert (SECRET in text) is names
    assert ("actor.known_count" in data["values"]) is names
    assert ("It names nobody" in text) is not names
    assert all(
        set(asset) & {"actors", "cast"} == (set() if not names else {"actors", "cast"}) for asset in data["assets"]
    )


@pytest.mark.parametrize("names", [False, True])
def test_biometric_fields_are_never_shown(rows, names):
    contract = rows.contract
    fields = [
        field | {"privacy": "biometric"} if field["name"] == "face.count" else field for field in contract["fields"]
    ]
    shown = shown_fields(contract | {"fields": fields}, rows.table(), names=names)
    assert "face.count" not in {field["name"] for field in shown}
    assert "face.lead_height" in {field["name"] for field in shown}


def test_only_boxes_of_faces_and_names_of_files_leave(page, rows):
    data = Scripts(page).json("data")
    assert str(rows.place) not in page
    assert {tuple(face) for asset in data["assets"] for face in asset.get("faces", ())} == {(0.25, 0.125, 0.5, 0.5)}


def test_every_value_or_the_reason_it_is_missing(rows, page):
    data = Scripts(page).json("data")
    for at, asset in enumerate(data["assets"]):
        number = int(asset["id"][1:])
        told = data["values"]["light.brightness"][at]
        assert told == ("f" if number == 5 else brightness(number))
        assert isinstance(data["values"]["shot.scale"][at], str) is (number % 4 == 0)
    assert data["values"]["tone.dark"] == "a"
    assert data["states"] == {"r": "not run", "n": "not applicable", "f": "failed", "a": "abstained"}


def test_a_field_missing_for_two_reasons_keeps_both():
    table = pa.table(
        {
            "g.x": [None, None, 1.23456789],
            "missing": [[{"field": "g.x", "state": "failed"}], [{"field": "g.x", "state": "abstained"}], []],
        }
    )
    fields = [{"name": "g.x", "labels": (), "kind": "measured"}]
    assert values(table, fields) == {"g.x": ["f", "a", 1.235]}
    assert states(table, fields)["g.x"] == {0: Missing.FAILED, 1: Missing.ABSTAINED}


def test_the_charts_count_every_asset_once(rows):
    table = read_table(rows, None, names=False)
    drawn = charts(table, shown_fields(rows.contract, table, names=False))
    assert [chart.name for chart in drawn][-1] == "strongest tag"
    for chart in drawn:
        without = int(chart.missing.split()[0].replace(",", "")) if chart.missing else 0
        assert sum(chart.counts) + without == len(table), chart.name
    told = {chart.field: chart for chart in drawn}
    assert told["light.brightness"].missing == "1 without a value: 1 failed"
    assert told["shot.scale"].missing == "3 without a value: 3 not applicable"
    assert told["face.count"].counts == (3, 3, 3, 3, 0, 0, 0)
    assert told["light.brightness"].middle.startswith("median 50,")


def test_the_ledger_is_counted_and_its_failures_are_told(rows, page):
    found = outcomes(rows, None)
    assert found.counts == {"attempted": 15, "ok": 12, "failed": 2, "skipped": 1}
    assert dict(found.reasons) == {"missing": 1, "format": 1, "no image on line 9": 1}
    assert outcomes(rows, ["t1"]).counts == {"attempted": 4, "ok": 3, "failed": 1, "skipped": 0}
    plain = re.sub(r"<[^>]+>|\s+", " ", page.split('<script type="application/json"')[0])
    assert "15 attempted = 12 ok + 2 failed + 1 skipped" in re.sub(r" +", " ", plain)


def test_failures_beyond_the_table_are_counted(rows, monkeypatch):
    monkeypatch.setattr("artvision.report.outcomes.MOST", 1)
    found = outcomes(rows, None)
    assert (len(found.failures), found.unlisted) == (1, 2)


class Lost:
    """Rows of an index whose run is gone."""

    def __init__(self, rows):
        self.place, self.contract, self.columns, self.table = rows.place, rows.contract, rows.columns, rows.table

    @property
    def run(self):
        raise RunError("the run of this index is gone")


def test_an_index_that_lost_its_run_still_has_a_report(rows, tmp_path):
    text = _page(Lost(rows), tmp_path / "r.html")
    assert text.count("the run of this index is gone") == 2
    assert "attempted" not in text.split("<main>")[0]


def test_suites_show_first_what_comes_first():
    table = pa.table({
        "asset_id": ["c", "b", "a", "d"], "title_id": ["t2", "t1", "t1", None], "title": [None, "B", "", None],
        "suite.order": pa.array([1, 2, 1, None], pa.int32()),
    })  # fmt: skip
    assert arrange(table) == [Suite("t1", "B", (2, 1)), Suite("t2", "t2", (0,)), Suite(None, "No title", (3,))]


def test_what_repeats_an_earlier_picture_is_redundant_and_the_first_never():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.999, 0.0447], [1, 0]], np.float32)
    table = pa.table({
        "asset_id": list("abcde"), "suite.order": [2, 1, 3, 4, None], "plate.id": [None, "p", "p", None, None],
        "suite.redundancy": [0.99, 1.0, 1.0, 0.99, None],
    })  # fmt: skip
    order = np.array([4, 2, 0, 3, 1])
    flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors[order].ravel()), 2)
    stored = pa.table({"asset_id": pa.array(list("abcde")).take(pa.array(order)), "embedding": flat})
    assert repeated(table, stored, [Suite("t", "T", (1, 0, 2, 3, 4))]) == {2: 1, 3: 0}
    table = table.set_column(3, "suite.redundancy", pa.array([0.5, None, 0.94, 0.1, None]))
    assert repeated(table, stored, [Suite("t", "T", (1, 0, 2, 3, 4))]) == {}, (
        "those that nothing is near are not compared"
    )


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 7))
def test_pages_hold_every_asset_once_and_split_only_titles_larger_than_a_page(sizes, limit):
    starts = np.cumsum([0, *sizes])
    suites = [Suite(str(at), "", tuple(range(starts[at], starts[at + 1]))) for at in range(len(sizes))]
    pages = share_out(suites, limit)
    assert [row for page in pages for suite in page for row in suite.rows] == list(range(sum(sizes)))
    assert all(sum(len(suite.rows) for suite in page) <= limit for page in pages)
    for suite in suites:
        parts = sum(part.title_id == suite.title_id for page in pages for part in page)
        assert parts == -(-len(suite.rows) // limit)


def test_several_pages_name_one_another(rows, tmp_path):
    written = write_report(rows, tmp_path / "my report.html", page_size=7)
    assert [path.name for path in written.pages] == ["my report.html", "my report-2.html"]
    texts = [path.read_text(encoding="utf-8") for path in written.pages]
    for text in texts:
        assert {"my%20report.html", "my%20report-2.html"} <= set(Scripts(text).addresses)
    assert [len(Scripts(text).json("data")["assets"]) for text in texts] == [6, 6]
    assert written.bytes == sum(path.stat().st_size for path in written.pages)
    assert 'on the <a href="my%20report.html#failures-title">first page</a>' in texts[1]


def test_a_run_without_a_single_row_has_a_page(tmp_path):
    rows = open_rows(make_run(tmp_path / "none", 0))
    text = _page(rows, tmp_path / "r.html")
    assert Scripts(text).json("data")["assets"] == []
    assert "missing" in text


def test_the_picture_is_small_upright_and_never_enlarged(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(encode(corners(640, 480), "JPEG", exif=turned))
    with Image.open(BytesIO(_thumbnail(path).webp)) as image:
        assert (image.format, image.size) == ("WEBP", (150, 200))
        red, green, blue = image.convert("RGB").getpixel((130, 20))
    assert red > 100 + max(green, blue), "the red corner is top left in the file, and top right upright"
    path.write_bytes(encode(corners(64, 48)))
    with Image.open(BytesIO(_thumbnail(path).webp)) as image:
        assert image.size == (64, 48)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "missing"), (b"", "empty"), (b"no picture", "format"), (encode(photo())[:900], "truncated")],
)
def test_a_file_that_cannot_be_shown_says_why(tmp_path, content, reason):
    path = tmp_path / "p.png"
    if content is not None:
        path.write_bytes(content)
    found = _thumbnail(path)
    assert found.webp == b""
    assert found.note.startswith(f"{reason}: ")
    assert str(tmp_path) not in found.note


def test_a_file_that_has_changed_is_told(tmp_path):
    path = tmp_path / "p.png"
    path.write_bytes(encode(photo()))
    assert "changed since" in _thumbnail(path, "00" * 32).note
    assert _thumbnail(path, thumbnails.hashlib.sha256(path.read_bytes()).hexdigest()).note == ""


def _thumbnail(path, sha256=None):
    return thumbnails.thumbnail(str(path), sha256, side=200, max_pixels=10**7)


@pytest.mark.parametrize("assets", [1, 150, 151, 1000, 1001, 5000])
def test_five_thousand_pictures_of_noise_fit_sixty_megabytes(assets):
    side = thumbnails.side_for(assets)
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    one = len(thumbnails._webp(Picture(noise, side, side), side))
    assert assets * one * 4 / 3 < 48e6


@pytest.mark.parametrize(
    ("out", "options", "told"),
    [
        ("", {}, "is a folder; name a file"),
        ("file/report.html", {}, "cannot write"),
        ("r.html", {"titles": ["t1", "t44"]}, "no asset of the title 't44'; did you mean"),
    ],
)
def test_what_cannot_be_done_is_one_line(rows, tmp_path, out, options, told):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        write_report(rows, tmp_path / out, **options)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_titles_limit_the_page(rows, tmp_path):
    data = Scripts(_page(rows, tmp_path / "r.html", titles=["t3", "t4"])).json("data")
    assert {asset["id"] for asset in data["assets"]} == {f"a{number:02d}" for number in range(6, 12)}


def test_the_command_says_what_it_wrote(rows, tmp_path):
    out = tmp_path / "new" / "r.html"
    found = CliRunner().invoke(_app(), ["report", str(rows.place), "-o", str(out), "--title", "t2"])
    assert found.exit_code == 0, found.output
    assert f"{out}: 3 assets" in found.stderr.replace("\n", "")
    assert "1 have no picture" in found.stderr
    assert found.stdout == ""
    assert out.stat().st_mode & 0o777 == (tmp_path / "new").stat().st_mode & 0o666


def test_a_missing_extra_is_one_line_with_the_way_out(rows, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(UsageError, match=r"pip install 'artvision\[report\]'"):
        write_report(rows, tmp_path / "r.html")


def _app():
    app = Typer(cls=Commands)
    app.command("report")(report)
    app.callback()(lambda: None)
    return app
