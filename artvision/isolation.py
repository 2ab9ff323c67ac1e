"""Runs a stage over a batch so that a picture it cannot handle fails alone and is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from artvision.contract import Field
from artvision.image import Picture
from artvision.record import check
from artvision.stages.base import Result, Stage

Found = Result | Exception  # what a stage says of one picture, or why it says nothing


class UpstreamError(Exception):
    """A stage that this one needs failed for the picture."""


def run_stage(stage: Stage, pictures: Sequence[Picture], before: Mapping[str, Sequence[Found]]) -> list[Found]:
    """One entry a picture, in order. `before` has what the stages that ran earlier found."""
    fields = stage.fields()
    upstream = {need: before[need] for need in stage.needs}
    lost = UpstreamError(f"needs {', '.join(stage.needs)}, which failed")
    usable = [i for i in range(len(pictures)) if all(isinstance(column[i], Result) for column in upstream.values())]
    found: list[Found] = [lost] * len(pictures)
    for index, result in zip(usable, _attempt(stage, fields, pictures, upstream, usable), strict=True):
        found[index] = result
    return found


def _attempt(
    stage: Stage,
    fields: Sequence[Field],
    pictures: Sequence[Picture],
    upstream: Mapping[str, Sequence[Found]],
    indices: Sequence[int],
) -> list[Found]:
    """Results for the pictures at `indices`; a failing batch is halved until the culprit stands alone."""
    if not indices:
        return []
    try:
        needed = {
            name: [item for i in indices if isinstance(item := column[i], Result)] for name, column in upstream.items()
        }
        found = stage.run([pictures[i] for i in indices], needed)
        return [check(fields, result) for _, result in zip(indices, found, strict=True)]
    except Exception as error:  # a scorer may fail in any way; the picture is named and the run goes on
        if len(indices) == 1:
            return [error]
    middle = len(indices) // 2
    halves = indices[:middle], indices[middle:]
    return [result for half in halves for result in _attempt(stage, fields, pictures, upstream, half)]
