"""A connection to Ray that is quiet: the cluster that RAY_ADDRESS names, or one of our own on this machine."""

from __future__ import annotations

import logging
import os
import secrets
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from artvision.device import available_cores
from artvision.errors import RunError, one_line
from artvision.extras import extra

# Bytes of shared memory; what passes through are paths.
OBJECT_STORE = 256 << 20
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    # What Ray says of workers that die would stand on stdout, between our data.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
    # Otherwise a warning an actor without a GPU.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


@contextmanager
def connected(workers: int) -> Iterator[Any]:
    """The module `ray`, connected; a cluster of our own has all cores, or `workers` if these are more.

    A connection that is there already is used and left. Raises UsageError without Ray, RunError where there is no
    connection.
    """
    # Ray reads them while it is imported.
    for name, value in (QUIET | _closed()).items():
        os.environ.setdefault(name, value)
    ray = extra("ray", "ray")
    extra("ray.data", "ray")
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, workers)
    try:
        with _silent_progress(ray):
            yield ray
    finally:
        if ours:
            ray.shutdown()


def _connect(ray: Any, workers: int) -> None:
    address = os.environ.get("RAY_ADDRESS")
    own: dict[str, Any] = {} if address else _own_cluster(workers)
    try:
        with _without_stderr():
            ray.init(log_to_driver=False, logging_level=logging.ERROR, configure_logging=True, **own)
    except Exception as error:  # of many kinds: no such address, another version, no room in shared memory
        where = f"the Ray cluster at RAY_ADDRESS={address}" if address else "a Ray cluster on this machine"
        raise RunError(f"{where} cannot be used: {one_line(error)}") from error


def _closed() -> dict[str, str]:
    """A cluster of our own speaks to those who have its token alone, for it listens on the machine's address."""
    # Too late: processes that know of it would be refused.
    if os.environ.get("RAY_ADDRESS") or "ray" in sys.modules:
        return {}
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _own_cluster(workers: int) -> dict[str, Any]:
    return {
        "address": "local",
        "num_cpus": max(workers, available_cores()),
        "include_dashboard": False,
        "object_store_memory": OBJECT_STORE,
    }


@contextmanager
def _silent_progress(ray: Any) -> Iterator[None]:
    """Ray Data's own progress is not shown, ours is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own use of what it deprecates
        context = ray.data.DataContext.get_current()
    before = context.enable_progress_bars, context.print_on_execution_start
    context.enable_progress_bars = context.print_on_execution_start = False
    try:
        yield
    finally:
        context.enable_progress_bars, context.print_on_execution_start = before


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Nothing reaches file descriptor 2: Ray's C++ writes there that its log level was set, past Python."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
