"""Making an export: rows become a matrix, a format writes it, and the folder takes its place in one step."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artvision import __version__
from artvision.errors import RunError, UsageError
from artvision.export.choice import Choice
from artvision.export.format import Export, Format
from artvision.export.formats import get_format
from artvision.export.matrix import Matrix, read_matrix
from artvision.export.recipe import Recipe, Scale
from artvision.export.scaling import apply
from artvision.export.statistics import Statistics, read_statistics, require_same_make
from artvision.fingerprint import digest
from artvision.rows import Rows, open_rows
from artvision.stores.schemes import require_folder

FILE = "export.json"
EXPORT_FORMAT = 1


@dataclass(frozen=True)
class Written:
    """What was written where. `files` are the names in `folder`; `about` is the content of `export.json`."""

    folder: Path
    files: tuple[str, ...]
    bytes: int
    about: dict[str, Any]


def write_export(
    place: str | Path,
    out: str | Path,
    form: str,
    *,
    choice: Choice | None = None,
    recipe: Recipe | None = None,
    statistics: str | Path | None = None,
    titles: Sequence[str] | None = None,
) -> Written:
    """Export the run or index in `place` to the folder `out`; an earlier export there is replaced in one step.

    `statistics` is a file of `artvision normalize fit`. Raises UsageError for what cannot be chosen, RunError where
    the statistics are of another make, or `out` holds something else or cannot be written.
    """
    require_folder(Path(out), "an export")
    kind, rows, folder = get_format(form), open_rows(place), Path(out)
    choice, recipe = choice or Choice(), recipe or Recipe()
    if kind.as_is and recipe != Recipe():
        raise UsageError(f"--format {form} shows values as they are: leave --scale, --fill and --mask out")
    if kind.blocks and not (choice.blocks or choice.fields):
        choice = replace(choice, blocks=kind.blocks)
    before = _earlier(folder)
    matrix = read_matrix(rows, choice, titles)
    fitted = _statistics(statistics, rows, person=choice.person) if statistics else None
    matrix = apply(matrix, recipe, fitted)
    about = _about(kind, rows, matrix, choice, recipe, fitted)
    return _write(kind, Export(matrix, rows, titles, about, before), folder)


def _statistics(path: str | Path, rows: Rows, *, person: bool) -> Statistics:
    found = read_statistics(Path(path))
    require_same_make(found, rows.run.info, Path(path), person=person)
    return found


def _about(
    kind: Format, rows: Rows, matrix: Matrix, choice: Choice, recipe: Recipe, fitted: Statistics | None
) -> dict[str, Any]:
    info, titles = rows.run.info, {title for title in matrix.title_ids if title is not None}
    told = {name: getattr(fitted, name) for name in ("corpus", "fitted", "rows", "sha256")} if fitted else None
    return {
        "artvision_export": EXPORT_FORMAT, "format": kind.name, "artvision": __version__,
        "written": datetime.now(UTC).isoformat(timespec="seconds"), "rows": len(matrix.values), "titles": len(titles),
        "run_id": info["run_id"], "contract_version": info["contract_version"],
        "contract_sha256": info["contract_sha256"], "fingerprint_sha256": digest(info["fingerprint"]),
        "scale": recipe.scale.value, "fill": recipe.filled.value, "mask": recipe.mask.value, "statistics": told,
        "person": any(slot.privacy == "person" for slot in matrix.slots), "suite": choice.suite,
        "width": len(matrix.slots),
        "blocks": [{"block": name, "offset": start, "width": width} for name, (start, width) in matrix.blocks.items()],
        "slots": [_slot(place, matrix, scaled=recipe.scale is not Scale.NONE) for place in range(len(matrix.slots))],
    }  # fmt: skip


def _slot(place: int, matrix: Matrix, *, scaled: bool) -> dict[str, Any]:
    """What a slot means; its unit and range are those of the value before scaling."""
    slot = matrix.slots[place]
    names = ("name", "block", "unit", "low", "high", "kind", "privacy")
    known = round(float(matrix.mask[:, place].mean()), 6)
    return {"index": place, **{name: getattr(slot, name) for name in names}, "scaled": scaled, "known": known}


def _earlier(folder: Path) -> Path | None:
    """The export that is there and will be replaced. Raises RunError where something else is."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    try:
        if json.loads((folder / FILE).read_text(encoding="utf-8")).get("artvision_export") == EXPORT_FORMAT:
            return folder
    except (OSError, ValueError, AttributeError):
        pass
    raise RunError(f"{folder} is there and is no export of artvision: name another folder with -o")


def _write(kind: Format, export: Export, folder: Path) -> Written:
    """Write beside `folder`, then change places with what is there: a reader sees all of one of them, or none."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            new = staged / "new"
            new.mkdir()
            kind.write(export, new)
            contract = json.dumps(export.rows.contract, indent=1, ensure_ascii=False)
            (new / "contract.json").write_text(contract + "\n", encoding="utf-8")
            (new / FILE).write_text(json.dumps(export.about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            _change_places(folder, new, staged / "old")
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except OSError as error:
        raise RunError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from error
    sizes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Written(folder, tuple(sorted(file.name for file in folder.iterdir())), sizes, dict(export.about))


def _change_places(folder: Path, new: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
