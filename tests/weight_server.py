"""A web server on this machine for the tests of fetching: ranges, broken transfers, wrong bytes."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from artvision.weights import Model, WeightFile

CONTENT = bytes(range(256)) * 3000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)
OTHER = CONTENT[:-1] + b"?"


class Server(ThreadingHTTPServer):
    """`files` maps paths to bytes; `script` holds one behaviour a request, then requests are answered well."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.script: list[str] = []
        self.requests: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.requests.append((self.path, wanted))
        behaviour = self.server.script.pop(0) if self.server.script else "well"
        content = self.server.files.get(self.path)
        if content is None or behaviour.isdigit():
            self.send_error(int(behaviour) if behaviour.isdigit() else 404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and behaviour != "no ranges" else 0
        if start >= len(content):
            self.send_error(416)
            return
        body = content[start:]
        half = body[: len(body) // 2]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(half if behaviour == "hide the rest" else body)))
        self.end_headers()
        self.wfile.write(half if behaviour in {"break off", "hide the rest"} else body)
        self.close_connection = True


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def model_of(url="", *, sha256=SHA256, size=SIZE, commercial=True, source="download", model_id="org/m"):
    file = WeightFile("w.bin", f"{url}/repo/w.bin", size, sha256, "reported" if sha256 else "first-fetch")
    return Model(model_id, "what", "clip", "arch", 4, "rev1", "MIT", commercial, False, False, source, {}, (file,))
