"""Brings weights to this machine, by pinned revision and checksum: the only code of artvision that uses a network.

The retry loop is our own: httpx retries connections, never a body that broke off, and what must change between two
attempts here is the `Range` header.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from filelock import FileLock

from artvision.cache import hash_file, known_hash
from artvision.errors import UsageError, WeightsError
from artvision.weights import Model, WeightFile, expected_sha256, record_first_seen

ATTEMPTS = 4
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
CHUNK = 1 << 20
# Answers that may be different a little later.
PASSING = {408, 425, 429, 500, 502, 503, 504}

# File name, bytes here, bytes in all (0: not known).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Route:
    """Where files come from: `mirror` stands in for scheme and host of every URL; `folder` replaces the network.

    `pause` is the first wait in seconds before a retry, doubled each time.
    """

    mirror: str = ""
    folder: Path | None = None
    pause: float = 1.0


def fetch(model: Model, route: Route, progress: Progress, *, non_commercial: bool = False) -> list[str]:
    """Bring a model's files here and say in lines what was done. What is here and right is not fetched again.

    Raises UsageError for a licence that was not accepted, WeightsError where the files cannot be had or are not what
    they should be.
    """
    if model.source != "download":
        return [f"{model.id}: comes with the installation, nothing to fetch"]
    if not model.commercial and not non_commercial:
        raise UsageError(
            f"{model.id} is not cleared for commercial use ({model.licence}); for other use add --non-commercial"
        )
    with _alone(model):
        return [_fetch_file(model, file, route, progress) for file in model.files]


@contextmanager
def _alone(model: Model) -> Iterator[None]:
    """Two fetches of one model take turns; the second finds the files there."""
    try:
        model.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(model.folder / ".lock")
        lock.acquire()
    except OSError as error:
        reason = f"cannot write to {model.folder}: {error.strerror}"
        raise WeightsError(f"{reason}; point ARTVISION_CACHE to a folder you can write") from None
    try:
        yield
    finally:
        lock.release()


def _fetch_file(model: Model, file: WeightFile, route: Route, progress: Progress) -> str:
    target = model.folder / file.name
    wanted = expected_sha256(model, file)
    if target.is_file() and wanted and known_hash(target) == wanted:
        return f"{model.id}: {file.name} is here already"
    part = target.with_name(target.name + ".part")
    if route.folder:
        _copy(_source_in(route.folder, model, file), part, progress)
    else:
        _download(_mirrored(file.url, route.mirror), file, part, progress, route.pause)
    return _accept(model, file, part, target)


def _accept(model: Model, file: WeightFile, part: Path, target: Path) -> str:
    """Check the bytes, then put them in place in one step. Wrong bytes are thrown away."""
    found, wanted = hash_file(part), expected_sha256(model, file)
    if wanted and found != wanted:
        part.unlink()
        raise WeightsError(
            f"{model.id}: {file.name} arrived with sha256 {found}, expected {wanted}; nothing was kept, "
            f"run `{model.mend}` again or try another source (--mirror, --from)"
        )
    record_first_seen(model, file, found)
    part.replace(target)
    known_hash(target)
    if wanted:
        return f"{model.id}: {file.name} fetched, its sha256 is the expected one"
    return f"{model.id}: {file.name} fetched; no sha256 was known: {found} is recorded and compared from now on"


def _source_in(folder: Path, model: Model, file: WeightFile) -> Path:
    places = [folder / model.id.replace("/", "--") / file.name, folder / model.id / file.name, folder / file.name]
    for place in places:
        if place.is_file():
            return place
    raise WeightsError(f"{model.id}: {file.name} is not in {folder}; looked for {', '.join(map(str, places))}")


def _copy(source: Path, part: Path, progress: Progress) -> None:
    total = source.stat().st_size
    _check_room(part, total)
    with source.open("rb") as reader, part.open("wb") as writer:
        while block := reader.read(CHUNK):
            writer.write(block)
            progress(source.name, writer.tell(), total)


def _mirrored(url: str, mirror: str) -> str:
    if not mirror:
        return url
    if urlsplit(mirror).scheme not in {"http", "https"}:
        raise UsageError(f"--mirror {mirror!r} must begin with http:// or https://")
    return mirror.rstrip("/") + urlsplit(url).path


def _download(url: str, file: WeightFile, part: Path, progress: Progress, pause: float) -> None:
    """Fill `part`, resuming what an earlier attempt or an earlier command left."""
    problem = ""
    with httpx.Client(follow_redirects=True, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}) as client:
        for attempt in range(ATTEMPTS):
            try:
                _attempt(client, url, file, part, progress)
            except (httpx.TransportError, _PassingError) as error:
                problem = str(error) or type(error).__name__
                time.sleep(pause * 2**attempt if attempt + 1 < ATTEMPTS else 0)
            else:
                return
    raise WeightsError(
        f"{url} could not be fetched in {ATTEMPTS} attempts: {problem}; run the command again to go on "
        "where it stopped, or use --mirror URL or --from FOLDER"
    )


class _PassingError(Exception):
    """A failure that may be gone at the next attempt."""


def _attempt(client: httpx.Client, url: str, file: WeightFile, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if file.bytes and have > file.bytes:
        have = 0
    if file.bytes and have == file.bytes:
        return
    with client.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()
            raise _PassingError("the server has no more than what is here; starting over")
        _check_answer(answer, url)
        start = have if answer.status_code == httpx.codes.PARTIAL_CONTENT else 0
        total = start + int(answer.headers.get("Content-Length", 0))
        _check_room(part, total - start)
        with part.open("r+b" if start else "wb") as writer:
            writer.seek(start)
            # As they come: a block that waits to be full is lost on a break.
            for block in answer.iter_bytes():
                writer.write(block)
                progress(file.name, writer.tell(), total)
    if file.bytes and part.stat().st_size < file.bytes:
        raise _PassingError(f"{part.stat().st_size} of {file.bytes} bytes came")


def _check_answer(answer: httpx.Response, url: str) -> None:
    if answer.status_code in PASSING:
        raise _PassingError(f"HTTP {answer.status_code}")
    if not answer.is_success:
        raise WeightsError(
            f"{url} answers HTTP {answer.status_code} {answer.reason_phrase}; check your access, "
            "or use --mirror URL or --from FOLDER"
        )


def _check_room(part: Path, more: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if more > free:
        raise WeightsError(
            f"{part.parent} has {free / 1e6:.0f} MB free and {more / 1e6:.0f} MB are needed; "
            "point ARTVISION_CACHE to a larger disk"
        )
