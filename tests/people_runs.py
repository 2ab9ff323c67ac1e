"""Galleries and runs made by hand, for the tests of what is stored about whom."""

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from artvision.gallery import Actor, Decision, Gallery, Portrait, write_gallery
from artvision.settings import Settings
from artvision.stages.actors import Actors

TODAY = date(2030, 6, 1)
AFTER = TODAY + timedelta(days=1)
LONG = "written release of 3 May 2029, filed with the talent agreement under number 2029/117-B, annex four"


def actor(actor_id, name, number, **more):
    given = {"basis": "contract", "expires": AFTER, "added": date(2030, 1, 1)} | more
    templates = np.random.default_rng(number).normal(size=(number, 4)).astype(np.float32)
    return Actor(actor_id, name, templates, (Portrait("p.png", "ab" * 32),) * number, **given)


PEOPLE = (
    actor("ann", "Ann Lee", 2, scope=("t1", "t2")),
    actor("bob", "Bob Žižek", 3, expires=None, basis=LONG),
    actor("cy", "Cy", 1, basis="", expires=None),
    actor("old", "Dora", 1, expires=TODAY - timedelta(days=1)),
)


def gallery_of(path, people=PEOPLE, gallery_id="g1"):
    """Write a gallery of these people."""
    write_gallery(Gallery("dlib", ("ff" * 32,), 4, Decision(0.7, 0.02, "the maker's own"), people, gallery_id), path)
    return path


def face(number, who=None, name="unknown"):
    return {"face": number, "actor_id": who, "name": name, "score": 0.9, "margin": 0.1, "prominence": 0.2, "rank": 1}


ROWS = (
    [face(0, "ann", "Ann Lee"), face(1)],
    [face(0, "ann", "Ann Lee"), face(1, "ann", "Ann Lee"), face(2, "bob", "Bob Žižek")],
    [],
    None,
    [face(0), face(1)],
)


def make_run(folder, rows=ROWS, *, gallery=None, gallery_id="g1", vectors=None, cast=None, staging=False):
    """A run folder as `extract` leaves it, with the columns that the stage `actors` declares."""
    stage = Actors(Settings(actors="x", keep_face_vectors=vectors is not None))
    columns = [*stage.columns()]
    fields = [pa.field("asset_id", pa.string(), metadata={"privacy": "none"})]
    fields += [pa.field(one.name, one.arrow, metadata={"privacy": one.privacy.value}) for one in columns]
    arrays = [pa.array([str(number) for number in range(len(rows))]), pa.array(rows, columns[0].arrow)]
    if vectors is not None:
        arrays.append(pa.array(vectors, columns[1].arrow))
    if cast is not None:
        fields.append(pa.field("cast", pa.list_(pa.string())))
        arrays.append(pa.array(cast, pa.list_(pa.string())))
    folder.mkdir()
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(table.slice(0, 2), folder / "part-00000.parquet")
    pq.write_table(table.slice(2), folder / "part-00001.parquet")
    declared = [{"name": one.name, "privacy": one.privacy.value} for one in columns]
    contract = {"fields": [{"name": "actor.known_count", "privacy": "person"}], "columns": declared}
    (folder / "contract.json").write_text(json.dumps(contract))
    info = {
        "run_format": 1,
        "run_id": "r1",
        "parts": ["part-00000.parquet", "part-00001.parquet"],
        "extras": ["part-00000.jsonl"],
        "settings": {"actors": str(gallery or "")},
        "fingerprint": {"stages": {"actors": {"gallery": gallery_id}}},
    }
    (folder / "run.json").write_text(json.dumps(info))
    if staging:
        (folder / ".staging").mkdir()
    return folder


def vector(number, who):
    return {"face": number, "actor_id": who, "vector": [0.25, 0.5]}
