"""Export faiss: an index for nearest neighbours by cosine, with ids that are derived from asset ids."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from artvision.errors import UsageError
from artvision.export.choice import EMBEDDING
from artvision.export.format import Export, Format, write_ids
from artvision.extras import extra


class Faiss(Format):
    """`index.faiss`: exact inner product over rows of length 1; `ids.csv` has the `faiss_id` of each asset.

    Which weights made the vectors stands in `export.json`: compare its `fingerprint_sha256` before asking with others.
    """

    name = "faiss"
    summary = "a FAISS index over the embeddings, by cosine"
    reader = "faiss-cpu"
    blocks = (EMBEDDING,)

    def write(self, export: Export, folder: Path) -> None:
        """Write index and ids; rows of zeros (a picture without an embedding) are left out of the index."""
        faiss = extra("faiss", "faiss")
        matrix = export.matrix
        ids = np.array([faiss_id(asset_id) for asset_id in matrix.asset_ids], np.int64)
        if len(np.unique(ids)) < len(ids):
            raise UsageError("two asset ids have one 63-bit hash: export fewer titles at once")
        length = np.linalg.norm(matrix.values, axis=1)
        told = length > 0
        vectors = np.ascontiguousarray(matrix.values[told] / length[told, None])
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(len(matrix.slots)))
        index.add_with_ids(vectors, ids[told])
        faiss.write_index(index, str(folder / "index.faiss"))
        write_ids(export, folder, faiss_id=pa.array(ids), indexed=pa.array(told.astype(np.int8)))


def faiss_id(asset_id: str) -> int:
    """A number for an asset id that is the same in every export: the first 63 bits of its sha256."""
    return int.from_bytes(hashlib.sha256(asset_id.encode()).digest()[:8]) >> 1
