"""Export csv: a table for people and spreadsheets, values as they are, labels as words, missing ones empty."""

from __future__ import annotations

from pathlib import Path

from pyarrow import csv

from artvision.export.format import Export, Format
from artvision.export.matrix import field_table

SHOWN = ("title", "artwork_type", "market", "language", "width", "height")


class Csv(Format):
    """`assets.csv`: keys, what the catalogue says, and one column a field; vectors have no place in it."""

    name = "csv"
    summary = "a table for people, a column a field"
    reader = "any spreadsheet"
    as_is = True

    def write(self, export: Export, folder: Path) -> None:
        """Write the table."""
        table = field_table(export.rows, export.matrix.slots, export.titles, SHOWN)
        csv.write_csv(table.drop_columns(["run_id"]), folder / "assets.csv")
