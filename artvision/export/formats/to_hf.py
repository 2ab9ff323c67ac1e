"""Export hf: a folder that Hugging Face's `datasets` loads, with a card that says what it is."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from artvision.export.format import Export, Format, vector_table

SHARD = 100_000  # rows a file
FILLS = {"contract": "the contract's fill", "zero": "0", "mean": "the corpus's mean"}


class HuggingFace(Format):
    """`data/train-*.parquet` and `README.md`, the card: contract, layout, how missing values and people are treated."""

    name = "hf"
    summary = "a datasets folder with a card"
    reader = "datasets"

    def write(self, export: Export, folder: Path) -> None:
        """Write shards and card."""
        table = vector_table(export)
        starts = range(0, table.num_rows, SHARD)
        (folder / "data").mkdir()
        for number, start in enumerate(starts):
            name = f"train-{number:05d}-of-{len(starts):05d}.parquet"
            pq.write_table(table.slice(start, SHARD), folder / "data" / name, compression="zstd")
        (folder / "README.md").write_text(_card(export), encoding="utf-8")


def _card(export: Export) -> str:
    about = export.about
    blocks = "\n".join(
        f"| `{block['block']}` | {block['offset']} | {block['width']} |" for block in about["blocks"] if block["width"]
    )
    people = "Columns about people are included." if about["person"] else "No column is about a person."
    return f"""---
pretty_name: Tag vectors of artwork
tags: [artvision, artwork, personalization]
configs:
- config_name: default
  data_files: [{{split: train, path: "data/*.parquet"}}]
---
# Tag vectors of artwork

{about["rows"]} assets of {about["titles"]} titles, contract {about["contract_version"]}
(`{about["contract_sha256"][:12]}`), made by artvision {about["artvision"]}. The pictures themselves are not part of it;
rights in them, and the licence of this data, are for its publisher to state.

- Keys are `asset_id`, `title_id` and `content_sha256`; the order of rows means nothing.
- `vector` holds the blocks below; `export.json` names every slot with unit and range.
- Values: scale {about["scale"]}{_fitted(export)}; where one is missing: {FILLS[about["fill"]]}, and `mask` is false.
- {people} No age, gender, race, attractiveness or emotion was inferred.

| block | offset | width |
| --- | --- | --- |
{blocks}
"""


def _fitted(export: Export) -> str:
    found = export.about["statistics"]
    return f", fitted on {found['corpus']} ({found['rows']} assets, {found['fitted'][:10]})" if found else ""
