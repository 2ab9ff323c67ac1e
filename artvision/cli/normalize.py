"""`artvision normalize`: statistics for scaling, fitted once on a named corpus and kept as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artvision.wording import counted

EXAMPLES = """
[bold]Examples[/bold]

artvision normalize fit run -o stats.json --corpus "spring catalogue"

artvision export run -f numpy --scale zscore --statistics stats.json
"""

app = typer.Typer(no_args_is_help=True, help="Statistics for scaled exports, fitted once on a named corpus.")


@app.callback()
def normalize() -> None:
    """Commands on statistics."""


@app.command("fit", epilog=EXAMPLES)
def fit(
    place: Annotated[str, typer.Argument(metavar="RUN|INDEX", help="The corpus: folder of a run or an index.")],
    corpus: Annotated[str, typer.Option("--corpus", help="Name of the corpus, as it shall stand in every export.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")] = Path("statistics.json"),
    person: Annotated[bool, typer.Option("--person", help="Also for fields about people: recognised actors.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The statistics as JSON on stdout too.")] = False,
) -> None:
    """Measure mean and deviation of every slot, those of suites and embedding too, and store them."""
    from artvision.console import Console
    from artvision.errors import UsageError
    from artvision.export.statistics import fit as measure
    from artvision.export.statistics import read_corpus, save

    if not corpus.strip():
        raise UsageError("--corpus is empty: name what the statistics are of, for example a catalogue and its date")
    console = Console()
    matrix, info = read_corpus(place, person=person)
    found = measure(matrix, corpus.strip(), info)
    save(found, out)
    if json:
        console.out.file.write(found.to_json())
    never = sum(not moments.count for moments in found.slots.values())
    known = f"; {never} of them are known for no row and scale to 0" if never else ""
    console.say(
        f"{out}: {counted(len(found.slots), 'slot')} over {counted(found.rows, 'asset')} of {found.corpus!r}{known}"
    )
