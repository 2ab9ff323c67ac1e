"""Runs a stage over a batch so that a picture it cannot handle fails alone; one too large for the memory is halved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from artvision.contract import Field
from artvision.exhaustion import Portions, exhausted
from artvision.image import Picture
from artvision.record import check
from artvision.stages.base import FAILED, Result, Stage

# What a stage says of one picture, or why it says nothing.
Found = Result | Exception


class UpstreamError(Exception):
    """A stage that this one goes by failed for the picture."""


@dataclass(frozen=True)
class Call:
    """What `run_stage` is called with, and where it counts batches that were halved for want of memory."""

    stage: Stage
    fields: Sequence[Field]
    pictures: Sequence[Picture]
    upstream: Mapping[str, Sequence[Found]]
    portions: Portions
    halved: Counter[str]


def run_stage(
    stage: Stage,
    pictures: Sequence[Picture],
    before: Mapping[str, Sequence[Found]],
    portions: Portions | None = None,
    halved: Counter[str] | None = None,
) -> list[Found]:
    """One entry a picture, in order. `before` has what the stages that ran earlier found.

    `portions` remembers how many pictures the stage has memory for; `halved` counts, by stage, batches for which it
    had not enough.
    """
    upstream = {need: before[need] for need in stage.needs}
    told = {name: [_or_failed(item) for item in before[name]] for name in stage.after if name in before}
    lost = UpstreamError(f"needs {', '.join(stage.needs)}, which failed")
    usable = [i for i in range(len(pictures)) if all(isinstance(column[i], Result) for column in upstream.values())]
    found: list[Found] = [lost] * len(pictures)
    counted = Counter() if halved is None else halved
    call = Call(stage, stage.fields(), pictures, upstream | told, portions or Portions(), counted)
    for index, result in zip(usable, _in_portions(call, usable), strict=True):
        found[index] = result
    return found


def _or_failed(found: Found) -> Result:
    return found if isinstance(found, Result) else FAILED


def _in_portions(call: Call, indices: Sequence[int]) -> list[Found]:
    """Results for the pictures at `indices`, no more of them at once than there is memory for."""
    found: list[Found] = []
    while len(found) < len(indices):
        size = call.portions.of(call.stage.name, len(indices) - len(found))
        found += _attempt(call, indices[len(found) : len(found) + size])
    return found


def _attempt(call: Call, indices: Sequence[int]) -> list[Found]:
    """A failing batch is halved until the culprit stands alone, or until there is memory for it."""
    try:
        return _results(call, indices)
    except Exception as error:  # a scorer may fail in any way; the picture is named and the run goes on
        if len(indices) == 1:
            return [error]
        no_memory = exhausted(error)
    if no_memory:  # the error is gone by now, and with it what its frames held
        call.portions.halve(call.stage.name, len(indices))
        call.halved[call.stage.name] += 1
    middle = len(indices) // 2
    return _in_portions(call, indices[:middle]) + _in_portions(call, indices[middle:])


def _results(call: Call, indices: Sequence[int]) -> list[Found]:
    needed = {
        name: [item for i in indices if isinstance(item := column[i], Result)] for name, column in call.upstream.items()
    }
    found = call.stage.run([call.pictures[i] for i in indices], needed)
    return [check(call.fields, result) for _, result in zip(indices, found, strict=True)]
