"""`artvision textblind`: which tags are read off the letters on a picture."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artvision.cli.options import with_settings
from artvision.settings import Settings
from artvision.wording import counted

if TYPE_CHECKING:
    from artvision.console import Console
    from artvision.textblind.comparing import Blindness, Change
    from artvision.textblind.looking import Seen, Unseen

EXAMPLES = """
[bold]Examples[/bold]

artvision textblind catalog.csv --sample 200           [dim]200 pictures, chosen by the hash of their id[/dim]

artvision textblind ./posters --evidence evidence.json [dim]with your thresholds and probabilities[/dim]

artvision textblind poster.jpg --json                  [dim]for a script[/dim]
"""
HEAD = ["tag", "pictures", "moves by", "control", "drift", "turns", "control turns"]
NAMED = ["asset", "tag", "as it is", "without text"]


@with_settings
def textblind(
    paths: Annotated[list[str], typer.Argument(help="Pictures, folders, globs, catalogues, as for `extract`.")],
    sample: Annotated[int, typer.Option(min=0, help="So many of them, chosen by hash; 0: all.")] = 200,
    k: Annotated[int, typer.Option("-k", min=0, help="How many pictures to name.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False,
    *,
    settings: Settings,
) -> None:
    """Compare the tags of pictures as they are with those of the same pictures without their text.

    Text is filled smoothly with the mean of what surrounds it; as a control the same boxes are filled elsewhere.

    A tag that moves much more without the text than in the control is read off the letters.
    """
    from artvision.console import Console
    from artvision.sources import read_sources
    from artvision.summary import enforce
    from artvision.textblind.comparing import compare, largest
    from artvision.textblind.looking import WITHOUT, Seen, Unseen, engine_for, look, thresholds_of

    console = Console()
    assets = sampled(read_sources(paths, sys.stdin).assets, sample)
    engine = engine_for(settings, console)
    try:
        found = list(look(engine, assets, console.count("textblind", len(assets))))
    finally:
        console.end()
        engine.close()
    seen = [one for one in found if isinstance(one, Seen)]
    tags, changes = compare(seen, thresholds_of(engine)), largest(seen, k)
    failed = [one for one in found if isinstance(one, Unseen) and one.reason != WITHOUT]
    _tell(console, seen, failed, len(found) - len(seen) - len(failed))
    if json:
        lists = {"tags": list(map(asdict, tags)), "largest": list(map(asdict, changes))}
        console.data({"pictures": len(found), "with_text": len(seen), **lists})
    elif seen:
        _show(console, tags, changes)
    enforce(len(failed), len(found), settings.max_failures)


def _show(console: Console, tags: Sequence[Blindness], changes: Sequence[Change]) -> None:
    rows = [
        [one.tag, one.pictures, *(f"{value:.3f}" for value in (one.moved, one.control)), f"{one.drift:+.3f}"]
        + [f"{share:.0%}" for share in (one.flips, one.control_flips)]
        for one in tags
    ]
    console.table("", HEAD, rows, right=HEAD[1:], fixed=["tag"])
    named = [[one.asset_id, one.tag, f"{one.before:.2f}", f"{one.after:.2f}"] for one in changes]
    console.table("largest changes", NAMED, named, right=NAMED[2:])


def _tell(console: Console, seen: Sequence[Seen], failed: Sequence[Unseen], bare: int) -> None:
    from artvision.textblind.filling import FILL

    for one in failed:
        console.say(f"failed: {one.reason}")
    if not seen:
        console.say(f"no text on {counted(bare, 'picture')}: there is nothing to take out")
        return
    text, control = sum(one.share for one in seen) / len(seen), sum(one.control_share for one in seen) / len(seen)
    console.say(
        f"{counted(len(seen), 'picture')} with text, {bare} without; text hides {text:.0%} of a picture, the control "
        f"{control:.0%}; what is hidden is {FILL}"
    )


def sampled(assets: Sequence[Any], sample: int) -> list[Any]:
    """By the hash of the id: the same pictures whatever else lies beside them."""
    if not sample:
        return list(assets)
    return sorted(assets, key=lambda asset: hashlib.sha256(asset.asset_id.encode()).digest())[:sample]
