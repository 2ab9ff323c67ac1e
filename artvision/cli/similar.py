"""`artvision similar`: the artwork most like a picture or an asset."""

from __future__ import annotations

from typing import Annotated

import typer

from artvision.cli.search import (
    DEFAULT,
    Actors,
    AsJson,
    IndexFolder,
    Model,
    Open,
    Sheet,
    Titles,
    Top,
    Where,
    answer,
)

EXAMPLES = """
[bold]Examples[/bold]

artvision similar poster.jpg                          [dim]any picture, in the index or not[/dim]

artvision similar asset:meridian/poster.jpg --open    [dim]an asset of the index, as a contact sheet[/dim]

artvision similar meridian/poster.jpg --where "title_id <> 'meridian'"
"""


def similar(
    target: Annotated[str, typer.Argument(help="A picture file, or an asset id; asset:ID is never a file.")],
    index: IndexFolder = DEFAULT,
    where: Where = "",
    actor: Actors = None,
    title: Titles = None,
    top: Top = 20,
    json: AsJson = False,
    sheet: Sheet = None,
    open_: Open = False,
    model: Model = "",
) -> None:
    """Find the artwork most like one picture; the picture itself is left out."""
    from artvision.index.store import open_index
    from artvision.searching.asking import ask
    from artvision.searching.asking import target as understood
    from artvision.searching.finding import Filter, without

    opened = open_index(index)
    term = understood(opened, target)
    filter_ = Filter(where, tuple(actor or ()), tuple(title or ()), without(term))
    answer(opened, ask(opened, [term], model), filter_, top, json, sheet, open_)
