"""Stage heads: what the user's own heads say of the picture's embedding. Off unless --heads names some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from artvision.clip.mark import Mark
from artvision.clip.model import resolve
from artvision.contract import Field, Kind
from artvision.errors import UsageError
from artvision.heads.head import CHANCE, Head, read_heads
from artvision.image import Picture
from artvision.stages.base import Result, Stage


class Heads(Stage):
    """One field a head, in the order of --heads: whoever names a new one last moves nothing."""

    name: ClassVar[str] = "heads"
    version: ClassVar[str] = "1"
    since: ClassVar[str] = "1.4.0"
    open_ended: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("clip",)
    summary: ClassVar[str] = "heads of your own on the embedding; only with --heads"

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """The heads that are asked for. Raises UsageError or DefinitionError naming the file."""
        return read_heads(self.settings.heads)

    def fields(self) -> tuple[Field, ...]:
        """One block: head."""
        return tuple(_field(head) for head in self.heads)

    def off(self) -> str:
        """There is none unless the user has one."""
        return "" if self.settings.heads else "needs a head: `artvision heads train` makes one, --heads names it"

    def fingerprint(self) -> dict[str, Any]:
        """The layers. Raises UsageError for one that was trained on another embedding."""
        if not self.heads:
            return {}
        model = resolve(self.settings.model)
        here = Mark.of(model.fingerprint())
        for head in self.heads:
            if odd := head.embedding.differs(here):
                raise UsageError(f"the head {head.name} was trained on {odd}: train it again, or choose with --model")
            if len(head.weights) != model.width:
                raise UsageError(
                    f"the head {head.name} has {len(head.weights)} weights, an embedding of {model.name} has "
                    f"{model.width} numbers: its file was altered, train it again"
                )
        return {head.name: head.sha256 for head in self.heads}

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Every head on every embedding."""
        embeddings = [result.columns["embedding"] for result in upstream["clip"]]
        return [Result({f"head.{head.name}": head.value(one) for head in self.heads}) for one in embeddings]


def _field(head: Head) -> Field:
    return Field(
        f"head.{head.name}",
        head.meaning,
        head.kind,
        *((0.0, 1.0) if head.kind == CHANCE else (head.low, head.high)),
        f"a linear layer on the embedding, fitted on {head.domain}",
        higher="surer" if head.kind == CHANCE else "rated higher",
        kind=Kind.LEARNED,
        tolerance=head.tolerance,
        fill=0.0 if head.kind == CHANCE else head.low,
        evidence={"domain": head.domain, **{name: head.facts.get(name) for name in ("labels", "figures")}},
    )
