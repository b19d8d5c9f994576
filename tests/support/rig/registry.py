"""Registries on loopback ports, over TLS: Debian's docker-registry, and one with the referrers API."""

import base64
import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rig.certs import Authority, Leaf
from rig.paths import tool
from rig.process import Part, Process, accepts, free_port, run
from rig.tokens import TokenServer

# "GET /v2/ HTTP/1.1" 200 2 "" "agent": the end of a line of Apache's combined log.
_ACCESS = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/\d\.\d" (?P<status>\d{3}) \d+ "[^"]*" "(?P<agent>[^"]*)"')


# "2026/01/01 00:00:00 GET /v2/", and after an error its status and more.
_PLAIN_LOG = re.compile(r"^\S+ \S+ ([A-Z]+) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Basic:
    """Basic authentication: name to password. Everybody who is in may pull and push."""

    users: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """One line of the access log; `path` has its query."""

    method: str
    path: str
    status: int
    agent: str


class Registry(Part):
    """A registry that starts empty. `auth` is None (everybody may do everything), Basic, or a TokenServer.

    `leaf` replaces the certificate, for tests with a bad one; `tls=False` serves plain HTTP. A given
    `port` lets a registry come back at the address it had.
    """

    def __init__(
        self,
        authority: Authority,
        *,
        auth: Basic | TokenServer | None = None,
        tls: bool = True,
        leaf: Leaf | None = None,
        port: int | None = None,
        folder: Path | None = None,
    ):
        super().__init__(folder)
        self.authority = authority
        self.tls = tls
        self.port = port or free_port()
        self._auth = auth
        self._leaf = leaf

    @property
    def address(self) -> str:
        """The host and port that start a reference: f"{registry.address}/shop/api:1"."""
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}"

    def requests(self, method: str = "[A-Z]+", path: str = ".*") -> list[Request]:
        """The requests so far whose method and whole path match these patterns, in order."""
        found = (Request(m["method"], m["path"], int(m["status"]), m["agent"])
                 for m in _ACCESS.finditer(self.log_text()))  # fmt: skip
        return [r for r in found if re.fullmatch(method, r.method) and re.fullmatch(path, r.path)]

    def count(self, method: str = "[A-Z]+", path: str = ".*") -> int:
        return len(self.requests(method, path))

    def log_text(self) -> str:
        return self._process.log_text()

    def stop(self) -> None:
        """Takes the registry down early; `resume` brings it back with its content."""
        self._process.stop()

    def resume(self) -> None:
        self._process = self._launch()

    def _start(self, stack: contextlib.ExitStack) -> None:
        if self.tls and self._leaf is None:
            self._leaf = self.authority.leaf("registry")
        # The configuration is YAML; JSON is YAML too.
        (self.folder / "config.yml").write_text(json.dumps(self._settings(), indent=2))
        self._process = self._launch()
        stack.callback(lambda: self._process.stop())

    def _launch(self) -> Process:
        command = ["docker-registry", "serve", self.folder / "config.yml"]
        process = Process(command, log=self.folder / "registry.log")
        try:
            process.wait_until(lambda: accepts(self.port), f"listener on port {self.port}")
        except BaseException:
            process.kill()
            raise
        return process

    def _settings(self) -> dict[str, object]:
        http: dict[str, object] = {"addr": f"127.0.0.1:{self.port}", "secret": "rig", "relativeurls": True}
        if self.tls and self._leaf:
            http["tls"] = {"certificate": str(self._leaf.certificate), "key": str(self._leaf.key)}
        settings: dict[str, object] = {
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": False}},
            "storage": {
                "filesystem": {"rootdirectory": str(self.folder / "content")},
                "delete": {"enabled": True},
                "maintenance": {"uploadpurging": {"enabled": False}},
            },
            "http": http,
        }
        if isinstance(self._auth, Basic):
            lines = [run(["htpasswd", "-Bbn", name, word]) for name, word in self._auth.users.items()]
            (self.folder / "htpasswd").write_bytes(b"".join(lines))
            settings["auth"] = {"htpasswd": {"realm": "rig", "path": str(self.folder / "htpasswd")}}
        elif self._auth is not None:
            settings["auth"] = self._auth.registry_settings()
        return settings


class ReferrersRegistry(Part):
    """A registry that has the referrers API, which docker-registry has not: in memory, over TLS, open to everybody."""

    def __init__(self, authority: Authority, *, tls: bool = True, folder: Path | None = None):
        super().__init__(folder)
        self.authority = authority
        self.tls = tls
        self.port = free_port()

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}"

    def count(self, method: str = "[A-Z]+", path: str = ".*") -> int:
        """How many requests came so far whose method and whole path match these patterns."""
        asked = _PLAIN_LOG.findall(self._process.log_text())
        return sum(bool(re.fullmatch(method, m) and re.fullmatch(path, p)) for m, p in asked)

    def _start(self, stack: contextlib.ExitStack) -> None:
        leaf = self.authority.leaf("referrers-registry")
        files = [leaf.certificate, leaf.key] if self.tls else []
        command = [tool("referrers", "referrers-registry"), f"127.0.0.1:{self.port}", *files]
        self._process = Process(command, log=self.folder / "registry.log")
        stack.callback(lambda: self._process.stop())
        self._process.wait_until(lambda: accepts(self.port), f"listener on port {self.port}")


# What has an address, a URL and an authority, and takes pushes.
AnyRegistry = Registry | ReferrersRegistry


def docker_config(folder: Path, logins: Mapping[str, tuple[str, str]]) -> Path:
    """Writes a Docker client's config.json for `address -> (user, password)` and returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    auths = {
        address: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
        for address, (user, password) in logins.items()
    }
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return folder
