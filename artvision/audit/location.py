"""Where a finding's file lies, relative to where the audit runs: no report names a machine's folders."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from artvision.audit.finding import Subject


@lru_cache(maxsize=1 << 17)  # every format asks for the same findings
def relative(subject: Subject, root: Path) -> str:
    """The path below `root` of a subject's file; outside of it the asset's id, for a title the file's name."""
    path = subject.path or ""
    if "://" in path:
        return path
    for below, base in ((Path(path), root), (Path(path).resolve(), root.resolve())):
        if path and below.is_relative_to(base):
            return below.relative_to(base).as_posix()
    name = subject.asset_id or Path(path).name or subject.key
    return Path(name).name if Path(name).is_absolute() else name


def relative_uri(subject: Subject, root: Path) -> str:
    """`relative` as a URI."""
    found = relative(subject, root)
    return quote(found.replace("\\", "/").removeprefix("../"), safe="/:%" if "://" in found else "/")
