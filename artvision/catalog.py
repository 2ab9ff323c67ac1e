"""Catalogues: CSV, JSON lines and Parquet tables that say which picture advertises which title.

CSV and JSON lines are read with the standard library rather than pyarrow: an error can then name its line, `007` stays
text, and a text that looks like a date stays a text.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artvision.errors import SourceError
from artvision.stores.names import Remote, located
from artvision.stores.schemes import is_uri, local_path
from artvision.stores.stamp import Stamp

if TYPE_CHECKING:
    from artvision.film.still import Still

REQUIRED = ("image", "title_id")
OPTIONAL = ("asset_id", "title", "artwork_type", "market", "language", "cast")
_DELIMITERS = ",;\t|"

Place = Path | Remote
# Column names, (line number, cells) of each row.
Table = tuple[list[str], list[tuple[int, dict[str, Any]]]]


@dataclass(frozen=True)
class Asset:
    """One picture to look at. `path` is absolute or a URI; what a catalogue did not say is None or empty.

    `stated_id`: the catalogue states the id, which is then never changed; otherwise it is made up from the path.
    `stamp`: of an object in a store, as far as it is known without reading it; files are asked when it is wanted.
    `still`: what is known of a picture that a film gave.
    """

    asset_id: str
    path: str
    title_id: str | None = None
    title: str | None = None
    artwork_type: str | None = None
    market: str | None = None
    language: str | None = None
    cast: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    stated_id: bool = False
    stamp: Stamp | None = None
    still: Still | None = None


@dataclass(frozen=True)
class Skipped:
    """One input that is not looked at, and why. `path` is unique among all inputs of a call."""

    path: str
    reason: str


@dataclass(frozen=True)
class Found:
    """An asset, and where it was named (`list.csv:7`)."""

    asset: Asset
    where: str


def read_catalog(path: Place) -> tuple[list[Found], list[Skipped]]:
    """The assets of a catalogue, in its order, and the lines that name no picture, no title or what they must not.

    A catalogue of this machine may name any file and any URI; one in a store only objects.

    SourceError where the file cannot be read, a required column is missing, or a row has cells too many or too few.
    """
    columns, rows = READERS[path.suffix.lower()](path)
    if not columns:
        raise SourceError(f"{path} is empty; a catalogue has the columns {', '.join(REQUIRED)} and a row a picture")
    _check_columns(path, columns)
    if not rows:
        raise SourceError(f"{path} lists no picture: it has column names and no rows")
    found: list[Found] = []
    skipped: list[Skipped] = []
    for number, cells in rows:
        where = f"{path}:{number}"
        empty = [name for name in REQUIRED if _text(cells.get(name)) is None]
        if empty:
            skipped.append(Skipped(where, f"no {empty[0]} on line {number}"))
            continue
        try:
            found.append(Found(_asset(path, number, cells), where))
        except ValueError as error:
            skipped.append(Skipped(where, f"{_text(cells['image'])}: {error}"))
    return found, skipped


def locate(text: str, folder: str) -> str:
    """The absolute path that `text` means beside `folder`; a URI stays as written, but `file://` is a path."""
    text = local_path(text)
    return text if is_uri(text) else os.path.abspath(os.path.join(folder, text))  # noqa: PTH100, PTH118 - pathlib keeps `..`


def _check_columns(path: Place, columns: Sequence[str]) -> None:
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if doubled:
        raise SourceError(f"{path}: line 1: the column {doubled[0]!r} occurs twice; rename one of them")
    for name in REQUIRED:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(map(repr, columns)) or 'no columns'}"
            raise SourceError(f"{path}: line 1: no column {name!r}; {hint} (required: {', '.join(REQUIRED)})")


def _asset(path: Place, number: int, cells: Mapping[str, Any]) -> Asset:
    names = (name for name in (*REQUIRED, *OPTIONAL) if name != "cast")
    known: dict[str, Any] = {name: _known(path, number, name, cells.get(name)) for name in names}
    image, stated = known.pop("image") or "", known.pop("asset_id")
    return Asset(
        asset_id=stated or image,
        stated_id=stated is not None,
        path=located(image, path.uri) if isinstance(path, Remote) else locate(image, str(path.parent)),
        cast=_cast(path, number, cells.get("cast")),
        extra={name: value for name, value in cells.items() if name not in (*REQUIRED, *OPTIONAL)},
        **known,
    )


def _known(path: Place, number: int, name: str, value: Any) -> str | None:
    if isinstance(value, list | dict | bytes):
        raise SourceError(f"{path}: line {number}: {name!r} must be text, not {type(value).__name__}")
    return _text(value)


def _text(value: Any) -> str | None:
    """Cells as text: None and blanks are None; 7.0 (an integer column that once had a gap) is `7`."""
    if isinstance(value, float):
        value = None if value != value else int(value) if value.is_integer() else value  # noqa: PLR0124 - NaN
    return None if value is None else str(value).strip() or None


def _cast(path: Place, number: int, value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        names = [_known(path, number, "cast", item) for item in value]
    else:
        names = [_text(part) for part in (_known(path, number, "cast", value) or "").split("|")]
    return tuple(name for name in names if name)


def _decoded(path: Place) -> str:
    data = _loaded(path)
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SourceError(f"{path}: line {line}: not UTF-8; save the catalogue as «CSV UTF-8»") from None


def _loaded(path: Place) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None


def _read_csv(path: Place) -> Table:
    text = _decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: list[str] = []
    rows: list[tuple[int, dict[str, Any]]] = []
    start = 1
    try:
        for cells in reader:
            number, start = start, reader.line_num + 1
            if not any(cells):
                continue
            if not columns:
                columns = [cell.strip() or f"column_{at}" for at, cell in enumerate(cells, 1)]
            elif len(cells) != len(columns):
                raise SourceError(
                    f"{path}: line {number}: {len(cells)} cells where the header has {len(columns)}; "
                    "quote cells that hold a separator"
                )
            else:
                rows.append((number, dict(zip(columns, cells, strict=True))))
    except csv.Error as error:
        raise SourceError(f"{path}: line {start}: {error}; is a quote left open?") from None
    return columns, rows


def _delimiter(text: str) -> str:
    """The separator that makes the first line name the required columns; otherwise the one it has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def merit(delimiter: str) -> tuple[int, int]:
        names = {cell.strip().strip('"') for cell in first.split(delimiter)}
        return len(names & {*REQUIRED, *OPTIONAL}), first.count(delimiter)

    return max(_DELIMITERS, key=merit)


def _read_jsonl(path: Place) -> Table:
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise SourceError(f"{path}: line {number}: not JSON ({error})") from None
        if not isinstance(cells, dict):
            raise SourceError(f'{path}: line {number}: each line must be an object such as {{"image": …}}')
        if "\\ud" in line.lower() and not _encodable(cells):
            raise SourceError(f"{path}: line {number}: half a surrogate pair (\\ud800 …); write the character as UTF-8")
        rows.append((number, cells))
    return list(dict.fromkeys(name for _, cells in rows for name in cells)), rows


def _encodable(cells: dict[str, Any]) -> bool:
    try:
        json.dumps(cells, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_parquet(path: Place) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = io.BytesIO(path.read_bytes()) if isinstance(path, Remote) else path
    try:
        schema = pq.read_schema(content)
        kind = schema.field("image").type if "image" in schema.names else pa.string()
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)):
            raise SourceError(f"{path}: the column 'image' must hold paths, not {kind}; save the pictures as files")
        table = pq.read_table(content)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path}: not readable as Parquet ({' '.join(str(error).split())})") from None
    return list(schema.names), list(enumerate(table.to_pylist(), 1))


READERS: dict[str, Callable[[Place], Table]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".parquet": _read_parquet,
}
