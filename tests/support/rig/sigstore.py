"""A whole Sigstore on loopback: OIDC issuers, CT log, Fulcio, an RFC 3161 authority and Rekor v2.

Everything but the issuers and the CT log is the real program. Up in about a second; nothing leaves this machine.
"""

import contextlib
import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from rig.ctlog import CertificateLog
from rig.oidc import Issuers
from rig.paths import tool
from rig.process import Part, Process, free_port, run
from rig.yaml_text import to_yaml

START = "2026-01-01T00:00:00Z"  # when everything became trusted
LOG_NAME = "127.0.0.1"  # cosign wants the log's checkpoints to name the host of its URL, without a port


class Sigstore(Part):
    """`issuers` gives identity tokens; `trusted_root` and `signing_config` are files for cosign and for xzgate.

    A second one has other keys throughout: what it vouches for is nothing to the first.
    """

    @property
    def trusted_root(self) -> Path:
        return self.folder / "trusted_root.json"

    @property
    def signing_config(self) -> Path:
        return self.folder / "signing_config.json"

    def _start(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self.issuers = stack.enter_context(Issuers(self.folder / "issuers"))
        self._log = stack.enter_context(CertificateLog(self.folder / "ctlog"))
        fulcio, rekor, tsa = self._start_fulcio(), self._start_rekor(), self._start_tsa()
        self.fulcio_url, self.tsa_url = fulcio, f"{tsa}/api/v1/timestamp"
        bundle = json.loads(_wait_for(self._fulcio, f"{fulcio}/api/v2/trustBundle"))
        (self.folder / "fulcio.pem").write_text("".join(bundle["chains"][0]["certificates"]))
        (self.folder / "tsa.pem").write_bytes(_wait_for(self._tsa, f"{self.tsa_url}/certchain"))
        _wait_for(self._rekor, f"{rekor}/healthz")
        self._write_trusted_root(fulcio, rekor)
        self._write_signing_config(fulcio, rekor)

    def _start_fulcio(self) -> str:
        port = free_port()
        settings = self.folder / "fulcio.yaml"
        settings.write_text(to_yaml(self.issuers.fulcio_settings()))
        self._fulcio = self._launch([
            tool("fulcio"), "serve", "--ca", "ephemeralca", "--config-path", settings,
            "--host", "127.0.0.1", "--port", port, "--grpc-host", "127.0.0.1", "--grpc-port", free_port(),
            "--metrics-port", free_port(), "--legacy-unix-domain-socket", f"@xzgate-fulcio-{port}",
            "--ct-log-url", self._log.url, "--ct-log-public-key-path", self._log.public_key,
        ])  # fmt: skip
        return f"http://127.0.0.1:{port}"

    def _start_tsa(self) -> str:
        port = free_port()
        command = [tool("timestamps", "timestamp-server"), f"127.0.0.1:{port}"]
        self._tsa = self._launch(command)
        return f"http://127.0.0.1:{port}"

    def _start_rekor(self) -> str:
        port = free_port()
        key = self.folder / "rekor.key"
        run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key])
        run(["openssl", "pkey", "-in", key, "-pubout", "-out", self.folder / "rekor.pub"])
        self._rekor = self._launch([
            tool("rekor-server"), "serve", "--http-port", port, "--grpc-port", free_port(), "--http-metrics-port", free_port(),
            "--hostname", LOG_NAME, "--storage-dir", self.folder / "rekor", "--signer-filepath", key,
            "--checkpoint-interval", "200ms",
        ])  # fmt: skip
        return f"http://127.0.0.1:{port}"

    def _launch(self, command: Sequence[object]) -> Process:
        program, *words = map(str, command)
        process = Process([program, *words], log=self.folder / f"{Path(program).name}.log", cwd=self.folder)
        self._stack.callback(process.stop)
        return process

    def _write_trusted_root(self, fulcio: str, rekor: str) -> None:
        run([tool("cosign"), "trusted-root", "create", "--out", self.trusted_root,
             "--fulcio", f"url={fulcio},certificate-chain={self.folder}/fulcio.pem,start-time={START}",
             "--ctfe", f"url={self._log.url},public-key={self._log.public_key},start-time={START}",
             "--tsa", f"url={self.tsa_url},certificate-chain={self.folder}/tsa.pem,start-time={START}",
             "--rekor", f"url={rekor},public-key={self.folder}/rekor.pub,start-time={START},origin={LOG_NAME}",
             ])  # fmt: skip

    def _write_signing_config(self, fulcio: str, rekor: str) -> None:
        when = f"start-time={START},operator=rig"
        run([tool("cosign"), "signing-config", "create", "--out", self.signing_config,
             "--fulcio", f"url={fulcio},api-version=1,{when}",
             "--rekor", f"url={rekor},api-version=2,{when}", "--rekor-config", "ANY",
             "--oidc-provider", f"url={self.issuers.people},api-version=1,{when}",
             "--tsa", f"url={self.tsa_url},api-version=1,{when}", "--tsa-config", "ANY"])  # fmt: skip


def _wait_for(process: Process, url: str) -> bytes:
    """What the page says once it is there."""
    found: list[bytes] = []

    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as page:
            found.append(page.read())
        return bool(found)

    process.wait_until(answers, f"answer from {url}")
    return found[0]
