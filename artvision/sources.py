"""What to look at: files, folders, globs, lists on stdin and catalogues become assets; what is left out is said.

Every input has an outcome: it is an `Asset` (which may still fail to decode), a `Skipped` with its reason, or, where
a whole argument means nothing, a `SourceError`.
"""

from __future__ import annotations

import difflib
import glob
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from artvision.catalog import READERS, Asset, Found, Skipped, locate, read_catalog
from artvision.decoding.formats import PICTURES
from artvision.errors import DecodeError, SourceError
from artvision.film import INSTALL, require_extra
from artvision.film.address import file_of, is_film, looks_like_film
from artvision.folders import files_below, printable
from artvision.stores.listing import is_address, is_pattern, listed
from artvision.stores.names import Remote, name_of, suffix_of
from artvision.stores.schemes import is_uri, local_path
from artvision.stores.stamp import Stamp

__all__ = ["Asset", "Skipped", "Sources", "read_sources"]


@dataclass(frozen=True)
class Sources:
    """All inputs of a call, in the order given; folders sorted by name."""

    assets: tuple[Asset, ...]
    skipped: tuple[Skipped, ...]
    catalogs: tuple[str, ...]


@dataclass
class _Harvest:
    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    catalogs: list[str] = field(default_factory=list)
    titled: bool = False
    films: bool = True

    def file(self, path: str, asset_id: str, stamp: Stamp | None = None) -> None:
        """Take a picture; a name that no table can hold is skipped."""
        if printable(path) != path:
            self.skipped.append(Skipped(printable(path), "the name is not UTF-8: rename the file"))
        else:
            title, inside, _ = asset_id.partition("/")
            title_id = title if self.titled and inside else None
            self.found.append(Found(Asset(asset_id, path, title_id, stamp=stamp), path))


def read_sources(
    paths: Sequence[str], stdin: TextIO | None = None, *, titled: bool = False, films: bool = True
) -> Sources:
    """Expand `paths` (files, folders, globs, catalogues, URIs of these, `-` for a list on `stdin`) to assets.

    `titled`: a folder is a catalogue; the pictures in a folder below it belong to the title of that folder's name.
    `films`: whether films can be read; where not, one that is named is refused, and those in folders are skipped.

    An asset id is what the catalogue states, else its `image` text as written; in a folder the POSIX path below that
    folder; for a single file its name. Ids that several files share become absolute paths, and where one picture
    advertises several titles, `id#title_id`. Raises SourceError where an argument gives nothing to look at, and
    UsageError for a film that cannot be read.
    """
    harvest = _Harvest(titled=titled, films=films)
    for path in paths:
        if _absolute(path) in harvest.catalogs:
            continue
        taken, left = len(harvest.found), len(harvest.skipped)
        _take(harvest, path, stdin)
        if len(harvest.found) == taken:
            raise SourceError(f"{path}: {_nothing(harvest.skipped[left:])}")
    if not harvest.found:
        raise SourceError("no inputs: name pictures, films, folders, globs, a catalogue (.csv, .jsonl, .parquet) or -")
    _refuse_ambiguous(harvest.found)
    found, again = _without_repeats(harvest.found)
    named = _with_own_ids(found)
    assets = tuple(item.asset for item in named)
    read = {asset.path for asset in assets} | set(harvest.catalogs)
    skipped = {item.path: item for item in reversed([*harvest.skipped, *again]) if item.path not in read}
    return Sources(assets, tuple(reversed(skipped.values())), tuple(harvest.catalogs))


def _take(harvest: _Harvest, path: str, stdin: TextIO | None) -> None:
    path = local_path(path)
    if path == "-":
        _take_list(harvest, stdin)
    elif is_uri(path):
        _take_uri(harvest, path)
    elif os.path.lexists(path):
        _take_existing(harvest, path)
    elif glob.has_magic(path):
        _take_glob(harvest, path)
    elif Path(path).suffix.lower() in PICTURES or is_film(file_of(path)):
        # It fails as missing, beside those that are there.
        _take_file(harvest, path)
    else:
        raise SourceError(f"{path}: no such file or folder{_similar(path)}")


def _take_existing(harvest: _Harvest, path: str) -> None:
    if Path(path).is_dir():
        _take_folder(harvest, _absolute(path))
    elif Path(path).suffix.lower() in READERS:
        found, skipped = read_catalog(Path(_absolute(path)))
        harvest.catalogs.append(_absolute(path))
        harvest.found += found
        harvest.skipped += skipped
    else:
        _take_file(harvest, path)


def _take_file(harvest: _Harvest, path: str) -> None:
    if is_film(file_of(path)) and not harvest.films:
        require_extra()
    harvest.file(_absolute(path), Path(path).name)


def _take_list(harvest: _Harvest, stdin: TextIO | None) -> None:
    if stdin is None:
        raise SourceError("-: there is no standard input to read a list from")
    for line in stdin:
        path = line.strip()
        if path and Path(path).is_dir():
            _take_folder(harvest, _absolute(path))
        elif path:
            harvest.file(locate(path, ""), _name(path) if is_uri(path) else Path(path).name)


def _take_uri(harvest: _Harvest, uri: str) -> None:
    try:
        if suffix_of(uri).lower() in READERS:
            found, skipped = read_catalog(Remote(uri))
            harvest.catalogs.append(uri)
            harvest.found += found
            harvest.skipped += skipped
        elif is_film(file_of(uri)) and not is_pattern(uri):
            if not harvest.films:
                require_extra()
            harvest.file(uri, _name(uri))
        elif is_address(uri) or (suffix_of(uri).lower() in PICTURES and not is_pattern(uri)):
            # It fails as missing, beside those that are there.
            harvest.file(uri, name_of(uri))
        else:
            _take_objects(harvest, uri)
    except DecodeError as error:
        raise SourceError(str(error)) from error.__cause__


