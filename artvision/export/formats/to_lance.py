"""Export lance: a Lance dataset with vectors as fixed-size lists, which it can search."""

from __future__ import annotations

from pathlib import Path

from artvision.export.format import Export, Format, vector_table
from artvision.extras import extra


class Lance(Format):
    """`assets.lance`: keys, `vector`, `mask`, `embedding`; the schema's metadata has `artvision.export`."""

    name = "lance"
    summary = "a Lance dataset, vectors as fixed-size lists"
    reader = "pylance, lancedb"

    def write(self, export: Export, folder: Path) -> None:
        """Write the dataset. Raises UsageError where the extra is not installed."""
        table = vector_table(export).replace_schema_metadata({"artvision.export": export.text})
        extra("lance", "index").write_dataset(table, str(folder / "assets.lance"))
