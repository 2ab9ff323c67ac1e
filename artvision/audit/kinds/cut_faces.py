"""Faces that the frame cuts off. A detected box ends at the frame where the face goes on behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.unjudged import explained
from artvision.keys import Key
from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence

SIDES = {"left": ("x0", "composition.bar_left"), "right": ("x1", "composition.bar_right"),
         "top": ("y0", "composition.bar_top"), "bottom": ("y1", "composition.bar_bottom")}  # fmt: skip
BARS = tuple(bar for _, bar in SIDES.values())


class CutFaces(Kind):
    """An asset is found where one of its faces touches a side of the frame; letterbox bars are no part of the frame."""

    name: ClassVar[str] = "cut-off-faces"
    summary: ClassVar[str] = "no face touches the frame; the picture begins where letterbox bars end"
    shows: ClassVar[tuple[str, ...]] = ("cut", "faces", "sides")
    keys: ClassVar[dict[str, Key]] = {
        "sides": Key(list, "sides that count", ("left", "right", "top", "bottom"), choices=tuple(SIDES)),
        "margin": Key(float, "how near the side counts as touching, share of the picture's side", 0.005, 0, 0.5),
        "smallest": Key(float, "faces of less than this share of the picture's height do not count", 0.1, 0, 1),
        "largest": Key(float, "faces of more are close-ups, in which a cut is meant", 0.65, 0, 1),
    }

    def reads(self, known: Known) -> Sequence[str]:
        """Boxes, and bars where they were measured."""
        return ["faces", *(name for name in BARS if name in known.columns)]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found = Verdict()
        rows = evidence.at(places, self.reads(evidence.known))
        for place, row in zip(places, rows, strict=True):
            subject = evidence.subjects[place]
            if row["faces"] is None:
                found.unjudged[subject] = explained(evidence, place, ["faces"])
                continue
            found.judged += 1
            sized = [face for face in row["faces"] if self._counts(face)]
            if cuts := [sides for face in sized if (sides := self._cut(face, row))]:
                where = " and ".join(side for side in SIDES if any(side in cut for cut in cuts))
                values = {"cut": len(cuts), "faces": len(row["faces"]), "sides": where}
                words = f"{len(cuts)} of {counted(len(row['faces']), 'face')} cut off at the {where}"
                found.findings.append(self.finding(subject, words, values))
        return found

    def _counts(self, face: Mapping[str, Any]) -> bool:
        return bool(self.rule.options["smallest"] <= face["y1"] - face["y0"] <= self.rule.options["largest"])

    def _cut(self, face: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
        """The sides of the frame that a face touches."""
        margin, cut = self.rule.options["margin"], []
        for side in self.rule.options["sides"]:
            edge, bar = SIDES[side][0], row.get(SIDES[side][1]) or 0.0
            inside = face[edge] - bar if edge.endswith("0") else 1 - bar - face[edge]
            cut += [side] * (inside <= margin)
        return cut
