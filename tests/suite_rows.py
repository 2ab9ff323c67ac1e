"""Rows of made pictures, as tables and as runs, for the tests of suites."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PEOPLE = pa.list_(pa.struct([("actor_id", pa.string()), ("name", pa.string()), ("prominence", pa.float32())]))
TYPES = {
    "title": pa.string(),
    "cast": pa.list_(pa.string()),
    "actors": PEOPLE,
    "face.count": pa.int32(),
    "shot.scale": pa.string(),
    "color.warmth": pa.float32(),
    "light.brightness": pa.float32(),
    "light.low_key": pa.float32(),
    "light.high_key": pa.float32(),
}
SCALE = {"close": "close_up", "medium": "medium", "long": "long", "no face": None}
WARMTH = {"warm": 0.8, "neutral": 0.0, "cool": -0.8}
LIGHT = {"light": 80.0, "dark": 20.0}
KEYS = {"balanced light": (0.2, 0.2), "low-key light": (0.9, 0.0), "high-key light": (0.0, 0.9)}


def actor(name, prominence=0.5):
    return {"actor_id": name.lower(), "name": name, "prominence": prominence}


def picture(lead="nobody", shot="no face", palette="warm and dark", tone="balanced light", text=None, **more):
    """A row that shows these labels."""
    warmth, _, light = palette.partition(" and ")
    low, high = KEYS[tone]
    row = {
        "face.count": int(lead != "nobody"),
        "actors": [] if lead == "nobody" else [actor(lead)],
        "shot.scale": SCALE[shot],
        "color.warmth": WARMTH[warmth],
        "light.brightness": LIGHT[light],
        "light.low_key": low,
        "light.high_key": high,
    }
    return row | ({"textless": {"textless": "yes", "with text": "no"}[text]} if text else {}) | more


def unit(vectors):
    """Rows scaled to length 1, float32."""
    vectors = np.asarray(vectors, np.float64)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def embedding_column(vectors):
    """(N, D), or None for a row, as a run stores them."""
    width = next((len(vector) for vector in vectors if vector is not None), 2)
    return pa.array(
        [None if vector is None else list(map(float, vector)) for vector in vectors], pa.list_(pa.float32(), width)
    )


def table_of(rows, vectors=None, title_id="t1"):
    """Rows as a table; asset ids a00, a01 … and one title unless a row says otherwise."""
    full = [{"asset_id": f"a{at:02}", "title_id": title_id} | row for at, row in enumerate(rows)]
    names = list(dict.fromkeys(name for row in full for name in row))
    arrays = {name: pa.array([row.get(name) for row in full], TYPES.get(name)) for name in names}
    if vectors is not None:
        arrays["embedding"] = embedding_column(vectors)
    return pa.table(arrays)


def run_of(folder, table):
    """A run folder that holds the table."""
    folder.mkdir()
    pq.write_table(table, folder / "part-00000.parquet")
    (folder / "contract.json").write_text(json.dumps({"fields": [], "columns": []}))
    (folder / "run.json").write_text(
        json.dumps({"run_format": 1, "run_id": "r1", "fingerprint": {}, "parts": ["part-00000.parquet"]})
    )
    return folder
