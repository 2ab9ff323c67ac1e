"""Every error artvision raises on purpose, and the exit code that the command line gives it.

ArtvisionError                1  unexpected: anything not named below
├─ UsageError                 2  the call or a file it names is wrong; nothing was written
│  ├─ SourceError             2  no usable input, or a catalogue that cannot be read
│  ├─ DefinitionError         2  stages, fields or vocabularies contradict one another
│  ├─ GalleryError            2  a gallery of actors that cannot be read, or not be used for this
│  └─ StoreError              2  an object store that does not let us in
├─ FailuresError            3  the run is complete, but more inputs failed than --max-failures allows
├─ WeightsError               4  weights are missing or altered
├─ RunError                   5  the output cannot be resumed, read or mixed
├─ CheckError                6  a check found violations
└─ DecodeError                3  one picture cannot be used; becomes its row in the ledger, never ends a run
"""

from __future__ import annotations


class ArtvisionError(Exception):
    """Root of the tree. The message is one line that names what is wrong and the way out."""

    exit_code = 1


class UsageError(ArtvisionError):
    """The call, or a file that it names, is wrong."""

    exit_code = 2


class SourceError(UsageError):
    """No usable input, or a catalogue that cannot be read."""


class DefinitionError(UsageError):
    """Stages, fields or vocabularies contradict one another."""


class GalleryError(UsageError):
    """A gallery of actors cannot be read or written, or does not fit what is asked of it."""


class StoreError(UsageError):
    """An object store does not let us in, or cannot be spoken to: no object in it will do better."""


class FailuresError(ArtvisionError):
    """The run is complete and readable, but too many inputs failed."""

    exit_code = 3


class WeightsError(ArtvisionError):
    """Weights are missing or are not the ones they should be."""

    exit_code = 4


class RunError(ArtvisionError):
    """An output folder cannot be resumed, read or mixed with this run."""

    exit_code = 5


class CheckError(ArtvisionError):
    """A check that was asked for found violations."""

    exit_code = 6


class DecodeError(ArtvisionError):
    """One picture cannot be used; `reason` is a short stable word for the ledger."""

    exit_code = 3

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def one_line(error: BaseException) -> str:
    """What an exception of a library says, fit for the middle of a message: one line, at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
