"""A real S3-compatible server on this machine (moto's), one that drops connections, and pictures in it, for tests."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from PIL import Image

KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def png(seed: int, size: tuple[int, int] = (90, 60)) -> bytes:
    """The bytes of a picture of noise."""
    rng = np.random.default_rng(seed)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def s3_server() -> Iterator[tuple[str, int]]:
    """Host and port of moto's S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()
    finally:
        server.stop()


class Proxy:
    """Passes connections on to a server, and cuts the first `cuts` answers that are longer than `after` bytes.

    `delay`: seconds before an answer is passed on. `sent`: bytes of all answers. `requests`: first line of every
    request, as far as it is its own packet.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.requests: list[str] = []
        self.reset()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def reset(self) -> None:
        """Break nothing, and forget what was asked."""
        self.cuts, self.after, self.delay = 0, 2000, 0.0
        self.sent = 0
        self.requests.clear()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            _end(one)
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self._open += [client, server]
            threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(1 << 16):
                line = data.split(b"\r\n", 1)[0]
                if line.endswith(b"HTTP/1.1"):
                    self.requests.append(line.decode())
                server.sendall(data)
        except OSError:
            pass
        _end(server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        passed = 0
        try:
            while data := server.recv(1 << 16):
                if self.delay:
                    threading.Event().wait(self.delay)
                passed += len(data)
                if self.cuts and passed > self.after:
                    self.cuts -= 1
                    client.sendall(data[: len(data) // 2])
                    break
                self.sent += len(data)
                client.sendall(data)
        except OSError:
            pass
        _end(client)
        _end(server)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
