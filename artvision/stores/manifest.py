"""A run in a store: `run.json` names every object of it, and putting that one object is the commit.

RUN/run.json                                   what a run folder's says, and `objects`: where each of its files lies
RUN/part-00000.RUNID.parquet ledger.RUNID.parquet contract.RUNID.json       never written twice under one name
RUN/.staging/                                  sealed chunks of unfinished work
RUN/.lock                                      who writes
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from artvision.errors import DecodeError, RunError, UsageError
from artvision.run import RUN_FORMAT
from artvision.stores.objects import read_object
from artvision.stores.schemes import scheme_of

MANIFEST, LOCK = "run.json", ".lock"
# Nobody else's objects.
OWN = re.compile(r"(part-\d+|ledger|contract)\.\d{8}T\d{6}Z-[0-9a-f]+\.(parquet|json|jsonl)")


@dataclass(frozen=True)
class Stored:
    """Where one file of a run lies, and what is in it."""

    object: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, file: Path, run_id: str) -> Stored:
        """How a file of this run is going to be stored."""
        with file.open("rb") as content:
            checksum = hashlib.file_digest(content, "sha256").hexdigest()
        return cls(f"{file.stem}.{run_id}{file.suffix}", file.stat().st_size, checksum)


@dataclass(frozen=True)
class Manifest:
    """A `run.json` as it lies in a store: its bytes, by which versions are told apart, and what they say."""

    text: bytes
    info: dict[str, Any]
    objects: dict[str, Stored]

    @classmethod
    def parse(cls, uri: str, text: bytes) -> Manifest:
        """RunError where it is not of this format."""
        try:
            info = json.loads(text)
            objects = {str(name): Stored(**told) for name, told in info["objects"].items()}
            plain = all(Path(one).name == one for name, stored in objects.items() for one in (name, stored.object))
        except (ValueError, KeyError, TypeError, AttributeError):
            info, objects, plain = {}, {}, False
        if not plain or info.get("run_format") != RUN_FORMAT:
            raise RunError(f"{uri}/{MANIFEST} is no run that this artvision put there; use another --out")
        return cls(text, info, objects)

    @classmethod
    def build(cls, info: Mapping[str, Any], objects: Mapping[str, Stored]) -> Manifest:
        """The manifest of a run whose files are stored so."""
        told = dict(info) | {"objects": {name: asdict(stored) for name, stored in objects.items()}}
        return cls((json.dumps(told, indent=1) + "\n").encode(), told, dict(objects))

    @property
    def version(self) -> str:
        """Differs between any two runs that were ever published."""
        return hashlib.sha256(self.text).hexdigest()[:20]


def read_manifest(uri: str) -> Manifest | None:
    """What is published at the prefix `uri`, or None. Raises RunError."""
    try:
        return Manifest.parse(uri, read_object(f"{uri}/{MANIFEST}").data)
    except DecodeError as error:
        if error.reason == "missing":
            return None
        raise RunError(str(error)) from error.__cause__


def run_uri(text: str) -> str:
    """The prefix of a run as it is written in names, without a slash at its end. Raises UsageError for no store."""
    try:
        scheme_of(text)
    except DecodeError as error:
        raise UsageError(str(error)) from None
    return text.rstrip("/")
