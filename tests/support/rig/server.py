"""An HTTP server of Python's library that runs in a thread until its block ends."""

import contextlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def serve(stack: contextlib.ExitStack, handler: type[BaseHTTPRequestHandler]) -> int:
    """Serves plain HTTP on a free loopback port, which is returned; the stack ends it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stack.callback(server.server_close)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    return server.server_port


class JsonHandler(BaseHTTPRequestHandler):
    """Answers in JSON, and keeps quiet."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def answer(self, value: Mapping[str, object], status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def read_json(self) -> dict:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_: object) -> None:
        """Keeps quiet: what matters is what the clients make of it."""
