"""Export feast: a feature repository with a generated feature view, and its Parquet source."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from artvision.export.format import Export, Format, computed_at, vector_table

TYPES = {"vector": "Array(Float32)", "mask": "Array(Bool)", "embedding": "Array(Float32)", "title_id": "String"}


class Feast(Format):
    """`assets.parquet`, `features.py` and `feature_store.yaml`: entity `asset_id`, view `artvision`, local store."""

    name = "feast"
    summary = "a feature view with entity, timestamps and Array(Float32)"
    reader = "feast"

    def write(self, export: Export, folder: Path) -> None:
        """Write the repository. A row's event time is that of the run which computed it."""
        table = vector_table(export)
        for name in ("vector", "mask", "embedding"):
            # Feast knows lists of any length only.
            if name in table.column_names:
                kind = pa.list_(table.schema.field(name).type.value_type)
                table = table.set_column(table.column_names.index(name), name, table[name].cast(kind))
        moment = pa.timestamp("us", tz="UTC")
        times = [computed_at(run_id) for run_id in table["run_id"].to_pylist()]
        created = [datetime.now(UTC)] * table.num_rows
        table = table.drop_columns(["run_id"]).append_column("event_timestamp", pa.array(times, moment))
        pq.write_table(table.append_column("created_timestamp", pa.array(created, moment)), folder / "assets.parquet")
        (folder / "features.py").write_text(_features(export, table), encoding="utf-8")
        (folder / "feature_store.yaml").write_text(STORE, encoding="utf-8")


def _features(export: Export, table: pa.Table) -> str:
    names = [name for name in TYPES if name in table.column_names]
    schema = "\n".join(f'        Field(name="{name}", dtype={TYPES[name]}),' for name in names)
    used = sorted({word for name in names for word in TYPES[name].rstrip(")").split("(")})
    about = export.about
    return f'''"""Tag vectors of artwork, contract {about["contract_version"]}; laid out as in export.json."""

from pathlib import Path

from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.types import {", ".join(used)}

asset = Entity(name="asset", join_keys=["asset_id"], value_type=ValueType.STRING)
source = FileSource(
    name="artvision_assets",
    path=str(Path(__file__).resolve().parent / "assets.parquet"),
    timestamp_field="event_timestamp",
    created_timestamp_column="created_timestamp",
)
view = FeatureView(
    name="artvision",
    entities=[asset],
    ttl=None,
    schema=[
{schema}
    ],
    source=source,
    tags={{"contract_version": "{about["contract_version"]}", "contract_sha256": "{about["contract_sha256"]}"}},
)
'''


STORE = """project: artvision
provider: local
registry: registry.db
online_store:
  type: sqlite
  path: online.db
entity_key_serialization_version: 3
"""
