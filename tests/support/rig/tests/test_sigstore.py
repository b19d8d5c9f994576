import json
import tempfile
import unittest
from pathlib import Path

from rig.certs import Authority
from rig.cosign import Cosign, Identity, Keyless
from rig.images import image, index
from rig.oidc import workflow_subject
from rig.push import Uploader
from rig.registry import ReferrersRegistry, Registry
from rig.sigstore import Sigstore
from rig.tree import file, layer


class SigstoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.authority = Authority(cls.folder / "ca")
        cls.sigstore = cls.enterClassContext(Sigstore())
        cls.registries = [cls.enterClassContext(kind(cls.authority)) for kind in (Registry, ReferrersRegistry)]
        cls.cosigns = [Cosign(r, cls.folder / str(n), cls.sigstore) for n, r in enumerate(cls.registries)]
        cls.keys = cls.cosigns[0].key_pair("one")
        cls.other = cls.cosigns[0].key_pair("two")

    def pushed(self, registry, name: str) -> str:
        document = image([layer([file("srv/name", name)])])
        Uploader(registry).push(document, f"rig/{name}", "1")
        return f"{registry.address}/rig/{name}@{document.digest}"

    def test_by_key_in_both_places_of_both_registries(self):
        for registry, cosign in zip(self.registries, self.cosigns, strict=True):
            for legacy in (False, True):
                with self.subTest(type(registry).__name__, legacy=legacy):
                    name = self.pushed(registry, f"key-{legacy}".lower())
                    self.assertFalse(cosign.verifies(name, self.keys))
                    cosign.sign(name, self.keys, legacy=legacy, annotations={"stage": "prod"})
                    self.assertTrue(cosign.verifies(name, self.keys), cosign.said)
                    self.assertTrue(cosign.verifies(name, self.keys, annotations={"stage": "prod"}), cosign.said)
                    self.assertFalse(cosign.verifies(name, self.keys, annotations={"stage": "test"}))
                    self.assertFalse(cosign.verifies(name, self.other))

    def test_keyless_people_and_workflows(self):
        issuers = self.sigstore.issuers
        signers = {
            Identity("dev@example.com", issuers.people): issuers.person("dev@example.com"),
            Identity(workflow_subject(), issuers.workflows): issuers.workflow(),
        }
        for registry, cosign in zip(self.registries, self.cosigns, strict=True):
            for number, (who, token) in enumerate(signers.items()):
                with self.subTest(type(registry).__name__, who=who):
                    name = self.pushed(registry, f"keyless-{number}")
                    cosign.sign(name, Keyless(token))
                    self.assertTrue(cosign.verifies(name, who), cosign.said)
                    self.assertFalse(cosign.verifies(name, Identity("x@example.com", who.issuer)))

    def test_attestations(self):
        token = Keyless(self.sigstore.issuers.person("sbom@example.com"))
        who = Identity("sbom@example.com", self.sigstore.issuers.people)
        for registry, cosign in zip(self.registries, self.cosigns, strict=True):
            with self.subTest(type(registry).__name__):
                name = self.pushed(registry, "attested")
                cosign.attest(name, token, {"packages": []}, "spdxjson")
                self.assertTrue(cosign.verifies(name, who, kind="spdxjson"), cosign.said)
                self.assertFalse(cosign.verifies(name, who, kind="vuln"))
                cosign.attest(name, self.keys, {"scanner": {}}, "vuln", legacy=True)

    def test_files(self):
        path = self.folder / "file"
        path.write_text("content")
        token = Keyless(self.sigstore.issuers.person("dev@example.com"))
        bundle = self.cosigns[0].sign_blob(path, token, self.folder / "file.bundle")
        who = Identity("dev@example.com", self.sigstore.issuers.people)
        self.assertTrue(self.cosigns[0].verifies_blob(path, who, bundle), self.cosigns[0].said)
        self.assertIn("messageSignature", json.loads(bundle.read_text()))

    def test_recursive(self):
        children = [image([layer([file("srv/name", str(n))])]) for n in range(2)]
        document = index(children)
        registry, cosign = self.registries[0], self.cosigns[0]
        Uploader(registry).push(document, "rig/index", "1")
        cosign.sign(f"{registry.address}/rig/index@{document.digest}", self.keys, recursive=True)
        for each in (document, *children):
            self.assertTrue(cosign.verifies(f"{registry.address}/rig/index@{each.digest}", self.keys), cosign.said)
