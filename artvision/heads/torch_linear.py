"""One linear layer in a file of `torch.save`, read without torch and without unpickling anything.

Such a file is a zip whose entries `*/data/N` are the tensors' bare numbers; its pickle, which only names them, is not
looked at. A layer from D numbers to one is told by its sizes: D floats, and one.
"""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from artvision.errors import WeightsError

FLOAT = np.dtype("<f4")


def read_linear(path: Path, width: int) -> tuple[NDArray[np.float64], float]:
    """((width,) weights, bias) as float64. Raises WeightsError where the file holds anything else."""
    try:
        with ZipFile(path) as archive:
            numbers = [archive.read(name) for name in archive.namelist() if "/data/" in name]
    except (OSError, BadZipFile) as error:
        raise WeightsError(f"{path} cannot be read as a file of torch.save: {error}") from None
    sizes = sorted(len(one) // FLOAT.itemsize for one in numbers)
    if sizes != [1, width]:
        raise WeightsError(f"{path} holds tensors of {sizes} numbers, not a linear layer from {width} to one")
    weights, bias = sorted((np.frombuffer(one, FLOAT).astype(np.float64) for one in numbers), key=len, reverse=True)
    return weights, float(bias[0])
