"""Labels of tags: a column a tag with 1, 0 or nothing, or one column `tags` that lists those that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from artvision.calibration.table import Line, Table, agreed, is_empty, yes_or_no
from artvision.clip.vocabulary import Vocabulary
from artvision.errors import UsageError
from artvision.settings import suggest

LIST, SEPARATOR, NOTHING = "tags", ";", "-"


@dataclass(frozen=True)
class Labels:
    """What is known of tags: key -> tag -> 1.0 or 0.0; a tag that is not there is unknown. `names` in vocabulary order.

    `ignored`: columns that are no tags.
    """

    key: str
    names: tuple[str, ...]
    told: Mapping[str, Mapping[str, float]]
    ignored: tuple[str, ...] = ()


def read_tags(table: Table, vocabulary: Vocabulary) -> Labels:
    """The tags that a table labels.

    In the form with one column, a tag that occurs anywhere in it is absent wherever it is not listed; `-` says that
    none holds, an empty cell nothing. Raises UsageError naming the line, and near names of a tag that is unknown.
    """
    known = [f"{group.name}.{label}" for group in vocabulary.groups for label in group.labels]
    columns = [name for name in table.columns if _is_tag(name, known, f"{table.path}: line 1")]
    listed = LIST in table.columns
    if bool(columns) == listed:
        raise UsageError(
            f"{table.path}: line 1: labels are either columns named like tags (genre.horror) or one column {LIST!r}; "
            + ("it has both" if listed else f"of {', '.join(table.columns) or 'its columns'} none is one")
        )
    pairs = _listed(table, known) if listed else _by_column(table, columns)
    told = agreed(pairs)
    names = {tag for labels in told.values() for tag in labels}
    ignored = [name for name in table.columns if name not in {*columns, LIST}]
    return Labels(table.key, tuple(tag for tag in known if tag in names), told, tuple(ignored))


def _is_tag(name: str, known: Sequence[str], where: str) -> bool:
    """Whether a column is a tag; one of a group's that is not is a mistake."""
    groups = {tag.partition(".")[0] for tag in known}
    if name not in known and "." in name and name.partition(".")[0] in groups:
        raise UsageError(f"{where}: the vocabulary has no tag {name!r}{suggest(name, known)}")
    return name in known


def _by_column(table: Table, columns: Sequence[str]) -> list[tuple[Line, dict[str, float]]]:
    return [
        (line, {column: yes_or_no(line.cells.get(column), line.where, column) for column in columns})
        for line in table.lines
    ]


def _listed(table: Table, known: Sequence[str]) -> list[tuple[Line, dict[str, float]]]:
    held = [(line, _held(line, known)) for line in table.lines if not is_empty(line.cells.get(LIST))]
    every = {tag for _, tags in held for tag in tags}
    return [(line, {tag: float(tag in tags) for tag in every}) for line, tags in held]


def _held(line: Line, known: Sequence[str]) -> set[str]:
    value = line.cells[LIST]
    words = value if isinstance(value, list) else str(value).split(SEPARATOR)
    tags = {str(word).strip() for word in words} - {"", NOTHING}
    for tag in sorted(tags - set(known)):
        raise UsageError(f"{line.where}: the vocabulary has no tag {tag!r}{suggest(tag, known)}")
    return tags
