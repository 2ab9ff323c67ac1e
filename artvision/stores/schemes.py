"""The kinds of URI that are read, and the connection to each store. Every other kind that fsspec knows is refused."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from artvision.errors import DecodeError, SourceError, StoreError, UsageError, one_line
from artvision.extras import extra

CONNECT_SECONDS, READ_SECONDS = 10, 30  # of silence, not of a whole transfer


@dataclass(frozen=True)
class Scheme:
    """One kind of URI: the module that speaks it, the extra that brings the module, how it is set up."""

    module: str
    extra: str
    lists: bool = True  # whether what lies below a prefix can be asked for
    # Whether the library itself repeats a transfer that broke off.
    retries: bool = True


SCHEMES = {
    "s3": Scheme("s3fs", "s3"),
    "gs": Scheme("gcsfs", "gs"),
    "az": Scheme("adlfs", "az"),
    "https": Scheme("aiohttp", "http", lists=False, retries=False),
}


def is_uri(text: str) -> bool:
    """Whether `text` names something beyond this machine's files, or at least tries to."""
    return "://" in text


def scheme_of(uri: str) -> Scheme:
    """How to speak to the store of `uri`. Raises DecodeError `unsupported` for any kind but the known ones."""
    name = uri.partition("://")[0]
    if name not in SCHEMES:
        known = ", ".join(f"{known}://" for known in SCHEMES)
        raise DecodeError("unsupported", f"{uri}: {name}:// is not read; {known} are, and files of this machine")
    if not SCHEMES[name].lists and "@" in urlsplit(uri).netloc:
        raise DecodeError(
            "unsupported", f"{name}:// with a password in the address, which a run would keep; use a signed link"
        )
    return SCHEMES[name]


def local_path(text: str) -> str:
    """A `file://` URI as a path; every other text as it is."""
    if not text.startswith("file://"):
        return text
    parts = urlsplit(text)
    if parts.netloc not in {"", "localhost"}:
        raise SourceError(f"{text}: a file of another machine; write file:///… or a plain path")
    return url2pathname(parts.path)


def require_folder(out: Path, what: str) -> None:
    """Raises UsageError where `out` was meant as a URI: only runs are written into stores."""
    scheme = str(out).partition(":")[0]
    if scheme in SCHEMES and str(out).startswith(f"{scheme}:{os.sep}"):
        raise UsageError(f"{what} is not written into a store; name a folder with -o, and copy it there")


def inner_path(uri: str) -> str:
    """How the filesystem of the store calls `uri`: bucket and key, or for the web the address itself."""
    return uri.partition("://")[2] if lists(uri) else uri


def lists(uri: str) -> bool:
    """Whether the store of `uri` says what lies below a prefix; kinds that are not known do not."""
    return uri.partition("://")[0] in SCHEMES and scheme_of(uri).lists


def connect(uri: str) -> Any:
    """The fsspec filesystem that `uri` lies in; one for all threads of a process.

    Raises DecodeError `unsupported`, UsageError for a missing extra, StoreError where the library cannot be set up.
    """
    scheme_of(uri)
    return _connected(uri.partition("://")[0], os.getpid())


@functools.cache
def _connected(name: str, process: int) -> Any:  # noqa: ARG001 - connections do not outlive a fork
    import fsspec

    scheme = SCHEMES[name]
    extra(scheme.module, scheme.extra)
    try:
        return fsspec.filesystem(name, use_listings_cache=False, skip_instance_cache=True, **_options(name))
    except Exception as error:  # each library has its own way to miss an account
        raise StoreError(f"{name}:// cannot be set up: {one_line(error)}; see docs/stores.md") from error


def _options(name: str) -> dict[str, Any]:
    """What differs from the library's defaults. Credentials and endpoints are left to its environment and files."""
    if name == "s3":
        return {"config_kwargs": {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}}
    if name.startswith("http"):
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        return {"client_kwargs": {"timeout": timeout}}
    return {}


def forget_connections() -> None:
    """Connect anew the next time: credentials or endpoint in the environment have changed."""
    _connected.cache_clear()
