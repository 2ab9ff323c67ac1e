import json
import re
from html.parser import HTMLParser

import pyarrow as pa
import pytest
from report_runs import SECRET, TITLES, brightness, make_run
from typer import Typer
from typer.testing import CliRunner

from artvision.cli import Commands
from artvision.cli.report import report
from artvision.contract import Missing
from artvision.errors import RunError, UsageError
from artvision.report.build import write_report
from artvision.report.charts import charts
from artvision.report.chosen import read_table, shown_fields, states
from artvision.report.outcomes import outcomes
from artvision.report.payload import assets, values
from artvision.report.thumbnails import Thumbnail
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


def test_an_id_that_was_made_of_a_path_is_shown_without_its_folders():
    columns = {"asset_id": ["/art/a.jpg", "stated/b"], "path": ["/art/a.jpg", "/art/b.jpg"]}
    found = assets(pa.table(columns), [Thumbnail(b"x")] * 2)
    assert [(one["id"], one["file"]) for one in found] == [("a.jpg", "a.jpg"), ("stated/b", "b.jpg")]


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
        self.place, self.called = rows.place, rows.called
        self.contract, self.columns, self.table = rows.contract, rows.columns, rows.table

    @property
    def run(self):
        raise RunError("the run that this index was made from is gone")


def test_an_index_that_lost_its_run_still_has_a_report(rows, tmp_path):
    text = _page(Lost(rows), tmp_path / "r.html")
    assert text.count("the run that this index was made from is gone") == 2
    assert "attempted" not in text.split("<main>")[0]


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
    assert "1 asset without a picture" in found.stderr
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
