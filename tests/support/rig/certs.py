"""Certificates of a private authority, made by the openssl command line in a few milliseconds each."""

import base64
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rig.process import run

_REQUEST = """[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = {names}
[book]
default_ca = signer
[signer]
database = {folder}/{file}.index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
[anything]
commonName = supplied
"""


@dataclass(frozen=True)
class Leaf:
    """A certificate chain and its private key, both PEM files."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority that lives in a folder; ECDSA P-256 throughout."""

    def __init__(self, folder: Path, name: str = "xzgate test authority"):
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        folder.mkdir(parents=True, exist_ok=True)
        config = self._config("ca", name, "DNS:unused")
        _make_key(self._key)
        run(["openssl", "req", "-new", "-x509", "-config", config, "-extensions", "ca", "-days", "30",
             "-key", self._key, "-out", self.certificate])  # fmt: skip

    def leaf(
        self,
        file: str = "server",
        *,
        dns: Sequence[str] = ("localhost",),
        ips: Sequence[str] = ("127.0.0.1",),
        valid: tuple[str, str] | None = None,
    ) -> Leaf:
        """Issues a certificate for these names; `valid` is a pair of times like 20240101000000Z."""
        names = ", ".join([f"DNS:{name}" for name in dns] + [f"IP:{address}" for address in ips])
        config = self._config(file, (list(dns) + list(ips))[0], names)
        made = Leaf(self.folder / f"{file}.pem", self.folder / f"{file}.key")
        request = self.folder / f"{file}.csr"
        _make_key(made.key)
        run(["openssl", "req", "-new", "-config", config, "-key", made.key, "-out", request])
        (self.folder / f"{file}.index").write_text("")
        times = ["-startdate", valid[0], "-enddate", valid[1]] if valid else ["-days", "30"]
        run(["openssl", "ca", "-batch", "-notext", "-config", config, "-name", "signer", "-extensions", "leaf",
             "-cert", self.certificate, "-keyfile", self._key, *times,
             "-in", request, "-out", made.certificate])  # fmt: skip
        return made

    def expired(self, file: str = "expired") -> Leaf:
        """A certificate whose time was over long ago."""
        return self.leaf(file, valid=("20200101000000Z", "20200201000000Z"))

    def wrong_name(self, file: str = "wrong-name") -> Leaf:
        """A certificate that is valid for another host only."""
        return self.leaf(file, dns=("elsewhere.invalid",), ips=())

    def ca_bundle(self) -> str:
        """The certificate as a Kubernetes `caBundle`: base64 of the PEM text."""
        return base64.b64encode(self.certificate.read_bytes()).decode()

    def client_context(self) -> ssl.SSLContext:
        """A TLS context of a client that trusts only this authority."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        return context

    def _config(self, file: str, name: str, names: str) -> Path:
        path = self.folder / f"{file}.cnf"
        path.write_text(_REQUEST.format(name=name, names=names, folder=self.folder, file=file))
        return path


def _make_key(path: Path) -> None:
    run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path])


def server_context(leaf: Leaf) -> ssl.SSLContext:
    """A TLS context of a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.certificate, leaf.key)
    return context
