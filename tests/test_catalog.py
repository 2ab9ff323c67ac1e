import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artvision.errors import SourceError
from artvision.sources import read_sources


@pytest.fixture
def art(tmp_path, monkeypatch):
    """A working folder `art` that is entered; `touch` makes files in it."""
    folder = tmp_path / "art"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def refusal(*paths, stdin=None):
    with pytest.raises(SourceError) as caught:
        read_sources(paths, stdin)
    message = str(caught.value)
    assert "\n" not in message
    return message


ROWS = [
    {
        "image": "p/a.jpg",
        "title_id": "007",
        "title": "Tide, the",
        "artwork_type": "poster",
        "market": "US",
        "language": "en",
        "cast": ["Ada Ray", "Bo Lin"],
        "note": "x",
    },
    {
        "image": "p/b.jpg",
        "title_id": "8",
        "title": None,
        "artwork_type": None,
        "market": None,
        "language": None,
        "cast": [],
        "note": "y",
    },
]


def cell(value):
    text = "|".join(value) if isinstance(value, list) else value or ""
    return '"' + text.replace('"', '""') + '"'


def write_rows(path, rows):
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    else:
        between = "\t" if path.suffix == ".tsv" else ","
        lines = [between.join(rows[0]), *(between.join(map(cell, row.values())) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_every_kind_of_catalogue_says_the_same(art, ending):
    Path("lists").mkdir()
    path = art / "lists" / f"catalog.{ending}"
    write_rows(path, ROWS)
    found = read_sources([str(path)])
    one, two = found.assets
    assert (one.asset_id, one.path, one.title_id, one.title) == (
        "p/a.jpg",
        str(art / "lists/p/a.jpg"),
        "007",
        "Tide, the",
    )
    assert (one.artwork_type, one.market, one.language, one.cast, one.extra) == (
        "poster",
        "US",
        "en",
        ("Ada Ray", "Bo Lin"),
        {"note": "x"},
    )
    assert (two.title, two.market, two.cast, two.extra) == (None, None, (), {"note": "y"})
    assert found.catalogs == (str(path),)


@pytest.mark.parametrize(
    ("ending", "title_id", "expected"),
    [
        ("jsonl", 7, "7"),
        ("parquet", 7, "7"),
        ("parquet", 7.0, "7"),
        ("jsonl", "007", "007"),
        ("jsonl", True, "True"),
        ("jsonl", 7.5, "7.5"),
    ],
)
def test_ids_are_text(art, ending, title_id, expected):
    write_rows(art / f"c.{ending}", [{"image": "a.jpg", "title_id": title_id}])
    assert read_sources([f"c.{ending}"]).assets[0].title_id == expected


def test_native_values_are_carried_through(art):
    write_rows(art / "c.jsonl", [{"image": "a.jpg", "title_id": "1", "year": 1999, "tags": ["x"], "day": "2020-01-01"}])
    assert read_sources(["c.jsonl"]).assets[0].extra == {"year": 1999, "tags": ["x"], "day": "2020-01-01"}


def csv_of(text, encoding="utf-8"):
    Path("c.csv").write_bytes(text.encode(encoding))
    return read_sources(["c.csv"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_as_spreadsheets_write_it(art, encoding, between, end):
    text = end.join(
        [between.join(line) for line in (["image", "title_id", "title"], ["a.jpg", "007", "Été"], ["b.jpg", "8", ""])]
    )
    one, two = csv_of(text, encoding).assets
    assert (one.asset_id, one.title_id, one.title, two.title) == ("a.jpg", "007", "Été", None)


def test_quoted_newlines_keep_the_count_of_lines(art):
    text = 'image,title_id,title\na.jpg,1,"two\nlines, and ""more"""\n\n,2,x\nb.jpg,,y\nc.jpg,3,z\n'
    found = csv_of(text)
    assert [asset.title for asset in found.assets] == ['two\nlines, and "more"', "z"]
    assert [(Path(item.path).name, item.reason) for item in found.skipped] == [
        ("c.csv:5", "no image on line 5"),
        ("c.csv:6", "no title_id on line 6"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("imge,title_id\na,1\n", "c.csv: line 1: no column 'image'; did you mean 'imge'?"),
        ("image,Title_ID\na,1\n", "did you mean 'Title_ID'?"),
        ("image,name\na,1\n", "it has 'image', 'name'"),
        ("", "c.csv is empty; a catalogue has the columns image, title_id"),
        ("image,title_id,image\na,1,b\n", "'image' occurs twice"),
        ("image,title_id\na,1\nb,2,3\n", "line 3: 3 cells where the header has 2"),
        ("image,title_id\na\n", "line 2: 1 cells"),
        ('image,title_id\na,"1\nb,2\n', "line 2: "),
        ("image,title_id\n", "c.csv lists no picture"),
        ("image,title_id\n,1\n", "1 × no image on line 2"),
        (
            "image,title_id,asset_id\na,1,X\nb,1,Y\nc,1,X\n",
            "c.csv:4: asset_id 'X' already stands for another image, at ",
        ),
    ],
)
def test_catalogues_that_cannot_be_read_name_the_place(art, text, said):
    Path("c.csv").write_text(text)
    assert said in refusal("c.csv")


def test_a_catalogue_in_another_encoding_names_the_line(art):
    Path("c.csv").write_bytes("image,title_id\na.jpg,1\nb.jpg,Été\n".encode("latin-1"))
    assert "line 3: not UTF-8" in refusal("c.csv")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: each line must be an object"),
        ('{"image": ["a"], "title_id": 1}', "'image' must be text"),
        ('{"image": "\\ud800", "title_id": 1}', "surrogate"),
        ('{"image": "a", "title_id": 1, "cast": [["x"]]}', "'cast' must be text"),
    ],
)
def test_bad_json_lines_name_the_line(art, line, said):
    Path("c.jsonl").write_text('{"image": "z.jpg", "title_id": "0"}\n' + line + "\n")
    assert said in refusal("c.jsonl")


def test_parquet_that_holds_pictures_or_nothing_is_refused(art):
    Path("c.parquet").write_bytes(b"PAR1 not really")
    assert "not readable as Parquet" in refusal("c.parquet")
    write_rows(art / "d.parquet", [{"image": b"\xff\xd8", "title_id": "1"}])
    assert "must hold paths, not binary" in refusal("d.parquet")


def test_one_picture_under_two_titles(art):
    found = csv_of("image,title_id\na.jpg,1\na.jpg,2\nb.jpg,1\na.jpg,1\n")
    assert [asset.asset_id for asset in found.assets] == ["a.jpg#1", "a.jpg#2", "b.jpg"]
    assert [(Path(item.path).name, item.reason) for item in found.skipped] == [("c.csv:5", "duplicate")]


def test_a_stated_id_is_kept_and_may_name_a_variant(art):
    found = csv_of("image,title_id,asset_id,market\na.jpg,1,A-us,US\na.jpg,1,A-fr,FR\n")
    assert [(asset.asset_id, asset.market) for asset in found.assets] == [("A-us", "US"), ("A-fr", "FR")]
