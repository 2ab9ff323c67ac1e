"""Reading an index: `index.json` says which version of which table it is, and is believed before what else lies there.

INDEX/index.json             the state that readers see; replacing it is the commit
INDEX/assets-*.lance/        the table; versions that `index.json` does not name are in progress, or on their way out
INDEX/run/                   the run it was made from, unless that lies elsewhere
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from artvision.errors import RunError, UsageError, one_line
from artvision.extras import extra
from artvision.index.layout import flat_names
from artvision.run import Run, read_run
from artvision.settings import suggest
from artvision.stores.schemes import require_folder

INDEX_FORMAT = 1
FILE = "index.json"
NEEDED = frozenset(
    {"table", "version", "run", "run_id", "rows", "titles", "plates", "made_with", "fingerprint", "settings"}
)
KEY = "asset_id"
CONTRACT = b"artvision.contract"  # key in the table's metadata
UNKNOWN = re.compile(r"No field named (.+?)\. (?:Valid|Did)|No field named (\S+?)\.(?:\s|$)|Field (\S+) not found")
SLIPS = [
    (
        re.compile(r"could not convert to literal of type 'Utf8'"),
        "a column of text is compared with a number; write cast(NAME as double) where it holds numbers",
    ),
    (
        re.compile(r"literal Utf8\(\"(.*?)\"\) and could not convert to literal of type '(?:Large|FixedSize)?List"),
        "a list is compared with one text: write array_has(NAME, '{0}')",
    ),
    (
        re.compile(r"literal Utf8\(\"(.*?)\"\) and could not convert"),
        "a column of numbers is compared with the text '{0}'",
    ),
    (re.compile(r"does not return a boolean"), "it holds or does not hold of no asset: compare, as in face.count > 0"),
    (
        re.compile(r"Expected: an expression, found: \)"),
        "it ends, or a bracket closes, too early",
    ),
]
QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`")
# What the library made of the condition.
STATEMENT = re.compile(r"SELECT 1 FROM t WHERE .*?(?=\(sql parser error)")
FULL = re.compile(r"No space left on device|os error 28|StorageFull")
# Where the library was built: of use to nobody who reads the message.
PLACE_IN_SOURCE = re.compile(r", /\S+:\d+:\d+")


@dataclass(frozen=True)
class Index:
    """A finished index. `info` is its `index.json`: table, version, run, counts, fingerprint, settings, notices."""

    folder: Path
    info: dict[str, Any]

    @property
    def place(self) -> Path:
        """The index's folder."""
        return self.folder

    @property
    def called(self) -> str:
        """The same, for messages."""
        return str(self.folder)

    @property
    def run(self) -> Run:
        """The run it was made from. Raises RunError where that is gone."""
        return read_run(self.folder / self.info["run"])

    def is_of(self, run: Path) -> bool:
        """Whether it was made from the run in that folder."""
        own = self.folder / str(self.info["run"])
        return own.resolve() == run.resolve()

    @cached_property
    def lance(self) -> Any:
        """The LanceDB table at the version that belongs to the index, read-only."""
        with said_by_lance(self.folder):
            try:
                table = connect(self.folder).open_table(self.info["table"])
                table.checkout(self.info["version"])
            except ValueError as error:  # no such table, or no such version of it
                raise RuntimeError(str(error)) from error
        return table

    @cached_property
    def contract(self) -> dict[str, Any]:
        """What the columns mean; the fields that compare an asset with its suite are among its fields."""
        loaded: dict[str, Any] = json.loads(self.lance.schema.metadata[CONTRACT])
        return loaded

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns, as in a run, with those of suites."""
        return flat_names(self.lance.schema)

    def kind(self, column: str) -> pa.DataType:
        """The Arrow type of a column."""
        group, _, member = column.partition(".")
        kind = self.lance.schema.field(group).type
        return kind.field(member).type if member else kind

    def table(self, columns: Sequence[str] | None = None, titles: Sequence[str] | None = None) -> pa.Table:
        """Rows with those columns that exist among `columns` (None: all), of `titles` (title ids; None: of all)."""
        names = self.columns if columns is None else [name for name in columns if name in self.columns]
        where = None if titles is None else one_of("title_id", titles)
        with said_by_lance(self.folder):
            return self.lance.to_lance().to_table(columns=names, filter=where)

    def nearest(
        self,
        vector: NDArray[np.float32] | None,
        *,
        where: str = "",
        limit: int = 20,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """At most `limit` rows, nearest to `vector` (D,) first, under dotted names, with `score`: cosine similarity.

        `where` is a condition in the table's SQL (DataFusion). Without a vector the rows come in the order of their
        ids and `score` is null. Raises UsageError for a condition that the table does not understand.
        """
        from artvision.index.indexes import search

        if limit < 1:
            raise UsageError(f"{limit} rows cannot be asked for: ask for 1 or more")
        if vector is not None and not np.isfinite(vector).all():
            raise UsageError("a vector with numbers that are none is like nothing")
        names = self.columns if columns is None else [name for name in columns if name in self.columns]
        # What follows would be passed over.
        asked = f"({in_lance(checked(where))}\n)" if where.strip() else ""
        with said_by_lance(self.folder):
            try:
                return search(self.lance, vector, where=asked, limit=limit, columns=names)
            except ValueError as error:
                if not asked or "LanceError(IO)" in str(error):
                    raise RuntimeError(str(error)) from error
                raise UsageError(f"--where {where!r}: {misunderstood(error, self.columns, where)}") from None

    def count(self, where: str = "") -> int:
        """Rows that meet a condition that `nearest` understood."""
        with said_by_lance(self.folder):
            return int(self.lance.count_rows(f"({in_lance(where)}\n)" if where.strip() else None))

    def row(self, asset_id: str) -> dict[str, Any] | None:
        """The row of one asset, or None."""
        with said_by_lance(self.folder):
            rows = self.lance.to_lance().to_table(columns=self.columns, filter=one_of(KEY, [asset_id])).to_pylist()
        return rows[0] if rows else None


def open_index(folder: str | Path) -> Index:
    """Open an index. Raises RunError where there is none, or one of a later format."""
    require_folder(Path(folder), "an index")
    if (found := find_index(Path(folder))) is None:
        raise RunError(f"{folder} holds no index; `artvision index --catalog … -o {folder}` makes one")
    return found


def find_index(folder: Path) -> Index | None:
    """The index in a folder, or None. Raises RunError where `index.json` cannot be understood."""
    place = folder / FILE
    try:
        info = json.loads(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise RunError(f"{place} cannot be read ({one_line(error)}); make the index anew with --overwrite") from None
    if not isinstance(info, dict) or info.get("index_format") != INDEX_FORMAT or NEEDED - info.keys():
        raise RunError(
            f"{place} is not of the format this artvision reads ({INDEX_FORMAT}); upgrade artvision, or make the "
            "index anew with --overwrite"
        )
    return Index(folder, info)


def connect(folder: Path) -> Any:
    """The LanceDB database in a folder. Raises UsageError where the extra is not installed."""
    # Its warnings are followed by an error of ours, or by success.
    os.environ.setdefault("LANCE_LOG", "error")
    return extra("lancedb", "index").connect(str(folder))


def one_of(column: str, values: Sequence[str]) -> str:
    """SQL: the column is one of the values."""
    return f"{column} IN ({', '.join(map(quoted, values))})" if values else "false"


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def checked(where: str) -> str:
    """The condition itself if it is one expression. Raises UsageError for brackets, comments or placeholders in it
    that could end it early, or that it leaves open.
    """
    bare = QUOTED.sub("''", where)
    depth = 0
    for found in re.findall(r"[()]", bare):
        depth += 1 if found == "(" else -1
        if depth < 0:
            break
    odd = re.search(r"--|/\*|[;?$'\"`]", bare.replace("''", ""))
    if depth or odd:
        what = f"{odd[0]!r} has no place in a condition" if odd else "its brackets do not match"
        what += "; within a text an apostrophe is written twice: 'It''s'" if odd and odd[0] == "'" else ""
        raise UsageError(f"--where {where!r}: {what}")
    return where


def in_lance(where: str) -> str:
    """The condition with columns in double quotes, as SQL has them, in backticks, as Lance has them."""

    def path(found: re.Match[str]) -> str:
        return found[0] if found[0][0] != '"' else ".".join(f"`{part}`" for part in found[0][1:-1].split("."))

    return QUOTED.sub(path, where)


@contextmanager
def said_by_lance(folder: Path) -> Iterator[None]:
    """What the library or the disk says against an index, as one line with the way out; plain `ValueError` passes."""
    try:
        yield
    except (OSError, RuntimeError, pa.ArrowException) as error:
        full = FULL.search(str(error))
        text = "the disk is full" if full else one_line(RuntimeError(PLACE_IN_SOURCE.sub("", str(error))))
        raise RunError(
            f"{folder}: {text}; the index stands as it was: mend the cause and run the same command again, or make it "
            "anew with `artvision index … --overwrite`"
        ) from error


def misunderstood(error: ValueError, columns: Sequence[str], where: str) -> str:
    """Why a condition was not understood, in words for whoever wrote it; an unknown column with those like it."""
    text = PLACE_IN_SOURCE.sub("", " ".join(str(error).split())).removeprefix("Invalid input, ")
    for pattern, said in SLIPS:
        if found := pattern.search(text):
            return said.format(*found.groups())
    if not (found := UNKNOWN.search(text)):
        return STATEMENT.sub("", text)[:300]
    name = next(part for part in found.groups() if part).strip('"')
    hint = "; a text stands in single quotes" if f'"{name}"' in where else _alike(name, columns, where)
    return f"there is no column {name}{hint} (`artvision schema show INDEX` lists them)"


def _alike(name: str, columns: Sequence[str], where: str) -> str:
    """«; did you mean x?»: the columns of that last part, or those written like what stands in the condition."""
    if ends := [column for column in columns if column.rsplit(".", 1)[-1] == name]:
        return f"; did you mean {' or '.join(ends)}?"
    typed = re.search(rf"[\w.]+\.{re.escape(name)}\b", where)
    return (suggest(typed[0], columns) if typed else "") or suggest(name, _words(columns))


def _words(columns: Sequence[str]) -> list[str]:
    """Names, groups and the parts after the dot: any of them may be the one that was written wrongly."""
    parts = [part for column in columns for part in column.split(".", 1)]
    return list(dict.fromkeys([*columns, *parts]))
