"""What all tests share: the shared data (or a reason to skip), and no network."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from object_stores import KEYS, Proxy, s3_server

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real posters, stills and people, kept outside the repository."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared pictures are not on this machine")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of its own for the whole session: weights that a developer has fetched must not change a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARTVISION_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_width() -> Iterator[None]:
    """No terminal's width: xdist hands on that of whoever started the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be talked to."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else address
        if isinstance(host, str) and not host.startswith(("127.", "::1", "localhost", "/")):
            raise OSError(f"tests do not use the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """One thread of torch, as in a worker of the engine; a module asks for it with `usefixtures`."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def s3_proxy() -> Iterator[Proxy]:
    """An S3-compatible server on this machine, behind something that counts requests and may break."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with s3_server() as place:
        between = Proxy(place)
        yield between
        between.close()


@pytest.fixture
def proxy(s3_proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Proxy:
    """The same, sound again and named by the environment. Connections stay: making one takes botocore a second."""
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": s3_proxy.url}).items():
        monkeypatch.setenv(name, value)
    s3_proxy.reset()
    return s3_proxy


@pytest.fixture
def s3(proxy: Proxy) -> Callable[[], str]:
    """Makes an empty bucket and gives its name."""
    from artvision.stores import schemes

    def made() -> str:
        name = f"bucket-{secrets.token_hex(6)}"
        schemes.connect("s3://").mkdir(name)
        proxy.requests.clear()
        return name

    return made


class Bucket:
    """An empty bucket: called with a key and bytes it puts an object there and gives its URI."""

    def __init__(self, name: str) -> None:
        self.name, self.uri = name, f"s3://{name}"

    def __call__(self, key: str, data: bytes) -> str:
        from artvision.stores import schemes

        schemes.connect(self.uri).pipe_file(f"{self.name}/{key}", data)
        return f"{self.uri}/{key}"


@pytest.fixture
def bucket(s3: Callable[[], str]) -> Bucket:
    """A bucket to put objects in."""
    return Bucket(s3())


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type], str]]:
    """Serves with a handler of the test; plain http:// stands for https://, which needs a certificate."""
    from artvision.stores import schemes

    running = []

    def serve(handler: type) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}"

    monkeypatch.setitem(schemes.SCHEMES, "http", schemes.SCHEMES["https"])
    schemes.forget_connections()
    yield serve
    schemes.forget_connections()
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()
