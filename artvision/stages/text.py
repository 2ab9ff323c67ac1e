"""Text on a picture: how much, where, how large, in which script. Only when asked for; what it says is not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from artvision.contract import Column, Field, Kind, Missing
from artvision.errors import UsageError
from artvision.image import Picture
from artvision.lettering import BELIEVED, LIBRARIES, MODEL, SEARCH, SIDE, SURE
from artvision.lettering.regions import Line, believed, covered
from artvision.lettering.script import SCRIPTS, script_of
from artvision.settings import Settings
from artvision.stages.base import Result, Stage, Value
from artvision.weights import get_model

if TYPE_CHECKING:
    from artvision.lettering.reader import Reader

_OCR = "PP-OCRv6 (PaddleOCR), in rapidocr"


def _field(name: str, meaning: str, unit: str, higher: str, tolerance: float, source: str = _OCR, **more: Any) -> Field:
    high = more.pop("high", 1)
    return Field(name, meaning, unit, 0, high, source, higher, Kind.DETECTED, tolerance=tolerance, **more)


_FIELDS = (
    _field("text.regions", "lines of text found", "lines", "more text", 2, dtype="int32", high=10_000),
    _field(
        "text.score",
        f"of the surest find: reader's score, or detector's of a slender line; text from {BELIEVED:g}",
        "score",
        "surer that there is text",
        0.1,
    ),
    _field("text.share", "share of the picture under the lines' upright boxes", "share", "more text", 0.02),
    _field("text.largest_height", "height of the highest line's box", "share of height", "larger text", 0.02),
    _field("text.x", "centre of what the boxes cover", "share of width", "further right", 0.05, fill=0.5),
    _field("text.y", "centre of what the boxes cover", "share of height", "lower", 0.05, fill=0.5),
    _field(
        "text.read", f"share of the text's area read with a score of {SURE:g} or more", "share", "more legible", 0.2
    ),
    _field(
        "text.script",
        "script of most that was read; the reader knows latin, greek, han and kana, of others it abstains",
        "label",
        "",
        0,
        "Unicode names; letters that several scripts share do not count (UTS 39)",
        dtype="category",
        labels=SCRIPTS,
    ),
)
_REGION = pa.struct(
    [*((name, pa.float32()) for name in ("x0", "y0", "x1", "y1", "height", "score")), ("script", pa.string())]
)


class Text(Stage):
    """Finds lines of text with RapidOCR and reads them to tell text from what only looks like it."""

    name: ClassVar[str] = "text"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.2.0"
    opt_in: ClassVar[bool] = True
    min_long_side: ClassVar[int] = SIDE
    summary: ClassVar[str] = "where text lies, how large, in which script; only with --stages all,text"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._reader: Reader | None = None

    def fields(self) -> tuple[Field, ...]:
        """One block: text."""
        return _FIELDS

    def columns(self) -> tuple[Column, ...]:
        """The lines, without what they say: credits name people."""
        about = "lines of text, highest first: upright box, height, score; script null where the letters do not tell"
        return (Column("text_regions", about, pa.list_(_REGION)),)

    def fingerprint(self) -> dict[str, Any]:
        """Weights, thresholds, libraries. Raises UsageError where the extra `text` is not installed."""
        try:
            libraries = {name: version(name) for name in LIBRARIES}
        except PackageNotFoundError as error:
            raise UsageError(f"the stage text needs {error.name}: pip install 'artvision[text]'") from None
        weights = {file.name: file.sha256 for file in get_model(MODEL).files}
        return {"weights": weights, "search": dict(SEARCH), "libraries": libraries}

    def setup(self, device: str) -> None:  # noqa: ARG002 - the networks are small, and run on the CPU everywhere
        """Load both networks. Raises WeightsError naming the command that mends them."""
        from artvision.lettering.reader import Reader

        self._reader = Reader()

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Text of each picture; none found is a result too."""
        if self._reader is None:
            raise RuntimeError("text: run before setup")
        return [result(self._reader.lines(picture)) for picture in batch]

    def close(self) -> None:
        """Forget the networks."""
        self._reader = None


def result(finds: Sequence[Line]) -> Result:
    """What all finds on a picture come to; `unwritten` has the lines that are believed, with what they say."""
    lines = believed(finds)
    share, x, y = covered([line.box for line in lines])
    values: dict[str, Value] = dict.fromkeys((field.name for field in _FIELDS), Missing.NOT_APPLICABLE)
    values |= {
        "text.regions": len(lines),
        "text.score": max((line.score for line in finds), default=0.0),
        "text.share": share,
    }
    if lines:
        values |= {"text.largest_height": lines[0].height, "text.x": x, "text.y": y, **_reading(lines)}
    return Result(values, {"text_regions": [_row(line) for line in lines]}, unwritten=tuple(lines))


def _reading(lines: Sequence[Line]) -> dict[str, Value]:
    """The script is that of the whole only where most of the text was read: the rest may be in another."""
    areas = [(line.box[2] - line.box[0]) * (line.box[3] - line.box[1]) for line in lines]
    read = sum(area for area, line in zip(areas, lines, strict=True) if line.read >= SURE) / sum(areas)
    script = script_of((line.text, line.read) for line in lines) if read > 0.5 else None
    return {"text.read": min(1.0, read), "text.script": script or Missing.ABSTAINED}


def _row(line: Line) -> dict[str, Any]:
    box = dict(zip(("x0", "y0", "x1", "y1"), line.box, strict=True))
    return box | {"height": line.height, "score": line.score, "script": script_of([(line.text, line.read)])}
