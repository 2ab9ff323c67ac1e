"""The one object that prints: data on stdout, people on stderr, progress bars only on a terminal."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TextIO

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from artvision.ledger import Entry, Outcome

# Of tables where there is no terminal to fit: Rich would take 80, and fold names.
PIPE_WIDTH = 100
# The column of ids, and how much of one never folds.
KEY, UNFOLDED = "asset", 40
SECONDS = "s"  # the unit of a film's progress
QUIET_SECONDS = 30.0  # between two progress lines where there is no terminal


class PeopleConsole(RichConsole):
    """stderr: where nobody listens any more, the run goes on in silence."""

    def on_broken_pipe(self) -> None:
        """Go quiet instead of ending the process."""
        self.quiet = True


class Console:
    """Prints for the command line; also the `Reporter` of a run."""

    def __init__(self) -> None:
        self.out = RichConsole(file=sys.stdout, width=_width(sys.stdout), soft_wrap=False, highlight=False, emoji=False)
        self.err = PeopleConsole(file=sys.stderr, width=_width(sys.stderr), highlight=False, emoji=False)
        self._progress: Progress | None = None
        self._course = Course("", 0)

    def data(self, value: Any) -> None:
        """One JSON document on stdout."""
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")

    def table(
        self,
        title: str,
        head: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        right: Sequence[str] = (),
        fixed: Sequence[str] = (),
        aside: bool = False,
    ) -> None:
        """A table on stdout that fits the terminal; columns in `right` are aligned right, `fixed` do not wrap.

        `aside`: on stderr, where the data is a file or JSON.
        """
        rows = [list(row) for row in rows]
        table = Table(
            title=escape(title), title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
        )
        for name in head:
            side: Literal["left", "right"] = "right" if name in right else "left"
            whole = name in fixed or (name == KEY and _longest(rows, head.index(name)) <= UNFOLDED)
            table.add_column(name, justify=side, overflow="fold", no_wrap=whole)
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else escape(str(cell)) for cell in row))
        (self.err if aside else self.out).print(table)

    def say(self, text: str, style: str | None = None) -> None:
        """One line for people."""
        self.err.print(escape(text), style=style, soft_wrap=True)

    def error(self, text: str) -> None:
        """What went wrong and the way out."""
        self.say(f"error: {text}", "bold red" if self.err.is_terminal else None)

    def notice(self, text: str) -> None:
        """A line to know before trusting a result."""
        self.say(f"note: {text}", "yellow" if self.err.is_terminal else None)

    def begin(self, todo: int, reused: int, where: str) -> None:
        """Say the plan; show a bar where somebody watches."""
        self.say(f"{todo} to compute, {reused} already there; {where}")
        self.count("extract", todo)

    def advance(self, entry: Entry) -> None:
        """Count one input, and name it if it failed."""
        if entry.status is Outcome.FAILED:
            self.say(f"failed: {entry.message}", "red" if self.err.is_terminal else None)
        self._step()

    def count(self, what: str, total: int, unit: str = "images") -> Callable[[int], None]:
        """Show how far something is that takes `total` units."""
        self._course = Course(what, total, unit)
        if total and self.err.is_terminal:
            self._progress = progress_bar(self.err, unit)
            self._progress.start()
            self._progress.add_task(what, total=total)
        return self._step

    def _step(self, done: int = 1) -> None:
        line = self._course.step(done)
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[0], done)
        elif line:
            self.say(line)

    def end(self) -> None:
        """Take the bar away."""
        self._course = Course("", 0)
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def _width(stream: TextIO) -> int | None:
    """None: that of the terminal; where there is none, what the environment says, or else ours."""
    wished = os.environ.get("COLUMNS", "")
    return None if stream.isatty() else int(wished) if wished.isdigit() else PIPE_WIDTH


def _longest(rows: Sequence[Sequence[Any]], place: int) -> int:
    return max((len(str(row[place])) for row in rows), default=0)


class Course:
    """Counts towards a total and now and then has a line to say, for logs."""

    def __init__(self, what: str, total: int, unit: str = "images") -> None:
        self.what, self.total, self.unit, self.done = what, total, unit, 0
        self.started = self.said = time.monotonic()

    def step(self, done: int = 1) -> str | None:
        """Count so many; a line with rate and time left when the last one is long ago."""
        self.done += done
        now = time.monotonic()
        if not (self.total and self.done) or now - self.said < QUIET_SECONDS:
            return None
        self.said = now
        rate = self.done / (now - self.started)
        return (
            f"{self.what} {self.done}/{self.total}  {paced(rate, self.unit)}  "
            f"{(self.total - self.done) / rate:.0f} s left"
        )


def paced(rate: float, unit: str) -> str:
    """«8.1 images/s»; seconds of a film go by several times as fast as they are long."""
    return f"{rate:.1f}× realtime" if unit == SECONDS else f"{rate:.1f} {unit}/s"


class RateColumn(ProgressColumn):
    """Units per second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        """The speed, once it is known."""
        return Text(paced(task.speed, self.unit) if task.speed else "", style="dim")


def progress_bar(console: RichConsole, unit: str = "images") -> Progress:
    """Count, rate and time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(unit),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
