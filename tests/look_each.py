"""Looks through every film in a folder, one after the other in one process, and shows each still: JSON lines."""

import json
import sys
import time
from fractions import Fraction
from pathlib import Path

from artvision.errors import DecodeError
from artvision.film.address import Moment
from artvision.film.frame import still_bytes
from artvision.film.scanning import Asked, content_sha256, scan


def outcome(path: str, cap: int) -> str:
    """«stills», or the reason of the DecodeError; anything else ends the process."""
    try:
        sha256 = content_sha256(path, lambda *_: None)
        found = scan(path, sha256, Asked(2, 0, cap, 2), lambda *_: None)
        for still in found.stills:
            still_bytes(Moment(path, Fraction(round(1000 * still.time), 1000)), cap)
        still_bytes(Moment(path, Fraction(7, 10)), cap)
    except DecodeError as error:
        return f"{error.reason}: more than a line" if "\n" in str(error) else error.reason
    return "stills"


for file in sorted(Path(sys.argv[1]).iterdir()):
    start = time.monotonic()
    print(json.dumps({"name": file.name, "outcome": None}), flush=True)
    told = outcome(str(file), int(sys.argv[2]))
    print(json.dumps({"name": file.name, "outcome": told, "seconds": time.monotonic() - start}), flush=True)
