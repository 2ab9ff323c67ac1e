"""Contracts of a few fields, and runs with given values that no picture stands behind, for tests of what drifted."""

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq

from artvision.contract import Contract, Declared, Field
from artvision.record import ARROW, MISSING


def field(name="a.one", **changes):
    given = {"meaning": f"what {name} says", "unit": "share", "low": 0, "high": 1, "source": "tests", "higher": "more"}
    return Field(name, **given | changes)


def contract(*fields, columns=(), version="1.0.0"):
    """As `contract.json` has it, read back from JSON."""
    made = Contract.of([Declared("stage", version, fields, tuple(columns))])
    return json.loads(made.to_json())


def write_run(folder, described, values, *, titles=None, states=None, contents=None, parts=1, fingerprint=None):
    """A run folder: `values` maps fields to lists (None: missing, by `states` of its field or `failed`)."""
    folder.mkdir(parents=True)
    known = {one["name"]: one for one in described["fields"]}
    rows = len(next(iter(values.values())))
    ids = [f"{number:05d}.png" for number in range(rows)]
    hashes = contents or [hashlib.sha256(f"{folder.name}/{name}".encode()).hexdigest() for name in ids]
    missing = [
        [
            {"field": name, "state": (states or {}).get(name, "failed")}
            for name, own in values.items()
            if own[row] is None
        ]
        for row in range(rows)
    ]
    arrays = {
        "asset_id": pa.array(ids, pa.string()),
        "title_id": pa.array(titles or [None] * rows, pa.string()),
        "content_sha256": pa.array(hashes, pa.string()),
        **{name: pa.array(own, ARROW[known[name]["dtype"]]) for name, own in values.items()},
        "missing": pa.array(missing, MISSING),
    }
    table = pa.table(arrays)
    names = [f"part-{part:05d}.parquet" for part in range(parts)]
    for part, name in enumerate(names):
        pq.write_table(
            table.slice(part * rows // parts, (part + 1) * rows // parts - part * rows // parts), folder / name
        )
    (folder / "contract.json").write_text(json.dumps(described), encoding="utf-8")
    info = {"run_format": 1, "run_id": "r", "parts": names, "extras": [], "settings": {}}
    made = {"contract": described["contract_sha256"], "device": "cpu", **(fingerprint or {})}
    (folder / "run.json").write_text(json.dumps(info | {"fingerprint": made}), encoding="utf-8")
    return folder
