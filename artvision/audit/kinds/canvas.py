"""Titles of which no picture serves a canvas: faces cut, text where there must be none, no place for a title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.unjudged import explained
from artvision.errors import UsageError
from artvision.framing.demand import BARE, LEGIBLE, Demand, Faces, Text
from artvision.keys import Key
from artvision.settings import suggest
from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence
    from artvision.audit.finding import Subject
    from artvision.audit.policy import Rule

COLUMN = "canvases"
UNKNOWN = {
    "": "",
    "faces": "its faces are not known",
    "text": "text was not looked for: extract with --stages all,canvases,text",
}
Row = Mapping[str, Any]


class Look(NamedTuple):
    """Of one picture what it lacks, and what else is not known of it; it serves where there is neither."""

    lacks: list[str]
    unknown: str


class ServedCanvas(Kind):
    """One picture that serves is enough. A title is found where all of those chosen are known not to."""

    name: ClassVar[str] = "canvas"
    summary: ClassVar[str] = "each title has a picture that serves a canvas; `when` chooses the pictures that may"
    shows: ClassVar[tuple[str, ...]] = ("canvas", "pictures", "why")
    keys: ClassVar[dict[str, Key]] = {
        "canvas": Key(str, "id of the canvas, as `artvision canvases` lists them"),
        "faces": Key(Faces, "`uncut`: none is cut and the lead is whole; `clear`: nor is one covered", Faces.UNCUT),
        "text": Key(Text, "`uncut`: no line is cut; `none`: the crop is textless", Text.ANY),
        "slot": Key(bool, "whether a title must have room", True),
        "contrast": Key(float, "least contrast of the title in the better of white and black", LEGIBLE, 1, 21),
        "emptiness": Key(float, "least share of the title's place in which nothing is drawn", BARE, 0, 1),
    }

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.canvas: str = rule.options["canvas"]
        self.demand = Demand(**{name: value for name, value in rule.options.items() if name != "canvas"})

    def reads(self, known: Known) -> Sequence[str]:  # noqa: ARG002 - a run without it says which stage brings it
        """The column of the stage `canvases`."""
        return [COLUMN]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found, rows = Verdict(), self._rows(evidence)
        titles: dict[str, list[int]] = {}
        for place in places:
            subject = evidence.subjects[place]
            if subject.title_id is None:
                found.unjudged[subject] = "title_id has no value"
            else:
                titles.setdefault(subject.title_id, []).append(place)
        for title_id, own in titles.items():
            self._judge(evidence.title(title_id), [self._look(evidence, place, rows) for place in own], found)
        return found

    def _look(self, evidence: Evidence, place: int, rows: Mapping[int, Row]) -> Look:
        row = rows.get(place)
        if row is None:
            return Look([], explained(evidence, place, [COLUMN]))
        return Look(self.demand.lacks(row), UNKNOWN[self.demand.unknown(row)])

    def _judge(self, title: Subject, looks: Sequence[Look], found: Verdict) -> None:
        unknown = [look.unknown for look in looks if not look.lacks]
        if unknown and all(unknown):
            found.unjudged[title] = unknown[0]
            return
        found.judged += 1
        if not unknown:
            counts = Counter(lack for look in looks for lack in look.lacks).most_common()
            why = ", ".join(f"{lack} ({count})" if len(looks) > 1 else lack for lack, count in counts)
            values = {"canvas": self.canvas, "pictures": len(looks), "why": why}
            words = f"none of {counted(len(looks), 'picture')} serves the canvas {self.canvas}: {why}"
            found.findings.append(self.finding(title, words, values))

    def _rows(self, evidence: Evidence) -> dict[int, Row]:
        """Place -> what is said of this canvas. Raises UsageError for one that is misspelt, as of a column."""
        column = evidence.table[COLUMN]
        if pa.types.is_null(column.type) or column.null_count == len(column):
            return {}
        said, places = pc.list_flatten(column), pc.list_parent_indices(column)
        names = pc.struct_field(said, "canvas")
        own = pc.equal(names, self.canvas)
        if len(names) and not pc.any(own).as_py():
            known = pc.unique(names).to_pylist()
            hint = suggest(self.canvas, known) or f"; it has {', '.join(known)}"
            raise UsageError(f"{self.rule.where}: the run has no canvas {self.canvas!r}{hint}")
        return dict(zip(places.filter(own).to_pylist(), said.filter(own).to_pylist(), strict=True))
