"""A run or an index becomes a page, or several with links between them, each complete in itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import pyarrow as pa

from artvision.cache import write_atomic
from artvision.errors import UsageError, one_line
from artvision.extras import extra
from artvision.report import document
from artvision.report.charts import charts
from artvision.report.chosen import read_embeddings, read_table, shown_fields
from artvision.report.outcomes import outcomes
from artvision.report.payload import encoded, payload
from artvision.report.suites import arrange, repeated, share_out
from artvision.report.thumbnails import Thumbnail, side_for, thumbnails
from artvision.reporting import Reporter, Silent
from artvision.rows import Rows, ids_of_title, titles_of
from artvision.settings import suggest
from artvision.stores.schemes import require_folder

# Assets on a page: a browser opens the 60 MB they make in a few seconds.
PAGE_SIZE = 5_000


@dataclass(frozen=True)
class Written:
    """The pages, in order; how many assets they show, the bytes they take, and how many pictures could not be shown."""

    pages: tuple[Path, ...]
    assets: int
    bytes: int
    gone: int


def write_report(
    rows: Rows,
    out: Path,
    *,
    titles: Sequence[str] | None = None,
    names: bool = False,
    page_size: int = PAGE_SIZE,
    reporter: Reporter | None = None,
) -> Written:
    """Write `out`, and beside it `-2`, `-3` … where there are more than `page_size` assets; each file atomically.

    `titles` limits it to those titles, by id or name; `names` shows who was recognised. Raises UsageError for titles
    that are not there and for an output that cannot be written, RunError where rows cannot be read.
    """
    require_folder(out, "a report")
    _check(out)
    titles = _title_ids(rows, titles)
    table = read_table(rows, titles, names=names)
    fields = shown_fields(rows.contract, table, names=names)
    suites = arrange(table)
    table = _with_repeats(table, repeated(table, read_embeddings(rows, titles), suites))
    pages = share_out(suites, page_size)
    frame = document.Frame.of(
        rows, outcomes(rows, titles), charts(table, fields), _places(out, len(pages)), names=names
    )
    reporter = reporter or Silent()
    advance = reporter.count("pictures", len(table))
    size = gone = 0
    try:
        for number, page in enumerate(pages):
            own = table.take(pa.array([row for suite in page for row in suite.rows], pa.int64()))
            pictures = _pictures(own, advance)
            data = payload(own, fields, page, pictures)
            size += _write(frame.pages[number], document.render(frame, number, data, encoded(pictures)).encode())
            gone += sum(not picture.webp for picture in pictures)
    finally:
        reporter.end()
    return Written(frame.pages, len(table), size, gone)


def _with_repeats(table: pa.Table, found: Mapping[int, int]) -> pa.Table:
    """With the column `repeats`: name of the file of which each asset is a repetition, or null."""
    paths = table["path"].to_pylist()
    names = [PurePath(paths[found[row]]).name if row in found else None for row in range(len(table))]
    return table.append_column("repeats", pa.array(names, pa.string()))


def _pictures(table: pa.Table, advance: Callable[[int], None]) -> list[Thumbnail]:
    files = list(zip(table["path"].to_pylist(), table["content_sha256"].to_pylist(), strict=True))
    made = []
    for picture in thumbnails(files, side_for(len(files))):
        made.append(picture)
        advance(1)
    return made


def _places(out: Path, count: int) -> tuple[Path, ...]:
    return (out, *(out.with_name(f"{out.stem}-{number}{out.suffix}") for number in range(2, count + 1)))


def _check(out: Path) -> None:
    """What can be known before any work: thumbnails take minutes."""
    for module in ("jinja2", "plotly"):
        extra(module, "report")
    if out.is_dir():
        raise UsageError(f"{out} is a folder; name a file, as in `-o {out / 'report.html'}`")


def _title_ids(rows: Rows, titles: Sequence[str] | None) -> list[str] | None:
    if titles is None:
        return None
    known = titles_of(rows.table(["title_id", "title"]))
    for title in titles:
        if not ids_of_title(known, title):
            near = suggest(title, [*known, *filter(None, known.values())])
            raise UsageError(f"{rows.called} has no asset of the title {title!r}{near}")
    return [title_id for title in titles for title_id in ids_of_title(known, title)]


def _write(path: Path, content: bytes) -> int:
    try:
        write_atomic(path, content)
        os.umask(umask := os.umask(0o022))
        # A page is passed on; what is written atomically is its owner's alone.
        path.chmod(0o666 & ~umask)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {one_line(error)}; choose another place with -o") from None
    return len(content)
