"""`artvision inspect`: everything artvision says of one picture, as a table and as a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.cli.options import with_settings
from artvision.settings import Settings

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.contract import Field
    from artvision.pipeline import Examined


EXAMPLES = """
[bold]Examples[/bold]

artvision inspect poster.jpg --draw seen.png    [dim]the table, and the picture with what was found[/dim]

artvision inspect poster.jpg --json             [dim]for a script[/dim]

artvision inspect film.mp4#t=754.2              [dim]what the film shows after 754.2 seconds[/dim]
"""


@with_settings
def inspect(
    image: Annotated[Path, typer.Argument(help="One picture, or of a film what it shows at a time: film.mp4#t=12.5.")],
    draw: Annotated[
        Path | None, typer.Option("--draw", help="Write the picture with what was found drawn on it (PNG).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
    *,
    settings: Settings,
) -> None:
    """Show every field of one picture, with its unit, and why a value is missing."""
    from artvision.console import Console
    from artvision.errors import FailuresError
    from artvision.pipeline import examine

    console = Console()
    found = examine(image, settings, reporter=console)
    if json:
        console.data(_document(image, found))
    else:
        _tables(console, image, found)
    if draw is not None:
        from artvision.draw import overlay, save_drawing

        save_drawing(overlay(found.picture, found.results), draw, "--draw")
        console.say(f"drawn to {draw}")
    if found.failures:
        raise FailuresError(f"{image}: " + "; ".join(found.failures.values()))


def _document(image: Path, found: Examined) -> dict[str, Any]:
    from artvision.contract import Missing

    values = {name: value for result in found.results.values() for name, value in result.values.items()}
    known = {name: value for name, value in values.items() if not isinstance(value, Missing)}
    missing = {name: value.value for name, value in values.items() if isinstance(value, Missing)}
    columns = {
        name: value
        for result in found.results.values()
        for name, value in result.columns.items()
        if name not in ("embedding", "actor_vectors")
    }
    picture = {"width": found.picture.width, "height": found.picture.height, "format": found.picture.format}
    return {
        "image": str(image),
        **picture,
        "content_sha256": found.content_sha256,
        "notes": found.picture.notes,
        "fields": known,
        "missing": missing,
        **columns,
        "failures": found.failures,
    }


def _tables(console: Console, image: Path, found: Examined) -> None:
    picture = found.picture
    notes = "".join(f", {note}" for note in picture.notes)
    console.table(
        f"{image}: {picture.width}×{picture.height} {picture.format}{notes}",
        ["field", "value", "unit", "meaning"],
        _rows(found),
        right=["value"],
        fixed=["field", "value"],
    )


def _rows(found: Examined) -> list[list[Any]]:
    from artvision.contract import Kind, Missing
    from artvision.preview import names, swatches
    from artvision.wording import counted, listed

    values = {name: value for result in found.results.values() for name, value in result.values.items()}
    fields = [field for field in found.engine.contract.fields if field.name in values]
    silent = [field for field in fields if field.kind is Kind.ZERO_SHOT and values[field.name] is Missing.ABSTAINED]
    rows: list[list[Any]] = [
        [field.name, _shown(values[field.name]), field.unit, _meant(field)] for field in fields if field not in silent
    ]
    if silent:
        told = f"abstain: {listed([field.name for field in silent], 3)}; --json has all"
        rows.append([counted(len(silent), "tag"), "(abstained)", "", told])
    rows.append(["content_sha256", found.content_sha256[:16] + "…", "", "checksum of the file, shortened"])
    columns = {name: value for result in found.results.values() for name, value in result.columns.items()}
    if palette := columns.get("palette"):
        colors = ", ".join(f"{color['name']} {color['share']:.0%}" for color in palette)
        rows.append(["palette", swatches(palette, cells=16), "", colors])
    if actors := columns.get("actors"):
        rows.append(["actors", sum(bool(actor["actor_id"]) for actor in actors), "known", names(actors)])
    return rows


def _meant(field: Field) -> str:
    """Of a tag without what it shares with all of its group."""
    from artvision.contract import Kind

    return field.meaning.partition(". ")[0] if field.kind is Kind.ZERO_SHOT else field.meaning


def _shown(value: Any) -> str:
    from artvision.contract import Missing

    if isinstance(value, Missing):
        return f"({value.value.replace('_', ' ')})"
    return f"{value:.3f}" if isinstance(value, float) else str(value).replace("_", " ")