def _name(uri: str) -> str:
    """The last part of its path; of a still with its time, though what follows `#` names no object of the web."""
    film = file_of(uri)
    return name_of(film) + uri.removeprefix(film)


def _take_objects(harvest: _Harvest, uri: str) -> None:
    objects, hidden = listed(uri)
    for name, item in objects:
        # Whoever names one object means it, whatever its ending.
        if item.uri == uri:
            harvest.file(uri, name, item.stamp)
        else:
            _take_member(harvest, item.uri, name, item.stamp)
    harvest.skipped += [Skipped(place, "hidden") for place in hidden]


def _take_glob(harvest: _Harvest, pattern: str) -> None:
    matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - pathlib cannot match an absolute pattern
    for match in matches:
        if Path(match).is_dir():
            if "**" not in pattern:  # which matches the files below by itself
                _take_folder(harvest, _absolute(match))
        else:
            _take_member(harvest, _absolute(match), Path(match).name)


def _take_folder(harvest: _Harvest, folder: str) -> None:
    for path in files_below(folder, harvest.skipped):
        _take_member(harvest, path, Path(path).relative_to(folder).as_posix())


def _take_member(harvest: _Harvest, path: str, asset_id: str, stamp: Stamp | None = None) -> None:
    suffix = Path(path).suffix.lower()
    if suffix in PICTURES or (harvest.films and looks_like_film(path)):
        harvest.file(path, asset_id, stamp)
    else:
        harvest.skipped.append(Skipped(printable(path), _unread(path, suffix)))


def _unread(path: str, suffix: str) -> str:
    """Why a file with that ending, which nobody named, is left out."""
    if suffix in READERS:
        return "a catalogue: name it to read it"
    return f"a film: {INSTALL}" if looks_like_film(path) else f"no picture's ending: {suffix or 'none'}"


def _refuse_ambiguous(found: Iterable[Found]) -> None:
    first: dict[str, Found] = {}
    for item in found:
        other = first.setdefault(item.asset.asset_id, item) if item.asset.stated_id else item
        if other.asset.path != item.asset.path:
            raise SourceError(
                f"{item.where}: asset_id {item.asset.asset_id!r} already stands for another image, "
                f"at {other.where}; ids must be unique"
            )


def _without_repeats(found: Iterable[Found]) -> tuple[list[Found], list[Skipped]]:
    """Each (file, title, stated id) once; a file that a catalogue gives a title is not looked at without one."""
    found = list(found)
    titled = {item.asset.path for item in found if item.asset.title_id}
    times: Counter[str] = Counter()
    kept: dict[tuple[str, str | None, str | None], Found] = {}
    again: list[Skipped] = []
    for item in found:
        asset = item.asset
        key = asset.path, asset.title_id, asset.asset_id if item.asset.stated_id else None
        bare = asset.title_id is None and asset.path in titled
        if bare or kept.setdefault(key, item) is not item:
            times[item.where] += 1
            where = item.where if item.where != asset.path else f"{asset.path} (again, {times[item.where]})"
            again.append(Skipped(where, "duplicate: the catalogue names it" if bare else "duplicate"))
    return list(kept.values()), again


def _with_own_ids(found: list[Found]) -> list[Found]:
    found = _renamed(found, lambda group: len({item.asset.path for item in group}) > 1, lambda asset: asset.path)
    found = _renamed(found, lambda group: len(group) > 1, lambda asset: f"{asset.asset_id}#{asset.title_id}")
    for group in _by_id(found).values():
        if len(group) > 1:
            raise SourceError(
                f"{group[0].where} and {group[1].where} have one id, {group[0].asset.asset_id!r}; "
                "state an asset_id for each in a catalogue"
            )
    return found


def _renamed(
    found: Iterable[Found], shared: Callable[[list[Found]], bool], rename: Callable[[Asset], str]
) -> list[Found]:
    """All that share an id get a new one, so that the outcome does not depend on which came first."""
    found = list(found)
    clashing = {name for name, group in _by_id(found).items() if shared(group)}
    return [
        replace(item, asset=replace(item.asset, asset_id=rename(item.asset)))
        if item.asset.asset_id in clashing and not item.asset.stated_id
        else item
        for item in found
    ]


def _by_id(found: Iterable[Found]) -> dict[str, list[Found]]:
    groups: dict[str, list[Found]] = {}
    for item in found:
        groups.setdefault(item.asset.asset_id, []).append(item)
    return groups


def _nothing(skipped: Sequence[Skipped]) -> str:
    """Why an argument gave nothing, from what was skipped."""
    reasons = Counter(item.reason for item in skipped)
    said = ", ".join(f"{count} × {reason}" for reason, count in reasons.most_common(3))
    return f"no picture found{f' (skipped: {said})' if said else ''}; pictures end in .jpg, .png, .webp, .tif, .avif, …"


def _similar(path: str) -> str:
    parent = Path(path).parent
    names = os.listdir(parent) if parent.is_dir() else []  # noqa: PTH208 - names, not paths
    near = difflib.get_close_matches(Path(path).name, names, n=1)
    return f"; did you mean {parent / near[0]}?" if near else ""


def _absolute(path: str) -> str:
    return locate(path, "")
