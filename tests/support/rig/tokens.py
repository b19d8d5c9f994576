"""A token server as the distribution specification describes it: HTTPS, scopes in, signed JWT out.

https://distribution.github.io/distribution/spec/auth/token/ and .../jwt/ are what it follows. The
registry trusts its tokens by the certificate chain in their header (`x5c`).
"""

import base64
import contextlib
import json
import re
import secrets
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rig.certs import Authority, Leaf, server_context
from rig.process import Part, run

ISSUER = "xzgate-rig"
SERVICE = "rig-registry"
_SCOPE = re.compile(r"(?P<type>[a-z]+):(?P<name>[^:]+):(?P<actions>[a-z*,]+)")


@dataclass(frozen=True)
class User:
    password: str
    actions: frozenset[str] = frozenset({"pull"})


@dataclass(frozen=True)
class TokenRequest:
    """What one request asked for and got: `user` is empty when it came without credentials."""

    user: str
    scopes: tuple[str, ...]
    status: int
    granted: tuple[str, ...] = ()


@dataclass
class _Rules:
    users: Mapping[str, User]
    anonymous: frozenset[str]
    life_seconds: int
    log: list[TokenRequest] = field(default_factory=list)


class TokenServer(Part):
    """Hands out tokens for `users`, and for everybody what `anonymous` may do (nothing by default).

    `realm` is the URL a registry's challenge names; `requests` lists what came, in order.
    """

    def __init__(
        self,
        authority: Authority,
        users: Mapping[str, User],
        *,
        anonymous: frozenset[str] = frozenset(),
        life_seconds: int = 300,
        folder: Path | None = None,
    ):
        super().__init__(folder)
        self._authority = authority
        self._rules = _Rules(users, anonymous, life_seconds)

    @property
    def requests(self) -> list[TokenRequest]:
        return list(self._rules.log)

    def registry_settings(self) -> dict[str, object]:
        """The `auth` section that makes docker-registry send its clients here."""
        token = {
            "realm": self.realm,
            "service": SERVICE,
            "issuer": ISSUER,
            "rootcertbundle": str(self._authority.certificate),
        }
        return {"token": token}

    def _start(self, stack: contextlib.ExitStack) -> None:
        signer = _Signer(self._authority.leaf("token-signer", dns=("token-signer",), ips=()))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._rules, signer))
        server.daemon_threads = True
        context: ssl.SSLContext = server_context(self._authority.leaf("token-server"))
        # The handshake is left to the thread of the connection, so that a bad client delays nobody.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        stack.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        self.realm = f"https://localhost:{server.server_port}/token"


class _Signer:
    """Makes compact JWS with ES256; the openssl command line holds the key."""

    def __init__(self, leaf: Leaf):
        self._key = leaf.key
        chain = ssl.PEM_cert_to_DER_cert(leaf.certificate.read_text())
        self._header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(chain).decode()]}

    def sign(self, claims: Mapping[str, object]) -> str:
        text = f"{_segment(self._header)}.{_segment(claims)}"
        der = run(["openssl", "dgst", "-sha256", "-sign", self._key], data=text.encode())
        return f"{text}.{_base64url(_raw_signature(der))}"


def _raw_signature(der: bytes) -> bytes:
    """ECDSA-Sig-Value in DER (RFC 3279) to the 32 + 32 bytes that RFC 7518 section 3.4 wants."""
    numbers = b""
    rest = der[2:]
    for _ in range(2):
        length = rest[1]
        numbers += rest[2 : 2 + length].lstrip(b"\0").rjust(32, b"\0")
        rest = rest[2 + length :]
    return numbers


def _segment(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _grant(scopes: list[str], allowed: frozenset[str]) -> list[dict[str, object]]:
    """The access list for those asked-for actions that are allowed."""
    access = []
    for match in filter(None, map(_SCOPE.fullmatch, scopes)):
        actions = [action for action in match["actions"].split(",") if action in allowed]
        if actions:
            access.append({"type": match["type"], "name": match["name"], "actions": actions})
    return access


def _handler(rules: _Rules, signer: _Signer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:  # noqa: N802 (the name is http.server's)
            query = parse_qs(urlsplit(self.path).query)
            # Several scopes come as several parameters, or as one with spaces in it (RFC 6749).
            scopes = [scope for value in query.get("scope", []) for scope in value.split()]
            name, allowed = self._who()
            if allowed is None:
                rules.log.append(TokenRequest(name, tuple(scopes), 401))
                self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong credentials"}]})
                return
            access = _grant(scopes, allowed)
            granted = tuple(f"{a['type']}:{a['name']}:{','.join(a['actions'])}" for a in access)
            rules.log.append(TokenRequest(name, tuple(scopes), 200, granted))
            now = int(time.time())
            claims = {
                "iss": ISSUER, "sub": name, "aud": query.get("service", [SERVICE])[0], "jti": secrets.token_hex(8),
                "iat": now, "nbf": now - 5, "exp": now + rules.life_seconds, "access": access,
            }  # fmt: skip
            self._answer(200, {"token": signer.sign(claims), "expires_in": rules.life_seconds})

        def _who(self) -> tuple[str, frozenset[str] | None]:
            kind, _, value = self.headers.get("Authorization", "").partition(" ")
            if kind != "Basic":
                return "", rules.anonymous
            name, _, password = base64.b64decode(value).decode().partition(":")
            user = rules.users.get(name)
            return name, user.actions if user and user.password == password else None

        def _answer(self, status: int, body: Mapping[str, object]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Keeps quiet: `TokenServer.requests` is the log."""

    return Handler
