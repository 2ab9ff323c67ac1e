"""Export obp: Open Bandit Pipeline's `action_context`, with action numbers that stay what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from artvision.errors import RunError, one_line
from artvision.export.format import Export, Format

FILE = "actions.csv"


class OpenBandit(Format):
    """`action_context.npy` (n_actions, D) float32, `action_mask.npy` the same in bool; `actions.csv`: whose row it is.

    An export that replaces an earlier one keeps its action numbers: new assets come after them, and an asset that is
    gone leaves a row of zeros (`present` 0), so that logs of actions stay readable.
    """

    name = "obp"
    summary = "action_context with stable action numbers"
    reader = "obp"

    def write(self, export: Export, folder: Path) -> None:
        """Write context, mask and the list of actions."""
        matrix = export.matrix
        actions = _actions(export)
        rows = {asset_id: row for row, asset_id in enumerate(matrix.asset_ids)}
        context = np.zeros((len(actions), len(matrix.slots)), np.float32)
        mask = np.zeros(context.shape, np.bool_)
        there = [(action, rows[asset_id]) for action, asset_id in enumerate(actions) if asset_id in rows]
        for action, row in there:
            context[action], mask[action] = matrix.values[row], matrix.mask[row]
        np.save(folder / "action_context.npy", context, allow_pickle=False)
        if export.about["mask"] != "none":
            np.save(folder / "action_mask.npy", mask, allow_pickle=False)
        titles = [matrix.title_ids[rows[asset_id]] if asset_id in rows else None for asset_id in actions]
        columns = {"action": range(len(actions)), "asset_id": actions, "title_id": titles}
        table = pa.table(columns | {"present": [int(asset_id in rows) for asset_id in actions]})
        csv.write_csv(table, folder / FILE)


def _actions(export: Export) -> list[str]:
    """Asset ids by action number: those of the earlier export, then new ones in order."""
    place = export.before / FILE if export.before else None
    if place is None or not place.exists():
        return export.matrix.asset_ids
    text = csv.ConvertOptions(column_types={"asset_id": pa.string()})
    try:
        before: list[str] = csv.read_csv(place, convert_options=text).sort_by("action")["asset_id"].to_pylist()
    except (OSError, KeyError, pa.ArrowException) as error:
        raise RunError(
            f"{place} cannot be read ({one_line(error)}): its action numbers would be lost; use another -o"
        ) from None
    known = set(before)
    return before + [asset_id for asset_id in export.matrix.asset_ids if asset_id not in known]
