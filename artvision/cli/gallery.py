"""What the commands that work on a gallery share: its option, and a bar that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from artvision.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="As JSON on stdout.")]
Where = Annotated[Path, typer.Option("--gallery", "-g", envvar="ARTVISION_GALLERY", help="Gallery file.")]


@contextmanager
def counting(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and time left on a terminal, nothing in a log; give it (done, total)."""
    from artvision.console import progress_bar

    with progress_bar(console.err) as bar:
        bar.disable = not console.err.is_terminal
        task = bar.add_task(what)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report
