"""Bringing an index to what its run says: only what changed is written, and `index.json` names the result last.

A kill before that leaves the table with versions that nobody reads; the next call takes it back to the one in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from artvision import ledger
from artvision.contract import Privacy
from artvision.damage import read_table
from artvision.errors import RunError
from artvision.fingerprint import differences
from artvision.index.comparing import UNREAD, Changes, Standing, compare
from artvision.index.layout import STAMP, joined, nested
from artvision.index.lineage import Member, make_of_plates, plate_ids
from artvision.index.store import Index, find_index, open_index, said_by_lance
from artvision.index.writing import Draft, making
from artvision.recognition.register import note_run
from artvision.reporting import Reporter
from artvision.run import Run, find_run
from artvision.settings import Settings
from artvision.suite.columns import INPUTS, PLATE, suite_columns
from artvision.writing.staging import alone_in

AGAIN = "again"  # the stamp of a row that is to be written in any case
# Raise when the same rows would get other suite columns: they are then computed anew.
SUITES = "1"
COUNTS = ("rows", "titles", "plates", "made_with")
# Of its run.
ABOUT = ("run_id", "contract_version", "contract_sha256", "fingerprint", "settings", "notices")


@dataclass(frozen=True)
class Followed:
    """An index that says what its run says, and what that took.

    Numbers of rows, of pictures that could not be read again for their plates, of those under several titles, and of
    assets without one.
    """

    index: Index
    new: int
    changed: int
    gone: int
    unread: int
    shared: int
    untitled: int
    built: tuple[str, ...]


def follow(
    folder: Path, run: Run, reporter: Reporter, *, overwrite: bool = False, forget: frozenset[str] | None = None
) -> Followed:
    """Bring the index in `folder` to what `run` says.

    `forget`: these assets are written again in any case, and nothing that the index said before is left on the disk.

    Raises RunError where the index was made differently and is not to be overwritten, is being written by another
    process, or cannot be written.
    """
    with alone_in(folder), said_by_lance(folder):
        before, standing = _state(folder, run, overwrite=overwrite)
        made = {"plates": make_of_plates(), "suites": SUITES}
        schema = nested(_rows(run, run.parts[0], frozenset(), suite_columns(_inputs(run, ())), {})).schema
        fresh = before is None or overwrite or not before.lance.schema.equals(schema)
        old = before.info["made_with"] if before and not overwrite else {}
        changes = compare(
            ledger.from_table(run.ledger()),
            {name: replace(row, stamp=AGAIN) if name in (forget or ()) else row for name, row in standing.items()},
            everything=fresh or old.get("suites") != made["suites"],
            every_plate=old.get("plates") != made["plates"],
        )
        same_run = before is not None and before.info["run_id"] == run.run_id and before.is_of(run.folder)
        if before and changes.none and same_run and forget is None:
            return Followed(before, 0, 0, 0, 0, changes.shared, changes.untitled, ())
        _note(run, folder, reporter)
        plates, unread = _plates(run, changes, standing, reporter)
        draft = making(folder, None if fresh else before, schema, run.contract, run.info["fingerprint"])
        _write(draft, run, changes, plates, unread)
        built = draft.index_columns(len(changes.stamps))
        counts = {"rows": len(changes.stamps), "titles": len(changes.members), "plates": len(set(plates.values()))}
        told = {**counts, "made_with": made, **{name: run.info[name] for name in ABOUT}}
        index = draft.commit(told, run.folder, forget=forget is not None)
    counted = len(changes.new), len(changes.changed), len(changes.gone), len(unread), changes.shared, changes.untitled
    return Followed(index, *counted, tuple(built))


def _state(folder: Path, run: Run, *, overwrite: bool) -> tuple[Index | None, dict[str, Standing]]:
    """The index in the folder and its rows by asset id; to be overwritten, one that cannot be read is none."""
    if find_run(folder) is not None:
        raise RunError(f"{folder} is a run: name another folder for its index with -o")
    try:
        with said_by_lance(folder):
            before = find_index(folder)
            standing = _standing(before)
    except RunError:
        if overwrite:
            return None, {}
        raise
    if before and not overwrite and (changed := differences(before.info["fingerprint"], run.info["fingerprint"])):
        lines = "\n  ".join(changed)
        raise RunError(
            f"{folder} holds vectors of another make than {run.folder}; `artvision index --run {run.folder} "
            f"-o {folder} --overwrite` makes it anew, the present one stays readable until then:\n  {lines}"
        )
    return before, standing


def _standing(index: Index | None) -> dict[str, Standing]:
    if index is None:
        return {}
    names = ["asset_id", "title_id", "content_sha256", STAMP, PLATE.name]
    rows = index.lance.to_lance().to_table(columns=names).to_pydict()
    found = (Standing(*row) for row in zip(*(rows[name] for name in names), strict=True))
    return {row.asset_id: row for row in found}


def _note(run: Run, folder: Path, reporter: Reporter) -> None:
    """Tell the gallery that was used of the index: forgetting somebody has to find that too."""
    if gallery := run.info["settings"].get("actors"):
        try:
            note_run(Path(gallery), folder)
        except OSError as error:
            reporter.notice(
                f"{gallery} cannot be told of this index ({error.strerror}): to forget somebody, name it with "
                f"`artvision actors forget … --run {folder}`"
            )


def _plates(
    run: Run, changes: Changes, standing: Mapping[str, Standing], reporter: Reporter
) -> tuple[dict[str, str], frozenset[str]]:
    """(asset id -> plate id of every asset that has one, ids of pictures that could not be read again)."""
    titles = [
        [Member(entry.asset_id, entry.path, entry.content_sha256 or "") for entry in changes.members[title]]
        for title in sorted(changes.looks & changes.members.keys())
    ]
    now = {entry.asset_id: title for title, entries in changes.members.items() for entry in entries}
    before = {
        row.asset_id: row.plate_id
        for row in standing.values()
        if row.plate_id and row.title_id is not None and now.get(row.asset_id) == row.title_id
    }
    background = Settings(background=run.info["settings"]["background"]).background_rgb
    found, unread = plate_ids(titles, before, background, reporter)
    looked = {member.asset_id for members in titles for member in members} - unread
    return {asset_id: plate for asset_id, plate in before.items() if asset_id not in looked} | found, unread


def _write(draft: Draft, run: Run, changes: Changes, plates: Mapping[str, str], unread: frozenset[str]) -> None:
    suites = suite_columns(_inputs(run, changes.titles), plates)
    stamps = {**changes.stamps, **dict.fromkeys(unread, UNREAD)}
    wanted = changes.to_write
    for part in run.parts:
        if wanted.intersection(read_table(part, ["asset_id"])["asset_id"].to_pylist()):
            draft.upsert(nested(_rows(run, part, wanted, suites, stamps)))
    draft.delete(sorted(changes.gone))


def _inputs(run: Run, titles: frozenset[str] | tuple[()]) -> pa.Table:
    """What suites are computed from, for the rows of some titles."""
    names = [name for name in INPUTS if name in run.columns]
    wanted = pa.array(sorted(titles), pa.string())
    return pa.concat_tables([part.filter(pc.is_in(part["title_id"], wanted)) for part in run.tables(names)])


def _rows(run: Run, part: Path, wanted: frozenset[str], suites: pa.Table, stamps: Mapping[str, str]) -> pa.Table:
    """The wanted rows of a part, flat, with everything the index says of them; biometric columns stay in the run."""
    table = read_table(part)
    biometric = [name for name, privacy in _privacy(run).items() if privacy == Privacy.BIOMETRIC.value]
    kept = table.filter(pc.is_in(table["asset_id"], pa.array(sorted(wanted), pa.string())))
    return joined(kept.drop_columns([name for name in biometric if name in kept.column_names]), suites, stamps)


def _privacy(run: Run) -> dict[str, str]:
    contract = run.contract
    return {item["name"]: item["privacy"] for item in (*contract["fields"], *contract["columns"])}


def drop(folder: Path, asset_ids: Sequence[str]) -> Index:
    """Take rows out of the index in `folder`, and off the disk; their suites are as they were."""
    with alone_in(folder), said_by_lance(folder):
        before = open_index(folder)
        draft = making(folder, before, before.lance.schema, before.contract, before.info["fingerprint"])
        draft.delete(asset_ids)
        told = {name: before.info[name] for name in (*COUNTS, *ABOUT)} | {"rows": draft.table.count_rows()}
        return draft.commit(told, before.folder / before.info["run"], forget=True)
