"""Stage explicit: how surely a picture is explicit, by LAION's detector on OpenAI's embeddings. Only when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from artvision.contract import Field, Kind
from artvision.heads.fetched import FetchedHead, Score
from artvision.heads.perceptron import read_perceptron


class Explicit(FetchedHead):
    """Nudity and what comes near it, of the whole picture; nothing is said of a person on it."""

    name: ClassVar[str] = "explicit"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.4.0"
    opt_in: ClassVar[bool] = True
    summary: ClassVar[str] = "how surely it is explicit; only with OpenAI's CLIP and --stages all,explicit"
    layers: ClassVar[Mapping[str, str]] = {
        "ViT-B-32/openai": "explicit-vit-b-32",
        "ViT-L-14/openai": "explicit-vit-l-14",
    }
    field: ClassVar[Field] = Field(
        "explicit.score",
        "how surely the picture is explicit: nudity, pornography, or lightly clothed; 0.5 is the detector's own limit, "
        "0.9 the bundled policy's",
        "score",
        0,
        1,
        "LAION-AI/CLIP-based-NSFW-Detector: a perceptron on OpenAI's CLIP",
        higher="more surely explicit",
        kind=Kind.LEARNED,
        # The weights could not be fetched where this was written: nothing was measured.
        tolerance=1,
        calibrated=False,
        evidence={"domain": "photo, drawing", "operating_point": 0.5},
    )

    def read(self, path: Path, width: int) -> Score:
        """See `FetchedHead.read`."""
        return read_perceptron(path, width).chance
