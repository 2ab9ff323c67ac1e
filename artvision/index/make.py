"""A catalogue becomes an index: what is new is extracted into a run, and the index follows the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from artvision.catalog import READERS
from artvision.errors import RunError, SourceError, UsageError
from artvision.fingerprint import differences
from artvision.index import ready
from artvision.index.store import find_index
from artvision.pipeline import Engine, extract
from artvision.reporting import Reporter, Silent
from artvision.run import find_run, read_run
from artvision.settings import Settings, deciding
from artvision.stores.copying import copied
from artvision.stores.schemes import is_uri, require_folder
from artvision.summary import Summary

if TYPE_CHECKING:
    from artvision.index.following import Followed

SHOWN = 8  # differences that an error lists
DEFAULT_INDEX = "artvision-index"


def make_index(
    out: str | Path = DEFAULT_INDEX,
    *,
    catalog: str | Path | None = None,
    run: str | Path | None = None,
    settings: Settings | None = None,
    overwrite: bool = False,
    retry_failed: bool = False,
    prune: bool | None = None,
    reporter: Reporter | None = None,
) -> tuple[Followed, Summary | None]:
    """Bring the index in `out` to what `catalog` lists: (what that took, the account of the extraction).

    The vectors are extracted into `run` (default: `out/run`); without a catalogue `run` is indexed as it is. `prune`
    drops rows of the run that the catalogue does not list (None: in the index's own run only). `overwrite` makes anew
    what was made differently. Raises the errors of `artvision.errors`; where no picture at all can be used the index
    is left as it is.
    """
    ready()
    from artvision.index.following import follow

    reporter, out = reporter or Silent(), Path(out)
    if catalog is None and run is None:
        raise UsageError("name a catalogue with --catalog, or a run that is there with --run")
    require_folder(out, "an index")
    _refuse_early(out, overwrite=overwrite)
    if catalog is not None and not is_uri(str(catalog)):
        _require_catalogue(Path(catalog))
    if run is not None and is_uri(str(run)):
        if catalog is not None:
            raise UsageError(
                f"--run {run} and a catalogue: `artvision extract` into it, then index it without --catalog"
            )
        run = copied(str(run), out / "run-copy")
    folder = Path(run) if run is not None else out / "run"
    if catalog is None:
        return follow(out, read_run(folder), reporter, overwrite=overwrite), None
    settings = settings or Settings()
    summary = extract(
        catalog,
        folder,
        settings,
        overwrite=_made_differently(folder, settings, overwrite=overwrite),
        retry_failed=retry_failed,
        prune=prune if prune is not None else run is None,
        titled=True,
        reporter=reporter,
    )
    if not summary.ok:
        summary.enforce(settings.max_failures)
    return follow(out, summary.run, reporter, overwrite=overwrite), summary


def _require_catalogue(catalog: Path) -> None:
    if not catalog.exists():
        raise SourceError(f"{catalog}: no such catalogue or folder")
    if catalog.is_file() and catalog.suffix.lower() not in READERS:
        raise SourceError(f"{catalog} is no catalogue: name a folder, or a table ending in {', '.join(READERS)}")


def _refuse_early(out: Path, *, overwrite: bool) -> None:
    """What would stop the index after a long extraction stops it before."""
    if find_run(out) is not None:
        raise RunError(f"{out} is a run: name another folder for the index with -o, and the run with --run {out}")
    if not overwrite:
        find_index(out)


def _made_differently(folder: Path, settings: Settings, *, overwrite: bool) -> bool:
    """Whether the run in the folder has another fingerprint than these settings give. RunError unless `overwrite`."""
    found = find_run(folder)
    now = Engine.of(settings, Silent()).fingerprint
    changed = differences(found.info["fingerprint"], now) if found else []
    if found and changed and not overwrite:
        flags = deciding(found.info["settings"], settings)
        repeat = f"add {flags} to go on as it was made, or " if flags else ""
        lines = "\n  ".join(changed[:SHOWN]) + (f"\n  … and {len(changed) - SHOWN} more" if changed[SHOWN:] else "")
        raise RunError(
            f"{folder} was made differently: {repeat}`artvision index … --overwrite` makes run and index anew (the "
            f"present state stays readable until then), -o another beside it:\n  {lines}"
        )
    return bool(changed) or (found is None and overwrite)
