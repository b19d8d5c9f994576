"""Starts xzgate itself, as its users do: `xzgate serve --config FILE`."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rig.certs import Authority
from rig.paths import ROOT
from rig.process import Part, Process, free_port
from rig.registry import Registry
from rig.scrape import Scrape, scrape
from rig.yaml_text import to_yaml

READY_SECONDS = 30.0


def binary() -> Path:
    """The program under test: $XZGATE_BINARY, else what `make build` leaves."""
    return Path(os.environ.get("XZGATE_BINARY") or ROOT / "build" / "xzgate")


def serve_config(folder: Path, authority: Authority, **sections: object) -> dict[str, object]:
    """The configuration of `xzgate serve` in a folder: loopback, free ports, a fresh certificate.

    A section given by name is laid over the one here (`scanner={"threads": 1}`, `policies=[path]`,
    `registries=registry_settings(registry)`); docs/configuration.md has the keys.
    """
    leaf = authority.leaf("xzgate")
    config: dict[str, object] = {
        "server": {
            "listen": f"127.0.0.1:{free_port()}",
            "certificate": str(leaf.certificate),
            "key": str(leaf.key),
            "shutdownDelay": "0s",
        },
        "health": {"listen": f"127.0.0.1:{free_port()}"},
        "store": {"path": str(folder / "store.db")},
        "log": {"format": "json", "level": "debug"},
        "scanner": {"listen": f"127.0.0.1:{free_port()}"},
    }
    return merged(config, sections)


def registry_settings(*registries: Registry, docker_config: Path | None = None) -> dict[str, object]:
    """The `registries` section that lets xzgate reach these registries."""
    authorities = dict.fromkeys(str(registry.authority.certificate) for registry in registries if registry.tls)
    settings: dict[str, object] = {
        "hosts": [registry.address for registry in registries],
        "ca": list(authorities),
        "plainHTTP": [registry.address for registry in registries if not registry.tls],
    }
    if docker_config is not None:
        settings["dockerConfig"] = str(docker_config)
    return settings


def write_documents(path: Path, *documents: Mapping[str, object]) -> Path:
    """Writes policies (or any YAML documents) to one file."""
    path.write_text("---\n".join(map(to_yaml, documents)))
    return path


def image_policy(name: str = "rig", **spec: object) -> dict[str, object]:
    """An ImagePolicy document with this spec."""
    return {"apiVersion": "xzgate.dev/v1", "kind": "ImagePolicy", "metadata": {"name": name}, "spec": spec}


def merged(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`over` laid over `base`, mapping by mapping."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


class Xzgate(Part):
    """A running xzgate. `stop` and `resume` test restarts; `kill` is kill -9.

    `config` is what the file gets, see serve_config(); it is written again at each start, so it may be changed between.
    The block starts when /readyz says 200; with `ready=False` at once.
    """

    def __init__(
        self,
        config: Mapping[str, object],
        *,
        command: Sequence[str] = ("serve",),
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        ready: bool = True,
    ):
        super().__init__(folder)
        self.config = dict(config)
        self._ready = ready
        self._command = command
        self._env = env

    @property
    def url(self) -> str:
        """Where reviews go."""
        return f"https://localhost:{_port(self.config, 'server')}/validate"

    @property
    def health_port(self) -> int:
        return _port(self.config, "health")

    @property
    def scanner_port(self) -> int:
        """The health port of the scanner process."""
        return _port(self.config, "scanner")

    @property
    def pid(self) -> int:
        return self._process.pid

    def health(self, path: str = "/readyz", *, port: int | None = None) -> tuple[int, str]:
        """Status and body of a page on the health port; status 0 while nothing answers there."""
        client = http.client.HTTPConnection("127.0.0.1", port or self.health_port, timeout=5)
        with contextlib.closing(client), contextlib.suppress(OSError, http.client.HTTPException):
            client.request("GET", path)
            answer = client.getresponse()
            return answer.status, answer.read().decode()
        return 0, ""

    def is_ready(self) -> bool:
        return self.health()[0] == 200

    def metrics(self) -> Scrape:
        """The webhook's metrics."""
        return scrape(self.health("/metrics")[1])

    def scanner_metrics(self) -> Scrape:
        return scrape(self.health("/metrics", port=self.scanner_port)[1])

    def log_text(self) -> str:
        return self._process.log_text()

    def logs(self, **wanted: object) -> list[dict]:
        """The JSON lines logged so far that have these fields."""
        lines = []
        for line in self.log_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return [line for line in lines if isinstance(line, dict) and wanted.items() <= line.items()]

    def wait_until(self, probe: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
        """Waits for something that xzgate brings about; RigError with its log when it does not."""
        self._process.wait_until(probe, what, seconds)

    def is_running(self) -> bool:
        return self._process.is_running()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the main process only."""
        self._process.signal(number)

    def children(self) -> list[int]:
        """Process ids of the direct children: the scanner of `serve`."""
        listed = [task.read_text() for task in Path(f"/proc/{self.pid}/task").glob("*/children")]
        return sorted(int(pid) for pid in " ".join(listed).split())

    def stop(self) -> int:
        """Ends it by SIGTERM and returns its exit code."""
        return self._process.stop()

    def kill(self) -> None:
        """Kills it with its children, without a chance to save anything."""
        self._process.kill()

    def resume(self, *, wait: bool = True) -> None:
        """Starts it again on the same store and ports."""
        self._launch(wait)

    def _start(self, stack: contextlib.ExitStack) -> None:
        stack.callback(lambda: self._process.stop())
        self._launch(wait=self._ready)

    def _launch(self, wait: bool) -> None:
        path = self.folder / "config.yaml"
        path.write_text(to_yaml(self.config))
        self._process = Process(
            [binary(), *self._command, "--config", path], log=self.folder / "xzgate.log", env=self._env, cwd=self.folder
        )
        if wait:
            self._process.wait_until(self.is_ready, f"200 from /readyz on port {self.health_port}", READY_SECONDS)


def xzgate(*arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the command line to its end; the caller judges `returncode`, `stdout` and `stderr`."""
    command = [binary(), *arguments]
    variables = {**os.environ, **env} if env else None
    return subprocess.run(command, capture_output=True, text=True, env=variables, timeout=300, check=False)


def _port(config: Mapping[str, object], section: str) -> int:
    part = config[section]
    assert isinstance(part, Mapping)
    return int(str(part["listen"]).rpartition(":")[2])
