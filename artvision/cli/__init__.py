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
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tag vectors for streaming artwork: extract them, index a catalogue, search it, see what a title lacks.",
)

# The groups of `artvision --help`, in its order.
ARTWORK = "Look at artwork"
app.command("extract", epilog=extract.EXAMPLES, rich_help_panel=ARTWORK)(extract.extract)
app.command("merge", epilog=merge.EXAMPLES, rich_help_panel=ARTWORK)(merge.merge)
app.command("inspect", epilog=inspect.EXAMPLES, rich_help_panel=ARTWORK)(inspect.inspect)
app.command("canvases", epilog=canvases.EXAMPLES, rich_help_panel=ARTWORK)(canvases.canvases)

CATALOGUE = "A whole catalogue"
app.command("index", epilog=index.EXAMPLES, rich_help_panel=CATALOGUE)(index.index)
app.command("search", cls=search.Asking, epilog=search.EXAMPLES, rich_help_panel=CATALOGUE)(search.search)
app.command("similar", epilog=similar.EXAMPLES, rich_help_panel=CATALOGUE)(similar.similar)
app.command("suite", epilog=suite.EXAMPLES, rich_help_panel=CATALOGUE)(suite.suite)
app.command("report", epilog=report.EXAMPLES, rich_help_panel=CATALOGUE)(report.report)

CI = "A gate in CI"
app.command("audit", epilog=audit.EXAMPLES, rich_help_panel=CI)(audit.audit)
app.command("verify", epilog=verify.EXAMPLES, rich_help_panel=CI)(verify.verify)
app.add_typer(schema.app, name="schema", rich_help_panel=CI)

MODELS = "For those who train"
app.command("export", epilog=export.EXAMPLES, rich_help_panel=MODELS)(export.export)
app.add_typer(normalize.app, name="normalize", rich_help_panel=MODELS)
app.command("calibrate", epilog=calibrate.EXAMPLES, rich_help_panel=MODELS)(calibrate.calibrate)
app.add_typer(heads.app, name="heads", rich_help_panel=MODELS)
app.command("textblind", epilog=textblind.EXAMPLES, rich_help_panel=MODELS)(textblind.textblind)

PEOPLE = "People, only when asked"
app.add_typer(actors.app, name="actors", rich_help_panel=PEOPLE)
app.add_typer(privacy.app, name="privacy", rich_help_panel=PEOPLE)

HERE = "This installation"
app.command("stages", rich_help_panel=HERE)(stages.stages)
app.add_typer(models.app, name="models", rich_help_panel=HERE)
app.command("doctor", rich_help_panel=HERE)(doctor.doctor)


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
