"""A registry that misbehaves on command: wrong bytes, drips, redirects, refusals, silence.

It serves what add() gives it as the distribution specification says, except where a fault is set. A real registry
will not misbehave when asked to; everything that one can do is tested against a real one.
"""

import contextlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from rig.certs import Authority, Leaf, server_context
from rig.images import Document
from rig.process import Part

_TAGS = re.compile(r"/v2/(?P<repository>.+)/tags/list")


@dataclass(frozen=True)
class Seen:
    """One request that came; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What is sent: `body` in full, or cut and slowed down. `length` is what Content-Length claims (None: the truth)."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    bytes_per_second: float = 0
    silence: bool = False


# From the honest reply to what is sent instead.
Fault = Callable[[Reply], Reply]


def status(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    return lambda _honest: Reply(code, body or _error_body(code), dict(headers or {}))


def redirect(url: str, code: int = 307) -> Fault:
    return status(code, {"Location": url})


def silence() -> Fault:
    """Takes the request and never answers, until the registry stops."""
    return lambda honest: Reply(honest.status, silence=True)


def drip(bytes_per_second: float) -> Fault:
    return lambda honest: _like(honest, bytes_per_second=bytes_per_second)


def wrong_bytes() -> Fault:
    """Turns a bit in the middle; the length stays right."""

    def flip(honest: Reply) -> Reply:
        body = bytearray(honest.body)
        if body:
            body[len(body) // 2] ^= 0x01
        return _like(honest, body=bytes(body))

    return flip


def cut(keep: float = 0.5) -> Fault:
    """Claims the whole length and hangs up in between."""
    return lambda honest: _like(honest, body=honest.body[: int(len(honest.body) * keep)], length=len(honest.body))


def longer(more: int) -> Fault:
    """Sends more bytes than the descriptor says, and says so."""
    return lambda honest: _like(honest, body=honest.body + b"\0" * more)


def header(name: str, value: str) -> Fault:
    return lambda honest: _like(honest, headers={**honest.headers, name: value})


class FaultRegistry(Part):
    """Starts empty and honest. `on` sets faults; `requests` lists what came, in order."""

    def __init__(self, authority: Authority, *, tls: bool = True, leaf: Leaf | None = None):
        super().__init__()
        self.authority = authority
        self.tls = tls
        self._leaf = leaf
        self._lock = threading.Lock()
        self._honest: dict[str, Reply] = {}
        self._tags: dict[str, list[str]] = {}
        self._faults: list[_Set] = []
        self._seen: list[Seen] = []
        self.stopping = threading.Event()

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}"

    @property
    def requests(self) -> list[Seen]:
        with self._lock:
            return list(self._seen)

    def count(self, method: str = "[A-Z]+", path: str = ".*") -> int:
        """How many requests came whose method and whole path match these patterns."""
        return sum(bool(re.fullmatch(method, s.method) and re.fullmatch(path, s.path)) for s in self.requests)

    def add(self, document: Document, repository: str, tag: str = "1") -> str:
        """Serves this image, with all below it; returns the reference."""
        with self._lock:
            for name, content in document.all_blobs().items():
                kind = {"Content-Type": "application/octet-stream", "Docker-Content-Digest": name}
                self._honest[f"/v2/{repository}/blobs/{name}"] = Reply(200, content, kind)
            for below in document.all_documents():
                kind = {"Content-Type": below.media_type, "Docker-Content-Digest": below.digest}
                self._honest[f"/v2/{repository}/manifests/{below.digest}"] = Reply(200, below.content, kind)
            self._honest[f"/v2/{repository}/manifests/{tag}"] = self._honest[f"/v2/{repository}/manifests/{document.digest}"]
            self._tags.setdefault(repository, []).append(tag)
        return f"{self.address}/{repository}:{tag}"

    def on(self, path: str, fault: Fault, *, method: str = "[A-Z]+", times: int | None = None) -> None:
        """From now on (`times` times) requests whose whole path matches get this fault; a later one goes first."""
        with self._lock:
            self._faults.insert(0, _Set(re.compile(f"{method} {path}"), fault, times))

    def heal(self) -> None:
        """Takes all faults away."""
        with self._lock:
            self._faults.clear()

    def reply_to(self, seen: Seen) -> Reply:
        """Notes the request and says what is sent; for the handler."""
        path = urlsplit(seen.path).path
        with self._lock:
            self._seen.append(seen)
            honest = self._reply(path)
            for fault in self._faults:
                if fault.times != 0 and fault.where.fullmatch(f"{seen.method} {path}"):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault.fault(honest)
        return honest

    def _reply(self, path: str) -> Reply:
        if path == "/v2/":
            return Reply(200, b"{}", {"Content-Type": "application/json"})
        tags = _TAGS.fullmatch(path)
        if tags and tags["repository"] in self._tags:
            body = json.dumps({"name": tags["repository"], "tags": self._tags[tags["repository"]]}).encode()
            return Reply(200, body, {"Content-Type": "application/json"})
        return self._honest.get(path) or Reply(404, _error_body(404), {"Content-Type": "application/json"})

    def _start(self, stack: contextlib.ExitStack) -> None:
        server = _Server(("127.0.0.1", 0), _handler(self))
        if self.tls:
            context = server_context(self._leaf or self.authority.leaf("fault-registry"))
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        stack.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        stack.callback(self.stopping.set)
        self.port = server.server_port


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a silent reply is not waited for

    def handle_error(self, *_: object) -> None:
        """Keeps quiet about clients that hang up or do not trust us: tests are about them."""


@dataclass
class _Set:
    where: re.Pattern[str]
    fault: Fault
    times: int | None


def _like(honest: Reply, **changes: object) -> Reply:
    return Reply(**{**honest.__dict__, **changes})  # type: ignore[arg-type]


def _error_body(code: int) -> bytes:
    return json.dumps({"errors": [{"code": "RIG", "message": f"fault {code}"}]}).encode()


def _handler(registry: FaultRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen = Seen(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            reply = registry.reply_to(seen)
            with contextlib.suppress(OSError):
                self._send(reply)

        do_HEAD = do_GET
        do_POST = do_GET

        def _send(self, reply: Reply) -> None:
            if reply.silence:
                registry.stopping.wait()
                self.close_connection = True
                return
            length = len(reply.body) if reply.length is None else reply.length
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if self.command == "HEAD":
                return
            self.close_connection = self.close_connection or length != len(reply.body)
            if reply.bytes_per_second:
                self._drip(reply)
            else:
                self.wfile.write(reply.body)

        def _drip(self, reply: Reply) -> None:
            # Ten pieces a second, so that a slow stream is slow throughout.
            step = max(int(reply.bytes_per_second / 10), 1)
            for at in range(0, len(reply.body), step):
                self.wfile.write(reply.body[at : at + step])
                self.wfile.flush()
                if registry.stopping.wait(step / reply.bytes_per_second):
                    self.close_connection = True
                    return

        def log_message(self, *_: object) -> None:
            """Keeps quiet: `FaultRegistry.requests` is the log."""

    return Handler
