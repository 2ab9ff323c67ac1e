"""How a picture fits each canvas of a file: crop, faces and text that survive it, title slot. Only when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import pyarrow as pa

from artvision.contract import Column, Field, Privacy
from artvision.framing.canvas_file import Canvases as CanvasFile
from artvision.framing.canvas_file import read_canvases
from artvision.framing.fit import Fit, Slot, Survival, View
from artvision.image import SCORE_SIDE, Picture
from artvision.stages.base import Result, Stage

_BOX = tuple((side, pa.float32()) for side in ("x0", "y0", "x1", "y1"))
_SLOT = pa.struct([*_BOX, *((name, pa.float32()) for name in ("emptiness", "white", "black")), ("ink", pa.string())])
_CANVAS = pa.struct(
    [
        ("canvas", pa.string()),
        *_BOX,
        ("saliency", pa.float32()),
        *((f"faces_{fate}", pa.int32()) for fate in Survival._fields),
        ("lead_whole", pa.bool_()),
        *((f"text_{fate}", pa.int32()) for fate in Survival._fields),
        ("slot", _SLOT),
    ]
)


class Canvases(Stage):
    """Fits each picture to the canvases of a file; reads faces, and lines of text where they were looked for."""

    name: ClassVar[str] = "canvases"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("faces",)
    after: ClassVar[tuple[str, ...]] = ("text",)
    opt_in: ClassVar[bool] = True
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "crops and title slots for the canvases of services; only with --stages all,canvases"

    def fields(self) -> tuple[Field, ...]:
        """None: which canvases there are is data, and the vector is fixed. Its part is the stage `layout`."""
        return ()

    def columns(self) -> tuple[Column, ...]:
        """One struct a canvas, in the file's order."""
        about = (
            "a canvas each: best crop, share of salient mass kept; faces and lines of text whole, cut, and clear of "
            "badge and unsafe bands (null where they are not known); title slot, null where there is no room"
        )
        return (Column("canvases", about, pa.list_(_CANVAS), Privacy.PERSON),)

    def fingerprint(self) -> dict[str, Any]:
        """The file. Raises UsageError where it is wrong."""
        return {"canvases": self._file.sha256}

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Fit each picture by itself."""
        texts = upstream.get("text", [None] * len(batch))
        return [self._fit(*found) for found in zip(batch, upstream["faces"], texts, strict=True)]

    @cached_property
    def _file(self) -> CanvasFile:
        return read_canvases(self.settings.canvases)

    def _fit(self, picture: Picture, faces: Result, text: Result | None) -> Result:
        lines = text.columns.get("text_regions") if text else None
        fits = View.of(picture, faces.columns["faces"]).fits(self._file.canvases, lines)
        return Result({}, {"canvases": [_row(fit) for fit in fits]})


def _row(fit: Fit) -> dict[str, Any]:
    return {
        "canvas": fit.canvas.id,
        **fit.crop._asdict(),
        "saliency": fit.saliency,
        **_fates("faces", fit.faces),
        "lead_whole": fit.lead_whole,
        **_fates("text", fit.text),
        "slot": _slot(fit.slot) if fit.slot else None,
    }


def _fates(of: str, survival: Survival | None) -> dict[str, int | None]:
    counts = survival or (None, None, None)
    return {f"{of}_{fate}": count for fate, count in zip(Survival._fields, counts, strict=True)}


def _slot(slot: Slot) -> dict[str, Any]:
    numbers = {"emptiness": slot.emptiness, "white": slot.white, "black": slot.black}
    return slot.box._asdict() | numbers | {"ink": slot.ink}
