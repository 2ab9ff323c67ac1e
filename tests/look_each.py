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


def main(folder: str, cap: int) -> None:
    for file in sorted(Path(folder).iterdir()):
        start = time.monotonic()
        tell(name=file.name)  # the last line names the culprit of a crash
        tell(name=file.name, outcome=outcome(str(file), cap), seconds=time.monotonic() - start)


def tell(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
