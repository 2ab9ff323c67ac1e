"""The closing account of a run: attempted = ok + failed + skipped, always."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from artvision.errors import FailuresError
from artvision.ledger import Entry, Outcome
from artvision.run import Run
from artvision.settings import allowance
from artvision.wording import counted

SHOWN = 3  # reasons, and names of failed pictures
NO_STAGES = ("load", "read", "decode")


@dataclass(frozen=True)
class Summary:
    """The account of a call.

    `run` is the finished run, `call_id` names this call; counts are of its inputs, `steps` has seconds by step,
    `halved` by stage the batches that were too large for the memory.
    """

    run: Run
    call_id: str
    attempted: int
    ok: int
    failed: int
    skipped: int
    computed: int
    reused: int
    kept: int
    seconds: float
    steps: dict[str, float]
    failures: tuple[Entry, ...]
    left_out: tuple[Entry, ...]
    halved: dict[str, int] = field(default_factory=dict)

    def tell(self, say: Callable[[str], None], retry: str = "--retry-failed") -> None:
        """The account, and what a person should know of failures and of what was left out; `retry` tries them again."""
        say(self.account)
        if self.left_out:
            reasons = Counter(entry.reason for entry in self.left_out)
            told = ", ".join(f"{count} × {reason}" for reason, count in reasons.most_common(SHOWN))
            say(f"skipped: {told}{', …' if len(reasons) > SHOWN else ''}; `artvision report {self.run.called}` has all")
        if self.halved:
            told = ", ".join(f"{count} of {stage}" for stage, count in self.halved.items())
            say(f"memory ran out, batches were halved: {told}; a smaller --batch-size or fewer --workers avoid it")
        if waiting := self.waiting:
            were = "failed before and was" if len(waiting) == 1 else "failed before and were"
            names = ", ".join(entry.path for entry in waiting[:SHOWN]) + (", …" if len(waiting) > SHOWN else "")
            say(f"{len(waiting)} {were} not tried again ({names}); {retry} does")

    @property
    def waiting(self) -> tuple[Entry, ...]:
        """Failures of earlier calls that this one did not try again."""
        return tuple(entry for entry in self.failures if entry.run_id != self.call_id)

    @property
    def account(self) -> str:
        """The closing line: what became of all inputs."""
        return (
            f"attempted {self.attempted} = ok {self.ok} + failed {self.failed} + skipped {self.skipped}"
            f"  (computed {self.computed}, already there {self.reused})"
        )

    @property
    def slowest(self) -> str | None:
        """The stage that took most of the time, if any took some; loading, reading and decoding are no stages."""
        stages = {name: spent for name, spent in self.steps.items() if spent and name not in NO_STAGES}
        return max(stages, key=stages.__getitem__, default=None)

    @property
    def counts(self) -> dict[str, int]:
        """The counts as they stand in `run.json`."""
        names = ("attempted", "ok", "failed", "skipped", "computed", "reused", "kept")
        return {name: getattr(self, name) for name in names}

    def enforce(self, max_failures: str) -> None:
        """Raise FailuresError beyond the allowance, or when nothing at all could be used."""
        tried = self.ok + self.failed
        enforce(self.failed, tried, max_failures, f"; the reasons are in {self.run.called}/ledger.parquet")
        if tried and not self.ok:
            raise FailuresError(
                f"none of {tried} pictures could be used; the reasons are in {self.run.called}/ledger.parquet"
            )


def enforce(failed: int, tried: int, max_failures: str, more: str = "") -> None:
    """Raise FailuresError beyond the allowance; `more` ends its sentence."""
    if failed > allowance(max_failures, tried):
        raise FailuresError(
            f"{failed} of {counted(tried, 'picture')} failed, more than --max-failures {max_failures}{more}"
        )


def count(entries: Iterable[Entry]) -> dict[str, int]:
    """Entries by outcome, and their number."""
    found = Counter(entry.status for entry in entries)
    return {"attempted": found.total(), **{outcome.value: found[outcome] for outcome in Outcome}}
