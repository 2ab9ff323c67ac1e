"""Export vw: action lines for Vowpal Wabbit's `--cb_explore_adf`, a namespace a block, what is missing absent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from artvision.export.format import Export, Format, write_ids
from artvision.export.matrix import Matrix


class VowpalWabbit(Format):
    """`actions.vw`: a line an asset, a blank line after each title; `ids.csv` has the tag of each asset."""

    name = "vw"
    summary = "action lines for --cb_explore_adf, a title an example"
    reader = "vowpalwabbit"

    def write(self, export: Export, folder: Path) -> None:
        """Write lines and ids. An asset without a title is an example of its own."""
        matrix = export.matrix
        names = _names(matrix)
        examples = groupby(range(len(matrix.values)), key=lambda row: (matrix.title_ids[row], _alone(matrix, row)))
        with (folder / "actions.vw").open("w", encoding="utf-8", newline="\n") as file:
            for _, rows in examples:
                file.writelines(f"{_line(matrix, row, names)}\n" for row in rows)
                file.write("\n")
        write_ids(export, folder, tag=pa.array([tag(asset_id) for asset_id in matrix.asset_ids]))


def tag(asset_id: str) -> str:
    """An asset id as a tag: what the format gives a meaning (blanks, `|`, `:`, `'`) is percent-encoded."""
    return quote(asset_id, safe="/._-~")


def _alone(matrix: Matrix, row: int) -> int:
    return -1 if matrix.title_ids[row] is not None else row


def _names(matrix: Matrix) -> dict[str, list[tuple[int, str]]]:
    """block -> (place, name within the block) of its slots."""
    slots = enumerate(matrix.slots)
    return {
        block: [(place, slot.name.partition(".")[2]) for place, slot in own]
        for block, own in groupby(slots, key=lambda pair: pair[1].block)
    }


def _line(matrix: Matrix, row: int, names: dict[str, list[tuple[int, str]]]) -> str:
    found = ((block, " ".join(_features(matrix, row, own))) for block, own in names.items())
    spaces = [f"|{block} {text}" for block, text in found if text] or ["|"]
    return f"'{tag(matrix.asset_ids[row])}{' '.join(spaces)}"


def _features(matrix: Matrix, row: int, own: list[tuple[int, str]]) -> Iterator[str]:
    """`name:value` of known slots. A number that is 0 is written; of a category only the label that holds."""
    for place, name in own:
        value = float(matrix.values[row, place])
        if matrix.mask[row, place] and (value or not matrix.slots[place].label):
            yield f"{name}:{value:.7g}"
