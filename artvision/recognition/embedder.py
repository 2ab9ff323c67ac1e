"""What turns a face into a template: a Protocol, and what is known of each make before anything heavy is imported.

A template is a vector of float32; two are compared by `scores`, one scale for all makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from artvision.errors import UsageError
from artvision.image import Pixels
from artvision.settings import suggest

Templates = NDArray[np.float32]  # (faces, width)


@dataclass(frozen=True)
class Sighting:
    """One face to be embedded: the picture's `pixels` (H, W, 3), its `box` x0, y0, x1, y1 and five `points` (x, y).

    Coordinates in [0, 1] of the picture; points are the left eye, right eye, nose, left and right mouth corner as the
    picture shows them, as in the column `faces`.
    """

    pixels: Pixels
    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]

    @property
    def shorter_side(self) -> float:
        """Pixels of the original on the shorter side of the box, as far as the working copy keeps them."""
        height, width = self.pixels.shape[:2]
        x0, y0, x1, y1 = self.box
        return float(min((x1 - x0) * width, (y1 - y0) * height))


@dataclass(frozen=True)
class Make:
    """An embedder by name. `threshold` and `margin` are scores; `source` and `measured` say how sure they are."""

    name: str
    model: str  # id in models/manifest.toml
    width: int
    # Two templates that score at least this are taken for one person.
    threshold: float
    margin: float  # by which the best person must beat the next
    source: str  # where the threshold comes from
    measured: str  # false-match rate at the threshold, on what
    # Distributions whose version can change a template, as far as they are installed.
    libraries: tuple[str, ...]


# By how much the best must beat the next. Over all splits of the cast the smallest lead of a right name was 0.07, and
# no name was wrong: it is there for people who look alike.
_MARGIN = 0.02

MAKES = {
    make.name: make
    for make in (
        Make(
            "dlib",
            "dlib-resnet-v1",
            128,
            0.70,
            _MARGIN,
            "Euclidean distance 0.6, dlib's own: right on 99.38 % of LFW's pairs (dlib.net/face_recognition.py.html)",
            "0 of 700 pairs of two people match (95 %: below 0.43 %, rule of three), 78 of 80 of one person; of 39,640 "
            "pairs with strangers on stills and posters 0.36 %, so a large gallery wants its own calibration",
            # The same library, with and without a compiler.
            ("dlib-bin", "dlib"),
        ),
        Make(
            "facenet",
            "facenet-vggface2",
            512,
            0.48,
            _MARGIN,
            "Euclidean distance 1.04, which DeepFace uses for these weights converted to Keras (serengil/deepface, "
            "threshold.py and issue 1252), with another detector and crop; nothing is published for this file and crop",
            "not measured here, for the weights must be fetched first: `artvision actors calibrate` measures it",
            ("facenet-pytorch", "torch"),
        ),
    )
}


class Embedder(Protocol):
    """Turns faces into templates; thread-safe after construction. A template depends on its own face alone."""

    make: Make

    def embed(self, faces: Sequence[Sighting]) -> Templates:
        """N faces -> (N, make.width) float32."""


def get_make(name: str) -> Make:
    """The make called `name`. Raises UsageError with near names."""
    if name not in MAKES:
        raise UsageError(f"no embedder is called {name!r}{suggest(name, MAKES)}; there are {', '.join(MAKES)}")
    return MAKES[name]


def library_versions(make: Make) -> dict[str, str]:
    """Versions of the make's libraries by distribution. Raises UsageError where none is installed."""
    found = {}
    for name in make.libraries:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    if not found:
        raise UsageError(f"the embedder {make.name} is not installed; run `pip install 'artvision[actors]'`")
    return found


def load(make: Make, device: str) -> Embedder:
    """The embedder, ready on `device` (dlib: always the CPU).

    Raises WeightsError where weights are missing or altered, UsageError where its extra is not installed.
    """
    library_versions(make)
    if make.name == "dlib":
        from artvision.recognition.dlib_embedder import DlibEmbedder

        return DlibEmbedder(make)
    from artvision.recognition.facenet import FacenetEmbedder

    return FacenetEmbedder(make, device)


def scores(one: Templates, other: Templates) -> NDArray[np.float64]:
    """Likeness of each of `one` (N, D) to each of `other` (M, D): 1 - Euclidean distance / 2, in [0, 1], (N, M).

    The distance is what dlib and FaceNet (Schroff et al. 2015, arXiv 1503.03832) were trained on; 1 is the same
    template. Row by row in double precision, so that a score depends on its own two templates alone.
    """
    apart = one[:, None, :].astype(np.float64) - other[None, :, :].astype(np.float64)
    likeness: NDArray[np.float64] = np.clip(1 - np.sqrt((apart * apart).sum(axis=2)) / 2, 0, 1)
    return likeness
