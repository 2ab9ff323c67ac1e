"""`artvision doctor`: can this machine run artvision, with what, and what would make it better."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(json: Annotated[bool, typer.Option("--json", help="As JSON on stdout.")] = False) -> None:
    """Check libraries, image formats, device, memory and weights. Exit code 6 when something needed is broken."""
    from artvision.console import Console
    from artvision.diagnosis import diagnose
    from artvision.errors import CheckError

    console, checks = Console(), diagnose()
    if json:
        console.data([vars(check) for check in checks])
    else:
        console.table(
            "",
            ["", "what", "found", "to do"],
            [[check.state, check.what, check.found, check.remedy or "-"] for check in checks],
        )
    if broken := [check.what for check in checks if check.state == "broken"]:
        raise CheckError(f"{', '.join(broken)}: see the column «to do»")
