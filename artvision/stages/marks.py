"""Watermarks and stamps on a picture, as far as they can be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from artvision.contract import Field, Kind
from artvision.image import Picture
from artvision.lettering.marks import ALIKE, COINED, KINDS, LONG, OFTEN, marks, phrases
from artvision.lettering.regions import covered
from artvision.stages.base import Result, Stage

if TYPE_CHECKING:
    from artvision.lettering.regions import Line

_OURS = "ours, over PP-OCRv6 (PaddleOCR); artvision/data/marks.toml"
_NONE = "none"
_FIELDS = (
    Field(
        "mark.kind",
        "what is stamped on the picture: a picture agency's name, words of a proof, one reading at least "
        f"{OFTEN} times; a logo without letters is not seen",
        "label",
        0,
        1,
        _OURS,
        kind=Kind.DETECTED,
        dtype="category",
        labels=(_NONE, *KINDS),
    ),
    Field(
        "mark.lines",
        "lines of such text",
        "lines",
        0,
        10_000,
        _OURS,
        "more stamps",
        Kind.DETECTED,
        "int32",
        tolerance=2,
    ),
    Field(
        "mark.share",
        "share of the picture under such lines",
        "share",
        0,
        1,
        _OURS,
        "more stamped over",
        Kind.DETECTED,
        tolerance=0.02,
    ),
)


class Marks(Stage):
    """Looks for marks among the lines that the stage `text` read."""

    name: ClassVar[str] = "marks"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("text",)
    opt_in: ClassVar[bool] = True
    summary: ClassVar[str] = "watermarks and stamps that can be read; only with --stages all,text,marks"

    def fields(self) -> tuple[Field, ...]:
        """One block: mark."""
        return _FIELDS

    def fingerprint(self) -> dict[str, Any]:
        """The phrases, by their hash, and the limits."""
        said = hashlib.sha256(json.dumps(phrases(), sort_keys=True).encode()).hexdigest()
        return {"phrases": said, "repeated": [OFTEN, LONG, ALIKE], "coined": COINED}

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Marks of each picture; none found is a result too."""
        return [_result(text.unwritten) for text in upstream["text"]]


def _result(lines: Sequence[Line]) -> Result:
    found = marks(lines)
    stamped = [line for line in lines if any(line is one for own in found.values() for one in own)]
    share, _, _ = covered([line.box for line in stamped])
    return Result({"mark.kind": next(iter(found), _NONE), "mark.lines": len(stamped), "mark.share": share})
