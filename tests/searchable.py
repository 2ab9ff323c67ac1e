"""An index in memory with the interface of the stored one: rows with vectors, and conditions kept instead of run."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

WIDTH = 192  # of the starter
ACTORS = pa.list_(pa.struct([("actor_id", pa.string()), ("name", pa.string())]))


class FakeIndex:
    """`rows` are dicts under dotted names; `conditions` collects what `nearest` was asked for."""

    def __init__(self, rows, info=None):
        self.rows, self.conditions = list(rows), []
        self.info = {"rows": len(self.rows), "titles": 2, **(info or {"settings": {"actors": ""}})}

    def row(self, asset_id):
        return next((row for row in self.rows if row["asset_id"] == asset_id), None)

    @property
    def columns(self):
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def table(self, columns, titles=None):
        rows = [row for row in self.rows if titles is None or row.get("title_id") in titles]
        kept = [name for name in columns if name in self.columns]
        types = {"actors": ACTORS}
        return pa.table({name: pa.array([row.get(name) for row in rows], types.get(name)) for name in kept})

    def count(self, where=""):
        return len(self.rows)

    def nearest(self, vector, *, where="", limit=20, columns=None):
        self.conditions.append(where)
        rows = [dict(row, score=None) for row in self.rows]
        if vector is not None:
            rows = [dict(row, score=float(np.float32(vector) @ row["embedding"])) for row in rows]
            rows.sort(key=lambda row: -row["score"])
        names = [*(columns or rows[0]), "score"]
        return pa.table({name: [row.get(name) for row in rows[:limit]] for name in names})


def unit(*head):
    """A vector of unit length that begins so and is zero beyond, (192,) float32."""
    vector = np.zeros(WIDTH, np.float32)
    vector[: len(head)] = head
    return vector / np.linalg.norm(vector)


def starter_info(**settings):
    """`index.json` of an index made with the starter by this installation."""
    from dataclasses import asdict

    from artvision.pipeline import Engine
    from artvision.reporting import Silent
    from artvision.settings import Settings

    chosen = Settings(stages="clip", model="starter")
    made = Engine.of(chosen, Silent()).fingerprint
    return {"rows": 3, "titles": 2, "fingerprint": made, "settings": asdict(chosen) | settings}
