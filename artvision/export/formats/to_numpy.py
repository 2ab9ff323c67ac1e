"""Export numpy: vectors and mask as .npy files, which can be mapped into memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from artvision.export.format import Export, Format, write_ids


class Numpy(Format):
    """`vector.npy` (N, D) float32, `mask.npy` (N, D) bool, `asset_id.npy` (N,) text; `ids.csv` joins them to titles."""

    name = "numpy"
    summary = "vector.npy, mask.npy, asset_id.npy"
    reader = "numpy"

    def write(self, export: Export, folder: Path) -> None:
        """Write the arrays; none needs pickle to be read."""
        matrix = export.matrix
        np.save(folder / "vector.npy", np.ascontiguousarray(matrix.values), allow_pickle=False)
        if export.about["mask"] != "none":
            np.save(folder / "mask.npy", np.ascontiguousarray(matrix.mask), allow_pickle=False)
        np.save(folder / "asset_id.npy", np.array(matrix.asset_ids, np.str_), allow_pickle=False)
        write_ids(export, folder)
