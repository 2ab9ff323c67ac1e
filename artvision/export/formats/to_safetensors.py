"""Export safetensors: vectors and mask in one file that says in its header what it holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from artvision.errors import UsageError
from artvision.export.format import Export, Format, write_ids

MAX_HEADER = 100_000_000  # bytes; the format's readers refuse a longer one


class Safetensors(Format):
    """`vectors.safetensors`: tensors `vector` and `mask`; the header's metadata has `asset_id` and `export` as JSON."""

    name = "safetensors"
    summary = "vector and mask with ids and layout in the header"
    reader = "safetensors"

    def write(self, export: Export, folder: Path) -> None:
        """Write the file. Raises UsageError where the ids do not fit into a header."""
        from safetensors.numpy import save_file

        matrix = export.matrix
        about = {"asset_id": json.dumps(matrix.asset_ids), "export": export.text}
        if sum(len(text.encode()) for text in about.values()) > MAX_HEADER * 0.9:
            raise UsageError(f"{len(matrix.asset_ids)} asset ids do not fit into a header: use --format numpy")
        tensors = {"vector": np.ascontiguousarray(matrix.values)}
        if export.about["mask"] != "none":
            tensors["mask"] = np.ascontiguousarray(matrix.mask)
        save_file(tensors, folder / "vectors.safetensors", about)
        write_ids(export, folder)
