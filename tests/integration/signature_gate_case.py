"""One running gate for a class of tests about signatures: each namespace has a policy that asks for something else."""

import json

from rig.faults import FaultRegistry
from rig.images import Document
from rig.oidc import workflow_subject
from rig.review import Answer, Client, pod
from rig.signing import Key, log_root
from rig.xzgate import Xzgate, image_policy, registry_settings, serve_config, write_documents
from signature_case import SignatureCase

PROVENANCE = "https://slsa.dev/provenance/v1"
VULNERABILITIES = "https://cosign.sigstore.dev/attestation/vuln/v1"


class SignatureGateCase(SignatureCase):
    """`faulty` is a registry that misbehaves when told to. `ask` and `assert_…` are about one container of a pod."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = Key(cls.folder, "log")
        cls.faulty = cls.enterClassContext(FaultRegistry(cls.authority))
        policies = write_documents(cls.folder / "policies.yaml", *cls.policies())
        registries = registry_settings(cls.registry, cls.modern, cls.faulty)  # type: ignore[arg-type]
        cls.config = serve_config(cls.folder, cls.authority, registries=registries, policies=[str(policies)])
        cls.gate = cls.enterClassContext(Xzgate(cls.config))

    def setUp(self):
        super().setUp()
        self.client = Client(self.gate.url, self.authority)
        self.addCleanup(self.client.close)

    @classmethod
    def authorities(cls) -> list[dict]:
        root = cls.folder / "log_root.json"
        root.write_text(json.dumps(log_root(cls.log)))
        known = [
            {"name": "key", "key": {"file": str(cls.key.public)}},
            {"name": "other", "key": {"file": str(cls.other_key.public)}},
            {"name": "release", "key": {"file": str(cls.keys.public)}},
            {"name": "staged", "key": {"file": str(cls.key.public)}, "annotations": {"stage": "prod"}},
            {"name": "logged", "key": {"file": str(cls.key.public)}, "requireTlog": True, "trustedRoots": [{"file": str(root)}]},
        ]
        return known + (cls.keyless_authorities() if cls.sigstore else [])

    @classmethod
    def keyless_authorities(cls) -> list[dict]:
        issuers, roots = cls.sigstore.issuers, [{"file": str(cls.sigstore.trusted_root)}]
        dev = {"issuer": issuers.people, "subject": "dev@example.com"}
        ci = {"issuer": issuers.workflows, "subject": workflow_subject(),
              "extensions": {"sourceRepositoryURI": "https://github.com/acme/shop", "sourceRepositoryRef": "refs/heads/main",
                             "runnerEnvironment": "github-hosted"}}  # fmt: skip
        return [
            {"name": "dev", "keyless": {"identities": [dev]}, "trustedRoots": roots},
            {"name": "ci", "keyless": {"identities": [ci]}, "trustedRoots": roots},
        ]

    @classmethod
    def policies(cls) -> list[dict]:
        """A namespace for each thing that can be asked for."""

        def policy(name: str, *require: dict, attestations: list[dict] | None = None, **signatures: object) -> dict:
            spec: dict = {"namespaces": [name], "authorities": asked(require, attestations or [])}
            if require or signatures:
                spec["signatures"] = {"require": list(require), **signatures}
            if attestations:
                spec["attestations"] = attestations
            return image_policy(name, **spec)

        def asked(*parts: object) -> list[dict]:
            text = json.dumps(parts)
            return [each for each in cls.authorities() if f'"{each["name"]}"' in text]

        made = [
            policy("key", {"any": ["key"]}),
            policy("staged", {"any": ["staged"]}),
            policy("both", {"all": ["key", "other"]}),
            policy("two-of-three", {"atLeast": 2, "of": ["key", "other", "release"]}),
            policy("logged", {"any": ["logged"]}),
            policy("attested", {"any": ["key"]}, attestations=[{"type": "slsaprovenance1", "any": ["key"]}]),
            policy("scanned", attestations=[{"type": "vuln", "any": ["key"], "conditions": [
                {"at": "/scanner/result/vulnerabilities/*/id", "none": ["CVE-2024-3094"]},
                {"at": "/metadata/scanFinishedOn", "youngerThan": "7d"}]}]),
            policy("elsewhere", {"images": [f"{cls.registry.address}/payment/**"], "any": ["key"]}, default="require"),
        ]  # fmt: skip
        if cls.sigstore:
            made += [
                policy("dev", {"any": ["dev"]}),
                policy("ci", {"any": ["ci"]}),
                policy("built", attestations=[{"type": "slsaprovenance1", "any": ["ci"], "conditions": [
                    {"at": "/runDetails/builder/id", "equals": "https://builder.example/1"}]}]),
            ]  # fmt: skip
        return made

    def ask(self, name: str, namespace: str = "key", **options: object) -> Answer:
        answer = self.client.ask(pod(images=[name], namespace=namespace), timeout=10, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def assert_allowed(self, name: str, namespace: str = "key") -> Answer:
        answer = self.ask(name, namespace)
        self.assertTrue(answer.allowed, answer.message)
        return answer

    def assert_refused(self, name: str, reason: str, namespace: str = "key") -> Answer:
        answer = self.ask(name, namespace)
        self.assertFalse(answer.allowed, f"allowed; want {reason}")
        self.assertIn(f"[{reason} ", answer.message)
        self.assertLess(len(answer.message), 1000)
        return answer

    def fresh(self, document: Document, repository: str, *layers: object, bundles: list | None = None) -> str:
        """Pushes an image with layers under its .sig tag, and bundles as referrers; returns its reference."""
        name = self.put(document, repository)
        if layers:
            self.attacher(repository).sig_tag(document.digest, *layers)  # type: ignore[arg-type]
        if bundles:
            self.attacher(repository).bundles(document, *bundles)
        return name
