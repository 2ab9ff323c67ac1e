"""The merge at one look: runs -> made alike? complete? -> the entry that stands for each id -> rows by parts -> run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial as partial_of
from os import W_OK, access
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from artvision import __version__
from artvision.errors import RunError, UsageError
from artvision.fingerprint import differences
from artvision.ledger import Outcome
from artvision.merging.entries import joined
from artvision.merging.rows import united, write_parts
from artvision.merging.whole import remainder
from artvision.recognition.register import note_run
from artvision.reporting import Reporter, Silent
from artvision.run import RUN_FORMAT, Run, read_run
from artvision.writing.commit import publish
from artvision.writing.staging import Staging, alone_in, open_staging
from artvision.writing.writer import new_run_id

SAME = ("contract_version", "contract_sha256", "fingerprint_sha256", "fingerprint", "settings", "device")


@dataclass(frozen=True)
class Merged:
    """The run, those it was made of, and how many inputs stood in several of them."""

    run: Run
    runs: tuple[Run, ...]
    doubled: int

    @property
    def counts(self) -> dict[str, int]:
        """Inputs by outcome, as they stand in `run.json`."""
        counts: dict[str, int] = self.run.info["counts"]
        return counts


def merge(
    folders: Sequence[str | Path],
    out: str | Path,
    *,
    partial: bool = False,
    overwrite: bool = False,
    jsonl: bool = False,
    reporter: Reporter | None = None,
) -> Merged:
    """Join finished runs to one in the folder `out`. Nothing is computed.

    `partial`: also where shards of the whole are missing. `overwrite`: a run in `out` is replaced, and stays readable
    until then. Raises RunError where the runs were made differently, contradict one another or are not complete, and
    UsageError where `out` is one of them.
    """
    target, reporter = Path(out), reporter or Silent()
    named = {Path(folder).resolve(): Path(folder) for folder in folders}
    if not named:
        raise UsageError("there is no run to merge; name the folders of some")
    if target.resolve() in named:
        raise UsageError(f"-o {target} is one of the runs to merge; name another folder")
    with _standing_still(list(named.values())):
        runs = [read_run(folder) for folder in named.values()]
        _refuse_mixed(runs)
        shard = remainder(runs, partial=partial)
        entries, dropped = joined(runs)
        with open_staging(target, runs[0].info["fingerprint"], overwrite=overwrite) as staging:
            _refuse_work(staging)
            _note(runs, target, reporter)
            schema = united([run.schema for run in runs])
            info = _info(runs, entries) | ({"shard": shard} if shard else {})
            contract = runs[0].file("contract.json").read_text(encoding="utf-8")
            write = partial_of(write_parts, runs, dropped, schema, target)
            run = publish(staging, write, entries, info, contract, jsonl=jsonl)
    return Merged(run, tuple(runs), sum(map(len, dropped)))


@contextmanager
def _standing_still(folders: Sequence[Path]) -> Iterator[None]:
    """Nobody extends the runs meanwhile, or forgets somebody in them unnoticed. Where we cannot write, nobody can."""
    with ExitStack() as stack:
        for folder in folders:
            # Before a lock is made in a folder that holds no run.
            read_run(folder)
            if access(folder, W_OK):
                stack.enter_context(alone_in(folder))
        yield


def _refuse_mixed(runs: Sequence[Run]) -> None:
    first = runs[0]
    for run in runs[1:]:
        if changed := differences(first.info["fingerprint"], run.info["fingerprint"]):
            lines = "\n  ".join(changed)
            raise RunError(f"{first.folder} and {run.folder} were made differently; extract one again:\n  {lines}")


def _refuse_work(staging: Staging) -> None:
    if staging.base is not None:
        staging.leave()
        raise RunError(f"{staging.folder} holds a run already; use another --out, or --overwrite to replace it")
    if staging.chunks():
        raise RunError(
            f"{staging.folder} holds an unfinished run; finish it with the command that began it, or use another --out"
        )


def _note(runs: Sequence[Run], out: Path, reporter: Reporter) -> None:
    """Tell the galleries of the new run: forgetting somebody has to find it too."""
    for gallery in dict.fromkeys(run.info["settings"].get("actors") for run in runs):
        try:
            if gallery:
                note_run(Path(gallery), out)
        except OSError as error:
            reporter.notice(
                f"{gallery} cannot be told of this run ({error.strerror or error}): to forget somebody, name it with "
                f"`artvision actors forget … --run {out}`"
            )


def _info(runs: Sequence[Run], entries: pa.Table) -> dict[str, Any]:
    """`run.json` but for the names of files; seconds are the sums over the runs."""
    infos, now = [run.info for run in runs], datetime.now(UTC)
    steps: Counter[str] = Counter()
    for info in infos:
        steps.update(info["seconds_by_step"])
    return {
        "run_format": RUN_FORMAT, "run_id": new_run_id(now), "artvision": __version__,
        "started": min(info["started"] for info in infos), "finished": now.isoformat(),
        "counts": _counts(entries), "rows": pc.sum(entries["has_row"]).as_py() or 0,
        "seconds": round(sum(info["seconds"] for info in infos), 3),
        "seconds_by_step": {step: round(spent, 3) for step, spent in steps.most_common()},
        **{name: infos[0][name] for name in SAME},
        "notices": list(dict.fromkeys(text for info in infos for text in info["notices"])),
        "merged": [_origin(run) for run in runs],
    }  # fmt: skip


def _origin(run: Run) -> dict[str, Any]:
    return {"run": run.folder.name, "run_id": run.run_id, "rows": run.info["rows"], "shard": run.info.get("shard")}


def _counts(entries: pa.Table) -> dict[str, int]:
    """Inputs by outcome; none was computed here."""
    found = {row["values"]: row["counts"] for row in pc.value_counts(entries["status"]).to_pylist()}
    by = {outcome.value: found.get(outcome.value, 0) for outcome in Outcome}
    tried = by[Outcome.OK] + by[Outcome.FAILED]
    return {"attempted": entries.num_rows, **by, "computed": 0, "reused": tried, "kept": 0}
