"""What the tests of signatures share: two registries, a whole Sigstore, real signers, and xzgate's own answers."""

import json
from dataclasses import dataclass
from pathlib import Path

from rig.cosign import Cosign, Identity, KeyPair
from rig.images import Document, image
from rig.process import RigError
from rig.push import Uploader
from rig.registry import AnyRegistry, ReferrersRegistry
from rig.signing import Attacher, Key
from rig.sigstore import Sigstore
from rig.tree import file, layer
from rig.xzgate import xzgate
from support import RegistryCase


@dataclass(frozen=True)
class Verified:
    """What `xzgate verify --format json` said."""

    code: int
    error: str
    document: dict

    @property
    def first(self) -> dict:
        """The entry of the first image, or of the file."""
        return (self.document.get("images") or self.document.get("files"))[0]

    @property
    def outcome(self) -> str:
        return self.first["outcome"]

    @property
    def reason(self) -> str:
        """The code."""
        return self.first["reason_code"]

    @property
    def candidates(self) -> list[dict]:
        return [found for each in self.first["reports"] for found in each["report"]["candidates"]]


def verify(*arguments: str | Path) -> Verified:
    done = xzgate("verify", "--format", "json", *arguments)
    return Verified(done.returncode, done.stderr, json.loads(done.stdout) if done.stdout else {})


def small_image(name: str) -> Document:
    """An image of its own in a few hundred bytes."""
    return image([layer([file("srv/name", name)])])


class SignatureCase(RegistryCase):
    """`registry` has no referrers API, `modern` has; `cosigns` speak to either. Started for a class of tests."""

    with_sigstore = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.modern = cls.enterClassContext(ReferrersRegistry(cls.authority))
        cls.sigstore = cls.enterClassContext(Sigstore()) if cls.with_sigstore else None
        cls.places = {each: Cosign(each, cls.folder / f"cosign-{n}", cls.sigstore)
                      for n, each in enumerate((cls.registry, cls.modern))}  # fmt: skip
        cls.cosign = cls.places[cls.registry]
        cls.keys, cls.other_keys = cls.cosign.key_pair("release"), cls.cosign.key_pair("other")
        cls.key, cls.other_key = Key(cls.folder, "by-hand"), Key(cls.folder, "by-hand-other")

    @classmethod
    def put(cls, document: Document, repository: str, registry: AnyRegistry | None = None) -> str:
        """Pushes an image; returns its reference by digest."""
        registry = registry or cls.registry
        Uploader(registry).push(document, repository, "1")
        return f"{registry.address}/{repository}@{document.digest}"

    @classmethod
    def attacher(cls, repository: str) -> Attacher:
        return Attacher(Uploader(cls.registry), repository)

    def verify(self, *arguments: str | Path) -> Verified:
        return verify(*arguments, "--ca", self.authority.certificate)

    def by_key(self, name: str, key: Key | KeyPair, *more: str | Path) -> Verified:
        return self.verify("--key", key.public, *more, name)

    def by_identity(self, name: str, who: Identity, *more: str | Path) -> Verified:
        return self.verify("--trusted-root", self.sigstore.trusted_root, "--certificate-identity", who.subject,
                           "--certificate-oidc-issuer", who.issuer, *more, name)  # fmt: skip

    def assert_verified(self, answer: Verified) -> None:
        self.assertEqual((answer.code, answer.outcome), (0, "verified"), self.said(answer))

    def assert_denied(self, answer: Verified, reason: str, code: int = 1) -> None:
        self.assertEqual((answer.code, answer.reason), (code, reason), self.said(answer))

    @staticmethod
    def said(answer: Verified) -> str:
        return json.dumps(answer.document, indent=1) + answer.error


def cosign_says(cosign: Cosign, *arguments: object, **options: object) -> bool:
    """cosign's answer; what it cannot tell is no."""
    try:
        return cosign.verifies(*arguments, **options)  # type: ignore[arg-type]
    except RigError:
        return False
