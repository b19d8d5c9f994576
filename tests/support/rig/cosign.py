"""Signs images and files with the real cosign, by key pair or keyless, and verifies them for comparison."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rig.paths import tool
from rig.process import RigError, run
from rig.push import client_env
from rig.registry import AnyRegistry
from rig.sigstore import Sigstore

# Without a log and without a Sigstore instance, for keys.
_BY_KEY_ALONE = ("--use-signing-config=false", "--tlog-upload=false")
_LEGACY = "--new-bundle-format=false"


class HasPublicKey(Protocol):
    public: Path


@dataclass(frozen=True)
class KeyPair:
    """A private key as cosign encrypts it, and the public half in PEM."""

    private: Path
    public: Path


@dataclass(frozen=True)
class Keyless:
    """Signs as whom the token names."""

    token: str


@dataclass(frozen=True)
class Identity:
    """Whom cosign shall find in the certificate."""

    subject: str
    issuer: str


class Cosign:
    """Runs cosign against one registry. `sigstore` is needed for everything keyless.

    Signatures are put where cosign 3 puts them: a bundle as a referrer; with `legacy` under the .sig and .att tags.
    """

    def __init__(self, registry: AnyRegistry, folder: Path, sigstore: Sigstore | None = None):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._sigstore = sigstore
        self._env = {"COSIGN_PASSWORD": "", "HOME": str(folder), **client_env(registry, folder / "docker")}

    def key_pair(self, name: str = "cosign") -> KeyPair:
        prefix = self._folder / name
        run([tool("cosign"), "generate-key-pair", "--output-key-prefix", prefix], env=self._env)
        return KeyPair(prefix.with_suffix(".key"), prefix.with_suffix(".pub"))

    def import_key(self, pem: Path, name: str) -> KeyPair:
        """Takes over a private key in PEM (RSA, ECDSA, Ed25519) that openssl made."""
        prefix = self._folder / name
        run([tool("cosign"), "import-key-pair", "--key", pem, "--output-key-prefix", prefix], env=self._env)
        return KeyPair(prefix.with_suffix(".key"), prefix.with_suffix(".pub"))

    def sign(
        self,
        reference: str,
        signer: KeyPair | Keyless,
        *,
        legacy: bool = False,
        annotations: Mapping[str, str] | None = None,
        recursive: bool = False,
        repository: str = "",
        bundle: Path | None = None,
    ) -> None:
        """Signs what a reference by digest names. `repository` is where the signature goes (COSIGN_REPOSITORY).

        With `bundle` the bundle is written to that file too.
        """
        words = [word for k, v in (annotations or {}).items() for word in ("--annotations", f"{k}={v}")]
        words += ["--recursive"] if recursive else []
        words += ["--bundle", str(bundle)] if bundle else []
        self._run("sign", *words, *self._signer(signer, legacy), "--yes", reference, repository=repository)

    def attest(
        self, reference: str, signer: KeyPair | Keyless, predicate: object, kind: str, *, legacy: bool = False
    ) -> None:
        """Attests a predicate of this type: one of cosign's short names, or a URI."""
        path = self._folder / "predicate.json"
        path.write_text(json.dumps(predicate))
        self._run("attest", "--predicate", path, "--type", kind, *self._signer(signer, legacy), "--yes", reference)

    def sign_blob(self, path: Path, signer: KeyPair | Keyless, bundle: Path) -> Path:
        """Signs a file, and writes the bundle."""
        self._run("sign-blob", *self._signer(signer, False), "--yes", "--bundle", bundle, path)
        return bundle

    def attest_blob(self, path: Path, signer: KeyPair | Keyless, predicate: object, kind: str, bundle: Path) -> Path:
        """Attests a predicate of this type about a file, and writes the bundle."""
        predicate_path = self._folder / "predicate.json"
        predicate_path.write_text(json.dumps(predicate))
        self._run("attest-blob", "--predicate", predicate_path, "--type", kind, *self._signer(signer, False), "--yes",
                  "--bundle", bundle, path)  # fmt: skip
        return bundle

    def verifies(
        self,
        reference: str,
        who: HasPublicKey | Identity,
        *,
        annotations: Mapping[str, str] | None = None,
        kind: str = "",
        repository: str = "",
    ) -> bool:
        """Whether cosign takes the image for signed, or, with `kind`, for attested. RigError when it cannot tell."""
        words = [word for k, v in (annotations or {}).items() for word in ("--annotations", f"{k}={v}")]
        command = ["verify-attestation", "--type", kind] if kind else ["verify", *words]
        return self.says(*command, *self._whom(who), reference, repository=repository)

    def verifies_blob(self, path: Path, who: HasPublicKey | Identity, bundle: Path, *, kind: str = "") -> bool:
        """Whether cosign takes the file for signed, or, with `kind`, for attested."""
        command = ["verify-blob-attestation", "--type", kind] if kind else ["verify-blob"]
        return self.says(*command, *self._whom(who), "--bundle", bundle, path)

    def _signer(self, signer: KeyPair | Keyless, legacy: bool) -> list[str | Path]:
        if isinstance(signer, KeyPair):
            return ["--key", signer.private, *_BY_KEY_ALONE, *([_LEGACY] if legacy else [])]
        if self._sigstore is None:
            raise RigError("a keyless signature needs a Sigstore")
        if legacy:
            return ["--identity-token", signer.token, *_BY_KEY_ALONE, _LEGACY, "--fulcio-url", self._sigstore.fulcio_url,
                    "--timestamp-server-url", self._sigstore.tsa_url]  # fmt: skip
        return ["--identity-token", signer.token, "--signing-config", self._sigstore.signing_config,
                "--trusted-root", self._sigstore.trusted_root]  # fmt: skip

    def _whom(self, who: HasPublicKey | Identity) -> Sequence[str | Path]:
        if not isinstance(who, Identity):
            return ["--key", who.public, "--insecure-ignore-tlog"]
        if self._sigstore is None:
            raise RigError("a keyless verification needs a Sigstore")
        return ["--trusted-root", self._sigstore.trusted_root, "--certificate-identity", who.subject,
                "--certificate-oidc-issuer", who.issuer]  # fmt: skip

    def _environment(self, repository: str) -> dict[str, str]:
        return {**self._env, **({"COSIGN_REPOSITORY": repository} if repository else {})}

    def _run(self, *words: str | Path, repository: str = "") -> None:
        run([tool("cosign"), *words], env=self._environment(repository), cwd=self._folder)

    def says(self, *words: str | Path, repository: str = "") -> bool:
        """Whether cosign ends well with these words; `said` is what it had to say."""
        done = subprocess.run(
            [str(word) for word in (tool("cosign"), *words)],
            capture_output=True, text=True, check=False, timeout=120, cwd=self._folder,
            env={**os.environ, **self._environment(repository)},
        )  # fmt: skip
        self.said = done.stderr
        return done.returncode == 0
