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
    from artvision.audit.finding import Finding, Subject
    from artvision.audit.policy import Rule

COLUMN = "canvases"
UNKNOWN = {
    "": "",
    "faces": "its faces are not known",
    "text": "text was not looked for: extract with --stages all,canvases,text",
}
OPEN = "it is open whether `when` chooses a picture that may serve"
Row = Mapping[str, Any]


class Look(NamedTuple):
    """Of one picture what it lacks, and what else is not known of it; it serves where there is neither."""

    lacks: list[str]
    unknown: str


class ServedCanvas(Kind):
    """One picture that serves is enough. A title is found where all of those chosen are known not to, or none is."""

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
        shown = set(places)
        return self.judge_chosen(evidence, [place in shown for place in range(len(evidence.table))])

    def judge_chosen(self, evidence: Evidence, chosen: Sequence[bool | None]) -> Verdict:
        """See `Kind.judge_chosen`: a title of which no picture is chosen has none that serves."""
        found, rows = Verdict(), self._rows(evidence)
        titles: dict[str, list[int]] = {}
        for place, subject in enumerate(evidence.subjects):
            if subject.title_id is not None:
                titles.setdefault(subject.title_id, []).append(place)
            elif chosen[place]:
                found.unjudged[subject] = "title_id has no value"
        for title_id, own in titles.items():
            title, left = evidence.title(title_id), [place for place in own if chosen[place] is not False]
            if left:
                looks = [self._look(evidence, place, rows, sure=chosen[place] is True) for place in left]
                self._judge(title, looks, found)
            else:
                found.judged += 1
                found.findings.append(self._left_out(title, len(own)))
        return found

    def _look(self, evidence: Evidence, place: int, rows: Mapping[int, Row], *, sure: bool) -> Look:
        row = rows.get(place)
        if row is None:
            return Look([], explained(evidence, place, [COLUMN]))
        return Look(self.demand.lacks(row), UNKNOWN[self.demand.unknown(row)] if sure else OPEN)

    def _left_out(self, title: Subject, pictures: int) -> Finding:
        why = f"`when` leaves none of {pictures}"
        values = {"canvas": self.canvas, "pictures": 0, "why": why}
        return self.finding(title, f"no picture may serve the canvas {self.canvas}: {why}", values)

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
