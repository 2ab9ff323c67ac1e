"""A look through a film in a process of its own: whatever a decoder does there, the run goes on.

The process tells its parent line by line, in JSON, how far it is and what it found. One that is silent for too long,
takes too much memory or dies is one failed film.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any

import psutil

from artvision import interpreter
from artvision.errors import DecodeError
from artvision.film.scanning import Asked, Scanned, Tell
from artvision.film.still import Still

POLL = 0.5  # seconds between two looks at a silent process


@dataclass(frozen=True)
class Limits:
    """Seconds without a sign of life (0: any), and bytes of memory that a look may take."""

    seconds: float
    memory: int


def look(path: str, asked: Asked, limits: Limits, known_sha256: str | None, tell: Tell) -> Scanned | None:
    """What a look through the film at `path` gives; None where its bytes have the known hash.

    Raises DecodeError: as `reading.opened`, and `corrupt`, `timeout`, `memory`, `crash`.
    """
    with _started({"path": path, "asked": asdict(asked), "known": known_sha256}) as process:
        for told in _told(path, process, limits):
            if "error" in told:
                raise DecodeError(*told["error"])
            if "found" in told:
                return _read(told["found"])
            tell(*told["at"])
        raise DecodeError(
            "crash",
            f"{path}: the decoder ended a process of its own ({_end(process)}); convert it with another program",
        )


@contextmanager
def _started(task: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        interpreter.command("artvision.film", json.dumps(task)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=interpreter.environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _told(path: str, process: subprocess.Popen[bytes], limits: Limits) -> Iterator[dict[str, Any]]:
    """What the process says, until it ends. Raises DecodeError `timeout` and `memory`."""
    lines: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_pump, args=(process.stdout, lines), name="artvision-film", daemon=True).start()
    heard = time.monotonic()
    while True:
        try:
            line = lines.get(timeout=POLL)
        except Empty:
            _check(path, process, limits, time.monotonic() - heard)
            continue
        # It ended, perhaps in the middle of a line.
        if not line.endswith(b"\n"):
            return
        heard = time.monotonic()
        _check(path, process, limits, 0.0)
        yield json.loads(line)


def _pump(stream: IO[bytes], lines: SimpleQueue[bytes]) -> None:
    """Put each line in the queue, and nothing at the end."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _check(path: str, process: subprocess.Popen[bytes], limits: Limits, silent: float) -> None:
    if limits.seconds and silent > limits.seconds:
        raise DecodeError("timeout", f"{path}: stuck for {limits.seconds:g} s; convert it, or raise --max-seconds")
    with suppress(psutil.Error):  # it has just ended
        if psutil.Process(process.pid).memory_info().rss > limits.memory:
            raise DecodeError("memory", f"{path}: takes more than {limits.memory >> 20:,} MB to decode; convert it")


def _end(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"exit code {code}"


def _read(found: dict[str, Any] | None) -> Scanned | None:
    if found is None:
        return None
    stills = tuple(Still(**cells) for cells in found["stills"])
    return Scanned(**found | {"stills": stills, "notes": tuple(found["notes"])})
