"""Assets of one title that show the same plate more often than they may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.keys import Key
from artvision.suite.columns import PLATE, embeddings
from artvision.suite.selection import ALIKE

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence

Row = Mapping[str, Any]


class DuplicatePlates(Kind):
    """Of assets that show one plate the first `most`, by asset id, are kept; each further one is found."""

    name: ClassVar[str] = "duplicate-plates"
    summary: ClassVar[str] = "a title's assets of one type, market and language show different plates"
    shows: ClassVar[tuple[str, ...]] = ("partner", "why")
    keys: ClassVar[dict[str, Key]] = {
        "most": Key(int, "how many assets may show one plate", 1, 1),
        "same": Key(list, "columns in which they must agree to count", ("artwork_type", "market", "language")),
        "alike": Key(float, "cosine from which they are taken for one plate where plates are not known", ALIKE, 0, 1),
    }

    def reads(self, known: Known) -> Sequence[str]:
        """Plates of an index; without them embeddings. The same bytes are the same plate in any case."""
        same = [known.named(name, f"{self.rule.where}: same") for name in self.rule.options["same"]]
        by = [name for name in (PLATE.name, "embedding") if name in known.columns]
        return [*same, "content_sha256", *by[:1]]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found = Verdict()
        for group in self._groups(evidence, places):
            found.judged += len(group)
            kept: list[list[Row]] = []
            for row in group:
                alike = next((like for like in kept if self._why(like[0], row)), None)
                if alike is None:
                    kept.append([row])
                elif len(alike) < self.rule.options["most"]:
                    alike.append(row)
                else:
                    partner, why = alike[0]["asset_id"], self._why(alike[0], row)
                    values = {"partner": partner, "why": why}
                    subject = evidence.subjects[row["place"]]
                    found.findings.append(self.finding(subject, f"repeats {partner}: {why}", values, partner))
        for place in places:
            if (subject := evidence.subjects[place]).title_id is None:
                found.unjudged[subject] = "title_id has no value"
        return found

    def _groups(self, evidence: Evidence, places: Sequence[int]) -> Iterator[list[Row]]:
        """Rows that are compared with one another, by asset id."""
        columns = [name for name in self.reads(evidence.known) if name != "embedding"]
        table = evidence.table.take(pa.array(places, pa.int64()))
        vectors, has = embeddings(table)
        cells = table.select(["asset_id", "title_id", *columns]).to_pylist()
        rows = [
            {**row, "place": place, "vector": vector if known else None}
            for row, place, vector, known in zip(cells, places, vectors, has, strict=True)
            if row["title_id"] is not None
        ]
        same = ["title_id", *self.rule.options["same"]]

        def key(row: Row) -> tuple[str, ...]:
            return tuple(str(row[name]) for name in same)

        for _, group in groupby(sorted(rows, key=lambda row: (*key(row), row["asset_id"])), key):
            yield list(group)

    def _why(self, one: Row, other: Row) -> str:
        """Why two rows show one plate; empty where they do not."""
        if one["content_sha256"] and one["content_sha256"] == other["content_sha256"]:
            return "the same bytes"
        if PLATE.name in one:
            return "the same plate" if one[PLATE.name] and one[PLATE.name] == other[PLATE.name] else ""
        if one["vector"] is None or other["vector"] is None:
            return ""
        cosine = float(np.dot(one["vector"], other["vector"]))
        return f"cosine {cosine:.2f}, plates are not known here" if cosine >= self.rule.options["alike"] else ""
