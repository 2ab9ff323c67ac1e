"""The command line: one file a command. The only place that imports typer; heavy imports wait inside commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from artvision import __version__
from artvision.cli import (
    actors,
    audit,
    calibrate,
    canvases,
    doctor,
    export,
    extract,
    heads,
    index,
    inspect,
    merge,
    models,
    normalize,
    privacy,
    report,
    schema,
    search,
    similar,
    stages,
    suite,
    textblind,
    verify,
)
from artvision.errors import ArtvisionError


class Commands(TyperGroup):
    """Turns the error tree into one line on stderr and the exit code that belongs to it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ArtvisionError as error:
            _complain(str(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            _complain("interrupted; the same command goes on where this one stopped")
            raise typer.Exit(130) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    help="Tag vectors for streaming artwork: extract them, index a catalogue, search it, see what a title lacks.",
)
app.command("extract", epilog=extract.EXAMPLES)(extract.extract)
app.command("merge", epilog=merge.EXAMPLES)(merge.merge)
app.command("index", epilog=index.EXAMPLES)(index.index)
app.command("search", cls=search.Asking, epilog=search.EXAMPLES)(search.search)
app.command("similar", epilog=similar.EXAMPLES)(similar.similar)
app.command("suite", epilog=suite.EXAMPLES)(suite.suite)
app.command("report", epilog=report.EXAMPLES)(report.report)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("verify", epilog=verify.EXAMPLES)(verify.verify)
app.command("audit", epilog=audit.EXAMPLES)(audit.audit)
app.command("calibrate", epilog=calibrate.EXAMPLES)(calibrate.calibrate)
app.command("textblind", epilog=textblind.EXAMPLES)(textblind.textblind)
app.command("inspect", epilog=inspect.EXAMPLES)(inspect.inspect)
app.command("canvases", epilog=canvases.EXAMPLES)(canvases.canvases)
app.command("stages")(stages.stages)
app.command("doctor")(doctor.doctor)
app.add_typer(schema.app, name="schema")
app.add_typer(normalize.app, name="normalize")
app.add_typer(heads.app, name="heads")
app.add_typer(models.app, name="models")
app.add_typer(actors.app, name="actors")
app.add_typer(privacy.app, name="privacy")


def _tell_version(asked: bool) -> None:
    """Answers before a command is missed."""
    if asked:
        typer.echo(f"artvision {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Entry point of the `artvision` command."""
    app()


def _complain(text: str) -> None:
    from artvision.console import Console

    Console().error(text)
