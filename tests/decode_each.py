"""Decode every file of a folder in this process: a JSON line each, with outcome, seconds, and how far memory rose.

`decode_each.py FOLDER PIXELS`; started by `test_hostile.py`, so that a crash is seen and what it costs is measured.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from artvision.errors import DecodeError
from artvision.image import decode, resize


def main(folder: str, pixels: str) -> None:
    resize(np.zeros((4, 4, 3), np.uint8), 2)  # imports torch, which no file should be charged with
    for path in sorted(Path(folder).iterdir()):
        data = path.read_bytes()
        sys.stdout.write(json.dumps({"name": path.name}) + "\n")
        sys.stdout.flush()  # the last line names the culprit of a crash
        before, start = mark(), time.perf_counter()
        outcome = outcome_of(data, path.name, int(pixels))
        about = {"seconds": time.perf_counter() - start, "rise": kilobytes("VmHWM") * 1024 - before, "bytes": len(data)}
        sys.stdout.write(json.dumps({"name": path.name, "outcome": outcome, **about}) + "\n")


def outcome_of(data: bytes, name: str, pixels: int) -> str:
    try:
        decode(data, name=name, long_side=960, short_side=256, max_pixels=pixels, background=(1, 2, 3))
    except DecodeError as error:
        return error.reason if len(str(error).splitlines()) == 1 else f"{error.reason}, more than a line"
    except BaseException as error:
        return f"raised {error!r}"
    return "picture"


def mark() -> int:
    """Bytes in use; the peak counts anew from here on."""
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets VmHWM
    return kilobytes("VmRSS") * 1024


def kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


if __name__ == "__main__":
    main(*sys.argv[1:])
