"""What a stage is: a unit that declares columns and fills them for a batch of pictures.

The life of a stage: describe (`fields`, `columns`, `fingerprint`; nothing heavy, no weights) -> `setup` (once a
process) -> `run` (a batch at a time, from several threads at once) -> `close`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from artvision.contract import Column, Field, Missing
from artvision.device import CPU
from artvision.image import Picture
from artvision.settings import Settings

# title_id and cast, as the catalogue has them.
Title = tuple[str | None, tuple[str, ...]]
Value = float | int | bool | str | Missing


@dataclass(frozen=True)
class Result:
    """What one stage says of one picture.

    `values` has every declared field: a number, a bool, a category label, or the `Missing` state that explains
    its absence. `columns` has every declared column: arrays and lists of dicts as its Arrow type wants them, or None.
    `unwritten` is for the stages that need this one, and goes nowhere else: what was read on a picture, say.
    """

    values: Mapping[str, Value]
    columns: Mapping[str, Any] = field(default_factory=dict)
    unwritten: Any = None

    def rows(self, column: str) -> Sequence[Mapping[str, Any]]:
        """The dicts of a list column; none where the stage has none to tell, as `faces` on an illustration."""
        found: Sequence[Mapping[str, Any]] = self.columns.get(column) or ()
        return found


# What a stage that runs `after` another is told of a picture for which that one failed.
FAILED = Result({})


class Stage(ABC):
    """One file in `artvision/stages/`; found there by its class, ordered by `needs`."""

    name: ClassVar[str]
    version: ClassVar[str]
    # Contract version that brought the stage: decides its place in the vector.
    since: ClassVar[str] = "1.0.0"
    # Contract version in which a field's range, tolerance or fill last changed.
    revised: ClassVar[str] = ""
    # How many fields it has is up to the user: it stands at the vector's end.
    open_ended: ClassVar[bool] = False
    needs: ClassVar[tuple[str, ...]] = ()
    # Stages that run before this one where they are chosen, needed or not.
    after: ClassVar[tuple[str, ...]] = ()
    # `all` leaves it out: it runs where --stages names it.
    opt_in: ClassVar[bool] = False
    # Pixels of the decoded picture this stage must be able to see.
    min_long_side: ClassVar[int] = 0
    summary: ClassVar[str]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings if settings.runtime else settings.on(CPU)

    @abstractmethod
    def fields(self) -> tuple[Field, ...]:
        """The scalar columns that this stage fills, in vector order."""

    def columns(self) -> tuple[Column, ...]:
        """The structured columns (lists, embeddings) that this stage fills."""
        return ()

    def preparing(self) -> tuple[str, ...]:
        """What `setup` has still to do, once on this machine, and how long it takes; nothing heavy, for people."""
        return ()

    def fingerprint(self) -> dict[str, Any]:
        """Everything beside `version` that can change a number: weights, preprocessing, libraries. JSON values."""
        return {}

    def min_short_side(self) -> int:
        """Pixels the short side of the decoded picture must keep where the original has them."""
        return 0

    def off(self) -> str:
        """Why these settings leave the stage out, with the way to have it; empty where they do not."""
        return ""

    def depends(self, title_id: str | None, cast: Sequence[str]) -> Any:  # noqa: ARG002 - most stages see pixels only
        """What beside pixels and fingerprint decides a result for artwork of that title, as JSON; None for nothing.

        An asset for which it changes is computed again.
        """
        return None

    def announce(self, folder: Path, titles: Collection[Title]) -> list[str]:  # noqa: ARG002 - most owe nobody a note
        """Told before anything is written to the run `folder` on these titles. Returns what a person should know."""
        return []

    def notices(self) -> tuple[str, ...]:
        """Lines that a person should know before trusting the columns: a stand-in model, random weights."""
        return ()

    def setup(self, device: str) -> None:  # noqa: B027 - most stages have nothing to load
        """Load weights; called once before the first batch. Raises WeightsError."""

    @abstractmethod
    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """One result a picture, in order. `upstream` has the results of the stages in `needs`, in the same order.

        It also has those of the stages in `after` that were chosen; where such a stage failed for a picture, its
        result there is `FAILED`, without a value. A result depends on its own picture alone, never on its neighbours.
        Called from several threads.
        """

    def close(self) -> None:  # noqa: B027 - most stages hold nothing
        """Let go of what `setup` took."""
