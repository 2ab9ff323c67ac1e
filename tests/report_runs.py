"""A run made by hand for the tests of the report: hostile titles, every missing state, pictures that are gone."""

import hashlib
import json

import numpy as np
import pyarrow.parquet as pq
from canvas_rows import in_canvas
from pictures import photo
from PIL import Image

from artvision import stages
from artvision.contract import Missing
from artvision.ledger import Entry, Outcome, to_table
from artvision.record import Layout, Record
from artvision.settings import Settings
from artvision.stages.base import Result

SCRIPT = "<script>window.pwned = 1</script>"
TITLES = {
    "t1": SCRIPT,
    "t2": "</script><img src=x onerror='window.pwned=1'> & \"quotes\" ' `${1}`",
    "t3": "المدينة النائمة",
    "t4": "Zebra",
}
SCALES = ("close_up", "medium", "long")
SECRET = "Zyx Quill"
FACE = {"x0": 0.25, "y0": 0.125, "x1": 0.5, "y1": 0.5}
CROP = {"x0": 0.5, "y0": 0.0, "x1": 1.0, "y1": 1.0}
SLOT = {"x0": 0.5, "y0": 0.5, "x1": 0.75, "y1": 0.75}
TILE = in_canvas("tile") | CROP
TILE["slot"] |= SLOT
CANVASES = {  # asset -> rows: of a00 the tile and the twin are alike and serve, the wide one does not
    0: [TILE, TILE | {"canvas": "twin"}, in_canvas("wide", cut=1)],
    1: [in_canvas("tile", slot=False), in_canvas("twin", whole=None), in_canvas("wide", white=2.0)],
    4: [TILE, in_canvas("twin"), in_canvas("wide")],
}
# Every visible text of a page whose contrast is below 4.5, the least of WCAG 2.2, 1.4.3 (AA), with the contrast.
CONTRAST = """
() => {
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.querySelectorAll("body *:not(script, style, .gone, .place, option, noscript)")) {
    if (node.closest("svg, .frame") || !node.checkVisibility()) continue;
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
    const [a, b] = [luminance(parse(getComputedStyle(node).color)), luminance(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push([node.className || node.tagName, (a + 0.05) / (b + 0.05)]);
  }
  return found;
}
"""


def asset(number):
    """What the catalogue says of asset `number`: twelve, three a title."""
    title = f"t{number // 3 + 1}"
    market = ("US", "FR", None)[number % 3]
    kind = ("poster", "still")[number % 2]
    return {
        "asset_id": f"a{number:02d}",
        "title_id": title,
        "title": TITLES[title],
        "artwork_type": kind,
        "market": market,
    }


def faces(number):
    return number % 4


def brightness(number):
    return 5.0 + 7.5 * number


def make_run(folder, count=12, *, pictures=True):
    """A finished run of `count` assets, two failures and a skipped input; the file of a03 is gone, a04 has changed."""
    every, _ = stages.create(Settings())
    contract = stages.contract_of(every)
    layout = Layout(contract, every, {})
    folder.mkdir(parents=True)
    records = [_record(number, folder, every, pictures=pictures) for number in range(count)]
    pq.write_table(layout.table(records), folder / "part-00000.parquet")
    (folder / "contract.json").write_text(contract.to_json(), encoding="utf-8")
    entries = [
        Entry(record.cells["asset_id"], record.cells["path"], Outcome.OK, record.cells["title_id"])
        for record in records
    ]
    entries += [
        Entry("gone", "/art/gone.jpg", Outcome.FAILED, "t1", "missing", "/art/gone.jpg: no such file"),
        Entry("bad", "/art/bad.jpg", Outcome.FAILED, "t2", "format", f"/art/bad.jpg: {SCRIPT}"),
        Entry(
            "list.csv:9", "list.csv:9", Outcome.SKIPPED, None, "no image on line 9", "list.csv:9: no image on line 9"
        ),
    ]
    pq.write_table(to_table(entries), folder / "ledger.parquet")
    info = {
        "run_format": 1, "run_id": "r1", "artvision": "0.0.1", "finished": "2030-05-01T10:20:30+00:00",
        "fingerprint_sha256": "ab" * 32, "fingerprint": {"stages": {"clip": {"model": "starter"}}},
        "notices": ["the starter is used <for a first look>"], "parts": ["part-00000.parquet"],
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


def _record(number, folder, every, *, pictures):
    path = folder / f"a{number:02d}.jpg"
    if pictures:
        Image.fromarray(photo(300, 200, seed=number)).save(path)
    data = path.read_bytes() if pictures else b""
    cells = asset(number) | {
        "path": str(path), "content_sha256": "00" * 32 if number == 4 else hashlib.sha256(data).hexdigest(),
        "run_id": "r1",
        "width": 300, "height": 200, "format": "JPEG", "language": "en", "cast": [SECRET],
    }  # fmt: skip
    if number == 3:
        path.unlink(missing_ok=True)
    results = {
        stage.name: Result(_values(stage, number), _columns(stage, number)) for stage in every if stage.name != "light"
    }
    failed = {"light": "light: ValueError: broken"} if number == 5 else {}
    if not failed:
        light = next(stage for stage in every if stage.name == "light")
        results["light"] = Result(_values(light, number), _columns(light, number))
    return Record(cells, results, failed)


def _values(stage, number):
    known = {
        "face.count": faces(number), "light.brightness": brightness(number), "composition.empty_x": 0.5,
        "composition.empty_y": 0.25, "composition.empty_w": 0.25, "composition.empty_h": 0.5,
        "layout.slot_x": 0.0, "layout.slot_y": 0.5, "layout.slot_w": 0.25, "layout.slot_h": 0.25,
        "genre.drama": 0.1 + number / 20,
        "genre.comedy": 0.5, "shot.scale": SCALES[number % 3] if faces(number) else Missing.NOT_APPLICABLE,
        "actor.known_count": 1,
    }  # fmt: skip
    return {field.name: known.get(field.name, Missing.ABSTAINED) for field in stage.fields()}


def _columns(stage, number):
    face = (
        FACE
        | dict.fromkeys(("score", "yaw", "roll", "sharpness", "height", "area", "prominence"), 0.5)
        | {"points": []}
    )
    width = next((column.arrow.list_size for column in stage.columns() if column.name == "embedding"), 1)
    vector = np.random.default_rng(number).normal(size=width)
    seen = {"face": 0, "actor_id": "zq", "name": SECRET, "score": 0.9, "margin": 0.1, "prominence": 0.2, "rank": 1}
    filled = {
        "faces": [face] * faces(number),
        "palette": [
            {"r": 9, "g": 30, "b": 60, "share": 0.75, "name": "navy"},
            {"r": 250, "g": 240, "b": 230, "share": 0.25, "name": "linen"},
        ],
        "actors": [seen],
        "embedding": vector / np.linalg.norm(vector),
        "canvases": CANVASES.get(number),
    }
    return {column.name: filled.get(column.name) for column in stage.columns()}
