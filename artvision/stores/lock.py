"""One writer a run in a store: an object that only one can create, renewed while its owner lives.

A lock that was not renewed for ten minutes, or whose process on this machine is gone, is taken over. Two that take it
over in one moment would both believe to have it only until they commit: whoever then does not find the own lock stops.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from artvision.errors import ArtvisionError, RunError
from artvision.stores.manifest import LOCK
from artvision.stores.place import Place

# Seconds; clocks of two machines may differ by minutes.
RENEWED_EVERY, STALE_AFTER = 60.0, 600.0
SETTLING = 1.0  # seconds between taking a lock over and believing it


class Lock:
    """A lock that is held. Use `locked`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.token = secrets.token_hex(8)
        self.since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._ended = threading.Event()

    def check(self) -> None:
        """Raises RunError where another has taken the lock."""
        if _owner(self.place).get("token") != self.token:
            raise RunError(
                f"{self.place.uri} was taken over by another artvision while this one did not answer; nothing was "
                "published: run the same command again"
            )

    def take(self) -> None:
        """Raises RunError where another holds it."""
        if self.place.create(LOCK, self._told()):
            return
        owner = _owner(self.place)
        if owner and not _abandoned(owner):
            raise RunError(
                f"{self.place.uri} is being written by another artvision ({owner.get('host')}, process "
                f"{owner.get('pid')}, since {owner.get('since')}); wait for it or use another --out"
            )
        self.place.put(LOCK, self._told())
        time.sleep(SETTLING)
        self.check()

    def keep(self) -> None:
        """Renew until `let_go`; a renewal that fails is found out by `check`."""
        while not self._ended.wait(RENEWED_EVERY):
            with suppress(ArtvisionError):
                if _owner(self.place).get("token") != self.token:
                    return
                self.place.put(LOCK, self._told())

    def let_go(self) -> None:
        """Remove it, if it is still the own one."""
        self._ended.set()
        with suppress(ArtvisionError):
            if _owner(self.place).get("token") == self.token:
                self.place.remove([LOCK])

    def _told(self) -> bytes:
        told = {"token": self.token, "host": socket.gethostname(), "pid": os.getpid(), "since": self.since}
        return json.dumps(told | {"renewed": time.time()}).encode()


@contextmanager
def locked(place: Place) -> Iterator[Lock]:
    """Nobody else writes below the prefix meanwhile. Raises RunError where somebody does."""
    lock = Lock(place)
    lock.take()
    keeper = threading.Thread(target=lock.keep, name="artvision-lock", daemon=True)
    keeper.start()
    try:
        yield lock
    finally:
        lock.let_go()
        keeper.join()


def _owner(place: Place) -> dict[str, Any]:
    """Who holds the lock; empty where nobody does, or nobody can tell who."""
    try:
        found = json.loads(place.get(LOCK) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _abandoned(owner: dict[str, Any]) -> bool:
    renewed, pid = owner.get("renewed"), owner.get("pid")
    if owner.get("host") == socket.gethostname() and isinstance(pid, int) and not psutil.pid_exists(pid):
        return True
    return not isinstance(renewed, int | float) or time.time() - renewed > STALE_AFTER
